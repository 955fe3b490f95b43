//go:build linux

package bench

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab"
	"ka/runtime/lab/labtest"
	"ka/runtime/lab/need"
	"ka/runtime/lab/node"
	"ka/runtime/vrrp"
)

// programs holds karun, built once in a run.
var programs labtest.Programs

// burnWord makes the test binary a busy loop.
const burnWord = "burn"

func TestMain(m *testing.M) {
	if status, asked := labtest.Init(); asked {
		os.Exit(status)
	}
	if len(os.Args) > 1 && os.Args[1] == burnWord {
		for spins := 0; ; spins++ { // until it is killed
			runtime.KeepAlive(spins)
		}
	}
	if len(os.Args) > 2 && os.Args[1] == witnessWord {
		fmt.Fprintln(os.Stderr, "witness:", witness(os.Args[2]))
		os.Exit(1)
	}
	code := m.Run()
	programs.Close()
	os.Exit(code)
}

// The daemons, in the order in which they are measured.
const (
	karun      = "karun"
	keepalived = "keepalived"
)

var daemons = []string{karun, keepalived}

// setting is what a row of a benchmark configures.
type setting struct {
	version   int
	interval  time.Duration
	instances int
	// addresses is how many each instance has, excluded how many more the first one has that are not
	// in its adverts.
	addresses, excluded int
	// other makes the last excluded address of the first instance another one.
	other int
	// password has version 2 send one.
	password bool
	// global are lines of global_defs; more is text behind everything.
	global []string
	more   string
}

// The priorities: with the backup's, version 2 waits 219 ms longer than three intervals.
const (
	upper = 254
	lower = 200
)

// conf is the configuration of a node.
func (s setting) conf(priority int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "global_defs {\n\tvrrp_version %d\n", s.version)
	for _, line := range s.global {
		fmt.Fprintf(&b, "\t%s\n", line)
	}
	b.WriteString("}\n")
	for i := range max(s.instances, 1) {
		fmt.Fprintf(&b, "vrrp_instance VI_%d {\n\tstate BACKUP\n\tinterface eth%d\n\tvirtual_router_id %d\n\tpriority %d\n\tadvert_int %s\n",
			i+1, i/200, i%200+1, priority, strconv.FormatFloat(s.interval.Seconds(), 'f', -1, 64))
		if s.password {
			b.WriteString("\tauthentication {\n\t\tauth_type PASS\n\t\tauth_pass 1111\n\t}\n")
		}
		b.WriteString("\tvirtual_ipaddress {\n")
		for j := range max(s.addresses, 1) {
			fmt.Fprintf(&b, "\t\t10.%d.%d.%d/32\n", 100+j, i/200, i%200+1)
		}
		b.WriteString("\t}\n")
		if s.excluded > 0 && i == 0 {
			b.WriteString("\tvirtual_ipaddress_excluded {\n")
			for j := range s.excluded {
				if j == s.excluded-1 {
					fmt.Fprintf(&b, "\t\t10.99.0.%d/32\n", s.other+1)
					continue
				}
				fmt.Fprintf(&b, "\t\t10.%d.%d.%d/32\n", 200+i, j/250, j%250+1)
			}
			b.WriteString("\t}\n")
		}
		b.WriteString("}\n")
	}
	return b.String() + s.more
}

// masterDown is how long the backup waits for the master's adverts.
func (s setting) masterDown() time.Duration { return vrrp.MasterDown(s.version, lower, s.interval, 3) }

// links is how many interfaces the instances need.
func (s setting) links() int { return (max(s.instances, 1) + 199) / 200 }

// duel is two nodes of one daemon on a wire of their own.
type duel struct {
	b       testing.TB
	daemon  string
	setting setting
	lab     *lab.Lab
	wires   []*lab.Wire
	sides   [2]*side

	mu     sync.Mutex
	cond   *sync.Cond
	events []event
	// spoken is the latest frame with an advert of the first side.
	spoken []byte
}

// side is one node of a duel.
type side struct {
	*node.Node
	host     *lab.Host
	dir      string
	priority int
	log      labtest.Buffer
}

