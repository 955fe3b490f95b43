//go:build linux

package director

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/ipvs"
	"ka/runtime/lab/need"
	"ka/runtime/process"
)

// TestRefusesBesideKarun: two directors in one namespace would not hear each other.
func TestRefusesBesideKarun(t *testing.T) {
	w := newWire(t)
	k := w.start("a", testPlan(100), "")
	k.logged(`"msg":"ready"`)
	second := w.start("a", testPlan(100), "")
	if code := second.wait(); code != 1 || !strings.Contains(second.text(), "another karun runs in this network namespace") {
		t.Errorf("exit status %d:\n%s", code, second.text())
	}
	// In another namespace the same run directory is taken.
	third := w.start("b", testPlan(100), k.runDir)
	if code := third.wait(); code != 1 || !strings.Contains(third.text(), "another karun uses the run directory") {
		t.Errorf("exit status %d:\n%s", code, third.text())
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestRefusesBesideKeepalived uses Debian's.
func TestRefusesBesideKeepalived(t *testing.T) {
	program := need.Program(t, "keepalived")
	w := newWire(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "keepalived.conf")
	text := "vrrp_instance V {\n interface eth0\n virtual_router_id 9\n virtual_ipaddress {\n  10.77.0.200/24\n }\n}\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"netns", "exec", w.Namespace("a"), program, "-n", "-l", "-f", conf}
	for _, f := range []string{"-p", "-r", "-c", "-b"} {
		args = append(args, f, filepath.Join(dir, "pid"+f))
	}
	ka := exec.Command("ip", args...)
	if err := ka.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = ka.Wait(); close(ended) }()
	t.Cleanup(func() { _ = ka.Process.Signal(os.Interrupt); <-ended })
	until(t, "keepalived", func() bool { return read(filepath.Join(dir, "pid-r")) != "" })
	before := w.State("a")
	k := w.start("a", testPlan(100), "")
	if code := k.wait(); code != 1 || !strings.Contains(k.text(), "keepalived runs in this network namespace") {
		t.Errorf("exit status %d:\n%s", code, k.text())
	}
	if got := w.State("a"); got != before {
		t.Errorf("the kernel was touched:\n%s", got)
	}
	other := w.start("b", testPlan(100), "")
	other.logged(`"msg":"ready"`) // another namespace
	other.stop()
}

// TestNeedsUnmet: exit status 3, a message for each need, and nothing was touched.
func TestNeedsUnmet(t *testing.T) {
	w := newWire(t)
	p := richPlan(254)
	where := plan.Origin{File: "test.conf", Line: 7}
	p.Needs = append(p.Needs,
		plan.Need{Kind: plan.NeedInterface, Name: "eth9", Origin: where},
		plan.Need{Kind: plan.NeedUser, Name: "nosuchuser", Origin: where},
		plan.Need{Kind: plan.NeedExecutable, Name: "/etc/passwd", Origin: where},
	)
	p.Global.SNMP = &plan.SNMP{Origin: where, VRRP: true}
	p.Global.LVS = &plan.LVSGlobal{Origin: where, FlushOnStop: "none", Sync: &plan.SyncDaemon{Origin: where, Interface: "eth0", Port: 8848, Group: netip.MustParseAddr("224.0.0.81")}}
	before := w.State("a")
	runDir := filepath.Join(t.TempDir(), "run")
	k := w.start("a", p, runDir)
	w.refused("a", before, k,
		`test.conf:7: interface "eth9" does not exist`, `test.conf:7: user "nosuchuser" does not exist`,
		`test.conf:7: program "/etc/passwd" is not executable`,
		"test.conf:7: SNMP is not spoken by this release",
		"test.conf:7: the synchronisation of IPVS is not started",
	)
	k = w.start("a", p, runDir, "partial")
	k.logged(`"msg":"not-run"`, "eth9")
	k.logged(`"to":"MASTER"`)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// fakeMachine lacks what its lists name.
func fakeMachine(lacks ...string) machine {
	has := func(name string) error {
		if slices.Contains(lacks, name) {
			return errors.New("does not exist")
		}
		return nil
	}
	return machine{
		hasInterface: func(n string) bool { return has(n) == nil },
		user:         func(n string) (process.User, error) { return process.User{}, has(n) },
		group:        func(n string) (uint32, error) { return 0, has(n) },
		executable:   has, secure: func(name string, _ process.User) error { return has(name) }, runs: func(string, process.User) error { return nil },
		ipvs: func() error {
			if has("ipvs") != nil {
				return ipvs.ErrNoIPVS
			}
			return nil
		},
		scheduler: func(n string) ipvs.Availability {
			if has(n) != nil {
				return ipvs.Missing
			}
			return ipvs.Unknown
		},
	}
}

// TestPartial: what is missing takes exactly its part out of the plan.
func TestPartial(t *testing.T) {
	full := func() *plan.Plan {
		p := richPlan(100)
		p.Scripts = []plan.Script{{Name: "chk", Command: plan.Command{Argv: []string{"/chk"}}}}
		p.Instances[0].TrackScripts = []plan.TrackScript{{Script: "chk"}}
		p.Instances[0].Notify.Any = &plan.Command{Argv: []string{"/notify"}, User: "joe"}
		second := p.Instances[0]
		second.Name, second.Interface, second.VIPs = "VI_2", "eth1", []plan.Address{{Prefix: netip.MustParsePrefix("10.1.1.1/24"), Interface: "eth1"}}
		p.Instances = append(p.Instances, second)
		p.VirtualServers = []plan.VirtualServer{{Scheduler: "rr"}, {Scheduler: "lblcr"}}
		for kind, names := range map[plan.NeedKind][]string{
			plan.NeedInterface: {"eth1"}, plan.NeedExecutable: {"/chk", "/notify"}, plan.NeedUser: {"joe"},
			plan.NeedIPVS: {""}, plan.NeedScheduler: {"rr", "lblcr"},
		} {
			for _, n := range names {
				p.Needs = append(p.Needs, plan.Need{Kind: kind, Name: n})
			}
		}
		return p
	}
	shape := func(p *plan.Plan) string {
		var parts []string
		for _, i := range p.Instances {
			s := i.Name + ":" + strings.Repeat("t", len(i.TrackScripts))
			if i.Notify.Any != nil {
				s += "n"
			}
			parts = append(parts, s)
		}
		for _, v := range p.VirtualServers {
			parts = append(parts, v.Scheduler)
		}
		return strings.Join(parts, " ")
	}
	for _, tt := range []struct{ lacks, want string }{
		{"", "VI_1:tn VI_2:tn rr lblcr"},
		{"eth1", "VI_1:tn rr lblcr"},
		{"/chk", "VI_1:n VI_2:n rr lblcr"},
		{"/notify", "VI_1:t VI_2:t rr lblcr"},
		{"joe", "VI_1:t VI_2:t rr lblcr"},
		{"lblcr", "VI_1:tn VI_2:tn rr"},
		{"ipvs", "VI_1:tn VI_2:tn"},
	} {
		p := full()
		list := problems(p, fakeMachine(strings.Fields(tt.lacks)...))
		if wantProblems := min(1, len(tt.lacks)); len(list) != wantProblems {
			t.Errorf("without %q: %d problems", tt.lacks, len(list))
		}
		if got := shape(partial(p, list)); got != tt.want {
			t.Errorf("without %q: %s, want %s", tt.lacks, got, tt.want)
		}
		if got := shape(p); got != "VI_1:tn VI_2:tn rr lblcr" {
			t.Errorf("without %q: the plan itself was changed: %s", tt.lacks, got)
		}
	}
}

// TestOneKindOnAnInterface: the kernel puts no ipvlan beside a VMAC; the instance that comes second is left out.
func TestOneKindOnAnInterface(t *testing.T) {
	p := testPlan(100)
	second := p.Instances[0]
	p.Instances[0].Link.VMAC = &plan.VMAC{Name: "vrrp.51"}
	second.Name, second.Link.IPVLAN = "VI_2", &plan.IPVLAN{Name: "vrrp.52"}
	p.Instances = append(p.Instances, second)
	m := fakeMachine()
	m.hasLinkKind = func(effect.LinkKind) bool { return true }
	m.carries = func(string) error { return nil }
	list := problems(p, m)
	if len(list) != 1 || !strings.Contains(list[0].text, `instance "VI_2": interface "eth0" is to have a macvlan already`) {
		t.Fatalf("problems: %v", texts(list))
	}
	if q := partial(p, list); len(q.Instances) != 1 || q.Instances[0].Name != "VI_1" {
		t.Errorf("%d instances are left", len(q.Instances))
	}
}

// TestScriptSecurity: nothing that others can change runs as root.
func TestScriptSecurity(t *testing.T) {
	p := testPlan(100)
	p.Global.ScriptSecurity = true
	p.Instances[0].Notify.Any = &plan.Command{Argv: []string{"/loose"}}
	if list := problems(p, fakeMachine("eth9", defaultScriptUser)); len(list) != 1 || !strings.Contains(list[0].text, "script user") {
		t.Errorf("problems without a script user: %v", texts(list))
	}
	p.Global.ScriptUser = "root"
	loose := fakeMachine()
	loose.secure = func(string, process.User) error { return errors.New("can be changed by others") }
	if list := problems(p, loose); len(list) != 1 || !strings.Contains(list[0].text, `"/loose"`) {
		t.Errorf("problems with a loose program: %v", texts(list))
	}
	if list := problems(p, fakeMachine()); len(list) != 0 {
		t.Errorf("problems with a safe program: %v", texts(list))
	}
}

func texts(list []problem) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.text)
	}
	return out
}

