//go:build linux

package interop

import (
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ka/runtime/lab"
	"ka/runtime/lab/need"
	"ka/runtime/lab/node"
)

var (
	update = flag.Bool("update", false, "write docs/interop.md")
	// played checks the scenes themselves: what two keepalived do is what karun has to do.
	played = flag.String("as", karun, "the daemon that plays karun's part in the matrix")
)

// matrixPage is the table that TestMatrix writes.
const matrixPage = "../../../docs/interop.md"

// column is one way of speaking VRRP.
type column struct {
	name string
	// lines are what the instances have more than every instance.
	lines []string
	// vips are the addresses of the first instance, second that of the second one in a group; added comes with a reload.
	vips   []string
	second string
	added  string
	// unicast and six choose the addresses that the hosts name one another by.
	unicast, six bool
}

var columns = []column{
	{name: "v2", vips: []string{"10.1.1.166"}, added: "10.1.1.167"},
	{name: "v2 PASS", lines: []string{"authentication {", "auth_type PASS", "auth_pass secret", "}"}, vips: []string{"10.1.1.166"}, added: "10.1.1.167"},
	{name: "v2 AH", lines: []string{"authentication {", "auth_type AH", "auth_pass secret", "}"}, vips: []string{"10.1.1.166"}, added: "10.1.1.167"},
	{name: "v3 IPv4", lines: []string{"version 3"}, vips: []string{"10.1.1.166"}, added: "10.1.1.167"},
	{name: "v3 IPv6", lines: []string{"version 3", "native_ipv6"}, vips: []string{"fe80::5e:1", "fd01::166"}, added: "fd01::167", six: true},
	{name: "unicast IPv4", vips: []string{"10.1.1.166"}, added: "10.1.1.167", unicast: true},
	{name: "unicast IPv6", lines: []string{"version 3", "native_ipv6"}, vips: []string{"fe80::5e:1", "fd01::166"}, added: "fd01::167", unicast: true, six: true},
	{name: "VMAC", lines: []string{"use_vmac"}, vips: []string{"10.1.1.166"}, added: "10.1.1.167"},
	{name: "sync group", vips: []string{"10.1.1.166"}, second: "10.1.1.168", added: "10.1.1.167"},
}

// The priorities of the two nodes: high enough that nobody waits long.
const (
	upper = 250
	lower = 240
)

// address is host i's own address, of the kind's family.
func (k column) address(i int) string {
	if k.six {
		return fmt.Sprintf("fd01::%d", i+1)
	}
	return fmt.Sprintf("10.1.1.%d", i+1)
}

// conf is the configuration of host i.
func (k column) conf(i, priority int, added bool) string {
	vips := k.vips
	if added {
		vips = append(vips[:len(vips):len(vips)], k.added)
	}
	text := k.instance("VI_1", 51, i, priority, vips)
	if k.second != "" {
		text += k.instance("VI_2", 52, i, priority, []string{k.second})
		text += "vrrp_sync_group G1 {\n\tgroup {\n\t\tVI_1\n\t\tVI_2\n\t}\n}\n"
	}
	return text
}

func (k column) instance(name string, vrid, i, priority int, vips []string) string {
	lines := []string{
		"state BACKUP", "interface eth0", fmt.Sprintf("virtual_router_id %d", vrid), fmt.Sprintf("priority %d", priority), "advert_int 1",
	}
	lines = append(lines, k.lines...)
	if k.unicast {
		lines = append(lines, "unicast_src_ip "+k.address(i), "unicast_peer {", k.address(1-i), "}")
	}
	lines = append(lines, "virtual_ipaddress {")
	lines = append(append(lines, vips...), "}")
	return "vrrp_instance " + name + " {\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
}

// all are the addresses that a master of the kind holds.
func (k column) all() []string {
	if k.second == "" {
		return k.vips
	}
	return append(k.vips[:len(k.vips):len(k.vips)], k.second)
}

// match is a cluster of two whose adverts of every form are seen.
type match struct {
	*cluster
	kind column

	mu   sync.Mutex
	sent []sentAdvert
}

// sentAdvert is what every form of advert has in common.
type sentAdvert struct {
	node      string
	vrid      byte
	priority  int
	addresses int
}