// event is an advert, an announcement or an address of one of the sides.
type event struct {
	at   time.Time
	side int
	kind kind
	// priority of an advert; vrid too.
	priority, vrid int
}

type kind int

const (
	advert kind = iota
	announced
	added
	removed
)

func newDuel(b testing.TB, daemon string, s setting) *duel {
	b.Helper()
	need.Root(b)
	d := &duel{b: b, daemon: daemon, setting: s}
	d.cond = sync.NewCond(&d.mu)
	var err error
	if d.lab, err = labtest.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.lab.Close() })
	d.wires = make([]*lab.Wire, s.links())
	for i := range d.wires {
		if d.wires[i], err = d.lab.NewWire(); err != nil {
			b.Fatal(err)
		}
	}
	for i := range d.sides {
		d.sides[i] = d.newSide(i)
	}
	return d
}

// newHost adds a host on all wires.
func (d *duel) newHost(i int) *lab.Host {
	d.b.Helper()
	host, err := d.lab.NewHost(string(rune('a' + i)))
	for j, w := range d.wires {
		if err == nil {
			err = host.Attach(w, fmt.Sprintf("eth%d", j), netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(j), byte(i + 1)}), 24))
		}
	}
	if err != nil {
		d.b.Fatal(err)
	}
	return host
}

func (d *duel) newSide(i int) *side {
	d.b.Helper()
	host := d.newHost(i)
	var err error
	s := &side{host: host, dir: d.b.TempDir(), priority: []int{upper, lower}[i]}
	s.Node, err = node.New(node.Options{Name: host.Name, Host: host, Dir: s.dir, Log: &s.log, Sink: func(e node.Event) { d.note(i, e) }})
	if err == nil {
		err = host.Capture(func(f lab.Frame) { d.frame(i, f) })
	}
	if err != nil {
		d.b.Fatal(err)
	}
	return s
}

// frame notes an advert over IPv4 by its own few bytes, so that one without what karun can decode counts too.
func (d *duel) frame(i int, f lab.Frame) {
	const ethernet, header = 14, 20
	p := f.Data
	if len(p) >= ethernet+header+8 && p[12] == 0x08 && p[13] == 0x00 && p[ethernet+9] == 112 {
		if i == 0 {
			d.mu.Lock()
			d.spoken = p
			d.mu.Unlock()
		}
		d.add(event{at: f.Time, side: i, kind: advert, vrid: int(p[ethernet+header+1]), priority: int(p[ethernet+header+2])})
	}
}

func (d *duel) note(i int, e node.Event) {
	switch w := e.What.(type) {
	case node.Announcement:
		d.add(event{at: e.Time, side: i, kind: announced})
	case node.Address:
		if !w.Address.Addr().Is4() {
			return // the interface's own, when the kernel is done with it
		}
		d.add(event{at: e.Time, side: i, kind: map[bool]kind{true: added, false: removed}[w.Added]})
	}
}

func (d *duel) add(e event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
	d.cond.Broadcast()
}

// mark is the present place in the list of events.
func (d *duel) mark() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.events)
}

// since are the events from a mark on that are wanted.
func (d *duel) since(from int, want func(event) bool) []event {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []event
	for _, e := range d.events[from:] {
		if want(e) {
			out = append(out, e)
		}
	}
	return out
}

// place is where the first wanted event since a mark is.
func (d *duel) place(from int, want func(event) bool) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return from + slices.IndexFunc(d.events[from:], want)
}

func adverts(side int) func(event) bool {
	return func(e event) bool { return e.kind == advert && e.side == side && e.priority > 0 }
}

func of(side int, k kind) func(event) bool {
	return func(e event) bool { return e.kind == k && e.side == side }
}

// patience is how long anything may take that should happen.
const patience = 120 * time.Second

// await waits until so many wanted events have come since the mark.
func (d *duel) await(what string, from, count int, want func(event) bool) {
	d.b.Helper()
	if !d.comes(from, count, patience, want) {
		d.b.Fatalf("%s: did not happen: %s\nlog of a:\n%s\nlog of b:\n%s", d.daemon, what, excerpt(d.sides[0].log.String()), excerpt(d.sides[1].log.String()))
	}
}