// TestInventory: what is a leftover, what is kept, and what the journal then names.
func TestInventory(t *testing.T) {
	p := richPlan(100)
	addr := func(prefix string, protocol uint8) effect.Address {
		return effect.Address{Prefix: netip.MustParsePrefix(prefix), Interface: "eth0", Protocol: protocol}
	}
	var before journal
	before.add(addr("10.77.0.101/32", 0)) // of this plan
	before.add(addr("10.1.1.1/24", 0))    // of the plan before
	inv := takeInventory(p, &before, []effect.Object{
		addr("10.77.0.1/24", 0), addr(vip, effect.ProtocolKeepalived), addr("10.77.0.50/24", 0),
		addr("10.77.0.101/32", 0), addr("10.1.1.1/24", 0), addr("10.2.2.2/24", effect.ProtocolKeepalived),
	})
	var left []string
	for _, o := range inv.leftovers {
		left = append(left, strings.Fields(o.String())[0])
	}
	if got, want := strings.Join(left, " "), vip+" 10.77.0.101/32 10.1.1.1/24"; got != want {
		t.Errorf("leftovers %s, want %s", got, want)
	}
	if want := addr("10.77.0.50/24", 0); len(inv.kept) != 1 || inv.kept[0].Key() != want.Key() {
		t.Errorf("kept %v, want %v", inv.kept, want)
	}
	// The plan's five objects less the kept one, and the leftover of the plan before.
	if got := len(inv.journal.objects()); got != 5 {
		t.Errorf("the journal has %d objects, want 5", got)
	}
	dir := t.TempDir()
	if err := inv.journal.write(dir); err != nil {
		t.Fatal(err)
	}
	back, err := readJournal(dir)
	if err != nil || len(back.objects()) != 5 {
		t.Fatalf("read back: %v, %v", back, err)
	}
	for i, o := range back.objects() {
		if !o.Equal(inv.journal.objects()[i]) {
			t.Errorf("%s came back as %s", inv.journal.objects()[i], o)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, journalName), []byte(`{"version":1,"addr`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readJournal(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged journal: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	var got []string
	for n := range 9 {
		got = append(got, backoff(n, time.Second).String())
	}
	if s := strings.Join(got, " "); s != "0s 1s 2s 4s 8s 16s 32s 1m0s 1m0s" {
		t.Error(s)
	}
	if d := backoff(5, 2*time.Minute); d != 0 {
		t.Errorf("after a long life: %s", d)
	}
}

// refused checks that karun ended with the status of a refused plan and each of the messages once, and has touched
// nothing since the host's state was taken.
func (w *wire) refused(host, before string, k *karun, messages ...string) {
	w.T.Helper()
	if code := k.wait(); code != 3 {
		w.T.Errorf("exit status %d, want 3", code)
	}
	for _, want := range messages {
		if strings.Count(k.text(), want) != 1 {
			w.T.Errorf("no single message %q in:\n%s", want, k.text())
		}
	}
	if got := w.State(host); got != before {
		w.T.Errorf("the kernel was touched:\n%s", got)
	}
	if _, err := os.Stat(k.runDir); err == nil {
		w.T.Error("the run directory was made")
	}
}
