//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/internal/nlattr"
)

// batch is how many requests are under way at most: their answers fit the socket's default buffer.
const batch = 64

// write is one request of a change.
type write struct {
	req *nl.NetlinkRequest
	// fine are the answers that mean the wish is fulfilled already.
	fine []unix.Errno
	verb string
	c    effect.Change
}

// Apply makes one change about an address, a route, a rule, an interface or a setting. What is so already is success.
func (h *Handle) Apply(c effect.Change) error { return h.ApplyAll([]effect.Change{c}) }

// ApplyAll makes the changes in order, many under way at a time. One that fails does not stop the
// others, as in keepalived; the errors are joined, and each names its object.
func (h *Handle) ApplyAll(changes []effect.Change) error {
	var failed []error
	var writes []write
	indexes := make(map[string]int)
	for i, c := range changes {
		if alone := h.alone(c); alone != nil {
			failed = append(failed, h.exchangeAll(writes), alone(c))
			writes = nil
			clear(indexes)
			continue
		}
		if c.Object().Kind() == effect.KindDropped {
			if i > 0 && changes[i-1].Object().Kind() == effect.KindDropped {
				continue // done with the first of them
			}
			failed = append(failed, h.exchangeAll(writes), h.applyDropped(droppedFrom(changes[i:])))
			writes = nil
			continue
		}
		w, err := h.writes(c, indexes)
		if err != nil {
			failed = append(failed, err)
		}
		writes = append(writes, w...)
	}
	return errors.Join(append(failed, h.exchangeAll(writes))...)
}

// alone gives what makes a change that is more than requests of which many are under way; nil for the others.
func (h *Handle) alone(c effect.Change) func(effect.Change) error {
	switch c.Object().(type) {
	case effect.Link:
		return h.applyLink
	case effect.Sysctl:
		return h.applySysctl
	case effect.Table:
		return h.applyTable
	}
	return nil
}

// droppedFrom are the changes at the beginning that go into one transaction.
func droppedFrom(changes []effect.Change) []effect.Change {
	n := slices.IndexFunc(changes, func(c effect.Change) bool { return c.Object().Kind() != effect.KindDropped })
	if n < 0 {
		return changes
	}
	return changes[:n]
}

// exchangeAll makes the requests, a bounded number at a time.
func (h *Handle) exchangeAll(writes []write) error {
	var failed []error
	h.socket.Socket.Lock()
	defer h.socket.Socket.Unlock()
	for len(writes) > 0 {
		n := min(batch, len(writes))
		failed = append(failed, h.exchange(writes[:n])...)
		writes = writes[n:]
	}
	return errors.Join(failed...)
}

// writes works out the requests of a change: two for an address that changes, since the kernel can
// replace hardly anything of one.
func (h *Handle) writes(c effect.Change, indexes map[string]int) ([]write, error) {
	switch o := c.Object().(type) {
	case effect.Address:
		var out []write
		if have, ok := c.Have.(effect.Address); ok {
			w, err := h.addressWrite(c, unix.RTM_DELADDR, have, indexes)
			if err != nil {
				return nil, err
			}
			out = append(out, w...)
		}
		if want, ok := c.Want.(effect.Address); ok {
			w, err := h.addressWrite(c, unix.RTM_NEWADDR, want, indexes)
			if err != nil {
				return nil, err
			}
			out = append(out, w...)
		}
		return out, nil
	case effect.Route:
		if c.Op == effect.Update {
			return h.routeUpdate(c, indexes)
		}
		return h.routeWrite(c, c.Op, o, indexes)
	case effect.Rule:
		return h.ruleWrite(c, c.Op, o)
	}
	return nil, fmt.Errorf("%s: not an address, route or rule", c)
}

func (h *Handle) addressWrite(c effect.Change, kind int, a effect.Address, indexes map[string]int) ([]write, error) {
	w := write{verb: "add", c: c}
	flags := 0
	if kind == unix.RTM_NEWADDR {
		flags = unix.NLM_F_CREATE | unix.NLM_F_EXCL
		w.fine = []unix.Errno{unix.EEXIST}
	} else {
		w.verb, w.fine = "remove", []unix.Errno{unix.EADDRNOTAVAIL, unix.ENODEV, unix.ENXIO} // the last: the interface has no IPv6
	}
	places, err := h.places(kind == unix.RTM_NEWADDR, []string{a.Interface}, indexes)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", w.verb, a, err)
	}
	var out []write
	for _, p := range places {
		w.req = nl.NewNetlinkRequest(kind, flags)
		encodeAddress(w.req, a, p[a.Interface])
		out = append(out, w)
	}
	return out, nil
}

