package kac

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// listView is something that stands in a list of the text, or a setting of the node: a group, what is watched
// beside scripts, a rule, or a route that the kernel changes of a preview do not show.
type listView struct {
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
	// More are the facts that stand on lines of their own.
	More   []string `json:"more,omitempty"`
	Origin string   `json:"origin"`
}

// newListViews says what the lists of a plan hold, in the order of their kinds.
func newListViews(p *plan.Plan) []listView {
	out := []listView{}
	add := func(kind, name, text string, o plan.Origin) {
		out = append(out, listView{Kind: kind, Name: name, Text: strings.TrimSpace(text), Origin: at(o)})
	}
	for i := range p.Groups.Sync {
		out = append(out, syncGroupView(p, &p.Groups.Sync[i]))
	}
	for _, g := range p.Groups.Track {
		add("track group", g.Name, "the interfaces of the static objects that name it are watched by "+strings.Join(g.Members, ", "), g.Origin)
	}
	for _, g := range p.Groups.GARP {
		f := facts{}
		f.flag(g.ARPInterval > 0, "gratuitous ARPs at least "+span(g.ARPInterval)+" apart")
		f.flag(g.NAInterval > 0, "neighbour advertisements at least "+span(g.NAInterval)+" apart")
		add("announcements on", strings.Join(g.Interfaces, ", "), strings.Join(f, ", "), g.Origin)
	}
	for _, l := range p.Groups.Linkbeat {
		add("linkbeat", l.Interface, "its carrier is asked for "+orAuto(l.Method), l.Origin)
	}
	for _, d := range p.Groups.Delays {
		add("interface", d.Interface, fmt.Sprintf("counts as down after %s, as up after %s", span(d.Down), span(d.Up)), d.Origin)
	}
	addTrackables(p, add)
	addRouting(p, add)
	return out
}

// syncGroupView says who changes state together, because of what, and who is told.
func syncGroupView(p *plan.Plan, g *plan.SyncGroup) listView {
	f := facts{}
	for _, t := range watched(g.TrackInterfaces, g.TrackScripts, g.TrackFiles, g.TrackProcesses, g.TrackBFD) {
		f = append(f, "each member "+t)
	}
	f.flag(g.MemberWeights, "the weights of what members watch by themselves count")
	f.command(p, "MASTER", g.Notify.Master)
	f.command(p, "BACKUP", g.Notify.Backup)
	f.command(p, "FAULT", g.Notify.Fault)
	f.command(p, "STOP", g.Notify.Stop)
	f.command(p, "every state", g.Notify.Any)
	if g.Mail != nil {
		f.mailed(p, *g.Mail, func(m *plan.Mail) bool { return m.VRRPAlerts }, "changes of its state")
	}
	f.flag(g.PriorityChanges, "changes of priorities are written to the FIFOs")
	return listView{
		Kind: "sync group", Name: g.Name, Text: strings.Join(g.Members, ", ") + " change state together", More: f, Origin: at(g.Origin),
	}
}

func orAuto(method string) string {
	if method == "" {
		return "in the first way that works"
	}
	return "with " + method
}

// weighted says what a weight does, for people.
func weighted(weight int, reverse bool) string {
	text := " (a failure is a fault"
	if weight != 0 {
		text = fmt.Sprintf(" (weight %d", weight)
	}
	if reverse {
		text += ", reversed"
	}
	return text + ")"
}

func addTrackables(p *plan.Plan, add func(kind, name, text string, o plan.Origin)) {
	for _, f := range p.Trackables.Files {
		text := f.Path + weighted(f.Watch.Weight, f.Watch.Reverse)
		if f.Init != nil {
			text += fmt.Sprintf(", begins as %d", f.Init.Value)
			if f.Init.Overwrite {
				text += " even where it is there"
			}
		}
		add("file", f.Name, text, f.Origin)
	}
	for i := range p.Trackables.Processes {
		t := &p.Trackables.Processes[i]
		add("process", t.Name, processText(t)+weighted(t.Watch.Weight, t.Watch.Reverse), t.Origin)
	}
	for i := range p.Trackables.BFD {
		b := &p.Trackables.BFD[i]
		add("BFD session", b.Name, bfdText(b)+weighted(b.Watch.Weight, b.Watch.Reverse), b.Origin)
	}
}

