//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
)

// eventBacklog is how many bursts of kernel events wait for the loop; the watch waits behind them.
const eventBacklog = 64

// eventQueue brings the events of the kernel's watch to a loop that waits on descriptors.
type eventQueue struct {
	fd     int
	bursts chan []kernel.Event
	// rest is what is left of a burst that is being looked at.
	rest []kernel.Event
}

func newEventQueue() (*eventQueue, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	return &eventQueue{fd: fd}, nil
}

// watchAgain begins a watch of the kernel, which lists everything first; one that ran before ends, and what
// waits of it counts no more.
func (v *vrrpProcess) watchAgain() error {
	ctx, cancel := context.WithCancel(v.ctx)
	in, err := v.kernel.Watch(ctx, wantedRoutes(v.mirror.destinations))
	if err != nil {
		cancel()
		return err
	}
	if v.cancelWatch != nil {
		v.cancelWatch()
	}
	v.unwatched = false
	v.cancelWatch = cancel
	v.mirror.next = nil
	q := v.events
	out := make(chan []kernel.Event, eventBacklog)
	q.bursts, q.rest = out, nil
	go func() {
		for events := range in {
			select {
			case out <- events:
				q.wake()
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

func (q *eventQueue) wake() {
	one := [8]byte{1} // any number but 0 wakes, in either byte order
	_, _ = unix.Write(q.fd, one[:])
}

// awake forgets the wake-up. It comes before a look at whatever wakes the loop: what is handed over behind
// that look wakes it again.
func (q *eventQueue) awake() {
	var b [8]byte
	_, _ = unix.Read(q.fd, b[:])
}

// each handles a bounded number of events; what is left wakes the loop again.
func (q *eventQueue) each(handle func(kernel.Event)) {
	for range readsPerWake {
		if len(q.rest) == 0 {
			select {
			case q.rest = <-q.bursts:
			default:
				return
			}
		}
		e := q.rest[0]
		q.rest = q.rest[1:]
		handle(e)
	}
	q.wake()
}

// seen is what is known of the machine: interfaces, addresses in the kernel's order, and which of
// our objects exist.
type seen struct {
	links     map[string]kernel.Link
	addresses map[string]*otherAddresses
	// own are the instances' addresses that exist.
	own map[string]map[netip.Prefix]bool
	// objects tells for each of ours that exists the interfaces that it was seen on.
	objects map[string][]string
}

func newSeen() seen {
	return seen{make(map[string]kernel.Link), make(map[string]*otherAddresses), make(map[string]map[netip.Prefix]bool), make(map[string][]string)}
}

// mirror is what was seen, and what the plan may add: all else is counted by nobody.
type mirror struct {
	seen
	// next is a list that has begun and not ended; the old one counts until then.
	next *seen
	// ours are the addresses of all instances by interface: never a source.
	ours map[string]map[netip.Addr]bool
	// may holds the keys of all objects of the plan.
	may map[string]bool
	// parts are the keys of what an IPv6 route with several next hops is in the kernel, by its own: the kernel puts
	// those of all routes to one destination together, and tells of them as one that nobody asked for.
	parts map[string][]string
	// destinations are those of its routes: no others are read.
	destinations map[netip.Prefix]bool
	listed       bool
}

func newMirror(p *plan.Plan) mirror {
	m := mirror{seen: newSeen(), ours: make(map[string]map[netip.Addr]bool), may: make(map[string]bool),
		parts: make(map[string][]string), destinations: make(map[netip.Prefix]bool)}
	for i := range p.Instances {
		inst := &p.Instances[i]
		for _, a := range slices.Concat(inst.VIPs, inst.Excluded) {
			if m.ours[a.Interface] == nil {
				m.ours[a.Interface] = make(map[netip.Addr]bool)
			}
			m.ours[a.Interface][a.Prefix.Addr()] = true
		}
	}
	for _, w := range effect.All(p) {
		m.may[w.Key()] = true
		if r, ok := w.Object.(effect.Route); ok {
			m.destinations[r.Destination] = true
			for _, part := range r.Singles() {
				m.may[part.Key()] = true
				m.parts[r.Key()] = append(m.parts[r.Key()], part.Key())
			}
		}
	}
	return m
}

// join lets the mirror note what another plan may add too.
func (m *mirror) join(union mirror) {
	m.may, m.ours, m.parts, m.destinations = union.may, union.ours, union.parts, union.destinations
}

// with gives what two plans may add together; nothing of it was seen.
func (m mirror) with(other mirror) mirror {
	u := mirror{ours: make(map[string]map[netip.Addr]bool), may: maps.Clone(m.may), parts: maps.Clone(m.parts), destinations: maps.Clone(m.destinations)}
	maps.Copy(u.may, other.may)
	maps.Copy(u.parts, other.parts)
	maps.Copy(u.destinations, other.destinations)
	for _, ours := range []map[string]map[netip.Addr]bool{m.ours, other.ours} {
		for name, list := range ours {
			if u.ours[name] == nil {
				u.ours[name] = make(map[netip.Addr]bool)
			}
			maps.Copy(u.ours[name], list)
		}
	}
	return u
}

// target is where events go.
func (m *mirror) target() *seen {
	if m.next != nil {
		return m.next
	}
	return &m.seen
}

// set and gone keep what was seen; they report whether a source address may have changed.
func (m *mirror) set(o effect.Object) bool {
	t := m.target()
	if m.may[o.Key()] {
		t.objects[o.Key()] = interfacesOf(o)
	}
	a, ok := o.(effect.Address)
	if ok && m.ours[a.Interface][a.Prefix.Addr()] {
		if t.own[a.Interface] == nil {
			t.own[a.Interface] = make(map[netip.Prefix]bool)
		}
		t.own[a.Interface][a.Prefix] = true
		return false
	}
	if !ok || a.Tentative {
		return false
	}
	if t.addresses[a.Interface] == nil {
		t.addresses[a.Interface] = &otherAddresses{count: make(map[netip.Addr]int)}
	}
	return t.addresses[a.Interface].add(a.Prefix)
}

func (m *mirror) gone(o effect.Object) bool {
	t := m.target()
	delete(t.objects, o.Key())
	a, ok := o.(effect.Address)
	if ok {
		delete(t.own[a.Interface], a.Prefix)
	}
	return ok && t.addresses[a.Interface].remove(a.Prefix)
}

// setLink and linkGone do the same for interfaces.
func (m *mirror) setLink(l kernel.Link) bool {
	t := m.target()
	old, ok := t.links[l.Name]
	t.links[l.Name] = l
	return !ok || old.Up != l.Up || old.Enabled != l.Enabled || old.Index != l.Index || old.VRF() != l.VRF() || old.HasIPv6() != l.HasIPv6()
}

func (m *mirror) linkGone(l kernel.Link) bool {
	t := m.target()
	if t.links[l.Name].Index != l.Index {
		return false
	}
	delete(t.links, l.Name)
	delete(t.addresses, l.Name)
	delete(t.own, l.Name)
	return true
}

// note takes a change of ours as made; its event only confirms it.
func (m *mirror) note(c effect.Change) {
	for _, s := range []*seen{&m.seen, m.next} {
		switch {
		case s == nil:
		case c.Want == nil:
			delete(s.objects, c.Have.Key())
		case !s.exists(c.Want.Key()): // what the event says of the interface is better
			s.objects[c.Want.Key()] = interfacesOf(c.Want)
		}
	}
}

// exists reports whether the object with the key was seen.
func (s *seen) exists(key string) bool {
	_, ok := s.objects[key]
	return ok
}

// exists reports whether the object with the key was seen, as one or in all of its parts.
func (m *mirror) exists(key string) bool {
	parts := m.parts[key]
	return m.seen.exists(key) || len(parts) > 0 && !slices.ContainsFunc(parts, func(part string) bool { return !m.seen.exists(part) })
}

// interfacesOf are the interfaces that an address or a route names.
func interfacesOf(o effect.Object) []string {
	var out []string
	switch o := o.(type) {
	case effect.Address:
		return []string{o.Interface}
	case effect.Route:
		if o.Interface != "" {
			out = append(out, o.Interface)
		}
		for _, h := range o.NextHops {
			if h.Interface != "" {
				out = append(out, h.Interface)
			}
		}
	}
	return out
}

// usable reports whether the object's interfaces are there, and one of them is up and has the object's family.
func (m *mirror) usable(o effect.Object) bool {
	names := interfacesOf(o)
	return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool {
		l := m.links[n]
		return l.Up && (l.HasIPv6() || !isIPv6(o))
	})
}

// isIPv6 reports whether an address or a route is one of IPv6.
func isIPv6(o effect.Object) bool {
	switch o := o.(type) {
	case effect.Address:
		return o.Prefix.Addr().Is6()
	case effect.Route:
		return o.Destination.Addr().Is6()
	}
	return false
}

// waitForList takes events until everything that exists was told.
func (v *vrrpProcess) waitForList() error {
	limit := time.After(listLimit)
	for !v.mirror.listed {
		select {
		case events := <-v.events.bursts:
			for _, e := range events {
				v.kernelEvent(e)
			}
		case <-limit:
			return errors.New("the kernel did not list interfaces and addresses")
		}
	}
	return nil
}

// kernelEvent keeps the mirror and tells the machines.
func (v *vrrpProcess) kernelEvent(e kernel.Event) {
	m := &v.mirror
	changed := false
	switch e.Kind {
	case kernel.ListBegins:
		next := newSeen()
		m.next = &next
	case kernel.ListEnds:
		if m.next != nil {
			m.seen, m.next = *m.next, nil
		}
		m.listed, changed = true, true
		v.lists++
		v.checkAll()
		v.askForLinks("")
	case kernel.ObjectSet:
		changed = m.set(e.Object)
		v.sourceChanged(e.Object, false)
		v.tryAgain(e.Object)
	case kernel.ObjectGone:
		changed = m.gone(e.Object)
		v.objectGone(e.Object.Key())
		v.sourceChanged(e.Object, true)
		v.lastAddressGone(e.Object)
	case kernel.LinkSet:
		if changed = m.setLink(e.Link); changed && m.next == nil {
			v.linkChanged(e.Link)
			v.askForLinks(e.Link.Name)
		}
	case kernel.LinkGone:
		if changed = m.linkGone(e.Link); changed && m.next == nil {
			v.askForLinks(e.Link.Name)
		}
	}
	if changed && v.ready && m.next == nil && v.concerns(e) {
		v.updateSources()
	}
}

// linkChanged: the kernel drops the IPv4 routes of an interface that is switched off without a word, also
// those that name only a gateway on it; of several next hops the last one counts. What is missing is put back
// when the interface is up again.
func (v *vrrpProcess) linkChanged(l kernel.Link) {
	if l.Up {
		v.checkAll()
		return
	}
	v.dropRoutes(func(name string) bool { return !v.mirror.links[name].Enabled }, l.Name, false)
}

// lastAddressGone: with the last IPv4 address of an interface its IPv4 routes go as with the interface.
func (v *vrrpProcess) lastAddressGone(o effect.Object) {
	a, ok := o.(effect.Address)
	if !ok || a.Prefix.Addr().Is6() || v.mirror.next != nil || v.mirror.hasIPv4(a.Interface) {
		return
	}
	none := func(name string) bool { return name == a.Interface || !v.mirror.links[name].Enabled }
	for _, key := range v.dropRoutes(none, a.Interface, true) {
		v.objectGone(key)
	}
}

// hasIPv4 reports whether an interface has an IPv4 address, whosever it is.
func (s *seen) hasIPv4(name string) bool {
	if s.addresses[name].first(false).IsValid() {
		return true
	}
	for p := range s.own[name] {
		if p.Addr().Is4() {
			return true
		}
	}
	return false
}

// dropRoutes forgets the held routes on an interface, of IPv4 alone if asked, that have no next hop on one that still
// carries routes.
func (v *vrrpProcess) dropRoutes(dead func(name string) bool, name string, only4 bool) (dropped []string) {
	for _, inst := range append(v.instances[:len(v.instances):len(v.instances)], v.static) {
		for key, c := range inst.held {
			on := v.mirror.objects[key]
			if _, ok := c.Object().(effect.Route); !ok || only4 && isIPv6(c.Object()) || !slices.Contains(on, name) {
				continue
			}
			if !slices.ContainsFunc(on, func(n string) bool { return !dead(n) }) {
				delete(v.mirror.objects, key)
				dropped = append(dropped, key)
			}
		}
	}
	return dropped
}

// checkAll looks for everything of ours that a lost event may have told of.
func (v *vrrpProcess) checkAll() {
	for _, inst := range append(v.instances[:len(v.instances):len(v.instances)], v.static) {
		for key := range inst.held {
			if !v.mirror.exists(key) {
				v.objectGone(key)
			}
		}
	}
}
