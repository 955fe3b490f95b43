package kac

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ka/compiler/plan"
)

// listView is a line about something that stands in a list of the text: a group, what is watched beside
// scripts, a rule, or a route that the kernel changes of a preview do not show.
type listView struct {
	Kind   string `json:"kind"`
	Name   string `json:"name,omitempty"`
	Text   string `json:"text"`
	Origin string `json:"origin"`
}

// newListViews says what the lists of a plan hold, in the order of their kinds.
func newListViews(p *plan.Plan) []listView {
	out := []listView{}
	add := func(kind, name, text string, o plan.Origin) {
		out = append(out, listView{kind, name, strings.TrimSpace(text), at(o)})
	}
	for _, g := range p.Groups.Sync {
		text := strings.Join(g.Members, ", ") + " change state together"
		for _, list := range [][]plan.Tracker{g.TrackInterfaces, g.TrackScripts, g.TrackFiles, g.TrackProcesses, g.TrackBFD} {
			for _, t := range list {
				text += "; all watch " + t.Name + weighted(t.Weight, t.Reverse)
			}
		}
		add("sync group", g.Name, text, g.Origin)
	}
	for _, g := range p.Groups.Track {
		add("track group", g.Name, strings.Join(g.Members, ", ")+" watch the interfaces of the static objects that name it", g.Origin)
	}
	for _, g := range p.Groups.GARP {
		add("announcements", "", fmt.Sprintf("on %s at least %s (ARP) and %s (neighbour advertisements) apart",
			strings.Join(g.Interfaces, ", "), g.ARPInterval, g.NAInterval), g.Origin)
	}
	for _, l := range p.Groups.Linkbeat {
		add("linkbeat", l.Interface, "its carrier is asked for "+orAuto(l.Method), l.Origin)
	}
	for _, d := range p.Groups.Delays {
		add("interface", d.Interface, fmt.Sprintf("counts as down after %s, as up after %s", d.Down, d.Up), d.Origin)
	}
	addTrackables(p, add)
	addRouting(p, add)
	return out
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
		add("file", f.Name, f.Path+weighted(f.Watch.Weight, f.Watch.Reverse), f.Origin)
	}
	for _, t := range p.Trackables.Processes {
		most := ""
		if t.QuorumMax != nil {
			most = fmt.Sprintf(" and at most %d", *t.QuorumMax)
		}
		add("process", t.Name, fmt.Sprintf("at least %d%s of %s%s", t.Quorum, most, words(append([]string{t.Command}, t.Parameters...)), weighted(t.Watch.Weight, t.Watch.Reverse)), t.Origin)
	}
	for _, b := range p.Trackables.BFD {
		add("BFD", b.Name, fmt.Sprintf("with %s, a packet every %s, down after %s%s", b.Neighbor, b.MinTx,
			time.Duration(b.Multiplier)*b.MinRx, weighted(b.Watch.Weight, b.Watch.Reverse)), b.Origin)
	}
}

// addRouting adds the rules, and the routes that have more than one next hop or words of their own.
func addRouting(p *plan.Plan, add func(kind, name, text string, o plan.Origin)) {
	lists := func(of string, routes []plan.Route, rules []plan.Rule) {
		for i := range routes {
			if r := &routes[i]; !r.Plain() {
				add("route", of, routeText(r), r.Origin)
			}
		}
		for i := range rules {
			add("rule", of, ruleText(&rules[i]), rules[i].Origin)
		}
	}
	lists("", p.StaticRoutes, p.StaticRules)
	for i := range p.Instances {
		in := &p.Instances[i]
		lists(in.Name, in.Routes, in.Rules)
	}
}

// routeText is a route in short: plan.json has all of its words.
func routeText(r *plan.Route) string {
	text := r.Type + " " + r.Destination.String()
	if r.Gateway.IsValid() {
		text += " via " + r.Gateway.String()
	}
	if r.Interface != "" {
		text += " dev " + r.Interface
	}
	if r.TableName != "" {
		text += " table " + r.TableName
	}
	if n := len(r.NextHops); n > 0 {
		text += fmt.Sprintf(" over %s", count(n, "next hop"))
	}
	if r.Encap != nil {
		text += " in " + r.Encap.Type
	}
	return strings.TrimSpace(text)
}

// ruleText is a rule in short.
func ruleText(r *plan.Rule) string {
	text := fmt.Sprintf("%d:", r.Preference)
	if r.Not {
		text += " not"
	}
	from := "all"
	if r.From.IsValid() {
		from = r.From.String()
	}
	text += " from " + from
	if r.To.IsValid() {
		text += " to " + r.To.String()
	}
	for _, w := range []struct{ name, value string }{{"iif", r.InputInterface}, {"oif", r.OutputInterface}, {"ipproto", r.IPProtocol}} {
		if w.value != "" {
			text += " " + w.name + " " + w.value
		}
	}
	text += " " + r.Action
	switch {
	case r.TableName != "":
		text += " " + r.TableName
	case r.Table != 0:
		text += fmt.Sprintf(" %d", r.Table)
	case r.Goto != 0:
		text += fmt.Sprintf(" %d", r.Goto)
	}
	return text
}

// writeLists prints the lists of a plan for people.
func (v *view) writeLists(w io.Writer) {
	if len(v.Lists) > 0 {
		fmt.Fprintln(w, "\ngroups, rules and what is watched:")
	}
	for _, l := range v.Lists {
		name := l.Name
		if name != "" {
			name = " " + name
		}
		fmt.Fprintf(w, "  %s%s: %s\n", l.Kind, name, l.Text)
	}
}
