//go:build linux

package labcmd

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"

	"ka/runtime/lab/node"
)

// entry is a line of the timeline. Which fields are set depends on Kind.
type entry struct {
	// T is seconds since the start.
	T    float64 `json:"t"`
	Node string  `json:"node"`
	// Kind: start, ready, end, kill, stop, cut, join, fail-script, heal-script, transition, priority,
	// script, run, address, advert, announce, ignored, message.
	Kind      string   `json:"kind"`
	Instance  string   `json:"instance,omitempty"`
	From      string   `json:"from,omitempty"`
	To        string   `json:"to,omitempty"`
	Priority  *int     `json:"priority,omitempty"`
	Cause     string   `json:"cause,omitempty"`
	Op        string   `json:"op,omitempty"`
	Address   string   `json:"address,omitempty"`
	Interface string   `json:"interface,omitempty"`
	Script    string   `json:"script,omitempty"`
	Up        *bool    `json:"up,omitempty"`
	Argv      []string `json:"argv,omitempty"`
	VRID      int      `json:"virtual_router_id,omitempty"`
	Count     int      `json:"count,omitempty"`
	Source    string   `json:"source,omitempty"`
	Daemon    string   `json:"daemon,omitempty"`
	Status    *int     `json:"status,omitempty"`
	Text      string   `json:"text,omitempty"`

	fromPriority, toPriority int
}

// burst is how close announcements of one address follow each other within one burst.
const burst = 100 * time.Millisecond

// story turns events, which come from several places a little out of order, into entries in order.
type story struct {
	start time.Time
	vips  map[netip.Addr]bool
	tell  func(entry)
	own   *ownership

	mu      sync.Mutex
	pending []node.Event

	// What was told already: the priority of a node's last advert by VRID, packets ignored for one
	// reason, scripts that ran.
	adverts map[string]uint8
	told    map[string]bool
	failed  []string
}

func newStory(start time.Time, vips map[netip.Addr]bool, tell func(entry)) *story {
	return &story{
		start: start, vips: vips, tell: tell, own: newOwnership(vips),
		adverts: map[string]uint8{}, told: map[string]bool{},
	}
}

// add takes an event; it may be called from several goroutines.
func (s *story) add(e node.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, e)
}

// flush tells all events before t, in order. It is called from one goroutine.
func (s *story) flush(t time.Time) {
	s.mu.Lock()
	slices.SortStableFunc(s.pending, func(a, b node.Event) int { return a.Time.Compare(b.Time) })
	n, _ := slices.BinarySearchFunc(s.pending, t, func(e node.Event, t time.Time) int { return e.Time.Compare(t) })
	ready := slices.Clone(s.pending[:n])
	s.pending = slices.Delete(s.pending, 0, n)
	// A burst that began before t is told whole.
	ready, s.pending = gather(ready, s.pending)
	addressFirst(ready)
	s.mu.Unlock()
	for _, e := range ready {
		at := max(e.Time.Sub(s.start), 0)
		s.own.event(at, e)
		if x, ok := s.entry(e); ok {
			x.T, x.Node = seconds(at), e.Node
			s.tell(x)
		}
	}
}

// announced is a burst of gratuitous ARP.
type announced struct {
	node.Announcement
	count int
	last  time.Time
}

// gather makes bursts of announcements that follow each other closely, also into the later events.
func gather(ready, later []node.Event) (r, l []node.Event) {
	var open []*announced
	of := map[*announced]string{}
	take := func(e node.Event, mayOpen bool) (node.Event, bool) {
		a, ok := e.What.(node.Announcement)
		if !ok {
			return e, true
		}
		for _, o := range open {
			if of[o] == e.Node && o.Address == a.Address && e.Time.Sub(o.last) < burst {
				o.count++
				o.last = e.Time
				return e, false
			}
		}
		if !mayOpen {
			return e, true
		}
		o := &announced{a, 1, e.Time}
		open = append(open, o)
		of[o] = e.Node
		e.What = o
		return e, true
	}
	for _, e := range ready {
		if e, keep := take(e, true); keep {
			r = append(r, e)
		}
	}
	for _, e := range later {
		if e, keep := take(e, false); keep {
			l = append(l, e)
		}
	}
	return r, l
}

