//go:build linux

package ipvs_test

import (
	"errors"
	"net/netip"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netns"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/ipvs"
	"ka/runtime/lab/uml"
)

// table opens the IPVS table of a network namespace of its own, in the guest.
func table(t *testing.T) *ipvs.Handle {
	t.Helper()
	runtime.LockOSThread() // never given back
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	// Without any address the kernel takes none for unicast.
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h, err := ipvs.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// saved is what "ipvsadm -Sn" prints, sorted: its order is its own.
func saved(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("ipvsadm", "-Sn").CombinedOutput()
	if err != nil {
		t.Fatalf("ipvsadm -Sn: %v\n%s", err, out)
	}
	return sorted(string(out))
}

func sorted(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] == "" {
		return nil
	}
	slices.Sort(lines)
	return lines
}

func ipvsadm(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ipvsadm", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ipvsadm %s: %v\n%s", args, err, out)
	}
}

func snapshot(t *testing.T, h *ipvs.Handle) []effect.Object {
	t.Helper()
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return have
}

func texts(objects []effect.Object) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o.String())
	}
	slices.Sort(out)
	return out
}

// service makes a virtual server with one real server for each further address.
func service(address, scheduler string, method plan.Method, real ...string) plan.VirtualServer {
	vs := plan.VirtualServer{Address: netip.MustParseAddrPort(address), Protocol: plan.TCP, Scheduler: scheduler, Method: method}
	for i, r := range real {
		vs.RealServers = append(vs.RealServers, plan.RealServer{Address: netip.MustParseAddrPort(r), Weight: uint32(i + 1), Method: method})
	}
	return vs
}

