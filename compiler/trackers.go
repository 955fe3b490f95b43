package compiler

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Rules about weights that do not count.
const (
	ruleOwner = "owner-priority"
)

// syncGroupOf finds the sync group that the text puts the instance into; the first one counts.
func (in *instance) syncGroupOf(name string) *syntax.Statement {
	c := in.compilation
	if c.inGroup == nil {
		c.inGroup = map[string]*syntax.Statement{}
		for _, g := range check.FindAll(c.tree.Body, kw.VRRPSyncGroup) {
			for _, list := range check.FindAll(g.Children(), kw.Group) {
				for _, w := range listWords(list) {
					if c.inGroup[w.Text] == nil {
						c.inGroup[w.Text] = g
					}
				}
			}
		}
	}
	return c.inGroup[name]
}

// groupTellsPriorities says what holds for notify_priority_changes where the instance says nothing.
func (in *instance) groupTellsPriorities() bool {
	if g := in.syncGroupOf(in.out.Name); g != nil && check.Find(g.Children(), kw.NotifyPriorityChanges) != nil {
		return check.FlagSet(g.Children(), kw.NotifyPriorityChanges)
	}
	return in.globals.priorityChanges
}

// otherTrackers reads what is tracked besides scripts.
func (in *instance) otherTrackers() {
	in.trackedInterfaces()
	for _, t := range []struct {
		keyword, kind string
		to            *[]plan.Tracker
	}{
		{kw.TrackFile, kw.TrackFile, &in.out.TrackFiles},
		{kw.TrackProcess, kw.VRRPTrackProcess, &in.out.TrackProcesses},
		{kw.TrackBFD, kw.BFDInstance, &in.out.TrackBFD},
	} {
		in.eachTracker(t.keyword, func(entry *syntax.Statement, ctx *schema.Context) {
			d := in.use(t.kind, entry.Head, entry, "keepalived tracks nothing here", in.subject())
			if d == nil {
				return
			}
			weight, reverse := d.watch.Weight, d.watch.Reverse
			weight, reverse = in.weigh(entry, ctx, weight, reverse)
			if t.kind == kw.VRRPTrackProcess || in.weightCounts(entry, t.keyword, &weight) {
				*t.to = append(*t.to, plan.Tracker{Origin: in.origin(entry), Name: entry.Head.Text, Weight: weight, Reverse: reverse})
			}
		})
	}
}

// trackedInterfaces reads track_interface. The instance's own interface is tracked anyway.
func (in *instance) trackedInterfaces() {
	in.eachTracker(kw.TrackInterface, func(entry *syntax.Statement, ctx *schema.Context) {
		n := entry.Head.Text
		if n == in.out.Interface {
			in.warn("track-own-interface", diag.Info, entry.Head,
				fmt.Sprintf("%q is the instance's own interface, which is tracked anyway; keepalived ignores the line", n), "remove the line")
			return
		}
		weight, reverse := in.weigh(entry, ctx, 0, false)
		if !in.weightCounts(entry, kw.TrackInterface, &weight) || in.groupTracks(entry, weight) {
			return
		}
		in.need(plan.NeedInterface, n, in.origin(entry))
		in.out.TrackInterfaces = append(in.out.TrackInterfaces, plan.Tracker{Origin: in.origin(entry), Name: n, Weight: weight, Reverse: reverse})
	})
}

// groupTracks reports an interface that the sync group tracks too. It reports true where the group's
// weight counts: unless the instance has none (reference vrrp 6).
func (in *instance) groupTracks(entry *syntax.Statement, weight int) bool {
	g := in.syncGroupOf(in.out.Name)
	if g == nil {
		return false
	}
	for _, block := range check.FindAll(g.Children(), kw.TrackInterface) {
		for _, other := range block.Children() {
			if other.Dropped || other.Head.Text != entry.Head.Text {
				continue
			}
			consequence := "keepalived uses the group's weight"
			if weight == 0 {
				consequence = "keepalived takes it without a weight here, and its failure is a fault"
			}
			d := in.settingIgnored(entry.Head, fmt.Sprintf("%q is tracked by the sync group %q too; %s", entry.Head.Text, name(g), consequence), "remove the line")
			d.Related = append(d.Related, diag.Note{Message: "tracked by the group here", Span: other.Span})
			return weight != 0
		}
	}
	return false
}

// weightCounts settles the weight of a tracker in an owner and in a member of a sync group, where
// keepalived lets no weight count (reference vrrp 6): a file of weight 1 becomes one of weight 0, the others
// are dropped, and it reports false for those. The weight of a member's interface counts: keepalived says
// that it ignores it when the interface knows of it already.
func (in *instance) weightCounts(entry *syntax.Statement, keyword string, weight *int) bool {
	owner := in.out.Priority == ownerPriority
	g := in.syncGroupOf(in.out.Name)
	inGroup := g != nil && !check.FlagSet(g.Children(), kw.SyncGroupTrackingWeight) && !check.FlagSet(g.Children(), kw.GlobalTracking)
	if *weight == 0 || !owner && !inGroup {
		return true
	}
	consequence, kept, settled := "drops the line", false, 0
	switch {
	case keyword == kw.TrackInterface && !owner:
		consequence, kept, settled = "says that it ignores the weight, and lets it count", true, *weight
	case keyword == kw.TrackFile && *weight == 1:
		consequence, kept = "takes it with weight 0: any other content than 0 is a fault", true
	}
	var d *diag.Diagnostic
	n := entry.Head.Text
	if owner {
		d = in.warn(ruleOwner, diag.Error, entry.Head,
			fmt.Sprintf("%q has weight %d, and priority 255 takes no weights; keepalived %s", n, *weight, consequence),
			fmt.Sprintf("write \"%s %s 0\": a failure is then a fault; or a priority of 254 or less", n, kw.Weight))
	} else {
		d = in.warn(ruleGroupWeight, diag.Error, entry.Head,
			fmt.Sprintf("%q has weight %d, and %q is in a sync group, which takes no weights; keepalived %s", n, *weight, in.out.Name, consequence),
			fmt.Sprintf("write \"%s %s 0\": a failure is then a fault; or %q in the group, with equal weights in all members", n, kw.Weight, kw.SyncGroupTrackingWeight))
		d.Related = append(d.Related, diag.Note{Message: "the sync group", Span: g.Span})
	}
	if kept {
		*weight = settled
		return true
	}
	in.leaveOut(entry, d.Message+" ["+d.Rule+"]")
	return false
}

// undefined reports a script that is not defined, or not yet.
func (in *instance) undefined(entry *syntax.Statement) {
	n, kind := entry.Head.Text, kw.VRRPScript
	if in.leftOutWithDefinition(definition{kind, n}, entry) {
		return
	}
	d := undefined(kind, entry.Head, in.defined.all[definition{kind, n}], in.scriptNames(), "keepalived tracks nothing here")
	d.Subject = in.subject()
	in.report(d)
	in.leaveOut(entry, d.Message+" ["+d.Rule+"]")
}
