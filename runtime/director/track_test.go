//go:build linux

package director

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/control"
)

// ear hears what is on the wire of a host: the priority in the latest advert of each VRID.
type ear struct {
	t    *testing.T
	mu   sync.Mutex
	last map[uint8]uint8
}

// listen opens a packet socket on a host's eth0.
func (w *wire) listen(host string) *ear {
	w.T.Helper()
	e := &ear{t: w.T, last: map[uint8]uint8{}}
	opened := make(chan error)
	var sock *os.File
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine: it stays in the other namespace
		fd, err := packetSocketIn("/run/netns/" + w.Namespace(host))
		sock = os.NewFile(uintptr(max(fd, 0)), "ear")
		opened <- err
		if err == nil {
			e.read(sock)
		}
	}()
	if err := <-opened; err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = sock.Close() })
	return e
}

func packetSocketIn(namespace string) (int, error) {
	ns, err := os.Open(namespace)
	if err != nil {
		return -1, err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return -1, err
	}
	dev, err := net.InterfaceByName("eth0")
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	return fd, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: hostToNet(unix.ETH_P_IP), Ifindex: dev.Index})
}

func (e *ear) read(sock *os.File) {
	b := make([]byte, 2048)
	for {
		n, err := sock.Read(b)
		if err != nil {
			return
		}
		if n >= 28 && b[9] == protocolVRRP {
			e.mu.Lock()
			e.last[b[21]] = b[22]
			e.mu.Unlock()
		}
	}
}

// hears waits for an advert with the priority.
func (e *ear) hears(vrid, priority uint8) {
	e.t.Helper()
	until(e.t, fmt.Sprintf("an advert of VRID %d with priority %d", vrid, priority), func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.last[vrid] == priority
	})
}

// trackedThing is something to track, with how to make it fail and succeed.
type trackedThing struct {
	kind       plan.TrackedKind
	fail, heal func()
	// add makes the plan track it: instances 0 and 1, with the weights.
	add func(p *plan.Plan, weights [2]int)
}

