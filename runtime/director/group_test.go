//go:build linux

package director

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/lab/labtest"
)

const groupConf = `
global_defs {
  script_user root
  vrrp_notify_fifo %s
}
vrrp_sync_group G {
  group { VI_1 VI_2 }
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id %d
  priority %d
  advert_int 1
  virtual_ipaddress { %s/24 }
}
vrrp_instance VI_2 {
  interface eth0
  virtual_router_id %d
  priority %d
  advert_int 1
  virtual_ipaddress { %s/24 }
}
`

// groupText is a keepalived with a sync group of two, groupPlan the same for karun.
func groupText(fifo string, vrid, priority int) string {
	second := netip.AddrFrom4([4]byte{10, 77, 0, byte(vrid)}).Next()
	return fmt.Sprintf(groupConf, fifo, vrid, priority, netip.AddrFrom4([4]byte{10, 77, 0, byte(vrid)}), vrid+1, priority, second)
}

func groupPlan(fifo string, vrid, priority uint8) *plan.Plan {
	p := testPlan(priority)
	second := p.Instances[0]
	second.Name = "VI_2"
	p.Instances = append(p.Instances, second)
	for i := range p.Instances {
		in := &p.Instances[i]
		in.VRID = vrid + uint8(i)
		in.VIPs = []plan.Address{{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, 0, in.VRID}), 24), Interface: "eth0"}}
	}
	p.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: []string{"VI_1", "VI_2"}}}
	p.Global.FIFOs = &plan.FIFOs{VRRP: &plan.FIFO{Path: fifo, User: "root"}}
	return p
}

// TestGroupLines holds what karun tells of a sync group to a real keepalived's, line by line, through all
// states: each on a virtual router of its own.
func TestGroupLines(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	fifo := map[string]string{"a": filepath.Join(dir, "karun"), "b": filepath.Join(dir, "keepalived")}
	k := w.start("a", groupPlan(fifo["a"], 61, 200), "")
	stop := w.keepalived("b", groupText(fifo["b"], 71, 200))
	lines := map[string]*labtest.Buffer{}
	for host, path := range fifo {
		lines[host] = readFIFO(t, path)
	}
	a, b := w.throughAllStates(k, stop, lines, "GROUP \"G\" %s 0\n")
	if a, b := sortSteps(a), sortSteps(b); a != b {
		t.Errorf("karun\n%s\nkeepalived\n%s", a, b)
	}
}

// sortSteps sorts the instances between the lines of the group: which member's timer is read first is chance.
func sortSteps(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := 0; i+1 < len(lines); i++ {
		if strings.HasPrefix(lines[i], `INSTANCE "VI_2"`) && strings.HasPrefix(lines[i+1], `INSTANCE "VI_1"`) {
			lines[i], lines[i+1] = lines[i+1], lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// TestGroupWithKeepalived: a sync group of karun and the same of keepalived hand both routers to each other
// together: by preemption, a fault of one member, its end, and kill -9.
func TestGroupWithKeepalived(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	w.keepalived("b", groupText(fifo, 61, 100))
	lines := readFIFO(t, fifo)
	peer := func(state string, n int) {
		t.Helper()
		until(t, "keepalived "+state, func() bool { return strings.Count(lines.String(), `GROUP "G" `+state) >= n })
	}
	peer("MASTER", 1)

	p := groupPlan(filepath.Join(dir, "own"), 61, 150)
	broken := filepath.Join(dir, "broken")
	check := writeScript(t, dir, "check", "test ! -e "+broken)
	p.Scripts = []plan.Script{{Name: "chk", Command: plan.Command{Argv: []string{check}, User: "root"}, Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1}}
	p.Instances[1].TrackScripts = []plan.TrackScript{{Script: "chk"}}
	k := w.start("a", p, "")
	k.logged(`"msg":"group"`, `"group":"G"`, `"to":"MASTER"`)
	peer("BACKUP", 2)
	holds := func(host string, want bool) {
		t.Helper()
		for _, address := range []string{"10.77.0.61/24", "10.77.0.62/24"} {
			until(t, fmt.Sprintf("%s on %s: %v", address, host, want), func() bool { return strings.Contains(w.State(host), address) == want })
		}
	}
	holds("a", true)
	holds("b", false)

	w.In("a", "touch", broken)
	k.logged(`"msg":"group"`, `"to":"FAULT"`)
	peer("MASTER", 2)
	holds("a", false)
	holds("b", true)
	w.In("a", "rm", broken)
	peer("BACKUP", 3)
	holds("a", true)

	k.kill()
	peer("MASTER", 3)
	holds("b", true)
}
