package lint

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/failover"
)

func ruleNopreemptBlocksFailover() *Rule {
	return &Rule{
		Name:     "nopreempt-blocks-failover",
		Severity: diag.Warning,
		Title:    "a node with nopreempt never takes over from a master whose check failed",
		Text: "With `nopreempt`" + ` a node accepts the adverts of a master with a lower priority, for as long as they come. That keeps
the addresses where they are when a better node comes back, and it also keeps them with a master whose priority fell
because its check failed: the two look alike on the wire. So a check with a weight has no effect while the healthy
node is the one with ` + "`nopreempt`" + `.

What is reported was played on the real state machines: the failure moves nothing, and without ` + "`nopreempt`" + ` it does.

Checks without a weight do work: their failure is a fault, the master says goodbye, and any node takes over.`,
		Bad: "-- node1.conf --\n" + checked(backup(node1), "100", "80", "    nopreempt\n") +
			"-- node2.conf --\n" + checked(node2, "90", "70", ""),
		Good: "-- node1.conf --\n" + checked(backup(node1), "100", "80", "") +
			"-- node2.conf --\n" + checked(node2, "90", "70", ""),
		Explains: []string{ruleFailoverNever().Name},
		Run:      runNopreemptBlocksFailover,
	}
}

// maxStoryLines bounds the trace in a finding.
const maxStoryLines = 24

func runNopreemptBlocksFailover(s *Set, r *Reporter) {
	for _, p := range s.played() {
		var first *diag.Diagnostic
		for _, stuck := range p.stuck {
			if stuck.Cause != failover.NoPreempt {
				continue
			}
			if first == nil {
				d := p.blocked(stuck)
				first = &d
				continue
			}
			heir := p.heir(stuck)
			first.Related = append(first.Related, note(heir, at(heir, kw.Nopreempt),
				"likewise here, when on %s %s", p.owner(stuck).Node, fails(stuck)))
		}
		if first != nil {
			r.Report(*first)
		}
	}
}

// blocked is the finding, with the play as its story.
func (p played) blocked(s failover.Stuck) diag.Diagnostic {
	owner, heir := p.owner(s), p.heir(s)
	word := s.Check.Kind.String()
	if s.Check.Kind == plan.KindScript {
		word = "check"
	}
	d := diag.Diagnostic{
		Node: heir.Node, Span: at(heir, kw.Nopreempt), Subject: p.subject(s),
		Message: fmt.Sprintf("with %s, %s never takes over from %s when %s there: %d falls to %d, and %s waits with %d",
			kw.Nopreempt, heir.Node, owner.Node, fails(s), s.Before, s.After, heir.Node, s.HeirPriority),
		Help: fmt.Sprintf("remove %q, or the weight of %s %q: without a weight its failure is a fault, after which any node takes over",
			kw.Nopreempt, word, s.Check.Name),
		Related: []diag.Note{note(owner, p.weightPlace(owner, s.Check).span, "the weight that changes nothing")},
	}
	for _, line := range tell(s.Story) {
		d.Related = append(d.Related, diag.Note{Message: line})
	}
	d.Related = append(d.Related, diag.Note{
		Message: fmt.Sprintf("nobody moves: %s keeps the addresses with priority %d, %s is healthy and has %d", owner.Node, s.After, heir.Node, s.HeirPriority),
	})
	return d
}

// tell picks the lines of a story from the first owner on.
func tell(t failover.Trace) []string {
	var lines []string
	started := 0
	if len(t.Steady) > 0 {
		started = t.Steady[0].Lines
	}
	for i, line := range t.Lines {
		if i < started && !line.Owner {
			continue
		}
		if len(lines) == maxStoryLines {
			return append(lines, fmt.Sprintf("… (%d more lines)", len(t.Lines)-i))
		}
		lines = append(lines, line.String())
	}
	return lines
}

// backup is an example node that starts as a backup: nopreempt has no effect beside state MASTER.
func backup(text string) string { return strings.Replace(text, "state MASTER", "state BACKUP", 1) }
