//go:build linux

package interop

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab"
	"ka/runtime/lab/labtest"
	"ka/runtime/lab/need"
	"ka/runtime/lab/node"
)

// programs holds karun, built once in a run.
var programs labtest.Programs

func TestMain(m *testing.M) {
	if status, asked := labtest.Init(); asked {
		os.Exit(status)
	}
	// The scenes wait for seconds and compute nothing: more of them than processors run side by side.
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	code := m.Run()
	programs.Close()
	os.Exit(code)
}

// The daemons.
const (
	karun      = "karun"
	keepalived = "keepalived"
)

// pairs are the casts of each scene: the first is the baseline.
var pairs = [][2]string{{keepalived, keepalived}, {karun, keepalived}, {keepalived, karun}, {karun, karun}}

// eachPair plays a scene with every pair, side by side.
func eachPair(t *testing.T, scene func(t *testing.T, c *cluster)) {
	for _, p := range pairs {
		t.Run(p[0]+"+"+p[1], func(t *testing.T) {
			t.Parallel()
			scene(t, newCluster(t, p[0], p[1]))
		})
	}
}

// patience is how long anything may take that should happen.
const patience = 30 * time.Second

// The addresses of the two hosts' wire.
var vip = netip.MustParseAddr("10.1.1.166")

// cluster is two or fewer nodes on one wire and all that they did.
type cluster struct {
	t     *testing.T
	nodes []*member
	// vip is the address whose owner is looked for.
	vip netip.Addr

	mu     sync.Mutex
	events []node.Event
}

// member is a node of a cluster: number i has the address 10.1.1.i+1.
type member struct {
	*node.Node
	c      *cluster
	daemon string
	host   *lab.Host
	log    *labtest.Buffer
	dir    string
	// frr runs in place of the node's daemon where daemon is frr.
	frr *lab.Process
}

func newCluster(t *testing.T, daemons ...string) *cluster {
	t.Helper()
	need.Root(t)
	l, err := labtest.Open()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, vip: vip}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		for _, m := range c.nodes {
			_ = m.Close()
			if t.Failed() {
				t.Logf("log of %s (%s):\n%s", m.Name(), m.daemon, m.log)
			}
		}
	})
	wire, err := l.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range daemons {
		c.add(l, wire, i, d)
	}
	return c
}

func (c *cluster) add(l *lab.Lab, wire *lab.Wire, i int, daemon string) {
	c.t.Helper()
	name := string(rune('a' + i))
	host, err := l.NewHost(name)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := host.Attach(wire, "eth0", netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, 1, byte(i + 1)}), 24)); err != nil {
		c.t.Fatal(err)
	}
	m := &member{c: c, daemon: daemon, host: host, log: &labtest.Buffer{}, dir: c.t.TempDir()}
	m.Node, err = node.New(node.Options{Name: name, Host: host, Dir: m.dir, Log: m.log, Sink: func(e node.Event) {
		c.mu.Lock()
		c.events = append(c.events, e)
		c.mu.Unlock()
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.nodes = append(c.nodes, m)
}

// start runs the member's daemon with a configuration and waits until it has started up.
func (m *member) start(conf string) {
	m.c.t.Helper()
	var d node.Daemon
	if m.daemon == karun {
		d = node.Karun(programs.Karun(m.c.t), []byte(conf), true)
	} else {
		d = node.Keepalived(need.Program(m.c.t, "keepalived"), []byte(conf))
	}
	from := m.c.mark()
	if err := m.Start(d); err != nil {
		m.c.t.Fatal(err)
	}
	m.c.eventually(m.Name()+" starts up", func() bool {
		return m.c.saw(from, m, func(e node.Event) bool { _, ok := e.What.(node.Ready); return ok })
	})
}

func (m *member) kill() {
	m.c.t.Helper()
	kill := m.Kill
	if m.frr != nil {
		kill = m.frr.Kill
	}
	if err := kill(); err != nil {
		m.c.t.Fatal(err)
	}
}

func (m *member) stop() {
	m.c.t.Helper()
	stop := m.Stop
	if m.frr != nil {
		stop = m.frr.Stop
	}
	if err := stop(patience); err != nil {
		m.c.t.Fatal(err)
	}
}

// freeze stops all processes of a member while the other sends n adverts, and lets them go on: a machine
// that was starved or paused.
func (m *member) freeze(other *member, n int) {
	m.c.t.Helper()
	pids := m.Pids()
	if len(pids) == 0 {
		m.c.t.Fatalf("%s has no processes", m.Name())
	}
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		for _, pid := range pids {
			if err := syscall.Kill(pid, s); err != nil {
				m.c.t.Fatal(err)
			}
		}
		if s == syscall.SIGSTOP {
			m.c.rounds(other, n)
		}
	}
}

// mark is the present place in the list of events.
func (c *cluster) mark() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.events)
}

