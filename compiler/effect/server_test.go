package effect_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// servers is a virtual server with a sorry server and two real servers, one of which has a check.
func servers(change func(*plan.VirtualServer)) *plan.Plan {
	vs := plan.VirtualServer{
		Address: netip.MustParseAddrPort("192.0.2.1:80"), Protocol: plan.TCP, Scheduler: "rr", Quorum: 1,
		Sorry: &plan.SorryServer{Address: netip.MustParseAddrPort("10.0.0.9:80")},
		RealServers: []plan.RealServer{
			{Address: netip.MustParseAddrPort("10.0.0.1:80"), Weight: 1, Checks: []plan.Check{{Kind: plan.TCPCheck}}},
			{Address: netip.MustParseAddrPort("10.0.0.2:80"), Weight: 3},
		},
	}
	change(&vs)
	return &plan.Plan{VirtualServers: []plan.VirtualServer{vs}}
}

// TestPhasesOfServers: what is in the table at the start, after the first success, and without a quorum is
// what keepalived has (reference ipvs 2).
func TestPhasesOfServers(t *testing.T) {
	alpha := func(vs *plan.VirtualServer) { vs.RealServers[0].Checks[0].Alpha = true }
	for _, tt := range []struct {
		name   string
		change func(*plan.VirtualServer)
		// want is each phase with the last byte of the servers' addresses and their weights.
		want string
	}{
		{"as usual", func(*plan.VirtualServer) {}, "start +1w1 +2w3; quorum lost -1w1 -2w3 +9w1; stop -1w1 -2w3"},
		{"alpha", alpha, "start +2w3; all real servers up +1w1; quorum lost -1w1 -2w3 +9w1; stop -1w1 -2w3"},
		{"alpha without a quorum", func(vs *plan.VirtualServer) { alpha(vs); vs.Quorum = 4 },
			"start +9w1; all real servers up -9w1 +1w1 +2w3; quorum lost -1w1 -2w3 +9w1; stop -1w1 -2w3"},
		{"alpha without a sorry server", func(vs *plan.VirtualServer) { alpha(vs); vs.Quorum, vs.Sorry = 4, nil },
			"start +2w3; all real servers up +1w1; stop -1w1 -2w3"},
		{"inhibit", func(vs *plan.VirtualServer) { alpha(vs); vs.RealServers[0].Inhibit, vs.Sorry.Inhibit = true, true },
			"start +1w0 +2w3 +9w0; all real servers up ~1w1; quorum lost -2w3 ~1w0 ~9w1; stop -1w1 -2w3 -9w0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, ph := range effect.Phases(servers(tt.change), effect.Facts{}) {
				text := ph.Name
				for _, c := range ph.Changes {
					if line := c.Object().String(); strings.HasPrefix(line, "-a ") {
						words := strings.Fields(line)
						server := strings.TrimSuffix(words[slices.Index(words, "-r")+1], ":80")
						text += " " + string(c.Op) + server[len(server)-1:] + "w" + words[slices.Index(words, "-w")+1]
					}
				}
				got = append(got, text)
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

// TestAllHasTheSorryServer: what may ever be added is owned.
func TestAllHasTheSorryServer(t *testing.T) {
	n := 0
	for _, w := range effect.All(servers(func(*plan.VirtualServer) {})) {
		if w.Kind() == effect.KindDestination {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d servers, want both real servers and the sorry server", n)
	}
}
