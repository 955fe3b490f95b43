//go:build linux

package labcmd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"ka/runtime/ipvs"
	"ka/runtime/lab"
	"ka/runtime/lab/node"
)

// Waits of a run: how long a stopped daemon may take, and how long events may be late.
const (
	readyTimeout = 10 * time.Second
	stopTimeout  = 10 * time.Second
	settle       = 250 * time.Millisecond
)

// done is an event of the schedule itself, among those of the nodes.
type done struct {
	verb   verb
	script string
}

// stage is a lab with the nodes on it.
type stage struct {
	lab   *lab.Lab
	dir   string
	nodes []*labNode
	hosts []*lab.Host
	// sink takes all events.
	sink func(node.Event)
	// up gets a value for each node that has started up, or failed to.
	up chan struct{}
}

// newStage makes the network and readies the nodes; nothing runs yet.
func newStage(nodes []*labNode, top *topology, sink func(node.Event)) (s *stage, err error) {
	dir, err := os.MkdirTemp("", "karun-lab-")
	if err != nil {
		return nil, err
	}
	s = &stage{dir: dir, nodes: nodes, up: make(chan struct{}, len(nodes))}
	s.sink = func(e node.Event) {
		sink(e)
		switch e.What.(type) {
		case node.Ready, node.Ended:
			select {
			case s.up <- struct{}{}:
			default: // nobody waits any more
			}
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.lab, err = lab.Open(lab.Options{Init: []string{"/proc/self/exe", initName}}); err != nil {
		return s, err
	}
	for _, n := range nodes {
		h, err := s.lab.NewHost(n.name)
		if err != nil {
			return s, err
		}
		s.hosts = append(s.hosts, h)
	}
	if err := s.wire(top); err != nil {
		return s, err
	}
	for i, n := range nodes {
		own := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(own, 0o755); err != nil {
			return s, err
		}
		if n.running, err = node.New(node.Options{Name: n.name, Host: s.hosts[i], Dir: own, Sink: s.sink}); err != nil {
			return s, err
		}
	}
	return s, nil
}

// wire joins hosts and real servers as planned.
func (s *stage) wire(top *topology) error {
	for _, w := range top.wires {
		segment, err := s.lab.NewWire()
		if err != nil {
			return err
		}
		for _, m := range w.members {
			if err := s.hosts[m.node].Attach(segment, m.name, m.addresses...); err != nil {
				return fmt.Errorf("%s: %w", s.nodes[m.node].name, err)
			}
		}
		var servers []*lab.Host
		for i, srv := range w.servers {
			if i < maxServerHosts {
				h, err := s.lab.NewHost("real server " + srv.address.Addr().String())
				if err != nil {
					return err
				}
				if err := h.Attach(segment, "eth0"); err != nil {
					return err
				}
				servers = append(servers, h)
			}
			h := servers[i%maxServerHosts]
			if err := h.AddAddresses("eth0", srv.address); err != nil {
				return err
			}
			for _, port := range srv.ports {
				if err := h.Listen(netip.AddrPortFrom(srv.address.Addr(), port)); err != nil {
					return err
				}
			}
		}
	}
	for _, l := range top.local {
		if err := s.hosts[l.node].Listen(l.address); err != nil {
			return fmt.Errorf("%s: %w", s.nodes[l.node].name, err)
		}
	}
	return nil
}

// hasIPVS reports whether the nodes' kernel balances.
func (s *stage) hasIPVS() bool {
	return s.hosts[0].Do(func() error {
		h, err := ipvs.Open()
		if err != nil {
			return err
		}
		_, err = h.Snapshot() // opening needs no right, reading does
		return errors.Join(err, h.Close())
	}) == nil
}

// startAll starts the nodes one after the other, each when the one before says that it has started up:
// so that of two nodes that could be first, it is the same one in every run. The schedule counts from
// the end of this. A node that does not get there in time is waited for no longer.
func (s *stage) startAll(ctx context.Context) error {
	for _, n := range s.nodes {
		if err := n.running.Start(n.run); err != nil {
			return err
		}
		timer := time.NewTimer(readyTimeout)
		select {
		case <-s.up:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// play keeps to the schedule until the end, or until ctx ends.
func (s *stage) play(ctx context.Context, start time.Time, steps []step, length time.Duration) error {
	failed := make(chan error, len(steps))
	for _, st := range steps {
		if !sleepUntil(ctx, start.Add(st.at)) {
			return nil
		}
		if st.verb == verbStop || st.verb == verbStart {
			// A stop takes a moment, and a start waits for it: the schedule goes on.
			go func() { failed <- s.do(st) }()
			continue
		}
		if err := s.do(st); err != nil {
			return err
		}
	}
	sleepUntil(ctx, start.Add(length))
	for {
		select {
		case err := <-failed:
			if err != nil {
				return err
			}
		default:
			return nil // what is still stopping ends with the lab
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// do takes one step of the schedule.
func (s *stage) do(st step) error {
	var n *labNode
	var host *lab.Host
	for i := range s.nodes {
		if s.nodes[i].name == st.node {
			n, host = s.nodes[i], s.hosts[i]
		}
	}
	if n == nil {
		return fmt.Errorf("there is no node %q", st.node)
	}
	s.sink(node.Event{Time: time.Now(), Node: n.name, What: done{verb: st.verb, script: st.script}})
	switch st.verb {
	case verbKill:
		return n.running.Kill()
	case verbStop:
		return n.running.Stop(stopTimeout)
	case verbStart:
		n.running.AwaitStop()
		if n.running.Running() {
			return nil
		}
		return n.running.Start(n.run)
	case verbCut:
		return host.Cut()
	case verbJoin:
		return host.Join()
	case verbFail, verbHeal:
		return n.running.SetFailing(st.script, st.verb == verbFail)
	}
	return fmt.Errorf("unknown step %q", st.verb)
}

// close ends and removes everything.
func (s *stage) close() error {
	var errs []error
	if s.lab != nil {
		errs = append(errs, s.lab.Close())
	}
	for _, n := range s.nodes {
		if n.running != nil {
			errs = append(errs, n.running.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
