//go:build linux

package kernel

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// answerTimeout bounds the wait for the kernel's answer to one request. It answers within the system
// call that asks, so that only a fault is ever this late.
const answerTimeout = 3 * time.Second

// A dump that was interrupted by a change is started again, behind pauses that grow: whoever adds a thousand addresses
// needs a while for it.
const (
	dumpPatience     = 5 * time.Second
	firstDumpPause   = time.Millisecond
	longestDumpPause = 100 * time.Millisecond
)

// Handle reads and writes one network namespace. It may be used by several goroutines.
type Handle struct {
	ns     netns.NsHandle
	socket *nl.SocketHandle
	// buffer holds an answer to a change; the socket's lock is its lock.
	buffer []byte
	last   lastPlaces
}

// Open opens the network namespace of the calling thread.
func Open() (*Handle, error) {
	ns, err := netns.Get()
	if err != nil {
		return nil, fmt.Errorf("open the network namespace: %w", err)
	}
	socket, err := openSocket(ns)
	if err != nil {
		ns.Close()
		return nil, err
	}
	return &Handle{ns: ns, socket: socket, buffer: make([]byte, messageBuffer)}, nil
}

// inNamespace calls open with ns, or with none where the thread is in ns already: entering a
// namespace takes rights that staying in it does not.
func inNamespace(ns netns.NsHandle, open func(ns netns.NsHandle) (*nl.NetlinkSocket, error)) (*nl.NetlinkSocket, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return nil, err
	}
	defer here.Close()
	if here.Equal(ns) {
		ns = netns.None()
	}
	return open(ns)
}

// openSocket opens a route netlink socket in ns with bounded waits and error texts.
func openSocket(ns netns.NsHandle) (*nl.SocketHandle, error) {
	s, err := inNamespace(ns, func(ns netns.NsHandle) (*nl.NetlinkSocket, error) {
		return nl.GetNetlinkSocketAt(ns, netns.None(), unix.NETLINK_ROUTE)
	})
	if err != nil {
		return nil, fmt.Errorf("open a route netlink socket: %w", err)
	}
	tv := unix.NsecToTimeval(answerTimeout.Nanoseconds())
	_ = s.SetSendTimeout(&tv)
	_ = s.SetReceiveTimeout(&tv)
	// Without the texts (before Linux 4.12) errors are just shorter.
	_ = s.SetExtAck(true)
	return &nl.SocketHandle{Socket: s}, nil
}

// Close gives up the namespace. A [Handle.Watch] goes on until its context ends.
func (h *Handle) Close() error {
	h.socket.Close()
	return h.ns.Close()
}

// Snapshot reads all addresses and rules, the routes of all tables but those that the kernel itself puts into
// the local one, and the interfaces of kinds that karun makes.
func (h *Handle) Snapshot() ([]effect.Object, error) { return h.SnapshotOf(EveryRoute) }

// SnapshotOf is Snapshot with the wanted routes alone.
func (h *Handle) SnapshotOf(wanted Routes) ([]effect.Object, error) {
	out, links, err := dumpAll(h.socket, wanted)
	for _, l := range links {
		if o, ok := l.object(links); ok {
			out = append(out, o)
		}
	}
	return out, err
}

// dump asks for all of one type, again when it changed in between.
func dump(socket *nl.SocketHandle, requestType int, answerType uint16, body nl.NetlinkRequestData) ([][]byte, error) {
	return uninterrupted(time.Sleep, func() ([][]byte, error) {
		req := nl.NewNetlinkRequest(requestType, unix.NLM_F_DUMP)
		req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: socket}
		req.AddData(body)
		return req.Execute(unix.NETLINK_ROUTE, answerType)
	})
}

// uninterrupted dumps until nothing comes in between.
func uninterrupted(sleep func(time.Duration), once func() ([][]byte, error)) ([][]byte, error) {
	pause, slept := firstDumpPause, time.Duration(0)
	for {
		out, err := once()
		if !errors.Is(err, nl.ErrDumpInterrupted) && !errors.Is(err, unix.EINTR) {
			return out, err
		}
		if slept >= dumpPatience {
			return nil, fmt.Errorf("the kernel's list changes all the time, for %v at least", dumpPatience)
		}
		sleep(pause)
		slept += pause
		pause = min(2*pause, longestDumpPause)
	}
}

// Routes says of which destinations routes are read; nil: of none. A router may have a million, and what is
// not looked at costs nothing.
type Routes func(destination netip.Prefix) bool

// EveryRoute reads the routes of all destinations.
func EveryRoute(netip.Prefix) bool { return true }

// dumpAll reads links, addresses, routes and rules.
func dumpAll(socket *nl.SocketHandle, wanted Routes) ([]effect.Object, map[int]Link, error) {
	links, err := dumpLinks(socket)
	if err != nil {
		return nil, nil, err
	}
	name := func(index int) string { return links[index].Name }
	msgs, err := dump(socket, unix.RTM_GETADDR, unix.RTM_NEWADDR, nl.NewIfAddrmsg(unix.AF_UNSPEC))
	if err != nil {
		return nil, nil, fmt.Errorf("read the addresses: %w", err)
	}
	var out []effect.Object
	for _, m := range msgs {
		if a, err := decodeAddress(m, name); err == nil {
			out = append(out, a)
		} else if !errors.Is(err, errNotOurs) {
			return nil, nil, fmt.Errorf("read the addresses: %w", err)
		}
	}
	routes, err := dumpRoutes(socket, wanted, name)
	if err != nil {
		return nil, nil, err
	}
	rules, err := dumpRules(socket)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(out, routes, rules), links, nil
}