func newMatch(t *testing.T, k column, daemons ...string) *match {
	m := &match{cluster: newCluster(t, daemons...), kind: k}
	for i, n := range m.nodes {
		own := []netip.Prefix{
			netip.MustParsePrefix(fmt.Sprintf("fe80::%d/64", i+1)), netip.MustParsePrefix(fmt.Sprintf("fd01::%d/64", i+1)),
		}
		if err := n.host.AddAddresses("eth0", own...); err != nil {
			t.Fatal(err)
		}
		err := n.host.Capture(func(f lab.Frame) {
			if a, ok := readAdvert(f.Data); ok {
				a.node = n.Name()
				m.mu.Lock()
				m.sent = append(m.sent, a)
				m.mu.Unlock()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// readAdvert finds the advert in a frame without karun's own decoder, which is what is tested: IPv4 with
// protocol 112, the same behind an authentication header of 24 bytes, or IPv6 without further headers.
func readAdvert(frame []byte) (a sentAdvert, ok bool) {
	if len(frame) < 14+20 {
		return a, false
	}
	packet, headers := frame[14:], 0
	switch {
	case bytes.Equal(frame[12:14], []byte{0x08, 0x00}) && packet[9] == 112:
		headers = 20
	case bytes.Equal(frame[12:14], []byte{0x08, 0x00}) && packet[9] == 51:
		headers = 20 + 24
	case bytes.Equal(frame[12:14], []byte{0x86, 0xdd}) && packet[6] == 112:
		headers = 40
	}
	if headers == 0 || len(packet) < headers+8 || packet[headers]&0x0f != 1 {
		return a, false
	}
	pdu := packet[headers:]
	return sentAdvert{vrid: pdu[1], priority: int(pdu[2]), addresses: int(pdu[3])}, true
}

func (m *match) markSent() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent)
}

// priorities are those of the adverts that a node sent from a mark on.
func (m *match) priorities(from int, n *member) []int {
	var out []int
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.sent[from:] {
		if a.node == n.Name() {
			out = append(out, a.priority)
		}
	}
	return out
}

// begin starts a node's daemon with its configuration.
func (m *match) begin(n *member, i, priority int) {
	m.t.Helper()
	if n.daemon == frr {
		n.startFRR(m.kind.frr(priority))
		return
	}
	n.start(m.kind.conf(i, priority, false))
}

// owns reports whether a node's kernel has all of the addresses, or none of them.
func (m *match) owns(n *member, addresses []string) (all, none bool) {
	has := map[string]bool{}
	for _, e := range m.since(0, n) {
		if a, ok := e.What.(node.Address); ok {
			has[a.Address.Addr().String()] = a.Added
		}
	}
	all, none = true, true
	for _, a := range addresses {
		all, none = all && has[a], none && !has[a]
	}
	return all, none
}

// reigns waits until a node holds all addresses and has sent adverts of every instance since the mark.
func (m *match) reigns(from int, n *member, priority int) {
	m.t.Helper()
	m.eventually(fmt.Sprintf("%s (%s) is master with priority %d", n.Name(), n.daemon, priority), func() bool {
		all, _ := m.owns(n, m.kind.all())
		return (all || n.daemon == frr) && slices.Contains(m.priorities(from, n), priority)
	})
}

// leaves waits until a node has none of the addresses.
func (m *match) leaves(n *member) {
	m.t.Helper()
	m.eventually(fmt.Sprintf("%s (%s) has no address left", n.Name(), n.daemon), func() bool {
		_, none := m.owns(n, m.kind.all())
		return none || n.daemon == frr
	})
}

// turns waits for n more adverts of a node.
func (m *match) turns(n *member, count int) {
	m.t.Helper()
	from := m.markSent()
	m.eventually(fmt.Sprintf("%s (%s) sends %d adverts", n.Name(), n.daemon, count), func() bool {
		return len(m.priorities(from, n)) >= count
	})
}

// settle starts both nodes, the first as master.
func (m *match) settle() (master, backup *member) {
	m.t.Helper()
	master, backup = m.nodes[0], m.nodes[1]
	m.begin(master, 0, upper)
	m.reigns(0, master, upper)
	m.begin(backup, 1, lower)
	m.turns(master, 2)
	if sent := m.priorities(0, backup); len(sent) > 0 {
		m.t.Fatalf("%s sent %v beside a master of higher priority", backup.Name(), sent)
	}
	return master, backup
}

// afterKill: all processes of the master die at once; no priority 0 is sent, and the backup takes over.
func afterKill(m *match) {
	master, backup := m.settle()
	from := m.markSent()
	master.kill()
	m.reigns(from, backup, lower)
	if sent := m.priorities(0, master); slices.Contains(sent, 0) {
		m.t.Errorf("%s sent priority 0, killed as it was: %v", master.Name(), sent)
	}
}

// afterStop: the stopped master says so with priority 0 and leaves nothing, and the backup takes over.
func afterStop(m *match) {
	master, backup := m.settle()
	from := m.markSent()
	master.stop()
	m.reigns(from, backup, lower)
	m.leaves(master)
	if sent := m.priorities(from, master); !slices.Contains(sent, 0) {
		m.t.Errorf("%s sent %v after SIGTERM, want a priority 0", master.Name(), sent)
	}
}

// preemption: a node of higher priority takes over from the master, which leaves without priority 0.
func preemption(m *match) {
	better, master := m.nodes[0], m.nodes[1]
	m.begin(master, 1, lower)
	m.reigns(0, master, lower)
	from := m.markSent()
	m.begin(better, 0, upper)
	m.reigns(from, better, upper)
	m.leaves(master)
	m.turns(better, 2)
	if sent := m.priorities(from, master); slices.Contains(sent, 0) {
		m.t.Errorf("%s sent %v: who gives way to a better one sends no priority 0", master.Name(), sent)
	}
}

// reloading: both get one more address and SIGHUP; the master stays master and the other silent.
// (keepalived 2.2.7 refuses adverts with another list than its own: so both.)
func reloading(m *match) {
	master, backup := m.settle()
	from := m.markSent()
	for i, n := range []*member{backup, master} {
		text := m.kind.conf(1-i, []int{lower, upper}[i], true)
		if err := os.WriteFile(filepath.Join(n.dir, "node.conf"), []byte(text), 0o600); err != nil {
			m.t.Fatal(err)
		}
		if err := n.Signal(syscall.SIGHUP); err != nil {
			m.t.Fatal(err)
		}
	}
	m.eventually("the master holds the added address, and its adverts list it", func() bool {
		all, _ := m.owns(master, append(m.kind.all(), m.kind.added))
		return all && m.lists(from, master, len(m.kind.vips)+1)
	})
	m.turns(master, 4)
	if sent := m.priorities(from, master); slices.Contains(sent, 0) {
		m.t.Errorf("the master sent %v, want no priority 0", sent)
	}
	if sent := m.priorities(from, backup); len(sent) > 0 {
		m.t.Errorf("the backup sent %v, want nothing", sent)
	}
	if _, none := m.owns(backup, append(m.kind.all(), m.kind.added)); !none {
		m.t.Error("the backup holds addresses")
	}
}

// lists reports whether a node has sent an advert of the first instance with that many addresses.
func (m *match) lists(from int, n *member, count int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.sent[from:], func(a sentAdvert) bool {
		return a.node == n.Name() && a.vrid == 51 && a.addresses == count
	})
}

// scene is a row of the matrix.
type scene struct {
	name  string
	casts func() [][2]string
	play  func(*match)
}

// rows are the scenes. In each the first daemon starts as the one of higher priority.
var rows = []scene{
	{"karun takes over after kill", backups, afterKill},
	{"karun takes over after stop", backups, afterStop},
	{"keepalived takes over after kill", masters, afterKill},
	{"keepalived takes over after stop", masters, afterStop},
	{"preemption, either way", either, preemption},
	{"reload with an added address, either way", either, reloading},
}

func backups() [][2]string { return [][2]string{{keepalived, *played}} }
func masters() [][2]string { return [][2]string{{*played, keepalived}} }
func either() [][2]string  { return append(masters(), backups()...) }

// TestMatrix plays every scene with every kind, and holds docs/interop.md to what came out.
func TestMatrix(t *testing.T) {
	need.Root(t)
	page := pageHead(t) + table(t, "", rows, columns) +
		"\nAnd FRRouting's vrrpd, which speaks version 3 (it keeps its addresses on an interface that it switches):\n" +
		table(t, "FRR ", frrRows, frrColumns)
	if *update && *played == karun {
		if err := os.WriteFile(matrixPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	onDisk, err := os.ReadFile(matrixPage)
	if err != nil {
		t.Fatal(err)
	}
	if got := tables(string(onDisk)); !t.Failed() && got != tables(page) {
		t.Errorf("docs/interop.md is stale; write it with -update:\n%s", page)
	}
}

// tables is the part of the page that does not name versions, which differ from machine to machine.
func tables(page string) string {
	_, text, _ := strings.Cut(page, "\n|")
	return text
}

// table plays scenes with columns, all cells side by side, and returns what came out.
func table(t *testing.T, name string, rows []scene, columns []column) string {
	results := make([][]string, len(rows))
	var mu sync.Mutex
	t.Run(name+"cells", func(t *testing.T) {
		for i, row := range rows {
			results[i] = make([]string, len(columns))
			for j, k := range columns {
				t.Run(row.name+"/"+k.name, func(t *testing.T) {
					t.Parallel()
					defer func() {
						mu.Lock()
						defer mu.Unlock()
						results[i][j] = map[bool]string{false: "held", true: "FAILED"}[t.Failed()]
					}()
					for _, cast := range row.casts() {
						t.Run(cast[0]+"+"+cast[1], func(t *testing.T) { row.play(newMatch(t, k, cast[0], cast[1])) })
					}
				})
			}
		}
	})
	var b strings.Builder
	b.WriteString("\n| |")
	for _, k := range columns {
		b.WriteString(" " + k.name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for i, row := range rows {
		b.WriteString("| " + row.name + " |")
		for _, cell := range results[i] {
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func pageHead(t *testing.T) string {
	version, err := exec.Command(need.Program(t, "keepalived"), "--version").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	first, _, _ = strings.Cut(first, " (")
	return `# karun beside others

What was played, by ` + "`go test ./runtime/lab/interop -run TestMatrix`" + `, which writes this page: two nodes on one wire, each in a
network namespace of its own. Adverts are read from the wire and addresses from the kernel; neither daemon is asked. "Killed" is
SIGKILL to all of a daemon's processes at once. The other daemon is ` + first + ` as Debian ships it.
`
}