// each kind of thing that can be tracked on host a.
var thingsToTrack = map[string]func(w *wire) trackedThing{
	"script": func(w *wire) trackedThing {
		dir := w.T.TempDir()
		fail := filepath.Join(dir, "fail")
		check := writeScript(w.T, dir, "check", "test ! -e "+fail)
		return trackedThing{
			kind: plan.KindScript,
			fail: func() { w.write(fail, "") },
			heal: func() { w.must(os.Remove(fail)) },
			add: func(p *plan.Plan, weights [2]int) {
				p.Scripts = []plan.Script{{Name: "thing", Command: plan.Command{Argv: []string{check}}, Interval: 100 * time.Millisecond, Timeout: time.Second, Rise: 1, Fall: 2}}
				for i, weight := range weights {
					p.Instances[i].TrackScripts = []plan.TrackScript{{Script: "thing", Weight: weight}}
				}
			},
		}
	},
	"script that opens a file": func(w *wire) trackedThing {
		path := filepath.Join(w.T.TempDir(), "it's there")
		w.write(path, "")
		return trackedThing{
			kind: plan.KindScript,
			fail: func() { w.must(os.Remove(path)) },
			heal: func() { w.write(path, "") },
			add: func(p *plan.Plan, weights [2]int) {
				p.Scripts = []plan.Script{{Name: "thing", Command: plan.Command{Argv: []string{"< " + path}}, Interval: 100 * time.Millisecond, Timeout: time.Second, Rise: 1, Fall: 1}}
				for i, weight := range weights {
					p.Instances[i].TrackScripts = []plan.TrackScript{{Script: "thing", Weight: weight}}
				}
			},
		}
	},
	"interface": func(w *wire) trackedThing {
		w.In("a", "ip", "link", "add", "thing", "type", "veth", "peer", "name", "other")
		w.In("a", "ip", "link", "set", "thing", "up")
		w.In("a", "ip", "link", "set", "other", "up")
		return trackedThing{
			kind: plan.KindInterface,
			fail: func() { w.In("a", "ip", "link", "set", "other", "down") }, // its carrier goes
			heal: func() { w.In("a", "ip", "link", "set", "other", "up") },
			add: func(p *plan.Plan, weights [2]int) {
				for i, weight := range weights {
					p.Instances[i].TrackInterfaces = []plan.Tracker{{Name: "thing", Weight: weight}}
				}
			},
		}
	},
	"file": func(w *wire) trackedThing {
		path := filepath.Join(w.T.TempDir(), "number")
		return trackedThing{
			kind: plan.KindFile,
			fail: func() { w.write(path, "1\n") },
			heal: func() { w.write(path, "0\n") },
			add: func(p *plan.Plan, weights [2]int) {
				p.Trackables.Files = []plan.TrackFile{{Name: "thing", Path: path, Watch: plan.Watch{Weight: 1}}}
				for i, weight := range weights {
					p.Instances[i].TrackFiles = []plan.Tracker{{Name: "thing", Weight: weight}}
				}
			},
		}
	},
	"BFD session": func(w *wire) trackedThing {
		other := &plan.Plan{Node: "b", Environment: plan.Environment{Hash: strings.Repeat("0", 64)}}
		other.Trackables.BFD = []plan.BFDInstance{bfdSessionOf("b")}
		k := w.start("b", other, "")
		return trackedThing{
			kind: plan.KindBFD,
			fail: func() { k.kill() },
			heal: func() { k = w.start("b", other, k.runDir) },
			add: func(p *plan.Plan, weights [2]int) {
				p.Trackables.BFD = []plan.BFDInstance{bfdSessionOf("a")}
				for i, weight := range weights {
					p.Instances[i].TrackBFD = []plan.Tracker{{Name: "thing", Weight: weight}}
				}
			},
		}
	},
	"process": func(w *wire) trackedThing {
		var run *exec.Cmd
		program := filepath.Join(w.T.TempDir(), fmt.Sprintf("k%d", time.Now().UnixNano()%1e12))
		sleep, err := exec.LookPath("sleep")
		w.must(err)
		w.write(program, read(sleep))
		w.must(os.Chmod(program, 0o755))
		heal := func() {
			run = exec.Command(program, "1000")
			w.must(run.Start())
		}
		fail := func() { _ = run.Process.Kill(); _ = run.Wait() }
		heal()
		w.T.Cleanup(func() { fail() })
		return trackedThing{
			kind: plan.KindProcess, fail: fail, heal: heal,
			add: func(p *plan.Plan, weights [2]int) {
				p.Trackables.Processes = []plan.TrackProcess{{Name: "thing", Command: filepath.Base(program), Match: plan.MatchName, Quorum: 1}}
				for i, weight := range weights {
					p.Instances[i].TrackProcesses = []plan.Tracker{{Name: "thing", Weight: weight}}
				}
			},
		}
	},
}

func (w *wire) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *wire) write(name, text string) {
	w.T.Helper()
	w.must(os.WriteFile(name, []byte(text), 0o600))
}

// TestTracked: each kind of thing with a weight changes the priority on the wire, without one it is a fault;
// both ways. The status says what it does.
func TestTracked(t *testing.T) {
	for kind, make := range thingsToTrack {
		t.Run(kind, func(t *testing.T) {
			w := newWire(t)
			thing := make(w)
			p := testPlan(150)
			second := p.Instances[0]
			second.Name, second.VRID = "VI_2", 52
			second.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.101/24"), Interface: "eth0"}}
			p.Instances = append(p.Instances, second)
			thing.add(p, [2]int{-30, 0})
			k, ear := w.start("a", p, ""), w.listen("b")
			ear.hears(51, 150)
			ear.hears(52, 150)
			thing.fail()
			ear.hears(51, 120)
			ear.hears(52, 0)
			k.logged(`"msg":"transition"`, `"instance":"VI_2"`, `"to":"FAULT"`, "thing")
			k.tracks("VI_1", control.Tracked{Kind: thing.kind.String(), Name: "thing", Known: true, IsNumber: thing.kind == plan.KindFile, Number: numberOf(thing.kind), Weight: -30, Priority: -30})
			k.tracks("VI_2", control.Tracked{Kind: thing.kind.String(), Name: "thing", Known: true, IsNumber: thing.kind == plan.KindFile, Number: numberOf(thing.kind), Fault: true})
			thing.heal()
			ear.hears(51, 150)
			k.logged(`"msg":"transition"`, `"instance":"VI_2"`, `"from":"FAULT"`, `"to":"BACKUP"`)
			ear.hears(52, 150)
			if code := k.stop(); code != 0 {
				t.Errorf("exit status %d", code)
			}
		})
	}
}