func dumpRoutes(socket *nl.SocketHandle, wanted Routes, name func(int) string) ([]effect.Object, error) {
	if wanted == nil {
		return nil, nil
	}
	var out []effect.Object
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		body := &nl.RtMsg{RtMsg: unix.RtMsg{Family: uint8(family)}}
		msgs, err := dump(socket, unix.RTM_GETROUTE, unix.RTM_NEWROUTE, body)
		if err != nil {
			return nil, fmt.Errorf("read the routes: %w", err)
		}
		for _, m := range msgs {
			if !wanted(destinationOf(m)) {
				continue
			}
			routes, err := decodeRoutes(m, name)
			if err != nil && !errors.Is(err, errNotOurs) {
				return nil, fmt.Errorf("read the routes: %w", err)
			}
			for _, r := range routes {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// dumpRules reads the rules of both families; a kernel without them has none.
func dumpRules(socket *nl.SocketHandle) ([]effect.Object, error) {
	var out []effect.Object
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		body := &nl.RtMsg{RtMsg: unix.RtMsg{Family: uint8(family)}}
		msgs, err := dump(socket, unix.RTM_GETRULE, unix.RTM_NEWRULE, body)
		if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the rules: %w", err)
		}
		for _, m := range msgs {
			r, err := decodeRule(m)
			if err != nil {
				return nil, fmt.Errorf("read the rules: %w", err)
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// Link is an interface as far as it is read.
type Link struct {
	Name  string
	Index int
	// Up is keepalived's notion: IFF_UP and IFF_RUNNING. Enabled is IFF_UP alone: switched on, with a carrier or
	// without.
	Up, Enabled bool
	NoARP       bool
	// Ethernet says that its packets have Ethernet's header: those of the loopback and of many tunnels have none.
	Ethernet bool
	MTU      int
	MAC      [6]byte
	// Kind is the kernel's word ("macvlan", "vrf"); "" for a device of its own.
	Kind string
	// Base is the index of the interface that it is on; 0 for none. BaseElsewhere says that it is one of another
	// network namespace.
	Base          int
	BaseElsewhere bool
	// Mode is that of a macvlan, as the kernel numbers them.
	Mode uint32
	// Master is the index of the bridge, bond or VRF that it belongs to; 0 for none.
	Master      int
	masterIsVRF bool
	// Group is the interface group.
	Group uint32
	// VRFTable is the routing table of a VRF; 0 for all others.
	VRFTable uint32
	// ForwardsIPv6 says that it forwards packets of IPv6; only [Handle.Watch] reads it.
	ForwardsIPv6 bool
}

// VRF is the index of the VRF that it belongs to; 0 for none.
func (l Link) VRF() int {
	if !l.masterIsVRF {
		return 0
	}
	return l.Master
}

func dumpLinks(socket *nl.SocketHandle) (map[int]Link, error) {
	msgs, err := dump(socket, unix.RTM_GETLINK, unix.RTM_NEWLINK, nl.NewIfInfomsg(unix.AF_UNSPEC))
	if err != nil {
		return nil, fmt.Errorf("read the interfaces: %w", err)
	}
	out := make(map[int]Link, len(msgs))
	for _, m := range msgs {
		l, err := decodeLink(m)
		if err != nil {
			return nil, fmt.Errorf("read the interfaces: %w", err)
		}
		out[l.Index] = l
	}
	return out, nil
}

// Facts reads the interfaces of the given names; nil reads all of them. What is not there is not in
// the result. IPVS is left to runtime/ipvs.
func (h *Handle) Facts(interfaces []string) (effect.Facts, error) {
	objects, links, err := dumpAll(h.socket, nil)
	if err != nil {
		return effect.Facts{}, err
	}
	facts := effect.Facts{Interfaces: make(map[string]effect.InterfaceFacts)}
	wanted := func(string) bool { return true }
	if interfaces != nil {
		set := make(map[string]bool, len(interfaces))
		for _, n := range interfaces {
			set[n] = true
		}
		wanted = func(n string) bool { return set[n] }
	}
	for _, l := range links {
		if wanted(l.Name) {
			facts.Interfaces[l.Name] = effect.InterfaceFacts{Index: l.Index, Up: l.Up, NoARP: l.NoARP, MAC: l.MAC, MTU: l.MTU, VRFTable: l.VRFTable,
				NoEthernet: !l.Ethernet, Port: l.Master != l.VRF()}
		}
	}
	for _, o := range objects {
		a, ok := o.(effect.Address)
		if !ok || !a.Prefix.Addr().Is4() {
			continue
		}
		if f, ok := facts.Interfaces[a.Interface]; ok {
			f.Addresses = append(f.Addresses, a.Prefix.Addr())
			facts.Interfaces[a.Interface] = f
		}
	}
	return facts, nil
}
