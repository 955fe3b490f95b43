//go:build linux

package director

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// listener accepts connections at an address until it is closed.
func listener(t *testing.T, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	return l
}

// checked is a real server with a TCP check.
func checked(addr string, weight uint32, every time.Duration) plan.RealServer {
	target := netip.MustParseAddrPort(addr)
	return plan.RealServer{Address: target, Weight: weight, Method: plan.DR, Checks: []plan.Check{{
		Kind: plan.TCPCheck, Target: target, ConnectTimeout: time.Second, DelayBeforeRetry: every, DelayLoop: every,
	}}}
}

func service(addr string, servers ...plan.RealServer) plan.VirtualServer {
	return plan.VirtualServer{
		Address: netip.MustParseAddrPort(addr), Protocol: plan.TCP, Scheduler: "rr", Method: plan.DR, RealServers: servers,
	}
}

// written is a plan as the processes get it.
func written(t *testing.T, services ...plan.VirtualServer) *plan.Plan {
	t.Helper()
	p := testPlan(100)
	p.Instances, p.VirtualServers = nil, services
	data, err := plan.Encode(p)
	if err == nil {
		p, err = plan.Decode(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// supervised is the supervisor's end of a process under test.
type supervised struct {
	t    *testing.T
	fd   int
	link *childLink
}

// hear waits for a message that fits.
func (s *supervised) hear(what string, fits func(message) bool) {
	s.t.Helper()
	until(s.t, what, func() bool {
		m, ok, err := s.link.receive()
		return err == nil && ok && fits(m)
	})
}

// reload hands a new plan over, and waits for the answer.
func (s *supervised) reload(p *plan.Plan) (got message) {
	s.t.Helper()
	file, err := childFile(roleChecks, p, setup{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	data, err := message{Type: msgReload}.encode()
	if err == nil {
		err = unix.Sendmsg(s.fd, data, unix.UnixRights(int(file.Fd())), nil, 0)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.hear("the answer to the reload", func(m message) bool { got = m; return m.Type == msgReloaded })
	return got
}

// TestChecksReload: what is the same is not touched, a server that is down stays out though its check is
// another one now, and what the new plan does not have goes.
func TestChecksReload(t *testing.T) {
	good, bad, other := listener(t, "127.0.0.1:0"), listener(t, "127.0.0.1:0"), listener(t, "127.0.0.1:0")
	const often = 50 * time.Millisecond
	p := written(t,
		service("192.0.2.1:80", checked(good.Addr().String(), 1, often), checked(bad.Addr().String(), 1, often)),
		service("192.0.2.2:80", checked(good.Addr().String(), 1, often)),
		service("192.0.2.3:80", checked(good.Addr().String(), 1, often)),
	)
	table := &fakeTable{objects: make(map[string]effect.Object)}
	super, child, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	c := newChecks(newChildLink(child), table, p, setup{})
	ended := make(chan error, 1)
	go func() { ended <- c.run() }()
	s := &supervised{t, super, newChildLink(super)}
	s.hear("ready", func(m message) bool { return m.Type == msgReady })
	_ = bad.Close()
	s.hear("the server is down", func(m message) bool { return m.Text == "real-server" })
	begun := len(table.log())

	next := written(t,
		service("192.0.2.4:80", checked(other.Addr().String(), 1, often)),
		service("192.0.2.3:80", checked(good.Addr().String(), 1, often)),
		service("192.0.2.1:80", checked(good.Addr().String(), 5, often), checked(bad.Addr().String(), 2, 2*often), checked(other.Addr().String(), 1, often)),
	)
	r := s.reload(next).Reloaded
	if r == nil || r.VirtualServers.String() != "1 added, 1 changed, 1 removed, 1 unchanged" {
		t.Errorf("%+v", r)
	}
	said := strings.TrimSpace(table.log()[begun:])
	for _, want := range []string{"- ", "192.0.2.2:80", "~ ", "192.0.2.4:80", other.Addr().String()} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	for _, unwanted := range []string{"192.0.2.3:80", bad.Addr().String()} {
		if strings.Contains(said, unwanted) {
			t.Errorf("%s was touched:\n%s", unwanted, said)
		}
	}
	listener(t, bad.Addr().String())
	s.hear("the server is up again", func(m message) bool { return m.Text == "real-server" })
	s.link.send(message{Type: msgStop})
	s.hear("its end", func(m message) bool { return m.Type == msgStopped })
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if left, _ := table.Snapshot(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	_ = unix.Close(super)
	_ = unix.Close(child)
}
