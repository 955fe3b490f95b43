//go:build linux

package director

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/arp"
	"ka/runtime/vrrp"
)

// This file tells the machines of a link where an address is: gratuitous ARP and unsolicited neighbour
// advertisements (reference vrrp 3.3, step 5, and 9).

// announcer paces announcements. Interfaces of a garp_group share a pause, others have one each.
type announcer struct {
	// byInterface finds the pace of an interface: nil for one without a pause.
	byInterface map[string]*pace
	// all are the paces, those of other interfaces are made when they are first used.
	all []*pace
	// arp and neighbour are the pauses of interfaces in no group.
	arp, neighbour time.Duration
}

// pace is the pause between two announcements, for each family.
type pace struct{ arp, neighbour lane }

// lane is a queue of announcements with a pause between them. While it is not empty, an address that is
// in it already counts its rounds up; a round goes to the end of the queue.
type lane struct {
	pause time.Duration
	next  vrrp.Instant
	queue []pendingAnnouncement
}

type pendingAnnouncement struct {
	inst    *instance
	address plan.Address
	rounds  int
}

// newAnnouncer reads the pauses of a plan.
func newAnnouncer(p *plan.Plan) announcer {
	a := announcer{byInterface: make(map[string]*pace)}
	if g := p.Global.VRRP; g != nil {
		a.arp, a.neighbour = g.GARPInterval, g.NAInterval
	}
	for _, g := range p.Groups.GARP {
		shared := a.newPace(g.ARPInterval, g.NAInterval)
		for _, name := range g.Interfaces {
			a.byInterface[name] = shared
		}
	}
	return a
}

func (a *announcer) newPace(arp, neighbour time.Duration) *pace {
	p := &pace{arp: lane{pause: arp}, neighbour: lane{pause: neighbour}}
	a.all = append(a.all, p)
	return p
}

// lane finds the queue for an address; nil: there is no pause.
func (a *announcer) lane(address plan.Address) *lane {
	p := a.byInterface[address.Interface]
	if p == nil && (a.arp > 0 || a.neighbour > 0) {
		p = a.newPace(a.arp, a.neighbour)
		a.byInterface[address.Interface] = p
	}
	if p == nil {
		return nil
	}
	l := &p.arp
	if address.Prefix.Addr().Is6() {
		l = &p.neighbour
	}
	if l.pause <= 0 {
		return nil
	}
	return l
}

// wait reports whether an announcement has to wait for its turn, and then queues it. most bounds the
// rounds of one address that wait.
func (l *lane) wait(now vrrp.Instant, p pendingAnnouncement, most int) bool {
	at := slices.IndexFunc(l.queue, func(q pendingAnnouncement) bool { return q.inst == p.inst && q.address.Prefix == p.address.Prefix })
	switch {
	case at >= 0:
		l.queue[at].rounds = min(l.queue[at].rounds+1, most)
		return true
	case now < l.next || len(l.queue) > 0:
		l.queue = append(l.queue, p)
		return true
	}
	l.next = now.Add(l.pause)
	return false
}

// take gives the announcement that is due.
func (l *lane) take(now vrrp.Instant) (pendingAnnouncement, bool) {
	if len(l.queue) == 0 || now < l.next {
		return pendingAnnouncement{}, false
	}
	p := l.queue[0]
	l.queue = l.queue[1:]
	if p.rounds > 1 {
		again := p
		again.rounds--
		l.queue = append(l.queue, again)
	}
	l.next = now.Add(l.pause)
	return p, true
}

// drop forgets what waits for an instance: the addresses are not ours any more.
func (a *announcer) drop(inst *instance) {
	for _, p := range a.all {
		for _, l := range []*lane{&p.arp, &p.neighbour} {
			l.queue = slices.DeleteFunc(l.queue, func(q pendingAnnouncement) bool { return q.inst == inst })
		}
	}
}

// nextAnnouncement is when one that waits is due; 0 for none.
func (v *vrrpProcess) nextAnnouncement() vrrp.Instant {
	var next vrrp.Instant
	for _, p := range v.announcer.all {
		for _, l := range []*lane{&p.arp, &p.neighbour} {
			if len(l.queue) > 0 && (next == 0 || l.next < next) {
				next = l.next
			}
		}
	}
	return next
}

// fireAnnouncements sends those that are due.
func (v *vrrpProcess) fireAnnouncements(now vrrp.Instant) {
	for _, p := range v.announcer.all {
		for _, l := range []*lane{&p.arp, &p.neighbour} {
			if due, ok := l.take(now); ok {
				v.announceNow(due.inst, due.address)
			}
		}
	}
}

// announce sends a round for some addresses, or lets it wait for its turn.
func (v *vrrpProcess) announce(s step) {
	for _, a := range s.announce {
		l := v.announcer.lane(a)
		if l == nil || !l.wait(monotonic(), pendingAnnouncement{s.inst, a, 1}, max(s.rounds, 1)) {
			v.announceNow(s.inst, a)
		}
	}
}

// The groups that announcements go to.
var (
	etherBroadcast = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	etherAllNodes  = [8]byte{0x33, 0x33, 0, 0, 0, 1}
)

// announceNow sends one announcement. While an interface is gone or has no ARP there is nothing to send.
func (v *vrrpProcess) announceNow(inst *instance, a plan.Address) {
	l, ok := v.mirror.links[a.Interface]
	if !ok || l.NoARP {
		return
	}
	ip := a.Prefix.Addr()
	to := unix.RawSockaddrLinklayer{Family: unix.AF_PACKET, Protocol: hostToNet(unix.ETH_P_ARP), Ifindex: int32(l.Index), Halen: 6, Addr: etherBroadcast}
	frame := arp.AppendGratuitous(nil, l.MAC, ip)
	if ip.Is6() {
		to.Protocol, to.Addr = hostToNet(unix.ETH_P_IPV6), etherAllNodes
		frame = arp.AppendNeighbour(nil, arp.Neighbour{MAC: l.MAC, IP: ip, Router: l.ForwardsIPv6})
	}
	if err := sendFrame(v.arp, frame, &to); err != nil && !errors.Is(err, unix.ENETDOWN) {
		v.warn("announce", "instance", inst.plan.Name, "address", ip.String(), "error", err.Error())
	}
}

func hostToNet(n uint16) uint16 { return n<<8 | n>>8 }

// announceSource tells the link of an instance's own source address, once: unicast instances do so when
// they come up (reference vrrp 3.7).
func (v *vrrpProcess) announceSource(inst *instance, source netip.Addr) {
	v.announceNow(inst, plan.Address{Prefix: netip.PrefixFrom(source, source.BitLen()), Interface: inst.plan.Interface})
}

// extraAddresses are those whose interfaces are to be kept known to switches: one for each interface with a
// VMAC of ours, or each at all, but for that of the adverts, whose adverts do (garp_extra_if).
func extraAddresses(p *plan.Instance) []plan.Address {
	var out []plan.Address
	for _, a := range slices.Concat(p.VIPs, p.Excluded) {
		switch {
		case slices.ContainsFunc(out, func(b plan.Address) bool { return b.Interface == a.Interface }):
		case a.Interface == advertInterface(p):
		case p.GARP.ExtraAll || onVMAC(p, a):
			out = append(out, a)
		}
	}
	return out
}

// onVMAC reports whether an address is on a VMAC.
func onVMAC(p *plan.Instance, a plan.Address) bool {
	return a.UseVMAC || p.Link.VMAC != nil && a.Interface == p.Link.VMAC.Name
}
