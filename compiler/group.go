package compiler

import (
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

const (
	ruleSingleMember = "single-member-group"
	ruleGroupWeight  = "group-weight-ignored"
	subjectGroup     = "group "
)

// groups are the groups of the text while it is read. Their members may stand further down, so they are
// settled at its end.
type groups struct {
	sync  []*syncGroup
	track []*trackGroup
	// inGARP are the interfaces that have a garp_group, with the line that says so.
	inGARP map[string]*syntax.Statement
	// settings are lines about an interface that say nothing unless something else uses it.
	settings []*syntax.Statement
}

// syncGroup is a vrrp_sync_group while the text is read.
type syncGroup struct {
	from    *syntax.Statement
	members []syntax.Word
	out     plan.SyncGroup
	// weighted are the lines whose weight an owner among the members makes void.
	weighted []*syntax.Statement
}

// trackGroup is a track_group while the text is read.
type trackGroup struct {
	from    *syntax.Statement
	members []syntax.Word
}

// group compiles the blocks of the top level that put instances or interfaces together.
func (c *compilation) group(s *syntax.Statement) {
	switch s.Keyword.Name {
	case kw.VRRPSyncGroup:
		c.syncGroup(s)
	case kw.TrackGroup:
		c.trackGroup(s)
	case kw.GARPGroup:
		c.garpGroup(s)
	case kw.LinkbeatInterfaces:
		c.linkbeat(s)
	case kw.InterfaceUpDownDelays:
		c.delays(s)
	}
}

// memberList reads the list of a sync or track group. It reports false where keepalived removes the group.
func (c *compilation) memberList(s *syntax.Statement) ([]syntax.Word, bool) {
	lists := check.FindAll(s.Children(), kw.Group)
	if len(lists) == 0 {
		c.missingList(s)
		c.leaveOut(s, "it has no list of members ["+ruleMissing+"]")
		return nil, false
	}
	if len(lists) > 1 {
		// The front end reports it.
		c.leaveOut(s, "it has two lists of members [duplicate-keyword]")
		return nil, false
	}
	members := listWords(lists[0])
	if len(members) == 0 {
		d := diag.Diagnostic{
			Rule: "missing-argument", Severity: diag.Error, Span: lists[0].Head.Span,
			Message: fmt.Sprintf("%q names no instance; keepalived removes the group", kw.Group),
			Help:    "write the names of the instances between the braces",
		}
		c.report(d)
		c.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return nil, false
	}
	return members, true
}

// missingList reports a group without its list of members. Where the names stand in the block all the same,
// the finding points at them: keepalived takes each for an unknown keyword.
func (c *compilation) missingList(s *syntax.Statement) {
	var names []string
	var notes []diag.Note
	for _, line := range s.Children() {
		if !line.Dropped || line.Keyword != nil || line.Block != nil {
			continue
		}
		names = append(names, line.Head.Text)
		for _, w := range line.Args {
			names = append(names, w.Text)
		}
		notes = append(notes, diag.Note{Message: "keepalived takes this for an unknown keyword", Span: line.Span})
	}
	if len(names) == 0 || len(names) > maxNamesShown {
		names, notes = []string{"VI_1", "VI_2"}, nil
	}
	reported := len(c.list)
	c.missingKeyword(s, kw.Group, fmt.Sprintf("%s { %s }", kw.Group, strings.Join(names, " ")), subjectGroup)
	if len(c.list) > reported {
		c.list[reported].Related = append(c.list[reported].Related, notes...)
	}
}

// maxNamesShown bounds the names in a help.
const maxNamesShown = 8

// listWords are the words of a block in which every word counts.
func listWords(block *syntax.Statement) []syntax.Word {
	var words []syntax.Word
	for _, entry := range block.Children() {
		if entry.Dropped {
			continue
		}
		words = append(append(words, entry.Head), entry.Args...)
	}
	return words
}

// syncGroup reads a vrrp_sync_group (reference vrrp 6; diagnostics D268 to D277).
func (c *compilation) syncGroup(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	if _, ok := c.define(s, diag.Error, "keepalived skips this one"); !ok {
		return
	}
	g := &syncGroup{from: s, out: plan.SyncGroup{Origin: c.origin(s), Name: name(s)}}
	var ok bool
	if g.members, ok = c.memberList(s); !ok {
		return
	}
	g.out.MemberWeights = check.FlagSet(body, kw.SyncGroupTrackingWeight) || check.FlagSet(body, kw.GlobalTracking)
	g.out.PriorityChanges = check.FlagSet(body, kw.NotifyPriorityChanges)
	if check.Find(body, kw.SMTPAlert) != nil {
		on := check.FlagSet(body, kw.SMTPAlert)
		g.out.Mail = &on
	}
	n := &g.out.Notify
	for _, target := range []struct {
		keyword string
		to      **plan.Command
	}{
		{kw.NotifyMaster, &n.Master}, {kw.NotifyBackup, &n.Backup}, {kw.NotifyFault, &n.Fault},
		{kw.NotifyStop, &n.Stop}, {kw.Notify, &n.Any},
	} {
		if line := check.Find(body, target.keyword); line != nil {
			*target.to = c.command(line)
			c.needCommand(*target.to)
		}
	}
	c.groupTrackers(g, body)
	c.groups.sync = append(c.groups.sync, g)
}

// groupTrackers reads what all members of a sync group watch.
func (c *compilation) groupTrackers(g *syncGroup, body []*syntax.Statement) {
	for _, list := range []struct {
		keyword, kind string
		to            *[]plan.Tracker
	}{
		{kw.TrackInterface, "", &g.out.TrackInterfaces}, {kw.TrackScript, kw.VRRPScript, &g.out.TrackScripts},
		{kw.TrackFile, kw.TrackFile, &g.out.TrackFiles}, {kw.TrackProcess, kw.VRRPTrackProcess, &g.out.TrackProcesses},
		{kw.TrackBFD, kw.BFDInstance, &g.out.TrackBFD},
	} {
		seen := map[string]bool{}
		for _, block := range check.FindAll(body, list.keyword) {
			ctx := schema.At(block.Keyword.Inner())
			for _, entry := range block.Children() {
				n := entry.Head.Text
				if entry.Dropped {
					c.leaveOut(entry, c.reason(entry))
					continue
				}
				if seen[n] {
					c.listedTwice(entry, n)
					continue
				}
				seen[n] = true
				if watch, ok := c.watched(list.kind, entry); ok {
					*list.to = append(*list.to, c.groupTracker(g, entry, ctx, watch))
				}
			}
		}
	}
}

// watched finds what a line of a tracker list names, with the weight of its definition.
func (c *compilation) watched(kind string, entry *syntax.Statement) (plan.Watch, bool) {
	const consequence = "keepalived tracks nothing here"
	switch kind {
	case "":
		c.need(plan.NeedInterface, entry.Head.Text, c.origin(entry))
		return plan.Watch{}, true
	case kw.VRRPScript:
		sc := c.scripts[entry.Head.Text]
		if sc == nil {
			c.use(kind, entry.Head, entry, consequence, "")
			return plan.Watch{}, false
		}
		if sc.unusable {
			c.leaveOut(entry, fmt.Sprintf("%s %q has no command", kind, entry.Head.Text))
			return plan.Watch{}, false
		}
		sc.tracked = true
		return plan.Watch{Weight: sc.plan.Weight, Reverse: sc.plan.Reverse}, true
	}
	d := c.use(kind, entry.Head, entry, consequence, "")
	if d == nil {
		return plan.Watch{}, false
	}
	return d.watch, true
}

// groupTracker reads one line: the definition's own weight and direction hold unless the line gives others.
func (c *compilation) groupTracker(g *syncGroup, entry *syntax.Statement, ctx *schema.Context, w plan.Watch) plan.Tracker {
	for _, t := range check.Line(entry, ctx) {
		switch {
		case t.Problem != nil:
		case t.Is(kw.Weight):
			n, _ := schema.ParseInt(t.Arg())
			w.Weight = int(n)
		case t.Is(kw.Reverse):
			w.Reverse = true
		case t.Is(kw.Noreverse):
			w.Reverse = false
		}
	}
	if w.Weight != 0 {
		g.weighted = append(g.weighted, entry)
	}
	return plan.Tracker{Origin: c.origin(entry), Name: entry.Head.Text, Weight: w.Weight, Reverse: w.Reverse}
}

// trackGroup reads a track_group.
func (c *compilation) trackGroup(s *syntax.Statement) {
	c.visit(s.Children())
	d, ok := c.define(s, diag.Error, "keepalived skips this one")
	if !ok {
		return
	}
	g := &trackGroup{from: s}
	if g.members, ok = c.memberList(s); !ok {
		d.unusable = true
		return
	}
	c.groups.track = append(c.groups.track, g)
}

// settleGroups finds the members of all groups, once every instance is read.
func (c *compilation) settleGroups() {
	c.interfaceSettings()
	c.syncDaemonInstance()
	owners := map[string]*syntax.Statement{}
	for _, g := range c.groups.sync {
		if c.syncMembers(g, owners) {
			c.plan.Groups.Sync = append(c.plan.Groups.Sync, g.out)
		}
	}
	for _, g := range c.groups.track {
		out := plan.TrackGroup{Origin: c.origin(g.from), Name: name(g.from)}
		for _, w := range g.members {
			if c.member(g.from, w) != nil && !slices.Contains(out.Members, w.Text) {
				out.Members = append(out.Members, w.Text)
			}
		}
		if len(out.Members) > 0 {
			c.plan.Groups.Track = append(c.plan.Groups.Track, out)
		}
	}
}

// member finds the instance that a word of a list names; nil where there is none, which is reported.
func (c *compilation) member(group *syntax.Statement, w syntax.Word) *plan.Instance {
	i := slices.IndexFunc(c.plan.Instances, func(in plan.Instance) bool { return in.Name == w.Text })
	if i >= 0 {
		return &c.plan.Instances[i]
	}
	if c.defined.all[definition{kw.VRRPInstance, w.Text}] != nil {
		return nil // the instance itself is left out, which is reported
	}
	if !c.defined.lost[definition{kw.VRRPInstance, w.Text}] {
		c.undefinedInstance(group, w, "keepalived leaves it out of the group")
	}
	return nil
}

// undefinedInstance reports a name that no instance has, with what keepalived does.
func (c *compilation) undefinedInstance(from *syntax.Statement, w syntax.Word, consequence string) {
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%s %q is not defined; %s", kw.VRRPInstance, w.Text, consequence),
		Help:    fmt.Sprintf("define \"%s %s\", or remove the name", kw.VRRPInstance, w.Text),
	}
	var names []string
	for n := range c.instances {
		names = append(names, n)
	}
	slices.Sort(names)
	offer(&d, w, names)
	c.report(d)
	c.leaveOutWord(from, w, d)
}