// routeUpdate puts one route in the place of another. The kernel's own replacement takes the first
// route of the destination, which may be somebody else's. So the old one goes, then the new one comes:
// the other way round, a second time would remove the new one.
func (h *Handle) routeUpdate(c effect.Change, indexes map[string]int) ([]write, error) {
	have, okHave := c.Have.(effect.Route)
	want, okWant := c.Want.(effect.Route)
	if !okHave || !okWant {
		return nil, fmt.Errorf("%s: not an address or a route", c)
	}
	added, err := h.routeWrite(c, effect.Add, want, indexes)
	if err != nil {
		return nil, err
	}
	removed, err := h.routeWrite(c, effect.Remove, have, indexes)
	if err != nil {
		return nil, err
	}
	return append(removed, added...), nil
}

// routeWrite adds or removes a route. One is added before those by other gateways that exist, as
// keepalived does: it counts while it is there, and somebody else's is neither replaced nor taken for
// ours.
func (h *Handle) routeWrite(c effect.Change, op effect.Op, r effect.Route, indexes map[string]int) ([]write, error) {
	w := write{verb: "add", c: c, fine: []unix.Errno{unix.EEXIST}}
	kind, flags := unix.RTM_NEWROUTE, unix.NLM_F_CREATE
	switch {
	case op == effect.Remove:
		w.verb, w.fine = "remove", []unix.Errno{unix.ESRCH, unix.ENODEV}
		kind, flags = unix.RTM_DELROUTE, 0
	case r.Add == effect.AddBehind:
		flags |= unix.NLM_F_APPEND
	case r.Add == effect.AddAlone:
		flags |= unix.NLM_F_EXCL
	}
	if r.Table == 0 {
		return nil, fmt.Errorf("%s route %s: the routing table is not known", w.verb, r)
	}
	places, err := h.places(op != effect.Remove, interfacesOf(r), indexes)
	if err != nil {
		return nil, fmt.Errorf("%s route %s: %w", w.verb, r, err)
	}
	var out []write
	for _, p := range places {
		w.req = nl.NewNetlinkRequest(kind, flags)
		encodeRoute(w.req, r, func(name string) int { return p[name] })
		out = append(out, w)
	}
	return out, nil
}

// interfacesOf are the interfaces that a route names.
func interfacesOf(r effect.Route) []string {
	var out []string
	if r.Interface != "" {
		out = append(out, r.Interface)
	}
	for _, h := range r.NextHops {
		if h.Interface != "" {
			out = append(out, h.Interface)
		}
	}
	return out
}

// ruleWrite adds or removes a rule.
func (h *Handle) ruleWrite(c effect.Change, op effect.Op, r effect.Rule) ([]write, error) {
	w := write{verb: "add", c: c, fine: []unix.Errno{unix.EEXIST}}
	kind, flags := unix.RTM_NEWRULE, unix.NLM_F_CREATE|unix.NLM_F_EXCL
	if op == effect.Remove {
		w.verb, w.fine = "remove", []unix.Errno{unix.ENOENT}
		kind, flags = unix.RTM_DELRULE, 0
	}
	if r.Action == effect.RuleTable && r.Table == 0 && !r.L3MDev {
		return nil, fmt.Errorf("%s %s: the routing table is not known", w.verb, r)
	}
	w.req = nl.NewNetlinkRequest(kind, flags)
	encodeRule(w.req, r)
	return []write{w}, nil
}

// index looks an interface up by name, once for a call of ApplyAll.
func (h *Handle) index(name string, known map[string]int) (int, error) {
	if i, ok := known[name]; ok {
		return i, nil
	}
	req := nl.NewNetlinkRequest(unix.RTM_GETLINK, 0)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: h.socket}
	req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
	msgs, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWLINK)
	if err != nil || len(msgs) == 0 {
		if err == nil || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ERANGE) || errors.Is(err, unix.EINVAL) {
			err = unix.ENODEV
		}
		return 0, fmt.Errorf("interface %q: %w: create it, or name another one in the configuration", name, err)
	}
	l, err := decodeLink(msgs[0])
	if err != nil {
		return 0, fmt.Errorf("interface %q: %w", name, err)
	}
	known[name] = l.Index
	return l.Index, nil
}

