package support

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/health"
)

// TestWhatServersSayAndKarunDoesNot: each feature is named once with its first place, and --allow-partial
// leaves a plan with nothing to complain about, the plan itself unchanged.
func TestWhatServersSayAndKarunDoesNot(t *testing.T) {
	cmd := &plan.Command{Argv: []string{"/bin/true"}}
	real := netip.MustParseAddrPort("10.0.0.2:80")
	check := plan.Check{
		Kind: plan.TCPCheck, Target: real, Source: netip.MustParseAddr("10.0.0.9"), FirewallMark: 3, Alpha: true,
		LogAllFailures: true, ConnectTimeout: time.Second, Origin: plan.Origin{File: "a.conf", Line: 9},
	}
	dns := check
	dns.Kind, dns.DNS = plan.DNSCheck, &plan.DNSSettings{Type: "A", Name: "."}
	vs := plan.VirtualServer{
		Address: netip.MustParseAddrPort("10.0.0.1:80"), Protocol: plan.TCP, Scheduler: "rr", Quorum: 2, Hysteresis: 1,
		QuorumUp: cmd, Sorry: &plan.SorryServer{Address: real}, Omega: true, HASuspend: true, Alpha: true,
		RealServers: []plan.RealServer{{Address: real, Inhibit: true, NotifyDown: cmd, Checks: []plan.Check{check, dns}}},
	}
	other := vs
	other.Address = netip.MustParseAddrPort("10.0.0.1:81")
	p := &plan.Plan{VirtualServers: []plan.VirtualServer{vs, other}}
	list := Missing(p)
	all := strings.Join(texts(list), "\n")
	for _, want := range []string{
		"quorum", "quorum_up", "sorry_server", "omega", "ha_suspend", "alpha", "inhibit_on_failure", "notify_down",
		"bindto", "fwmark", "log_all_failures", `a.conf:9: virtual server tcp 10.0.0.1:80: health check "DNS_CHECK" is not run`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing about %s in:\n%s", want, all)
		}
	}
	if len(list) != 12 || strings.Count(all, "(and 1 more virtual servers)") != len(list) {
		t.Errorf("%d problems:\n%s", len(list), all)
	}
	q := Without(p, list)
	if left := Missing(q); len(left) != 0 {
		t.Errorf("still not run: %v", texts(left))
	}
	if rs := q.VirtualServers[0].RealServers[0]; len(rs.Checks) != 1 || rs.Checks[0].Kind != plan.TCPCheck {
		t.Errorf("checks left: %v", rs.Checks)
	}
	if len(Missing(p)) != len(list) {
		t.Error("the plan itself was changed")
	}
	bare := plan.VirtualServer{FirewallMark: 7, Scheduler: "sh", SchedulerFlags: 3, OnePacket: true, Method: plan.TUN,
		Tunnel: plan.Tunnel{Type: plan.TunnelGRE}, Persistence: time.Minute, PersistenceEngine: "sip", Quorum: 1,
		RealServers: []plan.RealServer{{Address: real, UpperThreshold: 3}}}
	if left := Missing(&plan.Plan{VirtualServers: []plan.VirtualServer{bare}}); len(left) != 0 {
		t.Errorf("what the kernel does is refused: %v", texts(left))
	}
}

func texts(list []Lack) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.String()
	}
	return out
}

// TestChecksAreThoseOfTheRuntime: what is said to run is what there is a checker for.
func TestChecksAreThoseOfTheRuntime(t *testing.T) {
	for _, kind := range []plan.CheckKind{
		plan.TCPCheck, plan.HTTPGet, plan.SSLGet, plan.SMTPCheck, plan.DNSCheck, plan.UDPCheck, plan.PingCheck,
		plan.MiscCheck, plan.FileCheck, plan.BFDCheck,
	} {
		if _, err := health.New(plan.Check{Kind: kind}); (err == nil) != Checks(kind) {
			t.Errorf("%s: said to run: %v, the runtime: %v", kind, Checks(kind), err)
		}
	}
}

// TestSettingsOfTheNodeAreCopied: what is left out of a plan stays in the plan that it was taken from.
func TestSettingsOfTheNodeAreCopied(t *testing.T) {
	p := &plan.Plan{Global: plan.Global{
		LVS: &plan.LVSGlobal{FlushOnStart: true, FlushOnStop: "none", Sync: &plan.SyncDaemon{Interface: "eth0"}},
	}}
	list := Missing(p)
	if len(list) != 2 {
		t.Errorf("%d are missing: %v", len(list), texts(list))
	}
	if left := Missing(Without(p, list)); len(left) != 0 {
		t.Errorf("still missing: %v", texts(left))
	}
	if again := Missing(p); len(again) != len(list) {
		t.Errorf("the plan itself was changed: %v", texts(again))
	}
}