// leaveOutWord lists a word of a list as left out.
func (c *compilation) leaveOutWord(group *syntax.Statement, w syntax.Word, d diag.Diagnostic) {
	if c.opt.AsKeepalived {
		c.plan.LeftOut = append(c.plan.LeftOut, plan.LeftOut{
			Origin: c.originAt(w.Span), Text: w.Text, Reason: fmt.Sprintf("%s %q: %s [%s]", group.Head.Text, name(group), d.Message, d.Rule),
		})
	}
}

// syncMembers settles the members of a sync group. It reports false where keepalived removes the group.
func (c *compilation) syncMembers(g *syncGroup, taken map[string]*syntax.Statement) bool {
	var owner, other *plan.Instance
	reported := false
	for _, w := range g.members {
		in := c.member(g.from, w)
		if in == nil {
			reported = true
			continue
		}
		if first := taken[w.Text]; first != nil {
			reported = true
			d := diag.Diagnostic{
				Rule: ruleDuplicateName, Severity: diag.Error, Span: w.Span,
				Message: fmt.Sprintf("%q is in %s %q already; keepalived leaves it out of this one", w.Text, first.Head.Text, name(first)),
				Help:    "name each instance in one group only, once",
				Related: []diag.Note{{Message: "the first group", Span: first.Span}},
			}
			c.report(d)
			c.leaveOutWord(g.from, w, d)
			continue
		}
		taken[w.Text] = g.from
		g.out.Members = append(g.out.Members, in.Name)
		if in.Priority == ownerPriority {
			owner = in
		} else {
			other = in
		}
	}
	if len(g.out.Members) == 1 && !reported {
		c.report(diag.Diagnostic{
			Rule: ruleSingleMember, Severity: diag.Warning, Span: g.members[0].Span,
			Message: fmt.Sprintf("%s %q has one member, %q: there is nothing to keep in step with it", g.from.Head.Text, g.out.Name, g.members[0].Text),
			Help:    "add the other instances, or remove the group",
		})
	}
	if owner != nil && other != nil {
		c.mixedOwners(g, owner, other)
	}
	if owner != nil {
		c.ownerWeights(g, owner)
	}
	return len(g.out.Members) > 0
}