func numberOf(kind plan.TrackedKind) int {
	if kind == plan.KindFile {
		return 1
	}
	return 0
}

// status asks the running karun.
func (k *karun) status() control.Status {
	k.t.Helper()
	st, err := control.Get(k.t.Context(), k.runDir)
	if err != nil {
		k.t.Fatal(err)
	}
	return st
}

// tracks waits until an instance tracks one thing, as wanted.
func (k *karun) tracks(instance string, want control.Tracked) {
	k.t.Helper()
	until(k.t, fmt.Sprintf("%s with %+v", instance, want), func() bool {
		for _, i := range k.status().Instances {
			if i.Name == instance {
				return len(i.Tracked) == 1 && i.Tracked[0] == want
			}
		}
		return false
	})
}

// TestInterfaceDelay: a link that comes back within its delay is no fault; one that stays away is.
func TestInterfaceDelay(t *testing.T) {
	w := newWire(t)
	p := testPlan(150)
	p.Groups.Delays = []plan.InterfaceDelay{{Interface: "eth0", Down: 1500 * time.Millisecond}}
	k := w.start("a", p, "")
	k.logged(`"msg":"transition"`, `"to":"MASTER"`)
	w.In("br", "ip", "link", "set", "pa", "down")
	w.In("br", "ip", "link", "set", "pa", "up")
	w.In("br", "ip", "link", "set", "pa", "down")
	begin := time.Now()
	k.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"FAULT"`, "interface eth0 is down")
	if took := time.Since(begin); took < time.Second {
		t.Errorf("in fault after %s", took)
	}
	if n := strings.Count(k.text(), `"to":"FAULT"`); n != 1 {
		t.Errorf("%d faults", n)
	}
	w.In("br", "ip", "link", "set", "pa", "up")
	k.logged(`"msg":"transition"`, `"from":"FAULT"`, `"to":"BACKUP"`)
	k.stop()
}

// TestInterfaceDelayOfABackup: the master's interval bounds a delay, if it is shorter than the own one.
func TestInterfaceDelayOfABackup(t *testing.T) {
	w := newWire(t)
	p := testPlan(100)
	p.Instances[0].Version, p.Instances[0].AdvertInterval = 3, 40*time.Second
	p.Groups.Delays = []plan.InterfaceDelay{{Interface: "eth0", Down: 75 * time.Second}}
	master := testPlan(200)
	master.Instances[0].Version = 3
	w.start("b", master, "").logged(`"to":"MASTER"`)
	k := w.start("a", p, "")
	until(t, "the master is known", func() bool {
		st, err := control.Get(t.Context(), k.runDir)
		return err == nil && st.Instances[0].Master != ""
	})
	w.In("br", "ip", "link", "set", "pa", "down")
	k.logged(`"msg":"transition"`, `"to":"FAULT"`, "interface eth0 is down")
	k.stop()
}

// TestPolledInterface: an interface of linkbeat_interfaces is asked for its carrier.
func TestPolledInterface(t *testing.T) {
	w := newWire(t)
	p := testPlan(150)
	p.Groups.Linkbeat = []plan.LinkbeatInterface{{Interface: "eth0", Method: "MII"}} // a veth has none: ETHTOOL is next
	k := w.start("a", p, "")
	k.logged(`"msg":"carrier"`, "MII does not work there", `"instead":"ETHTOOL"`)
	k.logged(`"msg":"transition"`, `"to":"MASTER"`)
	w.In("br", "ip", "link", "set", "pa", "down")
	k.logged(`"msg":"carrier"`, `"interface":"eth0"`, `"up":false`)
	k.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"FAULT"`, "interface eth0 is down")
	w.In("br", "ip", "link", "set", "pa", "up")
	k.logged(`"msg":"carrier"`, `"interface":"eth0"`, `"up":true`)
	k.logged(`"msg":"transition"`, `"from":"FAULT"`, `"to":"BACKUP"`)
	k.stop()
}

