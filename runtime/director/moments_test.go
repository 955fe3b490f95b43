//go:build linux

package director

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/control"
)

var momentsSeed = flag.Uint64("moments-seed", 0, "seed of the moments at which karun is killed; 0 draws one")

// machineState is all of a host that karun may touch: addresses, routes, rules, links, settings of the
// network and, where nft(8) is installed, the packet filter.
func (w *wire) machineState(host string) string {
	w.T.Helper()
	var b strings.Builder
	for _, words := range [][]string{
		{"ip", "-br", "link"}, {"ip", "-br", "addr"}, {"ip", "-4", "route", "show", "table", "all"},
		{"ip", "-6", "route", "show", "table", "all"}, {"ip", "-4", "rule"}, {"ip", "-6", "rule"},
		{"sh", "-c", "grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf | grep -v stable_secret | sort"},
	} {
		b.WriteString(w.In(host, words...))
	}
	if _, err := exec.LookPath("nft"); err == nil {
		b.WriteString(w.In(host, "nft", "list", "ruleset"))
	}
	return b.String()
}

// changed lists the lines in which two states differ.
func changed(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var out []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}

// quickPlan is richPlan with adverts ten times a second; other changes an address, the excluded one and a
// route of it.
func quickPlan(other bool) *plan.Plan {
	p := richPlan(254)
	in := &p.Instances[0]
	in.Version, in.AdvertInterval = 3, 100*time.Millisecond
	if other {
		in.VIPs[0].Prefix = netip.MustParsePrefix("10.77.0.110/24")
		in.Excluded = nil
		in.Routes[0].Destination = netip.MustParsePrefix("10.99.3.0/24")
		p.StaticRoutes = nil
	}
	return p
}

// settled are the words of ip(8) that tell that everything of quickPlan is there.
func settled(other bool) []string {
	if other {
		return []string{"10.77.0.50/24", "10.77.0.110/24", "10.99.3.0/24"}
	}
	return ours
}

// TestKilledAtAnyMoment kills all processes at random moments: at the start, while a state changes, while
// another plan is taken. The next start ends as a clean one does, and its stop as if nothing had ever run.
func TestKilledAtAnyMoment(t *testing.T) {
	seed := *momentsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-moments-seed %d", seed)
	const wires, rounds = 4, 5
	for i := range wires {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w := newWire(t)
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			w.In("a", "sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad")
			w.ownAddress()
			before := w.machineState("a")
			runDir := filepath.Join(t.TempDir(), "run")
			clean := map[bool]string{}
			for _, other := range []bool{false, true} {
				clean[other] = w.settle(runDir, other, before)
			}
			for range rounds {
				other := w.killAtRandom(r, runDir)
				if got := w.settle(runDir, other, before); got != clean[other] {
					t.Errorf("after a kill and a start, beside a clean start:\n%s", changed(clean[other], got))
				}
			}
		})
	}
}

// ownAddress waits for the address of the link that the kernel makes by itself when the interface comes up.
func (w *wire) ownAddress() {
	w.T.Helper()
	until(w.T, "the kernel's own address", func() bool {
		return strings.Contains(w.In("a", "ip", "-6", "route", "show", "table", "all"), "local fe80::")
	})
}

// settle starts a plan, waits until it has all that it wants, stops it, and returns what there was. Behind
// the stop everything must be as before.
func (w *wire) settle(runDir string, other bool, before string) (state string) {
	w.T.Helper()
	k := w.start("a", quickPlan(other), runDir)
	k.logged(`"msg":"ready"`) // what an earlier one left is gone by then
	until(w.T, "everything of the plan", func() bool { return count(w.State("a"), settled(other)) == len(settled(other)) })
	w.ownAddress()
	state = w.machineState("a")
	if code := k.stop(); code != 0 {
		w.T.Errorf("exit status %d", code)
	}
	if got := w.machineState("a"); got != before {
		w.T.Errorf("after the stop, beside the time before the first start:\n%s", changed(before, got))
	}
	for _, name := range []string{journalName, control.SocketName} {
		if _, err := os.Stat(filepath.Join(runDir, name)); err == nil {
			w.T.Errorf("%s is still there", name)
		}
	}
	return state
}

// killAtRandom runs karun for up to a second, reloads it and takes its interface away on the way, and kills
// it; it returns which plan its file holds by then.
func (w *wire) killAtRandom(r *rand.Rand, runDir string) (other bool) {
	w.T.Helper()
	k := w.start("a", quickPlan(false), runDir)
	moments := []struct {
		at time.Duration
		do func()
	}{
		{rand1(r), func() {
			other = true
			k.write(quickPlan(true))
			_ = syscall.Kill(k.cmd.Process.Pid, syscall.SIGHUP) // too early, it ends by that: a moment, too
		}},
		{rand1(r), func() {
			w.In("a", "ip", "link", "set", "eth0", "down")
			w.In("a", "ip", "link", "set", "eth0", "up")
		}},
		{rand1(r), k.kill},
	}
	slices.SortFunc(moments, func(a, b struct {
		at time.Duration
		do func()
	}) int {
		return int(a.at - b.at)
	})
	begin := time.Now()
	for _, m := range moments {
		timer := time.NewTimer(time.Until(begin.Add(m.at)))
		select {
		case <-timer.C:
		case <-k.ended:
		}
		m.do()
	}
	k.kill()
	return other
}

func rand1(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(time.Second))) }
