//go:build linux

package kernel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

const (
	// eventQueue is how many events may wait for the reader; the rest waits in the socket's buffer,
	// and when that overflows the kernel says so and everything is read anew.
	eventQueue = 256
	// eventBuffer is the size of the socket's buffer in bytes.
	eventBuffer = 1 << 20
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

// Watch tells of addresses, routes and interfaces: all that exist, then every change, until ctx ends;
// then the channel is closed. A slow reader loses nothing for good: the list starts anew.
func (h *Handle) Watch(ctx context.Context) (<-chan Event, error) {
	w, err := h.subscribe()
	if err != nil {
		return nil, err
	}
	w.out = make(chan Event, eventQueue)
	// Closing the subscription ends a blocked read.
	stop := context.AfterFunc(ctx, w.events.Close)
	go func() {
		defer close(w.out)
		defer w.dumps.Close()
		defer func() {
			if stop() {
				w.events.Close()
			}
		}()
		w.run(ctx)
	}()
	return w.out, nil
}

type watcher struct {
	events *nl.NetlinkSocket
	dumps  *nl.SocketHandle
	out    chan Event
	links  map[int]Link
}

func (h *Handle) subscribe() (*watcher, error) {
	events, err := inNamespace(h.ns, func(ns netns.NsHandle) (*nl.NetlinkSocket, error) {
		return nl.SubscribeAt(ns, netns.None(), unix.NETLINK_ROUTE, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR,
			unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE)
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe to route netlink: %w", err)
	}
	// Without the right to a large buffer a smaller one overflows sooner, and is read anew.
	if events.SetReceiveBufferSize(eventBuffer, true) != nil {
		_ = events.SetReceiveBufferSize(eventBuffer, false)
	}
	dumps, err := openSocket(h.ns)
	if err != nil {
		events.Close()
		return nil, err
	}
	return &watcher{events: events, dumps: dumps}, nil
}

// run lists and streams until ctx ends. The subscription lives on across an overrun: only what it
// dropped is gone, and a new list makes up for that.
func (w *watcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := w.list(ctx)
		for err == nil {
			err = w.next(ctx)
		}
		if errors.Is(err, unix.ENOBUFS) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(restartPause):
		}
	}
}

func (w *watcher) send(ctx context.Context, e Event) error {
	select {
	case w.out <- e:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *watcher) list(ctx context.Context) error {
	objects, links, err := dumpAll(w.dumps)
	if err != nil {
		return err
	}
	w.links = links
	events := make([]Event, 0, len(objects)+len(links)+2)
	events = append(events, Event{Kind: ListBegins})
	for _, l := range links {
		events = append(events, Event{Kind: LinkSet, Link: l})
	}
	for _, o := range objects {
		events = append(events, Event{Kind: ObjectSet, Object: o})
	}
	for _, e := range append(events, Event{Kind: ListEnds}) {
		if err := w.send(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// next waits for one message of the subscription and passes on its events.
func (w *watcher) next(ctx context.Context) error {
	msgs, from, err := w.events.Receive()
	if err != nil {
		return err
	}
	if from.Pid != nl.PidKernel {
		return nil
	}
	for _, m := range msgs {
		e, err := w.decode(m.Header.Type, m.Data)
		if errors.Is(err, errNotOurs) {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.send(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) decode(kind uint16, b []byte) (e Event, err error) {
	name := func(index int) string { return w.links[index].Name }
	switch kind {
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		e.Object, err = decodeAddress(b, name)
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		e.Object, err = decodeRoute(b, name)
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		// A bridge's port is announced a second time with the family of the bridge: DELLINK there only
		// means that it left the bridge.
		if len(b) > 0 && b[0] == unix.AF_BRIDGE {
			return e, errNotOurs
		}
		e.Link, err = decodeLink(b)
	default:
		return e, errNotOurs
	}
	if err != nil {
		return e, err
	}
	switch kind {
	case unix.RTM_NEWADDR, unix.RTM_NEWROUTE:
		e.Kind = ObjectSet
	case unix.RTM_DELADDR, unix.RTM_DELROUTE:
		e.Kind = ObjectGone
	case unix.RTM_NEWLINK:
		e.Kind = LinkSet
		w.links[e.Link.Index] = e.Link
	case unix.RTM_DELLINK:
		// The name stays known: addresses that go with the interface are told of afterwards too.
		e.Kind = LinkGone
	}
	return e, nil
}