func processText(t *plan.TrackProcess) string {
	text := fmt.Sprintf("at least %d", t.Quorum)
	if t.QuorumMax != nil {
		text += fmt.Sprintf(" and at most %d", *t.QuorumMax)
	}
	text += " of " + words(append([]string{t.Command}, t.Parameters...))
	if t.FullCommand {
		text += ", by the command line"
	}
	switch t.Match {
	case plan.MatchExact:
		text += ", with these words and no others"
	case plan.MatchPartial:
		text += ", whose first words these are"
	case plan.MatchInitial:
		text += ", whose words begin so"
	}
	if t.ForkDelay > 0 || t.TerminateDelay > 0 {
		text += fmt.Sprintf(", there after %s, gone after %s", span(t.ForkDelay), span(t.TerminateDelay))
	}
	return text
}

// usualIdleTx is how often a packet is sent while a session is down.
const usualIdleTx = time.Second

func bfdText(b *plan.BFDInstance) string {
	f := facts{"with " + b.Neighbor.String()}
	f.flag(b.Source.IsValid(), "from "+b.Source.String())
	f = append(f, "a packet every "+span(b.MinTx), "down after "+span(time.Duration(b.Multiplier)*b.MinRx))
	f.flag(b.IdleTx != usualIdleTx, "every "+span(b.IdleTx)+" while it is down")
	f.flag(b.Passive, "waits for the neighbour")
	f.flag(b.Multihop, "over several hops")
	return strings.Join(f, ", ")
}

// addRouting says of routes, rules and static addresses what the preview's changes do not show: who watches
// them.
func addRouting(p *plan.Plan, add func(kind, name, text string, o plan.Origin)) {
	watched := func(kind, of string, o effect.Object, noTrack bool, group string, at plan.Origin) {
		f := facts{}
		f.flag(noTrack, "(not watched)")
		f.text("(watched by track group %s)", group)
		if len(f) > 0 {
			add(kind, of, o.String()+" "+strings.Join(f, " "), at)
		}
	}
	lists := func(of string, routes []plan.Route, rules []plan.Rule) {
		for _, r := range routes {
			watched("route", of, effect.NewRoute(r), r.NoTrack, r.TrackGroup, r.Origin)
		}
		for _, r := range rules {
			watched("rule", of, effect.NewRule(r), r.NoTrack, r.TrackGroup, r.Origin)
		}
	}
	for i := range p.StaticAddresses {
		for _, text := range addressFacts(&p.StaticAddresses[i]) {
			add("static", "", text, p.StaticAddresses[i].Origin)
		}
	}
	lists("", p.StaticRoutes, p.StaticRules)
	for i := range p.Instances {
		in := &p.Instances[i]
		lists(in.Name, in.Routes, in.Rules)
	}
}

// writeLists prints lists for people, under a title. Of many in a row of one kind the first are shown.
func writeLists(w io.Writer, title string, list []listView) {
	if len(list) > 0 {
		fmt.Fprintf(w, "\n%s:\n", title)
	}
	shown := 0
	for i, l := range list {
		if i == 0 || list[i-1].Kind != l.Kind {
			shown = 0
		}
		if shown++; shown > maxShown {
			if i+1 == len(list) || list[i+1].Kind != l.Kind {
				fmt.Fprintf(w, "  %s: and %d more\n", l.Kind, shown-maxShown)
			}
			continue
		}
		name := l.Name
		if name != "" {
			name = " " + name
		}
		fmt.Fprintf(w, "  %s%s: %s\n", l.Kind, name, bounded(l.Text))
		for _, m := range l.More {
			fmt.Fprintf(w, "    %s\n", bounded(m))
		}
	}
}