// TestDynamicInterfaces: an interface that is not there is a fault until it is there, up, and has an
// address; one that goes is a fault again. Without the keyword the plan is refused.
func TestDynamicInterfaces(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "set", "eth0", "name", "later")
	p := testPlan(150)
	refused := w.start("a", p, "")
	if code := refused.wait(); code != 3 || !strings.Contains(refused.text(), `interface "eth0" does not exist`) {
		t.Errorf("exit status %d:\n%s", code, refused.text())
	}
	p.Global.VRRP = &plan.VRRPGlobal{DynamicInterfaces: true}
	k := w.start("a", p, "")
	k.logged(`"msg":"transition"`, `"to":"FAULT"`, "interface eth0 is down")
	w.In("a", "ip", "link", "set", "later", "down")
	w.In("a", "ip", "link", "set", "later", "name", "eth0")
	w.In("a", "ip", "link", "set", "eth0", "up")
	ear := w.listen("b")
	k.logged(`"msg":"transition"`, `"from":"FAULT"`, `"to":"BACKUP"`)
	ear.hears(51, 150)
	w.In("a", "ip", "link", "del", "eth0")
	k.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"FAULT"`)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestUntrackedInterface: with dont_track_primary a link that is down is no fault.
func TestUntrackedInterface(t *testing.T) {
	w := newWire(t)
	p := testPlan(150)
	p.Instances[0].Link.UntrackedInterface = true
	k := w.start("a", p, "")
	k.logged(`"msg":"transition"`, `"to":"MASTER"`)
	w.In("br", "ip", "link", "set", "pa", "down")
	until(t, "the link is down", func() bool { return strings.Contains(w.In("a", "ip", "link", "show", "eth0"), "NO-CARRIER") })
	w.In("br", "ip", "link", "set", "pa", "up")
	ear := w.listen("b")
	ear.hears(51, 150)
	k.stop()
	if strings.Contains(k.text(), `"to":"FAULT"`) {
		t.Error("it was in fault")
	}
}

// bfdSessionOf is a session of host a or b with the other. A machine that is busy with other tests may hold a
// process up for seconds: that must not be a failure.
func bfdSessionOf(host string) plan.BFDInstance {
	a, b := netip.MustParseAddr("10.77.0.1"), netip.MustParseAddr("10.77.0.2")
	if host == "b" {
		a, b = b, a
	}
	return plan.BFDInstance{
		Name: "thing", Source: a, Neighbor: b, MinRx: 100 * time.Millisecond, MinTx: 100 * time.Millisecond, IdleTx: time.Second,
		Multiplier: 50, TTL: 255, VRRP: true, Checker: true,
	}
}

// TestBFDWithKeepalived: karun and Debian's keepalived watch each other, and each changes its priority when
// the other comes and goes.
func TestBFDWithKeepalived(t *testing.T) {
	w := newWire(t)
	p := testPlan(150)
	p.Trackables.BFD = []plan.BFDInstance{bfdSessionOf("a")}
	p.Instances[0].TrackBFD = []plan.Tracker{{Name: "thing", Weight: -30}}
	k := w.start("a", p, "")
	fromKarun, fromKeepalived := w.listen("b"), w.listen("a")
	fromKarun.hears(51, 120)
	stop := w.keepalived("b", `