// mixedOwners reports a group in which some own their addresses (D275).
func (c *compilation) mixedOwners(g *syncGroup, owner, other *plan.Instance) {
	c.report(diag.Diagnostic{
		Rule: "sync-group-owner-mix", Severity: diag.Warning, Span: g.from.Span, Subject: subjectGroup + g.out.Name,
		Message: fmt.Sprintf("%q has priority 255 and %q has %d: an owner always takes over, and the group cannot follow", owner.Name, other.Name, other.Priority),
		Help:    "give all members of the group a priority below 255, or all 255",
	})
}

// ownerWeights clears the weights of a group with an owner, whose priority never changes (D277).
func (c *compilation) ownerWeights(g *syncGroup, owner *plan.Instance) {
	for _, list := range [][]plan.Tracker{g.out.TrackInterfaces, g.out.TrackScripts, g.out.TrackFiles, g.out.TrackProcesses, g.out.TrackBFD} {
		for i := range list {
			list[i].Weight = 0
		}
	}
	for _, entry := range g.weighted {
		c.report(diag.Diagnostic{
			Rule: ruleGroupWeight, Severity: diag.Error, Span: entry.Head.Span, Subject: subjectGroup + g.out.Name,
			Message: fmt.Sprintf("the weight of %q does not count: %q of the group has priority 255; keepalived takes a failure as a fault", entry.Head.Text, owner.Name),
			Help:    "write \"weight 0\", or a priority below 255",
		})
	}
}

// syncDaemonInstance checks the instance that the IPVS synchronisation follows (D379).
func (c *compilation) syncDaemonInstance() {
	lvs := c.plan.Global.LVS
	if lvs == nil || lvs.Sync == nil || lvs.Sync.Instance == "" || c.defined.all[definition{kw.VRRPInstance, lvs.Sync.Instance}] != nil {
		return
	}
	var from *syntax.Statement
	for _, block := range check.FindAll(c.tree.Body, kw.GlobalDefs) {
		if s := check.Find(block.Children(), kw.LVSSyncDaemon); s != nil {
			from = s
		}
	}
	if from == nil {
		return
	}
	if i := slices.IndexFunc(from.Args, func(w syntax.Word) bool { return w.Text == lvs.Sync.Instance }); i >= 0 {
		c.undefinedInstance(from, from.Args[i], "keepalived starts no synchronisation")
		lvs.Sync = nil
	}
}