// comes reports whether so many wanted events have come since the mark, within a time.
func (d *duel) comes(from, count int, limit time.Duration, want func(event) bool) bool {
	end := time.Now().Add(limit)
	wake := time.AfterFunc(limit, d.cond.Broadcast)
	defer wake.Stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := 0
	for at := from; ; at++ {
		for at == len(d.events) {
			if time.Now().After(end) {
				return false
			}
			d.cond.Wait()
		}
		if want(d.events[at]) {
			if seen++; seen >= count {
				return true
			}
		}
	}
}

// advertFrame is the latest frame with an advert of the first side.
func (d *duel) advertFrame() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.spoken
}

// forget drops the events, in a long run.
func (d *duel) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = nil
}

// start starts a side's daemon.
func (d *duel) start(i int) {
	d.b.Helper()
	s := d.sides[i]
	text := []byte(d.setting.conf(s.priority))
	program := node.Keepalived(need.Program(d.b, "keepalived"), text).Terse()
	if d.daemon == karun {
		program = node.Karun(programs.Karun(d.b), text, true)
	}
	if err := s.Start(program); err != nil {
		d.b.Fatal(err)
	}
}

// settle starts both sides and waits until the first is master of everything and the second silent.
func (d *duel) settle() {
	d.b.Helper()
	if !d.begins(patience) {
		d.b.Fatalf("%s: the first node does not become master\n%s", d.daemon, excerpt(d.sides[0].log.String()))
	}
	from := d.mark()
	d.join()
	d.await("the first node stays master", from, 6*max(d.setting.instances, 1), adverts(0))
}

// begins starts the first side, and reports whether it is master of everything in time.
func (d *duel) begins(limit time.Duration) bool {
	d.b.Helper()
	from := d.mark()
	d.start(0)
	return d.comes(from, 2*max(d.setting.instances, 1), limit, adverts(0))
}

// join starts the second side, and waits until it is up, not only begun.
func (d *duel) join() {
	d.b.Helper()
	d.start(1)
	time.Sleep(time.Second + 2*d.setting.masterDown())
}

// rewrite puts another configuration in place of a side's own and asks for it.
func (d *duel) rewrite(i int, s setting) {
	d.b.Helper()
	if err := os.WriteFile(filepath.Join(d.sides[i].dir, "node.conf"), []byte(s.conf(d.sides[i].priority)), 0o600); err != nil {
		d.b.Fatal(err)
	}
	if err := d.sides[i].Signal(syscall.SIGHUP); err != nil {
		d.b.Fatal(err)
	}
}

// gaps are the times between the adverts of each virtual router of a side, longest last.
func gaps(list []event) []time.Duration {
	last := map[int]time.Time{}
	var out []time.Duration
	for _, e := range list {
		if t, ok := last[e.vrid]; ok {
			out = append(out, e.at.Sub(t))
		}
		last[e.vrid] = e.at
	}
	slices.Sort(out)
	return out
}

func longest(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	return d[len(d)-1]
}

func middle(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	return d[len(d)/2]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// both runs f with a duel of each daemon, one after the other or side by side.
func both[T any](b *testing.B, s setting, sideBySide bool, f func(*duel) T) (ours, theirs T) {
	b.Helper()
	results := map[string]*T{karun: &ours, keepalived: &theirs}
	var all sync.WaitGroup
	for _, name := range daemons {
		d := newDuel(b, name, s)
		if !sideBySide {
			*results[name] = f(d)
			for _, side := range d.sides {
				_ = side.Kill()
			}
			continue
		}
		all.Go(func() { *results[name] = f(d) })
	}
	all.Wait()
	return ours, theirs
}

func (d *duel) tooMuchStolen() {
	d.b.Skip("the processors of this machine are not its own: too much of their time is stolen")
}

// excerpt is a log without what it says of each address.
func excerpt(log string) string {
	const most = 4000
	var b strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, "gratuitous ARP") || strings.Contains(line, `"msg":"address"`) {
			continue
		}
		b.WriteString(line)
	}
	s := b.String()
	return s[max(len(s)-most, 0):]
}
