// Package lint judges a set of node files together.
//
// Each rule is one file (rule_<name>.go) with its documentation, a bad and a good example, both run by
// the tests. Rules of the front end (what lang and compiler find while they read) are files too, with
// no Run function: the finding is made where the text is read, the documentation lives here.
package lint

import (
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/syntax"
)

// Node is one node of a set: a file (with its includes) as a tree and as a plan.
type Node struct {
	// Name tells the node apart in messages.
	Name string
	Tree *syntax.Tree
	// Plan is what keepalived would run of the file; lines it leaves out are left out. It is never nil.
	Plan *plan.Plan
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
	// Explains names rules whose findings with the same Subject become notes of this rule's finding.
	Explains []string
	// Run looks at the whole set. It is nil for rules of the front end.
	Run func(*Set, *Reporter)
}

// Set is the node files of one run.
type Set struct {
	Nodes []*Node
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