// exchange sends the requests as one message and reads their answers: those that fail are answered, and the
// last one asks for an answer in any case. The caller holds the lock.
func (h *Handle) exchange(writes []write) (failed []error) {
	var data []byte
	open := make(map[uint32]write, len(writes))
	last := uint32(0)
	for i, w := range writes {
		w.req.Seq = atomic.AddUint32(&h.socket.Seq, 1)
		if i == len(writes)-1 {
			last = w.req.Seq
			w.req.Flags |= unix.NLM_F_ACK
		}
		data = append(data, w.req.Serialize()...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
		open[w.req.Seq] = w
	}
	if err := unix.Sendto(h.socket.Socket.GetFd(), data, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return []error{fmt.Errorf("%s and %d more: send to the kernel: %w", writes[0].c, len(writes)-1, err)}
	}
	for open[last].req != nil {
		msgs, err := h.answers()
		if err != nil {
			return append(failed, fmt.Errorf("%s and %d more: no answer from the kernel: %w", writes[0].c, len(writes)-1, err))
		}
		for _, m := range msgs {
			w, ok := open[m.Header.Seq]
			if !ok || m.Header.Type != unix.NLMSG_ERROR {
				continue
			}
			delete(open, m.Header.Seq)
			if err := w.judge(m); err != nil {
				failed = append(failed, err)
			}
		}
	}
	return failed
}

// answers gives the next answer of the kernel, good until the next call. It is there already as a rule: the kernel
// answers within the call that asks.
func (h *Handle) answers() ([]syscall.NetlinkMessage, error) {
	n, from, err := unix.Recvfrom(h.socket.Socket.GetFd(), h.buffer, unix.MSG_DONTWAIT)
	if kernel, ok := from.(*unix.SockaddrNetlink); err == nil && ok && kernel.Pid == nl.PidKernel {
		return syscall.ParseNetlinkMessage(h.buffer[:n])
	}
	msgs, kernel, err := h.socket.Socket.Receive()
	if err != nil || kernel.Pid != nl.PidKernel {
		return nil, err
	}
	return msgs, nil
}

// judge reads an answer: nil where the wish is fulfilled.
func (w write) judge(m syscall.NetlinkMessage) error {
	if len(m.Data) < 4 {
		return fmt.Errorf("%s %s: short answer from the kernel", w.verb, w.c.Object())
	}
	errno := unix.Errno(-int32(binary.NativeEndian.Uint32(m.Data)))
	if errno == 0 {
		return nil
	}
	for _, f := range w.fine {
		if errno == f {
			return nil
		}
	}
	err := fmt.Errorf("%s %s: %w", w.verb, w.c.Object(), errno)
	if text := explanation(m); text != "" {
		err = fmt.Errorf("%w (the kernel: %s)", err, text)
	}
	if errno == unix.EPERM {
		err = fmt.Errorf("%w: run as root, or with CAP_NET_ADMIN", err)
	}
	return err
}

// explanation reads the text of an extended acknowledgement, behind the errno and the request's header
// (which comes back capped to its header where NLM_F_CAPPED says so).
func explanation(m syscall.NetlinkMessage) (text string) {
	const capped, hasAttributes, message = 0x100, 0x200, 1
	if m.Header.Flags&hasAttributes == 0 || len(m.Data) < 4+unix.SizeofNlMsghdr {
		return ""
	}
	skip := unix.SizeofNlMsghdr
	if m.Header.Flags&capped == 0 {
		skip = (int(binary.NativeEndian.Uint32(m.Data[4:])) + 3) &^ 3
	}
	if skip < 0 || 4+skip > len(m.Data) {
		return ""
	}
	_ = nlattr.Each(m.Data[4+skip:], func(kind uint16, v []byte) error {
		if kind == message {
			text = nlattr.String(v)
		}
		return nil
	})
	return text
}