bfd_instance peer {
	neighbor_ip 10.77.0.1
	source_ip 10.77.0.2
	min_rx 100
	min_tx 100
	multiplier 50
}
vrrp_instance V {
	interface eth0
	virtual_router_id 9
	priority 90
	track_bfd {
		peer weight 20
	}
	virtual_ipaddress {
		10.77.0.200/24
	}
}
`)
	fromKarun.hears(51, 150)
	fromKeepalived.hears(9, 110)
	k.tracks("VI_1", control.Tracked{Kind: plan.KindBFD.String(), Name: "thing", Known: true, Up: true, Weight: -30})
	until(t, "the session in the status", func() bool { s := k.status().BFD; return len(s) == 1 && s[0].Up && s[0].State == "Up" })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	fromKeepalived.hears(9, 90)
	again := w.start("a", p, k.runDir)
	fromKarun.hears(51, 150)
	fromKeepalived.hears(9, 110)
	stop()
	fromKarun.hears(51, 120)
	again.logged(`"msg":"bfd"`, `"from":"Up"`, `"to":"Down"`, "detection time")
	again.stop()
}

// TestBFDIPv6: over IPv6, on the port for several hops, with packets from a passive neighbour.
func TestBFDIPv6(t *testing.T) {
	w := newWire(t)
	plans := map[string]*plan.Plan{}
	for host, address := range map[string]string{"a": "fd00:77::1", "b": "fd00:77::2"} {
		w.In(host, "ip", "addr", "add", address+"/64", "dev", "eth0", "nodad")
		session := bfdSessionOf(host)
		session.Source = netip.MustParseAddr(address)
		session.Neighbor = netip.MustParseAddr(map[string]string{"a": "fd00:77::2", "b": "fd00:77::1"}[host])
		session.Multihop, session.TTL, session.Passive = true, 64, host == "b"
		plans[host] = testPlan(150)
		plans[host].Instances = plans[host].Instances[:0]
		plans[host].Trackables.BFD = []plan.BFDInstance{session}
	}
	b := w.start("b", plans["b"], "")
	b.logged(`"msg":"ready"`)
	a := w.start("a", plans["a"], "")
	for _, k := range []*karun{a, b} {
		k.logged(`"msg":"bfd"`, `"session":"thing"`, `"to":"Up"`)
	}
	a.stop()
	b.logged(`"msg":"bfd"`, `"from":"Up"`, `"to":"Down"`)
	b.stop()
}

// TestTrackedThroughCrashes: a vrrp process that is started again knows what is tracked; sessions of a BFD
// process that died are down until it is there again.
func TestTrackedThroughCrashes(t *testing.T) {
	w := newWire(t)
	other := testPlan(150)
	other.Instances, other.Trackables.BFD = nil, []plan.BFDInstance{bfdSessionOf("b")}
	b := w.start("b", other, "")
	path := filepath.Join(t.TempDir(), "number")
	w.write(path, "2")
	p := testPlan(150)
	p.Trackables.Files = []plan.TrackFile{{Name: "f", Path: path, Watch: plan.Watch{Weight: 1}}}
	p.Trackables.BFD = []plan.BFDInstance{bfdSessionOf("a")}
	p.Instances[0].TrackFiles = []plan.Tracker{{Name: "f", Weight: -10}}
	p.Instances[0].TrackBFD = []plan.Tracker{{Name: "thing", Weight: 5}}
	k, ear := w.start("a", p, ""), w.listen("b")
	ear.hears(51, 135)
	k.killProcess("vrrp")
	k.logged(`"msg":"transition"`, `"from":"INIT"`, `"to":"BACKUP"`, `"priority":135`)
	k.killProcess("bfd")
	k.logged(`"msg":"tracked"`, `"name":"thing"`, `"up":false`)
	until(t, "a new BFD process", func() bool { return strings.Count(k.text(), `"msg":"bfd","session":"thing"`) >= 2 })
	ear.hears(51, 135)
	if code := k.stop() + b.stop(); code != 0 {
		t.Errorf("exit statuses %d", code)
	}
}

// killProcess kills a child, by its name in the status.
func (k *karun) killProcess(name string) {
	k.t.Helper()
	for _, p := range k.status().Processes {
		if p.Name == name && p.PID > 0 {
			killPID(k.t, p.PID)
			return
		}
	}
	k.t.Fatalf("no process %q", name)
}

// TestGroupTracks: what a sync group tracks counts for each of its members, with the group's weight.
func TestGroupTracks(t *testing.T) {
	w := newWire(t)
	link, file := thingsToTrack["interface"](w), thingsToTrack["file"](w)
	p := testPlan(150)
	second := p.Instances[0]
	second.Name, second.VRID = "VI_2", 52
	second.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.101/24"), Interface: "eth0"}}
	p.Instances = append(p.Instances, second)
	file.add(p, [2]int{-7, 0})
	p.Instances[1].TrackFiles = nil
	p.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: []string{"VI_1", "VI_2"},
		TrackFiles: []plan.Tracker{{Name: "thing", Weight: -30}}, TrackInterfaces: []plan.Tracker{{Name: "thing"}}}}
	k, ear := w.start("a", p, ""), w.listen("b")
	ear.hears(51, 150)
	ear.hears(52, 150)
	file.fail()
	ear.hears(51, 120)
	ear.hears(52, 120)
	link.fail()
	for _, name := range []string{"VI_1", "VI_2"} {
		k.logged(`"msg":"transition"`, `"instance":"`+name+`"`, `"from":"MASTER"`, `"to":"FAULT"`)
	}
	file.heal()
	link.heal()
	ear.hears(51, 150)
	ear.hears(52, 150)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestReloadTracking: a reload brings other things to track, and other weights; a BFD session that stays as it
// is on the wire stays up, one that changes begins anew.
func TestReloadTracking(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "addr", "add", "10.77.0.3/24", "dev", "eth0")
	path := filepath.Join(t.TempDir(), "number")
	w.write(path, "2")
	first, second := bfdSessionOf("a"), bfdSessionOf("a")
	second.Name, second.Source = "second", netip.MustParseAddr("10.77.0.3")
	others := testPlan(150)
	others.Instances, others.Trackables.BFD = nil, []plan.BFDInstance{bfdSessionOf("b"), bfdSessionOf("b")}
	others.Trackables.BFD[1].Name, others.Trackables.BFD[1].Neighbor = "second", second.Source
	b := w.start("b", others, "")
	p := func(weight int) *plan.Plan {
		p := testPlan(150)
		p.Trackables.Files = []plan.TrackFile{{Name: "f", Path: path, Watch: plan.Watch{Weight: 1}, Init: &plan.FileInit{Value: 2, Overwrite: true}}}
		p.Instances[0].TrackFiles = []plan.Tracker{{Name: "f", Weight: weight}}
		p.Instances[0].TrackBFD = []plan.Tracker{{Name: "thing", Weight: 5}, {Name: "second", Weight: 3}}
		p.Trackables.BFD = []plan.BFDInstance{first, second}
		return p
	}
	k, ear := w.start("a", p(-10), ""), w.listen("b")
	ear.hears(51, 138) // 150 - 2·10 + 5 + 3
	w.write(path, "3")
	ear.hears(51, 128)
	next := p(-20)
	next.Trackables.BFD[1].MinTx *= 2
	next.Trackables.Processes = []plan.TrackProcess{{Name: "gone", Command: "no-such-thing", Quorum: 1, Match: plan.MatchName}}
	next.Instances[0].TrackProcesses = []plan.Tracker{{Name: "gone", Weight: -4}}
	if r := k.reload(next); r.Outcome != control.ReloadDone {
		t.Fatalf("%+v", r)
	}
	ear.hears(51, 94) // 150 - 3·20 + 5 + 3 - 4: the first number was not written again
	w.write(path, "0")
	ear.hears(51, 154)
	next.Trackables.BFD, next.Instances[0].TrackBFD = next.Trackables.BFD[:1], next.Instances[0].TrackBFD[:1]
	if r := k.reload(next); r.Outcome != control.ReloadDone {
		t.Fatalf("%+v", r)
	}
	ear.hears(51, 151)
	if n := strings.Count(k.text(), `"session":"thing"`); n != 1 {
		t.Errorf("the session that stayed says %d times what it is", n)
	}
	if n := strings.Count(k.text(), `"msg":"process","name":"bfd"`); n != 1 {
		t.Errorf("%d BFD processes", n)
	}
	if code := k.stop() + b.stop(); code != 0 {
		t.Errorf("exit statuses %d", code)
	}
}
