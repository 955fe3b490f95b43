//go:build linux

package labcmd

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
	"ka/runtime/lab/node"
)

// commandArgument is the schema's word for an argument that is a command.
const commandArgument = "command"

// keepalivedConf writes a tree out for keepalived: what it reads of the file and its includes, with a
// stand-in in place of each command. Virtual servers are left out, it runs VRRP only here.
// The words of a command are the plan's where the compiler knows the command.
func keepalivedConf(t *syntax.Tree, p *plan.Plan, n *node.Node, keepCommands bool) []byte {
	w := confWriter{node: n, plan: p, keepCommands: keepCommands}
	for _, s := range t.Body {
		if !slices.Contains([]string{kw.VirtualServer, kw.VirtualServerGroup}, s.Head.Text) {
			w.statement(s, node.Purpose{}, "")
		}
	}
	return w.out.Bytes()
}

// beyond are the keywords of what reaches beyond the lab, as in contain.
var beyond = []string{
	kw.NotifyFIFO, kw.VRRPNotifyFIFO, kw.LVSNotifyFIFO, kw.NotifyFIFOScript, kw.VRRPNotifyFIFOScript, kw.LVSNotifyFIFOScript,
	kw.NetNamespace, kw.NetNamespaceIPVS, kw.Instance, kw.SMTPServer, kw.InitFile,
	kw.VRRPRtPriority, kw.CheckerRtPriority, kw.BFDRtPriority, kw.MaxAutoPriority,
}

type confWriter struct {
	out          bytes.Buffer
	plan         *plan.Plan
	node         *node.Node
	keepCommands bool
}

// statement writes a line and its block. purpose is what a command in it is for.
func (w *confWriter) statement(s *syntax.Statement, purpose node.Purpose, indent string) {
	if s.Dropped {
		return // keepalived does not act on it, and what is in it must not run by mistake
	}
	switch {
	case s.Keyword != nil && slices.Contains(beyond, s.Head.Text):
		return
	case s.Keyword == nil || w.keepCommands:
		w.out.WriteString(indent + strings.TrimSpace(s.Raw))
	case isCommand(s.Keyword):
		w.command(s, purpose, indent)
	case s.Head.Text == kw.ScriptUser || s.Head.Text == kw.User:
		return // stand-ins run as whoever runs the lab
	default:
		w.out.WriteString(indent + strings.TrimSpace(s.Raw))
	}
	if s.Block == nil {
		w.out.WriteByte('\n')
		return
	}
	if name, ok := s.Arg(0); ok {
		switch s.Head.Text {
		case kw.VRRPScript:
			purpose.Script = name.Text
		case kw.VRRPInstance, kw.VRRPSyncGroup:
			purpose.Instance = name.Text
		}
	}
	w.out.WriteString(" {\n")
	for _, c := range s.Children() {
		w.statement(c, purpose, indent+"    ")
	}
	w.out.WriteString(indent + "}\n")
}

func isCommand(k *schema.Keyword) bool {
	return slices.Contains(strings.Fields(k.Args), commandArgument)
}

// command writes a keyword whose argument is a command: the stand-in with the command's words behind.
func (w *confWriter) command(s *syntax.Statement, purpose node.Purpose, indent string) {
	w.out.WriteString(indent + s.Head.Text)
	if len(s.Args) == 0 {
		return
	}
	w.out.WriteString(" " + quote(w.node.StandIn(purpose, w.argv(s, purpose))))
}

// argv gives a command's words; those that the plan does not know are cut at blanks.
func (w *confWriter) argv(s *syntax.Statement, purpose node.Purpose) []string {
	for _, script := range w.plan.Scripts {
		if purpose.Script != "" && script.Name == purpose.Script {
			return script.Command.Argv
		}
	}
	for _, inst := range w.plan.Instances {
		if purpose.Instance == "" || inst.Name != purpose.Instance {
			continue
		}
		known := map[string]*plan.Command{
			kw.NotifyMaster: inst.Notify.Master, kw.NotifyBackup: inst.Notify.Backup, kw.NotifyFault: inst.Notify.Fault,
			kw.NotifyStop: inst.Notify.Stop, kw.Notify: inst.Notify.Any,
		}
		if c := known[s.Head.Text]; c != nil {
			return c.Argv
		}
	}
	return strings.Fields(s.Args[0].Text)
}

// plainBytes need no escape in a command line.
const plainBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%"

// quote writes words as one quoted argument, which keepalived splits again: all but plain bytes as
// escapes, so that neither quotes nor parameters nor comments are seen in them.
func quote(argv []string) string {
	var b strings.Builder
	for i, word := range argv {
		if i > 0 {
			b.WriteByte(' ')
		}
		if word == "" {
			b.WriteString("''")
		}
		for _, c := range []byte(word) {
			if strings.IndexByte(plainBytes, c) >= 0 {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03o`, c) // 2.2.7 takes more than two digits behind \x
			}
		}
	}
	return `"` + b.String() + `"`
}
