//go:build linux

package kernel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

const (
	// burst bounds how many messages are handed over together. While a few bursts wait for their reader, the rest
	// waits in the socket's buffer, and when that overflows the kernel says so and everything is read anew.
	burst = 64
	// waitingBursts is how many bursts wait for their reader.
	waitingBursts = 4
	// goneLinks is how many interfaces that are gone have a name.
	goneLinks = 256
	// restartPause keeps a failing subscription from spinning.
	restartPause = 100 * time.Millisecond
)

// EventKind says what an [Event] is.
type EventKind uint8

// The kinds. After ListBegins everything known before is void; all that exists follows, then ListEnds,
// and then what changes. It happens again when events were lost.
const (
	ListBegins EventKind = iota
	ListEnds
	ObjectSet
	ObjectGone
	LinkSet
	LinkGone
)

// Event is something that exists, or that happened.
type Event struct {
	Kind EventKind
	// Object is set with ObjectSet and ObjectGone; Link with LinkSet and LinkGone.
	Object effect.Object
	Link   Link
}

// Watch tells of addresses, the wanted routes, rules and interfaces: all that exist, then every change, until
// ctx ends; then the channel is closed. What came at one time comes together. A slow reader loses nothing for good:
// the list starts anew.
func (h *Handle) Watch(ctx context.Context, wanted Routes) (<-chan []Event, error) {
	w, err := h.subscribe(ctx, wanted)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(w.out)
		defer w.dumps.Close()
		defer w.events.close()
		w.run(ctx)
	}()
	return w.out, nil
}

// errRenamed says that an interface has another name: nobody tells of its addresses and routes anew.
var errRenamed = errors.New("an interface was renamed")

type watcher struct {
	events *subscription
	dumps  *nl.SocketHandle
	out    chan []Event
	wanted Routes
	links  map[int]Link
	// gone are the indexes of the interfaces that went last.
	gone []int
}

func (h *Handle) subscribe(ctx context.Context, wanted Routes) (*watcher, error) {
	groups := []uint{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE, unix.RTNLGRP_IPV6_NETCONF}
	if wanted != nil {
		groups = append(groups, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE)
	}
	socket, err := inNamespace(h.ns, func(ns netns.NsHandle) (*nl.NetlinkSocket, error) {
		return nl.SubscribeAt(ns, netns.None(), unix.NETLINK_ROUTE, groups...)
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe to route netlink: %w", err)
	}
	events, err := newSubscription(ctx, socket)
	if err != nil {
		return nil, err
	}
	dumps, err := openSocket(h.ns)
	if err != nil {
		events.close()
		return nil, err
	}
	return &watcher{events: events, dumps: dumps, out: make(chan []Event, waitingBursts), wanted: wanted}, nil
}

// run lists and streams until ctx ends. The subscription lives on across an overrun: only what it
// dropped is gone, and a new list makes up for that.
func (w *watcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := w.list(ctx)
		for err == nil {
			err = w.next(ctx)
		}
		switch {
		case errors.Is(err, unix.ENOBUFS):
			w.events.drain()
			continue
		case errors.Is(err, errRenamed):
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(restartPause):
		}
	}
}

func (w *watcher) send(ctx context.Context, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	select {
	case w.out <- events:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *watcher) list(ctx context.Context) error {
	objects, links, err := dumpAll(w.dumps, w.wanted)
	if err != nil {
		return err
	}
	// Best effort: without it a router announces its addresses as a host.
	_ = dumpForwarding(w.dumps, links)
	w.links, w.gone = links, nil
	events := make([]Event, 0, len(objects)+len(links)+2)
	events = append(events, Event{Kind: ListBegins})
	for _, l := range links {
		events = append(events, Event{Kind: LinkSet, Link: l})
	}
	for _, o := range objects {
		events = append(events, Event{Kind: ObjectSet, Object: o})
	}
	return w.send(ctx, append(events, Event{Kind: ListEnds}))
}

// next waits for messages of the subscription and passes on their events.
func (w *watcher) next(ctx context.Context) error {
	if err := w.events.wait(); err != nil {
		return err
	}
	var out []Event
	for range burst {
		msgs, err := w.events.receive()
		for _, m := range msgs {
			events, bad := w.decode(m.Header.Type, m.Data)
			if errors.Is(bad, errNotOurs) {
				continue
			}
			if bad != nil {
				err = bad
				break
			}
			out = append(out, events...)
		}
		if err != nil {
			return errors.Join(w.send(ctx, out), err)
		}
		if len(msgs) == 0 {
			break
		}
	}
	return w.send(ctx, out)
}

// decode reads a message. One about an IPv6 route with several next hops is several events.
func (w *watcher) decode(kind uint16, b []byte) ([]Event, error) {
	switch kind {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		return w.decodeLink(kind, b)
	case unix.RTM_NEWNETCONF:
		return w.decodeForwarding(b)
	}
	name := func(index int) string { return w.links[index].Name }
	var objects []effect.Object
	var err error
	switch kind {
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		var a effect.Address
		a, err = decodeAddress(b, name)
		objects = []effect.Object{a}
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		if w.wanted == nil || !w.wanted(destinationOf(b)) {
			return nil, errNotOurs
		}
		var routes []effect.Route
		routes, err = decodeRoutes(b, name)
		for _, r := range routes {
			objects = append(objects, r)
		}
	case unix.RTM_NEWRULE, unix.RTM_DELRULE:
		var r effect.Rule
		r, err = decodeRule(b)
		objects = []effect.Object{r}
	default:
		return nil, errNotOurs
	}
	if err != nil {
		return nil, err
	}
	set := ObjectSet
	switch kind {
	case unix.RTM_DELADDR, unix.RTM_DELROUTE, unix.RTM_DELRULE:
		set = ObjectGone
	}
	var out []Event
	for _, o := range objects {
		out = append(out, Event{Kind: set, Object: o})
	}
	return out, nil
}

func (w *watcher) decodeLink(kind uint16, b []byte) ([]Event, error) {
	// A bridge's port is announced a second time with the family of the bridge: DELLINK there only
	// means that it left the bridge.
	if len(b) > 0 && b[0] == unix.AF_BRIDGE {
		return nil, errNotOurs
	}
	l, err := decodeLink(b)
	if err != nil {
		return nil, err
	}
	if kind == unix.RTM_DELLINK {
		// The name stays known for a while: addresses that go with the interface are told of afterwards too.
		if w.gone = append(w.gone, l.Index); len(w.gone) > goneLinks {
			delete(w.links, w.gone[0])
			w.gone = w.gone[1:]
		}
		return []Event{{Kind: LinkGone, Link: l}}, nil
	}
	old, known := w.links[l.Index]
	if known && old.Name != l.Name {
		return nil, errRenamed
	}
	l.ForwardsIPv6 = old.ForwardsIPv6
	w.gone = slices.DeleteFunc(w.gone, func(index int) bool { return index == l.Index })
	w.links[l.Index] = l
	return []Event{{Kind: LinkSet, Link: l}}, nil
}

// decodeForwarding tells of an interface that begins or ends to forward packets of IPv6.
func (w *watcher) decodeForwarding(b []byte) ([]Event, error) {
	index, forwards, err := decodeNetconf(b)
	if err != nil {
		return nil, err
	}
	l, ok := w.links[index]
	if !ok || l.ForwardsIPv6 == forwards {
		return nil, errNotOurs
	}
	l.ForwardsIPv6 = forwards
	w.links[index] = l
	return []Event{{Kind: LinkSet, Link: l}}, nil
}
