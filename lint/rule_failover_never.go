package lint

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint/cluster"
	"ka/lint/failover"
	"ka/runtime/vrrp"
)

func ruleFailoverNever() *Rule {
	return &Rule{
		Name:     "failover-never",
		Severity: diag.Error,
		Title:    "a check fails and the addresses stay, although a healthy node is there",
		Text: `A script, an interface, a set of processes or a BFD session that is tracked with a weight changes the priority.
The addresses move only if the priority of the node whose check fails falls below that of another one. A tie is not
enough: a backup accepts the adverts of a master with its own priority. So with priorities 200 and 100 a weight of -20
does nothing, -100 makes a tie, and -101 works.

The rule plays it: the real state machines run under a virtual clock, each node that can be the owner is made the
owner, each of its checks fails (a reversed one succeeds), and the play goes on until nothing changes any more. What is
reported has happened.

The repair that is offered is the weight nearest zero that moves the addresses in the same play. Without a weight the
failure of a check is a fault, and the node gives its addresses up whatever the priorities are.`,
		Bad: "-- node1.conf --\n" + checked(node1, "100", "200", "") +
			"-- node2.conf --\n" + checked(node2, "90", "100", ""),
		Good: "-- node1.conf --\n" + checked(node1, "100", "110", "") +
			"-- node2.conf --\n" + checked(node2, "90", "100", ""),
		Run: runFailoverNever,
	}
}

// checked is an example node with another priority, further lines, and a check of weight -20.
func checked(text, old, priority, lines string) string {
	text = strings.Replace(text, "    priority "+old+"\n", "    priority "+priority+"\n"+lines, 1)
	end := strings.LastIndex(text, "}")
	return `vrrp_script chk_haproxy {
    script "/usr/bin/killall -0 haproxy"
    interval 2
    weight -20
}

` + text[:end] + `    track_script {
        chk_haproxy
    }
}
` + secured
}

func runFailoverNever(s *Set, r *Reporter) {
	// A weight of a sync group counts for all its members: it is one mistake in all their routers.
	places := map[source.Span]bool{}
	for _, p := range s.played() {
		told := map[string]bool{}
		for _, stuck := range p.stuck {
			subject, place := p.subject(stuck), p.weightPlace(p.owner(stuck), stuck.Check).span
			if !told[subject] && !places[place] {
				told[subject], places[place] = true, true
				r.Report(p.never(stuck))
			}
		}
	}
}

// played is a virtual router whose failures were played.
type played struct {
	set    *Set
	router *cluster.VirtualRouter
	stuck  []failover.Stuck
}

// played plays every virtual router of which all members are known, once for all rules.
func (s *Set) played() []played {
	if s.plays == nil {
		s.plays = s.play()
	}
	return s.plays
}

func (s *Set) play() []played {
	out := []played{}
	for _, vr := range s.Clusters.Routers {
		nodes, ok := s.participants(vr)
		if !ok {
			continue
		}
		if stuck := s.memory.Analyse(nodes); len(stuck) > 0 {
			out = append(out, played{set: s, router: vr, stuck: stuck})
		}
	}
	return out
}

func (p played) owner(s failover.Stuck) cluster.Member { return p.router.Members[s.Owner] }
func (p played) heir(s failover.Stuck) cluster.Member  { return p.router.Members[s.Heir] }

// subject is what the finding is about: one mistake is one check of too little weight, wherever it
// runs, or the nopreempt of the virtual router.
func (p played) subject(s failover.Stuck) string {
	if s.Cause == failover.NoPreempt {
		return p.router.Subject() + " " + kw.Nopreempt
	}
	return p.router.Subject() + " " + s.Check.Kind.String() + " " + s.Check.Name
}

// never is the finding for a check that moves nothing.
func (p played) never(s failover.Stuck) diag.Diagnostic {
	owner, heir := p.owner(s), p.heir(s)
	weight := p.weightPlace(owner, s.Check)
	d := diag.Diagnostic{
		Node: owner.Node, Span: weight.span, Subject: p.subject(s),
		Message: fmt.Sprintf("when %s, %s keeps the addresses: %s", fails(s), owner.Node, p.arithmetic(s)),
		Help:    p.repair(s),
	}
	if s.Cause == failover.NoPreempt {
		d.Related = []diag.Note{note(heir, at(heir, kw.Nopreempt), "%s is healthy and does not take over", heir.Node)}
		return d
	}
	if weight.fromDefinition {
		d.Related = append(d.Related, note(owner, weight.tracked, "tracked here, without a weight of its own"))
	}
	d.Related = append(d.Related,
		note(owner, at(owner, kw.Priority), "%s %d on %s", kw.Priority, owner.Instance.Priority, owner.Node),
		note(heir, at(heir, kw.Priority), "%s %d on %s, which is healthy and does not take over", kw.Priority, heir.Instance.Priority, heir.Node))
	return d
}