func TestWritesReadsAndIpvsadmAgree(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t)
		return
	}
	h := table(t)
	p := &plan.Plan{VirtualServers: []plan.VirtualServer{
		service("192.168.8.100:80", "rr", plan.DR, "192.168.8.130:80", "192.168.8.131:80"),
		service("192.168.8.100:443", "wlc", plan.NAT, "10.0.0.1:8443"),
		service("[2001:db8::1]:80", "sh", plan.TUN, "[2001:db8::2]:80"),
	}}
	p.VirtualServers[0].Persistence = 50e9
	p.VirtualServers[1].Persistence, p.VirtualServers[1].PersistenceNetmask = 300e9, netip.MustParseAddr("255.255.255.0")
	p.VirtualServers[2].Persistence, p.VirtualServers[2].PersistenceNetmask = 60e9, netip.MustParseAddr("ffff:ffff:ffff:ffff::")
	p.VirtualServers[1].Protocol = plan.UDP
	want := effect.All(p)
	for range 2 { // the second time all is there
		for _, w := range want {
			if err := h.Apply(effect.Change{Op: effect.Add, Want: w.Object}); err != nil {
				t.Fatal(err)
			}
		}
	}
	have := snapshot(t, h)
	if rest := effect.Diff(effect.Owned(have, want), want, "test"); len(rest) != 0 || len(have) != len(want) {
		t.Errorf("still to do: %v; have %v", rest, have)
	}
	if got := saved(t); !slices.Equal(got, texts(have)) {
		t.Errorf("ipvsadm:\n%s\nread:\n%s", strings.Join(got, "\n"), strings.Join(texts(have), "\n"))
	}
	// Updates: another scheduler, another weight, another method.
	p.VirtualServers[0].Scheduler, p.VirtualServers[0].RealServers[1].Weight = "wrr", 0
	p.VirtualServers[1].RealServers[0].Method = plan.DR
	want = effect.All(p)
	for _, c := range effect.Diff(effect.Owned(have, want), want, "test") {
		if c.Op != effect.Update {
			t.Errorf("%s is no update", c)
		}
		if err := h.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	have = snapshot(t, h)
	if rest := effect.Diff(effect.Owned(have, want), want, "test"); len(rest) != 0 {
		t.Errorf("still to do: %v", rest)
	}
	for range 2 {
		for _, c := range effect.Diff(effect.Owned(have, want), nil, "test") {
			if err := h.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := saved(t); got != nil {
		t.Errorf("left over: %v", got)
	}
}

func TestEverythingIsReadAndWritten(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t)
		return
	}
	h := table(t)
	for _, args := range []string{
		"-A -f 7 -s rr -o",
		"-A -f 8 -6 -s wlc",
		"-A -t 10.0.0.1:80 -s sh -b sh-fallback,sh-port",
		"-A --sctp-service 10.0.0.1:9 -s dh",
		"-a -t 10.0.0.1:80 -r 10.0.0.2:80 -i --tun-type gue --tun-port 9999 --tun-csum -w 3",
		"-a -t 10.0.0.1:80 -r 10.0.0.3:80 -i --tun-type gre --tun-nocsum -w 4",
		"-a -t 10.0.0.1:80 -r 2001:db8::9 -i -w 5",
		"-a -f 7 -r 10.0.0.4:0 -g -w 2147483647",
		"-a --sctp-service 10.0.0.1:9 -r 10.0.0.5:9 -m -w 1",
	} {
		ipvsadm(t, args)
	}
	if got, read := saved(t), texts(snapshot(t, h)); !slices.Equal(got, read) {
		t.Errorf("ipvsadm:\n%s\nread:\n%s", strings.Join(got, "\n"), strings.Join(read, "\n"))
	}
	ipvsadm(t, "-a -f 7 -r 10.0.0.6:0 -g -w 1 -x 100 -y 50")
	have := snapshot(t, h)
	if !slices.ContainsFunc(have, func(o effect.Object) bool {
		d, ok := o.(effect.Destination)
		return ok && d.UpperThreshold == 100 && d.LowerThreshold == 50
	}) {
		t.Error("thresholds were not read")
	}
	// What the library cannot write (tunnels, another family) is written all the same.
	before := saved(t)
	for _, c := range effect.Diff(have, nil, "test") {
		if err := h.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	if got := saved(t); got != nil {
		t.Errorf("left over: %v", got)
	}
	for range 2 {
		for _, o := range have {
			if err := h.Apply(effect.Change{Op: effect.Add, Want: o}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if after := saved(t); !slices.Equal(after, before) {
		t.Errorf("before:\n%s\nafter:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t)
		return
	}
	h := table(t)
	vs := service("10.0.0.1:80", "nq", plan.NAT, "10.0.0.2:80")
	err := h.Apply(effect.Change{Op: effect.Add, Want: effect.Services(&vs, nil)[0]})
	if err == nil || !strings.Contains(err.Error(), `-A -t 10.0.0.1:80 -s nq`) || !strings.Contains(err.Error(), "modprobe ip_vs_nq") {
		t.Errorf("a scheduler that is not there: %v", err)
	}
	err = h.Apply(effect.Change{Op: effect.Add, Want: effect.NewDestination(effect.Services(&vs, nil)[0].ServiceID, &vs.RealServers[0])})
	if err == nil || !strings.Contains(err.Error(), "its service is not there") {
		t.Errorf("a destination without its service: %v", err)
	}
	if err := h.Apply(effect.Change{Op: effect.Remove, Have: effect.NewDestination(effect.Services(&vs, nil)[0].ServiceID, &vs.RealServers[0])}); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	for name, want := range map[string]ipvs.Availability{"rr": ipvs.Loaded, "nq": ipvs.Loadable, "nosuch": ipvs.Missing, "../x": ipvs.Missing} {
		if got := ipvs.HasScheduler(name); got != want {
			t.Errorf("scheduler %q is %s, want %s", name, got, want)
		}
	}
	if got := saved(t); got != nil {
		t.Errorf("asking changed the table: %v", got)
	}
}

func TestKernelWithoutIPVSIsAnError(t *testing.T) {
	h, err := ipvs.Open()
	if err == nil {
		h.Close()
		t.Log("this kernel has IPVS")
		return
	}
	if !errors.Is(err, ipvs.ErrNoIPVS) {
		t.Errorf("error %v", err)
	}
}
