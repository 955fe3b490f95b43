package compiler

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// Environment is all that a compilation takes besides the text.
type Environment struct {
	// Node is the node's name in the plan and in messages; "" is the main file's name.
	Node string
	// ConfigID is the id that @id conditions compare with.
	ConfigID string
	// EnvVars are the environment variables that the text may ask for.
	EnvVars map[string]string
	// Seed is the seed of random parameters.
	Seed int64
	// Dir is the directory that names of files are relative to, "" where the text does not ask for it.
	Dir string
}

// Options change what is compiled.
type Options struct {
	// AsKeepalived compiles what keepalived would run: lines that it reports and does not act on are
	// left out and listed in the plan.
	AsKeepalived bool
}

// Compile makes the plan of a checked tree (lang.Load checks it). The plan is never nil; whether it may
// be used is said by [Refused] over the diagnostics of the tree and of Compile together.
//
// Lines that keepalived does not act on are no part of the plan in either mode; with AsKeepalived they
// are listed in LeftOut. Scripts that nothing tracks are no part of it either: they never run.
func Compile(t *syntax.Tree, env Environment, opt Options) (*plan.Plan, diag.List) {
	return compile(t, env, opt, aheadFrom)
}

// compile reads virtual servers ahead where there are as many as ahead.
func compile(t *syntax.Tree, env Environment, opt Options, ahead int) (*plan.Plan, diag.List) {
	c := &compilation{
		tree: t, opt: opt, plan: &plan.Plan{Node: env.Node},
		scripts: map[string]*script{}, blocked: map[*syntax.Statement]bool{},
		instances: map[string]*syntax.Statement{},
		needs:     map[plan.Need]plan.Origin{}, files: map[*source.File]string{},
	}
	if t.Main != nil {
		c.dir = filepath.Dir(t.Main.Name)
		if c.plan.Node == "" {
			c.plan.Node = filepath.Base(t.Main.Name)
		}
	}
	c.plan.Environment = plan.Environment{ConfigID: env.ConfigID, Hash: env.hash()}
	c.defined = newDefinitions(t.Body)
	c.sources()
	c.global()
	c.beginLVS()
	c.readAhead(ahead)
	for _, s := range t.Body {
		c.statement(s)
	}
	c.endLVS()
	c.settleGroups()
	c.together()
	c.leaveOutRest()
	c.finish()
	t.Annotate(c.list)
	c.list.Sort()
	return c.plan, c.list
}

// compilation is the state of one Compile.
type compilation struct {
	tree *syntax.Tree
	opt  Options
	dir  string
	plan *plan.Plan
	list diag.List

	globals globals
	// scripts are those that were defined so far, with the ones that something tracks marked.
	scripts map[string]*script
	order   []*script

	// defined are the names of what is tracked and of groups.
	defined definitions
	// preferences count the rules of IPv4 and IPv6 that were given their preference.
	preferences [2]uint32
	groups      groups

	instances map[string]*syntax.Statement
	// settled are the instances of the plan with their text, blocked the lines of strict mode that are
	// reported, linkNames the interfaces that instances make.
	settled   []*instance
	blocked   map[*syntax.Statement]bool
	linkNames map[string]*syntax.Statement
	// vmacs are the names of the VMACs that there are, by MAC and base.
	vmacs map[vmacOn]string
	// inGroup is the sync group of each instance by name, as the text has it.
	inGroup map[string]*syntax.Statement
	needs   map[plan.Need]plan.Origin
	// files are the names of files as origins have them.
	files   map[*source.File]string
	reasons map[place]string
	lvs     lvsState
	// isAhead says that virtual servers are read before their turn, waits that the one being read has to wait.
	isAhead, waits bool
}

// place is a line of a file.
type place struct {
	file *source.File
	line int
}

// name is the first word behind a block's keyword.
func name(s *syntax.Statement) string {
	if w, ok := s.Arg(0); ok {
		return w.Text
	}
	return ""
}

func (c *compilation) statement(s *syntax.Statement) {
	if isNamed(s) {
		c.lvs.read[s] = true
	}
	if !c.acts(s) {
		return
	}
	switch s.Keyword.Name {
	case kw.VRRPScript:
		c.script(s)
	case kw.VRRPInstance:
		c.instance(s)
	case kw.StaticIpaddress:
		c.plan.StaticAddresses = append(c.plan.StaticAddresses, c.addresses(s, c.globals.defaultInterface)...)
	case kw.StaticRoutes:
		c.plan.StaticRoutes = append(c.plan.StaticRoutes, c.routes(s)...)
	case kw.SSL:
		c.tls(s)
	case kw.StaticRules:
		c.plan.StaticRules = append(c.plan.StaticRules, c.rules(s)...)
	case kw.TrackFile, kw.VRRPTrackFile:
		c.trackFile(s)
	case kw.VRRPTrackProcess:
		c.trackProcess(s)
	case kw.BFDInstance:
		c.bfd(s)
	case kw.VirtualServer:
		c.virtualServer(s)
	default:
		c.group(s)
	}
}