// since returns a member's events from a mark on.
func (c *cluster) since(from int, m *member) []node.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []node.Event
	for _, e := range c.events[from:] {
		if e.Node == m.Name() {
			out = append(out, e)
		}
	}
	return out
}

func (c *cluster) saw(from int, m *member, is func(node.Event) bool) bool {
	return slices.ContainsFunc(c.since(from, m), is)
}

// adverts are the priorities that a member sent from a mark on.
func (c *cluster) adverts(from int, m *member) []int {
	var out []int
	for _, e := range c.since(from, m) {
		if a, ok := e.What.(node.Advert); ok {
			out = append(out, int(a.Priority))
		}
	}
	return out
}

// holds reports whether the kernel of a member's host has the virtual address.
func (c *cluster) holds(m *member) bool {
	has := false
	for _, e := range c.since(0, m) {
		if a, ok := e.What.(node.Address); ok && a.Address.Addr() == c.vip {
			has = a.Added
		}
	}
	return has
}

func (c *cluster) eventually(what string, ok func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	c.t.Fatalf("did not happen: %s", what)
}

// becomesMaster waits until a member has the address and has sent adverts of this priority, and
// nothing else, from the mark on.
func (c *cluster) becomesMaster(from int, m *member, priority int) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("%s is master with priority %d", m.Name(), priority), func() bool {
		return c.holds(m) && slices.Contains(c.adverts(from, m), priority)
	})
}

// gone waits until a member has the address no more.
func (c *cluster) gone(m *member) {
	c.t.Helper()
	c.eventually(m.Name()+" gives up the address", func() bool { return !c.holds(m) })
}

// rounds waits until a member has sent n more adverts, and so for that many intervals.
func (c *cluster) rounds(m *member, n int) {
	c.t.Helper()
	from := c.mark()
	c.eventually(fmt.Sprintf("%s sends %d adverts", m.Name(), n), func() bool { return len(c.adverts(from, m)) >= n })
}

// silent fails if a member has sent an advert since the mark.
func (c *cluster) silent(from int, m *member) {
	c.t.Helper()
	if got := c.adverts(from, m); len(got) > 0 {
		c.t.Errorf("%s sent adverts %v, want none", m.Name(), got)
	}
}

// conf is a configuration with one instance; more are further lines of the instance.
func conf(state string, priority int, more ...string) string {
	text := fmt.Sprintf(`vrrp_instance VI_1 {
	state %s
	interface eth0
	virtual_router_id 51
	priority %d
`, state, priority)
	join := strings.Join(more, "\n\t")
	if !strings.Contains(join, "advert_int") {
		text += "\tadvert_int 1\n"
	}
	if !strings.Contains(join, "authentication") {
		text += "\tauthentication {\n\t\tauth_type PASS\n\t\tauth_pass 1111\n\t}\n"
	}
	if !strings.Contains(join, "virtual_ipaddress") {
		text += "\tvirtual_ipaddress {\n\t\t" + vip.String() + "\n\t}\n"
	}
	return text + "\t" + join + "\n}\n"
}
