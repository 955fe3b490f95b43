//go:build linux

package interop

import (
	"slices"
	"testing"
)

// TestTakeoverAfterKill: the master's processes get SIGKILL at once. The other takes over although no
// priority 0 came, and the first takes the address back when it starts again: it preempts.
func TestTakeoverAfterKill(t *testing.T) {
	t.Parallel()
	eachPair(t, func(_ *testing.T, c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		a.start(conf("MASTER", 150))
		b.start(conf("BACKUP", 100))
		c.becomesMaster(0, a, 150)
		c.silent(0, b)
		c.rounds(a, 2)
		killed := c.mark()
		a.kill()
		c.becomesMaster(killed, b, 100)
		if slices.Contains(c.adverts(0, a), 0) {
			t.Error("a sent priority 0, killed as it was")
		}
		if !c.holds(a) {
			t.Error("a has lost its address, but nobody was left to remove it")
		}
		back := c.mark()
		a.start(conf("MASTER", 150))
		c.becomesMaster(back, a, 150)
		c.gone(b)
		c.rounds(a, 2)
		if got := c.adverts(back, b); slices.Contains(got, 0) {
			t.Errorf("b sent %v: a master that gives way to a higher one sends no priority 0", got)
		}
	})
}

// TestTakeoverAfterStop: the master is stopped. It sends priority 0 and removes its address, and the
// other takes over at once instead of three intervals later.
func TestTakeoverAfterStop(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		a.start(conf("MASTER", 150))
		b.start(conf("BACKUP", 100))
		c.becomesMaster(0, a, 150)
		c.rounds(a, 2)
		stopped := c.mark()
		a.stop()
		c.becomesMaster(stopped, b, 100)
		c.gone(a)
		if got := c.adverts(stopped, a); len(got) == 0 || got[len(got)-1] != 0 || slices.Index(got, 0) != len(got)-1 {
			t.Errorf("a sent %v after SIGTERM, want priority 0 once, at the end", got)
		}
	})
}

// TestNopreemptHolds: a node of higher priority with nopreempt leaves a living master alone.
func TestNopreemptHolds(t *testing.T) {
	t.Parallel()
	eachPair(t, func(_ *testing.T, c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		b.start(conf("BACKUP", 100))
		c.becomesMaster(0, b, 100)
		a.start(conf("BACKUP", 150, "nopreempt"))
		c.rounds(b, 6)
		c.silent(0, a)
		b.kill()
		c.becomesMaster(0, a, 150)
	})
}

// TestEqualBackupWaits: a backup of equal priority and higher address does not take over.
func TestEqualBackupWaits(t *testing.T) {
	t.Parallel()
	eachPair(t, func(_ *testing.T, c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		a.start(conf("BACKUP", 100))
		c.becomesMaster(0, a, 100)
		b.start(conf("BACKUP", 100))
		c.rounds(a, 6)
		c.silent(0, b)
	})
}

// TestFrozenBackupHearsFirst: a karun that slept past its deadline hears the adverts that wait in its
// socket before it looks at the clock, and leaves the living master alone. It looked at the clock first
// once, and took over for nothing.
func TestFrozenBackupHearsFirst(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "karun", "karun")
	a, b := c.nodes[0], c.nodes[1]
	a.start(conf("MASTER", 150))
	b.start(conf("BACKUP", 100))
	c.becomesMaster(0, a, 150)
	c.rounds(a, 1)
	b.freeze(a, 5)
	c.rounds(a, 3)
	c.silent(0, b)
}

// TestFrozenMasterGivesWay: the other takes over from a master that stands still, and gives the address
// back when it goes on, because it has the higher priority.
func TestFrozenMasterGivesWay(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "karun", "karun")
	a, b := c.nodes[0], c.nodes[1]
	a.start(conf("MASTER", 150))
	b.start(conf("BACKUP", 100))
	c.becomesMaster(0, a, 150)
	a.freeze(b, 2) // waits for adverts of b, so b is master
	c.gone(b)
	c.rounds(a, 2)
	if !c.holds(a) {
		t.Error("a is master and lacks the address")
	}
}

// TestSplitBrainHeals: two masters of equal priority, made by a cut wire, meet. The higher address wins.
func TestSplitBrainHeals(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		if err := b.host.Cut(); err != nil {
			t.Fatal(err)
		}
		a.start(conf("BACKUP", 100))
		b.start(conf("BACKUP", 100))
		c.becomesMaster(0, a, 100)
		c.becomesMaster(0, b, 100)
		if err := b.host.Join(); err != nil {
			t.Fatal(err)
		}
		c.gone(a)
		c.rounds(b, 1) // a's last advert may be told of later than its address
		joined := c.mark()
		c.rounds(b, 5)
		c.silent(joined, a)
		if !c.holds(b) {
			t.Error("b has lost the address")
		}
	})
}

// TestStrangersStayApart: nodes that differ in the password, or the interval, do not hear each other,
// and both are masters.
func TestStrangersStayApart(t *testing.T) {
	t.Parallel()
	auth := func(pass string) string {
		return "authentication {\n\t\tauth_type PASS\n\t\tauth_pass " + pass + "\n\t}"
	}
	for name, more := range map[string][2]string{
		"passwords": {auth("1111"), auth("2222")},
		"intervals": {"advert_int 1", "advert_int 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachPair(t, func(t *testing.T, c *cluster) {
				a, b := c.nodes[0], c.nodes[1]
				a.start(conf("MASTER", 150, more[0]))
				b.start(conf("BACKUP", 100, more[1]))
				c.becomesMaster(0, a, 150)
				c.becomesMaster(0, b, 100)
				c.strangers(5)
				if !c.holds(a) || !c.holds(b) {
					t.Errorf("a holds the address: %v, b: %v; want both", c.holds(a), c.holds(b))
				}
			})
		})
	}
}

// strangers waits until somebody has sent n more adverts. Which of two masters that reject each other's
// adverts goes on sending is not the same for all: keepalived starts its advert timer anew at a rejected
// packet too (docs/differences.md), so that one of a pair may fall silent and stays a master. karun
// never does.
func (c *cluster) strangers(n int) {
	c.t.Helper()
	from := c.mark()
	c.eventually("two masters stay", func() bool {
		most, karunSends := 0, true
		for _, m := range c.nodes {
			sent := len(c.adverts(from, m))
			most = max(most, sent)
			karunSends = karunSends && (m.daemon != karun || sent >= n/2)
		}
		return most >= n && karunSends
	})
}