// acts reports whether the compiler acts on a statement. One that keepalived does not act on is left
// out; one that this release cannot compile is reported.
func (c *compilation) acts(s *syntax.Statement) bool {
	if s.Dropped || s.Keyword == nil {
		c.leaveOut(s, c.reason(s))
		c.hiddenBlock(s)
		return false
	}
	if !s.Keyword.Compiled {
		c.notCompiled(s.Head, fmt.Sprintf("%q", s.Head.Text))
		return false
	}
	return true
}

// visit reports what the compiler does not act on among the statements of a block.
func (c *compilation) visit(body []*syntax.Statement) {
	for _, s := range body {
		c.acts(s)
	}
}

const ruleNotCompiled = "not-compiled"

func (c *compilation) notCompiled(w syntax.Word, what string) {
	c.report(diag.Diagnostic{
		Rule: ruleNotCompiled, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("this release does not compile %s", what),
		Help:    "see docs/limits.md",
	})
}

func (c *compilation) report(d diag.Diagnostic) { c.list = append(c.list, d) }

// Refused reports whether the diagnostics of a tree and of its compilation forbid the use of the plan:
// any error does. With AsKeepalived only those errors do that no leaving out can mend: something that
// this release cannot compile, a structure that cannot be followed, and what makes keepalived itself
// refuse to start.
func Refused(list diag.List, opt Options) bool {
	if !opt.AsKeepalived {
		return list.HasErrors()
	}
	return slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error && !mended(d)
	})
}

// mended names the errors whose lines keepalived itself leaves out.
func mended(d diag.Diagnostic) bool {
	switch d.Rule {
	case ruleMissing:
		// Without its command only the script goes, without its page only the check, without its file or
		// process only the tracker.
		return !strings.HasPrefix(d.Subject, subjectInstance)
	case "unknown-keyword", "misplaced-keyword", "missing-argument", "invalid-value",
		"invisible-character", ruleUndefined, ruleLate, ruleAuthIgnored, ruleDuplicateName, ruleDuplicateReal,
		ruleNoRealServer, ruleFamilyMix, ruleOrder, ruleSorry, ruleRegex, ruleGroupWeight, ruleOwner, ruleHMACOff,
		"hmac-key-length", "hmac-and-auth", ruleDuplicateKeyword, ruleMulticastGroup, "deprecated-keyword":
		return true
	case ruleIncomplete:
		return true // only the check goes
	}
	return false
}

// sources lists the files that were read.
func (c *compilation) sources() {
	for _, f := range c.tree.Files {
		sum := sha256.Sum256(f.Data)
		c.plan.Sources = append(c.plan.Sources, plan.Source{File: c.relative(f), SHA256: hex.EncodeToString(sum[:])})
	}
}

// relative names a file relative to the main file's directory, with slashes.
func (c *compilation) relative(f *source.File) string {
	if f == nil {
		return ""
	}
	if name, ok := c.files[f]; ok {
		return name
	}
	name := f.Name
	if rel, err := filepath.Rel(c.dir, name); err == nil {
		name = rel
	}
	c.files[f] = filepath.ToSlash(name)
	return c.files[f]
}

func (c *compilation) origin(s *syntax.Statement) plan.Origin { return c.originAt(s.Head.Span) }

func (c *compilation) originAt(span source.Span) plan.Origin {
	if span.File == nil {
		return plan.Origin{}
	}
	return plan.Origin{File: c.relative(span.File), Line: span.File.LineOf(span.Start)}
}

// need notes that the machine must have something; the first place that needs it is kept.
func (c *compilation) need(kind plan.NeedKind, name string, origin plan.Origin) {
	if name == "" && kind != plan.NeedIPVS {
		return
	}
	n := plan.Need{Kind: kind, Name: name}
	if _, ok := c.needs[n]; !ok {
		c.needs[n] = origin
	}
}

func (c *compilation) needCommand(cmd *plan.Command) {
	if cmd == nil || len(cmd.Argv) == 0 {
		return
	}
	if _, test := cmd.OpensFile(); !test {
		c.need(plan.NeedExecutable, cmd.Argv[0], cmd.Origin)
	}
	c.need(plan.NeedUser, cmd.User, cmd.Origin)
	c.need(plan.NeedGroup, cmd.Group, cmd.Origin)
}

// finish sorts what was collected into the plan.
func (c *compilation) finish() {
	for _, s := range c.order {
		if s.tracked {
			c.plan.Scripts = append(c.plan.Scripts, s.plan)
			c.needCommand(&s.plan.Command)
		}
	}
	c.sortLeftOut()
	for n, origin := range c.needs {
		n.Origin = origin
		c.plan.Needs = append(c.plan.Needs, n)
	}
	slices.SortFunc(c.plan.Needs, func(a, b plan.Need) int {
		return strings.Compare(string(a.Kind)+"\x00"+a.Name, string(b.Kind)+"\x00"+b.Name)
	})
}

// hash is the SHA-256 (hex) over all that the Environment gives.
func (e Environment) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "node %q\nconfig-id %q\nseed %d\n", e.Node, e.ConfigID, e.Seed)
	if e.Dir != "" {
		fmt.Fprintf(h, "dir %q\n", e.Dir)
	}
	for _, k := range slices.Sorted(maps.Keys(e.EnvVars)) {
		fmt.Fprintf(h, "env %q=%q\n", k, e.EnvVars[k])
	}
	return hex.EncodeToString(h.Sum(nil))
}
