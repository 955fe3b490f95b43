package lint

import (
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/syntax"
	"ka/lint/cluster"
	"ka/lint/failover"
)

// Node is one node of a set: a file (with its includes) as a tree and as a plan.
type Node struct {
	// Name tells the node apart in messages.
	Name string
	Tree *syntax.Tree
	// Plan is what keepalived would run of the file; lines it leaves out are left out. It is never nil.
	Plan *plan.Plan
	// Diags is what reading and compiling the node found.
	Diags diag.List
	// Segment is the wire that the node was said to be on; "" is unknown.
	Segment string

	// commands are the command lines of the tree, found once for all rules.
	commands []command
}

// Rule is one rule of the linter.
type Rule struct {
	// Name is the identity, stable for ever: kebab-case.
	Name     string
	Severity diag.Severity
	// Title is one line, Text the documentation in Markdown: what it means, why it hurts, the source.
	Title, Text string
	// Bad and Good are examples as txtar archives of node files; the tests run both.
	Bad, Good string
	// Target is the version that both examples are judged for, "" where it does not matter.
	Target string
	// Explains names rules whose findings with the same Subject become notes of this rule's finding.
	Explains []string
	// ExplainsInBlock names rules whose findings in the same top-level block become notes of this rule's
	// finding: where a line was misread, what the block then lacks is no second mistake.
	ExplainsInBlock []string
	// ExplainsOnLine names rules whose findings on the same line become notes of this rule's finding,
	// which is then as severe as the worst of them.
	ExplainsOnLine []string
	// ExplainsItsText says that findings about the same text, wherever the file repeats it, become notes of
	// this rule's finding, which is then as severe as the worst of them.
	ExplainsItsText bool
	// ExplainsInside says that findings within the lines of this rule's finding become notes of it.
	ExplainsInside bool
	// Structural findings make the file unusable: they cannot be ignored.
	Structural bool
	// CompileOnly findings concern what this release can run, not the text: the linter leaves them out.
	CompileOnly bool
	// Run looks at the whole set. It is nil for rules of the front end.
	Run func(*Set, *Reporter)
}

// Set is the node files of one run.
type Set struct {
	Nodes []*Node
	// Clusters is what belongs together, and Targets the versions to judge for; Run fills both in
	// before it calls the rules.
	Clusters *cluster.Result
	Targets  []Target
	// nodeTargets holds the nodes that have a target of their own.
	nodeTargets map[string]Target
	// plays are the failures that were played, nil before the first rule asks for them.
	plays  []played
	memory *failover.Memory
}

// Reporter takes the findings of a rule.
type Reporter struct {
	rule *Rule
	list diag.List
}

// Report adds a finding; its rule and severity are the rule's own unless d sets a severity.
func (r *Reporter) Report(d diag.Diagnostic) {
	d.Rule = r.rule.Name
	if d.Severity == diag.Invalid {
		d.Severity = r.rule.Severity
	}
	r.list = append(r.list, d)
}
