package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

func ruleScriptShellSyntax() *Rule {
	return &Rule{
		Name:     "script-shell-syntax",
		Severity: diag.Error,
		Title:    "shell syntax in a command that no shell runs",
		Text: `keepalived runs commands without a shell: it splits the line into words and executes the first one. Pipes,
redirections, "&&", ";" and variables become words of that program, and a line that starts with "if" names a program
that does not exist. A check with a pipe then always succeeds, or always fails; a check whose program is not found
is disabled, and the instance runs unchecked.

"</path" is a test of its own: whether the file can be opened. It is done by /bin/sh, so "</dev/tcp/HOST/PORT" works
only where /bin/sh is bash; Debian and Ubuntu have dash, and there the test always fails.

` + "`kalint --fix-intent`" + ` wraps the command in /bin/sh -c '…', or /bin/bash where the text needs it. A script file is
often the better place.`,
		Bad: `-- node1.conf --
vrrp_script chk_nginx {
    script "/bin/ps -C nginx --no-header | wc -l"
    interval 2
}
`,
		Good: `-- node1.conf --
vrrp_script chk_nginx {
    script "/bin/sh -c '/bin/ps -C nginx --no-header | grep -q nginx'"
    interval 2
}
`,
		Run: runScriptShellSyntax,
	}
}

func runScriptShellSyntax(s *Set, r *Reporter) {
	judgeCommands(s, r, shellSyntax)
}

// judgeCommands reports what a rule finds about single commands, where the text tells what is run.
func judgeCommands(s *Set, r *Reporter, judge func(st, parent *syntax.Statement) (diag.Diagnostic, bool)) {
	for _, n := range s.Nodes {
		eachCommand(n, func(st, parent *syntax.Statement) {
			if n.Tree.Unresolved(st.Span) {
				return // what is run is not known
			}
			if d, found := judge(st, parent); found {
				d.Node = n.Name
				r.Report(d)
			}
		})
	}
}

// command is a statement whose argument is a command line, with the block it is in.
type command struct{ st, parent *syntax.Statement }

// commandsOf finds the commands of a tree.
func commandsOf(t *syntax.Tree) []command {
	var out []command
	var walk func(body []*syntax.Statement, parent *syntax.Statement)
	walk = func(body []*syntax.Statement, parent *syntax.Statement) {
		for _, st := range body {
			if k := st.Keyword; k != nil && !st.Dropped && strings.HasPrefix(k.Args, "command") {
				out = append(out, command{st, parent})
			}
			if st.Block != nil {
				walk(st.Block.Body, st)
			}
		}
	}
	walk(t.Body, nil)
	return out
}

// eachCommand calls f for each command of a node.
func eachCommand(n *Node, f func(st, parent *syntax.Statement)) {
	for _, c := range n.commands {
		f(c.st, c.parent)
	}
}

// shellSyntax judges one command.
func shellSyntax(st, parent *syntax.Statement) (diag.Diagnostic, bool) {
	text, ok := commandText(st)
	if !ok {
		return diag.Diagnostic{}, false
	}
	line, ok := check.SplitCommand(st)
	if !ok {
		return diag.Diagnostic{}, false
	}
	what, ok := needsShell(text, line.Argv)
	if !ok {
		return diag.Diagnostic{}, false
	}
	d := diag.Diagnostic{
		Span:    commandSpan(st),
		Message: fmt.Sprintf("%s needs a shell, and keepalived runs none: %s", what, executed(st, line.Argv)),
	}
	if parent != nil {
		name, _ := parent.Arg(0)
		d.Subject = "script " + name.Text
	}
	if isFileTest(line.Argv) {
		d.Message = fmt.Sprintf("%s works only where /bin/sh is bash: on Debian and Ubuntu it is dash, and the check always fails", what)
	}
	command := wrapped(text)
	d.Help = fmt.Sprintf("write %s %s, or put it into a script file", st.Head.Text, command)
	if fix, ok := wrapFix(st, command); ok {
		d.Fixes = []diag.Fix{fix}
	}
	return d, true
}

// executed says what happens instead.
func executed(st *syntax.Statement, argv []string) string {
	program := argv[0]
	if !strings.Contains(program, "/") && (isShellWord(program) || strings.ContainsAny(program, "<>|&;()=")) {
		lost := "the command never runs"
		if st.Head.Text == kw.Script {
			lost = "the check is disabled, so the instance runs unchecked"
		}
		return fmt.Sprintf("it looks for a program named %q, and %s", program, lost)
	}
	const most = 6
	if len(argv) == 1 {
		return fmt.Sprintf("%q runs alone, the words behind it are lost", program)
	}
	words := make([]string, 0, most)
	for _, w := range argv[1:] {
		if len(words) == most {
			words = append(words, fmt.Sprintf("… (%d words)", len(argv)-1))
			break
		}
		words = append(words, fmt.Sprintf("%q", w))
	}
	return fmt.Sprintf("%q gets the words %s", program, strings.Join(words, " "))
}
