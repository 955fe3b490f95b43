//go:build linux

package interop

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ka/runtime/lab/labtest"
	"ka/runtime/lab/node"
	"ka/runtime/vrrp"
)

// TestHostilePackets: a master and a backup get a thousand packets a second that claim a higher priority,
// and of which each has something wrong. Nobody changes state, the master's adverts go on, and each packet
// is counted by its reason. (keepalived's master sends nothing meanwhile: see "make bench".)
func TestHostilePackets(t *testing.T) {
	t.Parallel()
	c := newCluster(t, karun, karun, karun)
	a, b, attacker := c.nodes[0], c.nodes[1], c.nodes[2]
	a.start(conf("MASTER", 150))
	b.start(conf("BACKUP", 100))
	c.becomesMaster(0, a, 150)
	c.rounds(a, 2)
	before := c.mark()
	done := make(chan int, 1)
	go func() {
		sent, err := labtest.Attack(attacker.host, "eth0", labtest.HostileFrames(c.advertFrame(a)), 1000, 4*time.Second)
		if err != nil {
			t.Error(err)
		}
		done <- sent
	}()
	c.rounds(a, 3) // while the packets come
	sent := <-done
	c.silent(before, b)
	if !c.holds(a) || c.holds(b) {
		t.Errorf("after the attack a holds the address: %v, b: %v", c.holds(a), c.holds(b))
	}
	for _, m := range []*member{a, b} {
		drops := m.drops()
		total := 0
		for _, n := range drops {
			total += n
		}
		// A busy machine may lose some on the way to the socket.
		if total > sent || total < sent/10 || len(drops) < 7 {
			t.Errorf("%s: of %d packets %d were counted, by reasons %v", m.Name(), sent, total, drops)
		}
	}
}

// advertFrame is the latest frame with an advert of a member.
func (c *cluster) advertFrame(m *member) (frame []byte) {
	for _, e := range c.since(0, m) {
		if a, ok := e.What.(node.Advert); ok {
			frame = a.Raw
		}
	}
	return frame
}

// drops are the counters of ignored packets of the member's instance.
func (m *member) drops() map[string]int {
	m.c.t.Helper()
	counters := m.counters()
	drops := map[string]int{}
	for _, reason := range []vrrp.DropReason{
		vrrp.DropTooShort, vrrp.DropLength, vrrp.DropTTL, vrrp.DropVersion, vrrp.DropInvalidAuthType, vrrp.DropAuthType,
		vrrp.DropPassword, vrrp.DropInterval, vrrp.DropType, vrrp.DropTotalLength, vrrp.DropChecksum,
	} {
		if n := counters[string(reason)]; n > 0 {
			drops[string(reason)] = n
		}
	}
	return drops
}

// counters are those of the member's instance, as karun status tells them.
func (m *member) counters() map[string]int {
	m.c.t.Helper()
	var out []byte
	var status struct {
		Instances []struct {
			Counters map[string]int `json:"counters"`
		} `json:"instances"`
	}
	err := m.host.Do(func() (err error) {
		out, err = exec.Command(programs.Karun(m.c.t), "status", "--format", "json", "--run-dir", filepath.Join(m.dir, "run")).Output()
		return err
	})
	if err == nil {
		err = json.Unmarshal(out, &status)
	}
	if err != nil || len(status.Instances) != 1 {
		m.c.t.Fatalf("karun status: %v\n%s", err, out)
	}
	return status.Instances[0].Counters
}