// addressFirst puts an address before its announcement: frames carry the kernel's time, the news of an
// address has that of its reading, a moment later.
func addressFirst(events []node.Event) {
	for i, e := range events {
		a, ok := e.What.(node.Address)
		if !ok || !a.Added {
			continue
		}
		for j := i - 1; j >= 0 && e.Time.Sub(events[j].Time) < shortest; j-- {
			if o, ok := events[j].What.(*announced); ok && events[j].Node == e.Node && o.Address == a.Address.Addr() {
				e.Time = events[j].Time
				copy(events[j+1:i+1], events[j:i])
				events[j] = e
				break
			}
		}
	}
}

// entry tells what an event means; ok is false where it is no news.
func (s *story) entry(e node.Event) (x entry, ok bool) {
	switch w := e.What.(type) {
	case done:
		return entry{Kind: string(w.verb), Script: w.script}, w.verb != verbStart
	case node.Started:
		return entry{Kind: "start", Daemon: w.Daemon}, true
	case node.Ready:
		return entry{Kind: "ready"}, true
	case node.Ended:
		if !w.Asked {
			s.failed = append(s.failed, e.Node)
		}
		return entry{Kind: "end", Status: &w.Status}, true
	case node.Transition:
		x = entry{Kind: "transition", Instance: w.Instance, From: w.From, To: w.To, Cause: w.Cause}
		if w.Priority > 0 {
			x.Priority = &w.Priority
		}
		return x, true
	case node.Priority:
		return entry{Kind: "priority", Instance: w.Instance, Priority: &w.To, Cause: w.Cause, fromPriority: w.From, toPriority: w.To}, true
	case node.Script:
		return entry{Kind: "script", Script: w.Name, Up: &w.Up, Cause: w.Cause}, true
	case node.Ran:
		if w.Purpose.Script != "" && !s.first("ran", e.Node, w.Purpose.Script) {
			return x, false // it runs again and again
		}
		return entry{Kind: "run", Script: w.Purpose.Script, Instance: w.Purpose.Instance, Argv: w.Argv}, true
	case node.Message:
		return entry{Kind: "message", Text: w.Text}, true
	case node.Ignored:
		return entry{Kind: "ignored", Instance: w.Instance, Cause: w.Reason, Source: w.Source}, s.first("ignored", e.Node, w.Instance, w.Reason, w.Source)
	}
	return s.seen(e)
}

// seen tells what was seen from outside: addresses and frames.
func (s *story) seen(e node.Event) (x entry, ok bool) {
	switch w := e.What.(type) {
	case node.Address:
		if w.Address.Addr().IsLinkLocalUnicast() && !s.vips[w.Address.Addr()] {
			return x, false // the kernel's own
		}
		op := map[bool]string{true: "+", false: "-"}[w.Added]
		return entry{Kind: "address", Op: op, Address: w.Address.String(), Interface: w.Interface}, true
	case node.Advert:
		key := e.Node + "\x00" + string(rune(w.VRID))
		before, known := s.adverts[key]
		s.adverts[key] = w.Priority
		priority := int(w.Priority)
		return entry{Kind: "advert", VRID: int(w.VRID), Priority: &priority}, !known || before != w.Priority
	case *announced:
		return entry{Kind: "announce", Address: w.Address.String(), Interface: w.Interface, Count: w.count}, true
	}
	return x, false
}

// first reports whether something is told for the first time.
func (s *story) first(words ...string) bool {
	key := ""
	for _, w := range words {
		key += w + "\x00"
	}
	was := s.told[key]
	s.told[key] = true
	return !was
}

// seconds rounds to a millisecond.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond)) / float64(time.Second)
}

// compareAddr orders addresses.
func compareAddr(a, b netip.Addr) int {
	return cmp.Or(cmp.Compare(a.BitLen(), b.BitLen()), a.Compare(b))
}
