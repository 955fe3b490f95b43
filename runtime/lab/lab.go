//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Options is what a lab needs of its program.
type Options struct {
	// Init is the command that runs [Init] with the words behind it: the program itself with a hidden
	// subcommand, or a test binary whose TestMain looks for the word.
	Init []string
}

// Lab is a set of hosts and wires. Its methods may be called from several goroutines.
type Lab struct {
	init   []string
	thread *thread
	// fabric is the namespace of the bridges.
	fabric int

	mu      sync.Mutex
	hosts   []*Host
	wires   int
	ports   int
	closers []io.Closer
	procs   []*Process
	readers sync.WaitGroup
}

// Wire is one Ethernet segment: a bridge that forwards all multicast.
type Wire struct {
	lab  *Lab
	name string
}

// Host is a network namespace with its interfaces.
type Host struct {
	// Name is for messages.
	Name string

	lab *Lab
	ns  int
	// links are the host's interfaces: index to name; ports are the far ends on the bridges.
	links map[int]string
	ports []port
}

// port is the end of a host's cable in the fabric.
type port struct {
	name, hostLink, bridge string
	index                  int
}

// Open starts an empty lab. Without the right to make network namespaces it fails; see [Enter].
func Open(opt Options) (*Lab, error) {
	t, err := newThread()
	if err != nil {
		return nil, err
	}
	l := &Lab{init: opt.Init, thread: t}
	if l.fabric, err = t.newNamespace(); err != nil {
		t.close()
		return nil, err
	}
	return l, nil
}

// NewWire adds a wire.
func (l *Lab) NewWire() (*Wire, error) {
	l.mu.Lock()
	l.wires++
	w := &Wire{lab: l, name: fmt.Sprintf("br%d", l.wires)}
	l.mu.Unlock()
	err := l.thread.in(l.fabric, func() error {
		snooping := false
		attrs := netlink.NewLinkAttrs()
		attrs.Name = w.name
		if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs, MulticastSnooping: &snooping}); err != nil {
			return fmt.Errorf("make bridge: %w", err)
		}
		return linkUp(w.name)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// NewHost adds a host; it has only its loopback interface, up.
func (l *Lab) NewHost(name string) (*Host, error) {
	ns, err := l.thread.newNamespace()
	if err != nil {
		return nil, err
	}
	h := &Host{Name: name, lab: l, ns: ns, links: map[int]string{1: "lo"}}
	l.mu.Lock()
	l.hosts = append(l.hosts, h)
	l.mu.Unlock()
	return h, h.Do(func() error { return linkUp("lo") })
}

// Do runs f on a thread that is in the host's network namespace: sockets made and processes started
// there belong to the host. f must not start goroutines that need the namespace.
func (h *Host) Do(f func() error) error { return h.lab.thread.in(h.ns, f) }

// Attach gives the host an interface on the wire, up, with addresses.
func (h *Host) Attach(w *Wire, name string, addresses ...netip.Prefix) error {
	l := h.lab
	l.mu.Lock()
	l.ports++
	number := l.ports
	l.mu.Unlock()
	p := port{name: fmt.Sprintf("p%d", number), hostLink: name, bridge: w.name}
	err := h.Do(func() error {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = name
		// A locally administered address that is the same in every run.
		attrs.HardwareAddr = net.HardwareAddr{0x02, 0x6b, 0x61, 0, byte(number >> 8), byte(number)}
		veth := &netlink.Veth{LinkAttrs: attrs, PeerName: p.name, PeerNamespace: netlink.NsFd(l.fabric)}
		if err := netlink.LinkAdd(veth); err != nil {
			return fmt.Errorf("make interface %q: %w", name, err)
		}
		link, err := netlink.LinkByName(name)
		if err != nil {
			return fmt.Errorf("find interface %q: %w", name, err)
		}
		l.mu.Lock()
		h.links[link.Attrs().Index] = name
		l.mu.Unlock()
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.thread.in(l.fabric, func() error { return p.plugIn() }); err != nil {
		return err
	}
	l.mu.Lock()
	h.ports = append(h.ports, p)
	l.mu.Unlock()
	err = h.Do(func() error {
		if err := linkUp(name); err != nil {
			return err
		}
		return addAddresses(name, addresses)
	})
	if err != nil {
		return err
	}
	if err := l.awaitLink(h.ns, name); err != nil {
		return err
	}
	return l.awaitLink(l.fabric, p.name)
}

// linkTimeout is how long the kernel may take to get a new link going: it does so behind the scenes,
// and drops what is sent before.
const linkTimeout = 10 * time.Second

// awaitLink waits until an interface is in operation.
func (l *Lab) awaitLink(ns int, name string) error {
	for end := time.Now().Add(linkTimeout); ; time.Sleep(time.Millisecond) {
		var state netlink.LinkOperState
		err := l.thread.in(ns, func() error {
			link, err := netlink.LinkByName(name)
			if err == nil {
				state = link.Attrs().OperState
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("find interface %q: %w", name, err)
		}
		if state == netlink.OperUp {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("interface %q is %s after %v", name, state, linkTimeout)
		}
	}
}

// plugIn ties the port to its bridge; it runs in the fabric.
func (p *port) plugIn() error {
	link, err := netlink.LinkByName(p.name)
	if err != nil {
		return fmt.Errorf("find port: %w", err)
	}
	p.index = link.Attrs().Index
	if err := join(*p); err != nil {
		return fmt.Errorf("join bridge: %w", err)
	}
	return linkUp(p.name)
}

// AddAddresses adds addresses to an interface of the host, usable at once.
func (h *Host) AddAddresses(name string, addresses ...netip.Prefix) error {
	return h.Do(func() error { return addAddresses(name, addresses) })
}

func addAddresses(name string, addresses []netip.Prefix) error {
	if len(addresses) == 0 {
		return nil
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %q: %w", name, err)
	}
	for _, p := range addresses {
		a := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD
		}
		if err := netlink.AddrAdd(link, a); err != nil {
			return fmt.Errorf("add address %s to %q: %w", p, name, err)
		}
	}
	return nil
}

func linkUp(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %q: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("set %q up: %w", name, err)
	}
	return nil
}

// Listen accepts connections to an address of the host and closes them again, until the lab closes.
func (h *Host) Listen(address netip.AddrPort) error {
	var ln net.Listener
	err := h.Do(func() (err error) {
		ln, err = net.Listen("tcp", address.String())
		return err
	})
	if err != nil {
		return err
	}
	h.lab.keep(ln, func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(time.Second))
			_ = c.Close()
		}
	})
	return nil
}

// keep remembers what Close closes, and runs the loop that reads from it.
func (l *Lab) keep(c io.Closer, loop func()) {
	l.mu.Lock()
	l.closers = append(l.closers, c)
	l.mu.Unlock()
	l.readers.Go(loop)
}

// Close kills what still runs and removes everything: it returns when nothing is left.
func (l *Lab) Close() error {
	l.mu.Lock()
	procs, closers, hosts := l.procs, l.closers, l.hosts
	l.procs, l.closers, l.hosts = nil, nil, nil
	l.mu.Unlock()
	var errs []error
	for _, p := range procs {
		if err := p.Kill(); err != nil {
			errs = append(errs, err)
		}
	}
	for _, c := range closers {
		if err := c.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	l.readers.Wait()
	l.thread.close()
	for _, h := range hosts {
		_ = unix.Close(h.ns)
	}
	_ = unix.Close(l.fabric)
	return errors.Join(errs...)
}
