package compiler

import (
	"fmt"
	"net/netip"
	"slices"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// eachOwn visits the addresses of an instance, advertised or not.
func (in *instance) eachOwn(visit func(*plan.Address)) {
	for _, list := range [][]plan.Address{in.out.VIPs, in.out.Excluded} {
		for i := range list {
			visit(&list[i])
		}
	}
}

// oddAddresses reports addresses that no host can have (G02), and addresses that are the machine's own
// though the instance does not own them (G03).
func (c *compilation) oddAddresses() {
	static := map[netip.Addr]plan.Origin{}
	for _, a := range c.plan.StaticAddresses {
		static[a.Prefix.Addr()] = a.Origin
	}
	for _, in := range c.settled {
		in.eachOwn(func(a *plan.Address) {
			if what := notUnicast(a.Prefix); what != "" {
				in.warn("vip-not-unicast", diag.Warning, in.addressWord(a.Origin),
					fmt.Sprintf("%s is %s: no host can be reached at it", a.Prefix, what), "write the address of a host")
				return
			}
			in.ownAddress(a, static)
		})
	}
}

// notUnicast says what an address is that is no host's; "" where nothing is wrong with it.
func notUnicast(p netip.Prefix) string {
	a := p.Addr()
	switch {
	case a.IsUnspecified():
		return "the address that stands for none"
	case a.IsLoopback():
		return "a loopback address"
	case a.IsMulticast():
		return "a multicast address"
	case a.Is6() || p.Bits() > 30 || p.Bits() == 0:
		return ""
	case a == p.Masked().Addr():
		return "the address of the network itself"
	case a == broadcastOf(p, "+"):
		return "the broadcast address of its network"
	}
	return ""
}

func (in *instance) ownAddress(a *plan.Address, static map[netip.Addr]plan.Origin) {
	if in.out.Priority == ownerPriority {
		return
	}
	addr, what := a.Prefix.Addr(), ""
	var at diag.Note
	if in.sourceFrom != nil && in.out.Source == addr {
		what, at = "the source address of the adverts", diag.Note{Message: "the source address", Span: in.sourceFrom.Span}
	} else if origin, ok := static[addr]; ok {
		what, at = "an address that this node always has", diag.Note{Message: fmt.Sprintf("%s, line %d", kw.StaticIpaddress, origin.Line)}
	}
	if what == "" {
		return
	}
	d := in.warn("vip-is-own-address", diag.Warning, in.addressWord(a.Origin),
		fmt.Sprintf("%s is %s, and priority %d is none of an owner: the address goes when the instance leaves MASTER", addr, what, in.out.Priority),
		"write an address that belongs to no machine, or priority 255 on its owner")
	d.Related = append(d.Related, at)
}

// clampedWeights reports weights that the bounds of the priority, 1 and 254, make void (G06): when all is
// well the failure of such a check alone changes nothing.
func (c *compilation) clampedWeights() {
	for _, in := range c.settled {
		if in.out.Priority == ownerPriority || len(in.out.TrackFiles) > 0 {
			continue // what a file adds depends on what it holds
		}
		total := int(in.out.Priority)
		var all []plan.Tracker
		for _, t := range in.out.TrackScripts {
			all = append(all, plan.Tracker{Origin: t.Origin, Name: t.Script, Weight: t.Weight, Reverse: t.Reverse})
		}
		for _, list := range [][]plan.Tracker{in.out.TrackInterfaces, in.out.TrackProcesses, in.out.TrackBFD} {
			all = append(all, list...)
		}
		if slices.ContainsFunc(all, func(t plan.Tracker) bool { return max(t.Weight, -t.Weight) > maxWeight }) {
			continue // a weight out of range is reported
		}
		for _, t := range all {
			total += contribution(t, true)
		}
		for _, t := range all {
			failed := total - contribution(t, true) + contribution(t, false)
			if failed == total || effective(failed) != effective(total) {
				continue
			}
			in.warn("weight-clamped", diag.Warning, in.listWord(t.Origin, in.from.Head, kw.TrackScript, kw.TrackInterface, kw.TrackProcess, kw.TrackBFD),
				fmt.Sprintf("the failure of %q would change the priority from %d to %d, which both count as %d: it moves nothing", t.Name, total, failed, effective(total)),
				fmt.Sprintf("write a %s that leaves room: priority and weights count from 1 to 254", kw.Priority))
		}
	}
}

// maxWeight is the largest weight that a keyword takes.
const maxWeight = 254

// contribution is what a tracker adds to the priority while it is up, or down (reference vrrp 7).
func contribution(t plan.Tracker, up bool) int {
	switch {
	case up != (t.Weight > 0):
		return 0
	case t.Reverse:
		return -t.Weight
	}
	return t.Weight
}

// effective holds a priority within its bounds.
func effective(n int) int { return min(max(n, 1), 254) }

// syncDaemonInterface reads the old place of lvs_sync_daemon: it counts where global_defs has none, and
// the first instance with it wins.
func (in *instance) syncDaemonInterface() {
	s := check.Find(in.body, kw.LVSSyncDaemonInterface)
	if s == nil {
		return
	}
	lvs := &in.plan.Global.LVS
	if *lvs != nil && (*lvs).Sync != nil {
		in.alreadySet(s)
		return
	}
	if *lvs == nil {
		*lvs = &plan.LVSGlobal{Origin: in.origin(s), FlushOnStop: flushNone}
	}
	(*lvs).Sync = &plan.SyncDaemon{
		Origin: in.origin(s), Interface: name(s), Instance: in.out.Name, ID: in.out.VRID, Port: defaultSyncPort, Group: defaultSyncGroup,
	}
	in.need(plan.NeedInterface, name(s), in.origin(s))
}

// alreadySet reports an old keyword that comes too late; it takes the place of the finding that it is old.
func (in *instance) alreadySet(s *syntax.Statement) {
	d := in.warn("deprecated-keyword", diag.Error, s.Head,
		fmt.Sprintf("%q comes second: the exchange of connections is set up already; keepalived ignores it", s.Head.Text),
		fmt.Sprintf("remove it; the setting is %q in %s", kw.LVSSyncDaemon, kw.GlobalDefs))
	in.leaveOut(s, d.Message+" ["+d.Rule+"]")
}