// fails names the failure that is played.
func fails(s failover.Stuck) string {
	if s.Check.Kind == plan.KindScript {
		word := "fails"
		if s.Reversed {
			word = "succeeds"
		}
		return fmt.Sprintf("check %q %s", s.Check.Name, word)
	}
	return vrrp.TrackedChanged{Kind: s.Check.Kind, Name: s.Check.Name, Up: s.Reversed}.String()
}

// arithmetic says why the addresses stay.
func (p played) arithmetic(s failover.Stuck) string {
	heir := p.heir(s).Node
	if s.Cause == failover.Owner {
		return fmt.Sprintf("%s %d takes no weights", kw.Priority, s.Before)
	}
	sum := fmt.Sprintf("%d − %d = %d", s.Before, int(s.Before)-int(s.After), s.After)
	switch {
	case s.Cause == failover.NoPreempt:
		return fmt.Sprintf("%s, but %s on %s keeps its %d from taking over", sum, kw.Nopreempt, heir, s.HeirPriority)
	case s.After == s.HeirPriority:
		return fmt.Sprintf("%s is not below the %d of %s, and a backup accepts an equal priority", sum, s.HeirPriority, heir)
	}
	return fmt.Sprintf("%s is still above the %d of %s", sum, s.HeirPriority, heir)
}

// repair says what to type.
func (p played) repair(s failover.Stuck) string {
	const fault = "without a weight a failure is a fault, and moves them always"
	switch {
	case s.Cause == failover.Owner:
		return fmt.Sprintf("write a %s of 254 or less, or no weight: %s", kw.Priority, fault)
	case s.Cause == failover.NoPreempt:
		return fmt.Sprintf("remove %q from %s, or the weight of the check: %s", kw.Nopreempt, p.heir(s).Node, fault)
	case s.HasRepair:
		where, reverse := "", ""
		if s.Repair > 0 != s.Reversed {
			where = " on each node" // it is the heir's priority that has to rise
		}
		if s.Reversed {
			reverse = " " + kw.Reverse
		}
		return fmt.Sprintf("write \"%s %d%s\"%s, the weight nearest zero that moves them, or none: %s", kw.Weight, s.Repair, reverse, where, fault)
	}
	return fmt.Sprintf("no weight can move them: change the priorities, or leave the weight out: %s", fault)
}

// weighed is where a weight is written.
type weighed struct {
	// span is the number; the name of the thing in the instance where none is written.
	span source.Span
	// tracked is the thing's name in the instance; fromDefinition says that the weight is its definition's.
	tracked        source.Span
	fromDefinition bool
}

// trackedIn are the block that tracks a kind of thing, and the one that defines it, if there is one.
func trackedIn(kind plan.TrackedKind) (block, definition string) {
	switch kind {
	case plan.KindInterface:
		return kw.TrackInterface, ""
	case plan.KindProcess:
		return kw.TrackProcess, kw.VRRPTrackProcess
	case plan.KindBFD:
		return kw.TrackBFD, kw.BFDInstance
	}
	return kw.TrackScript, kw.VRRPScript
}

// weightPlace finds the weight with which a member tracks a thing.
func (p played) weightPlace(m cluster.Member, c failover.Check) weighed {
	w := weighed{span: nameSpan(m.Statement), tracked: nameSpan(m.Statement)}
	if p.findWeight(m.Statement, c, &w) {
		return w
	}
	if g := p.set.groupStatement(m); g != nil && p.findWeight(g, c, &w) {
		return w
	}
	_, definition := trackedIn(c.Kind)
	if st := findDefinition(p.set.Nodes[m.Index].Tree, definition, c.Name); st != nil && check.Find(st.Children(), kw.Weight) != nil {
		w.span, w.fromDefinition = within(st, kw.Weight), true
	}
	return w
}

// findWeight looks for the line that tracks a thing in a block, and reports whether it has a weight.
func (p played) findWeight(in *syntax.Statement, c failover.Check, w *weighed) bool {
	keyword, _ := trackedIn(c.Kind)
	for _, block := range check.FindAll(in.Children(), keyword) {
		if block.Keyword == nil {
			continue
		}
		for _, entry := range block.Children() {
			if entry.Dropped || entry.Head.Text != c.Name {
				continue
			}
			w.span, w.tracked = entry.Head.Span, entry.Head.Span
			for _, token := range check.Line(entry, schema.At(block.Keyword.Inner())) {
				if token.Is(kw.Weight) && token.Problem == nil && len(token.Args) > 0 {
					w.span = token.Args[0].Span
					return true
				}
			}
		}
	}
	return false
}

// findDefinition finds the block that defines a name.
func findDefinition(t *syntax.Tree, keyword, name string) *syntax.Statement {
	for _, st := range check.FindAll(t.Body, keyword) {
		if arg, ok := st.Arg(0); ok && arg.Text == name {
			return st
		}
	}
	return nil
}
