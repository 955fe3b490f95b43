package plan

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func equal(a, b *Plan) string {
	return cmp.Diff(a, b,
		cmp.Comparer(func(x, y netip.Addr) bool { return x == y }),
		cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }),
		cmp.Comparer(func(x, y netip.AddrPort) bool { return x == y }))
}

// sample is a plan in which everything is set.
func sample() *Plan {
	at := Origin{File: "node1.conf", Line: 7}
	cmd := &Command{Origin: at, Argv: []string{"/bin/true", "a b", "<&>"}, User: "nobody", Group: "nogroup"}
	vip := Address{Origin: at, Prefix: netip.MustParsePrefix("192.0.2.1/24"), Interface: "eth0", Label: "eth0:1", Broadcast: netip.MustParseAddr("192.0.2.255"), Scope: 253}
	lifetime := uint32(600)
	vip.DAD, vip.Home, vip.TemporaryBase, vip.NoPrefixRoute, vip.Autojoin, vip.NoTrack, vip.UseVMAC = true, true, true, true, true, true, true
	vip.TrackGroup = "TG"
	vip.Peer, vip.PreferredLifetime = netip.MustParseAddr("192.0.2.7"), &lifetime
	tracker := []Tracker{{Origin: at, Name: "eth1", Weight: -3, Reverse: true}}
	return &Plan{
		Node: "node1", Environment: Environment{ConfigID: "n1", Hash: strings.Repeat("0a", 32)},
		Sources: []Source{{File: "node1.conf", SHA256: strings.Repeat("ff", 32)}},
		Global:  sampleGlobal(at, cmd),
		Scripts: []Script{{Origin: at, Name: "chk", Command: *cmd, Interval: 1500 * time.Millisecond, Timeout: time.Second, Weight: -20, Reverse: true, Rise: 1, Fall: 3, InitFail: true}},
		Instances: []Instance{{
			Origin: at, Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: 100, InitialState: StateBackup,
			NoPreempt: true, PreemptDelay: 1500 * time.Microsecond, AdvertInterval: time.Second, DownTimerAdverts: 3,
			Auth: Auth{Type: AuthPass, Password: "p\xe4ss"}, Source: netip.MustParseAddr("192.0.2.9"), Group: netip.MustParseAddr("224.0.0.18"),
			GARP: GARP{Delay: 5 * time.Second, Repeat: 5, Refresh: time.Minute, RefreshRepeat: 1, LowerPriorityDelay: 5 * time.Second, LowerPriorityRepeat: 5, ExtraInterval: time.Second, ExtraAll: true},
			VIPs: []Address{vip}, Excluded: []Address{vip},
			Routes:       []Route{{Origin: at, Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.254"), Interface: "eth0", Table: 254, Metric: 5}},
			Rules:        []Rule{fullRule(at)},
			TrackScripts: []TrackScript{{Origin: at, Script: "chk", Weight: -20, Reverse: true}},
			Notify: Notify{Master: cmd, Backup: cmd, Fault: cmd, Stop: cmd, Any: cmd, LowerPriority: cmd, Deleted: cmd,
				DeletedState: true, PriorityChanges: true, Mail: true},
			TrackSource: true,
			HMAC: &HMAC{Origin: at, ActiveKey: 2, TimeWindow: 5 * time.Second, Replay: ReplayTime, Mode: HMACPermissive,
				Keys: []HMACKey{{Origin: at, ID: 1, Secret: strings.Repeat("\xff", 32)}, {Origin: at, ID: 2, File: "/etc/key"}}},
			Unicast: &Unicast{TTL: 64, CheckSource: true, Checksum: ChecksumOld, Peers: []Peer{{Origin: at, Address: netip.MustParseAddr("192.0.2.8"), MinTTL: 254, MaxTTL: 255}}},
			Link: Link{VMAC: &VMAC{Origin: at, Name: "vrrp.51", GeneratedName: true, MAC: [6]byte{0, 0, 0x5e, 0, 1, 51}, Group: "3", TransmitBase: true, NetlinkNotify: true},
				AddressVMACs:     []AddressVMAC{{Origin: at, Name: "v.51", Base: "eth1", IPv6: true, MAC: [6]byte{2}}},
				VMACForAddresses: true, VRF: "red", UntrackedInterface: true, Polling: true, PromoteSecondaries: true, ReceiveBufferBytes: 4096},
			Deviations: Deviations{Strict: true, NoAccept: true, SkipAddressCheck: true, ChecksumWithoutHeader: true, LowerPriorityNoAdvert: true,
				HigherPrioritySendAdvert: true, OwnerIgnoreAdverts: true, TimerExpiredBackup: 254, NoVIPs: true},
			TrackInterfaces: tracker, TrackFiles: tracker, TrackProcesses: tracker, TrackBFD: tracker,
		}, {
			Origin: at, Name: "VI_2", Interface: "eth0", Version: 2, VRID: 52, Priority: 100, InitialState: StateMaster,
			AdvertInterval: time.Second, DownTimerAdverts: 3, Auth: Auth{Type: AuthHeader, Password: "key"}, Group: netip.MustParseAddr("224.0.0.18"),
			Unicast: &Unicast{TTL: TTLKernel, Checksum: ChecksumAuto},
			Link:    Link{IPVLAN: &IPVLAN{Origin: at, Name: "vrrp.52", GeneratedName: true, Mode: "vepa", Group: "lan", Address: netip.MustParsePrefix("192.0.2.3/24")}},
		}},
		StaticAddresses: []Address{{Origin: at, Prefix: netip.MustParsePrefix("2001:db8::1/64"), Interface: "eth1"}},
		StaticRoutes:    []Route{fullRoute(at), {Origin: at, Destination: netip.MustParsePrefix("2001:db8:1::/48"), Source: netip.MustParseAddr("2001:db8::1"), Table: 10, Scope: 0}},
		StaticRules:     []Rule{fullRule(at)}, Groups: fullGroups(at, cmd), Trackables: fullTrackables(at),
		TLS:                 &TLS{Origin: at, CA: "/etc/ca", Certificate: "/etc/cert", Key: "/etc/key", Password: "p\xe4ss"},
		VirtualServerGroups: sampleGroups(at),
		VirtualServers:      sampleServers(at, cmd),
		Needs:               []Need{{Kind: NeedInterface, Name: "eth0", Origin: at}, {Kind: NeedIPVS, Origin: at}},
		LeftOut:             []LeftOut{{Origin: at, Text: "eight 3", Reason: "unknown"}},
	}
}

func sampleGroups(at Origin) []VirtualServerGroup {
	return []VirtualServerGroup{{Origin: at, Name: "web", Members: []GroupMember{
		{Origin: at, First: netip.MustParseAddr("192.0.2.10"), Last: netip.MustParseAddr("192.0.2.19"), Port: 80},
		{Origin: at, FirewallMark: 7, IPv6: true},
	}}}
}

func sampleServers(at Origin, cmd *Command) []VirtualServer {
	real := netip.MustParseAddrPort("192.0.2.2:80")
	check := func(kind CheckKind) Check {
		return Check{
			Origin: at, Kind: kind, Target: real, Source: netip.MustParseAddr("192.0.2.9"), SourcePort: 99, Interface: "eth0",
			FirewallMark: 3, ConnectTimeout: 3 * time.Second, Retry: 3, DelayBeforeRetry: 3 * time.Second,
			DelayLoop: 6 * time.Second, Warmup: 6 * time.Second, Alpha: true, LogAllFailures: true,
		}
	}
	local := func(kind CheckKind) Check {
		c := check(kind)
		c.Target = netip.AddrPort{}
		return c
	}
	checks := []Check{check(TCPCheck), check(PingCheck), check(HTTPGet), check(SMTPCheck), check(DNSCheck), check(UDPCheck), local(MiscCheck), local(FileCheck), local(BFDCheck)}
	checks[2].HTTP = &HTTPSettings{Protocol: HTTP10Close, FastRecovery: true, URLs: []URL{{
		Origin: at, Path: "/", Host: "a.example", ServerName: "b.example", TLSCompliant: true, Codes: []CodeRange{{200, 299}, {404, 404}},
		Digest:  strings.Repeat("0a", 16),
		Pattern: &Pattern{Expression: "^a\xe4", Inverted: true, Options: []string{"caseless"}, MinOffset: 1, MaxOffset: 9, StackStart: 1024, StackMax: 2048},
	}}}
	checks[3].SMTP = &SMTPSettings{HeloName: "me"}
	checks[4].DNS = &DNSSettings{Type: "A", Name: "example.org"}
	checks[5].UDP = &UDPSettings{Payload: []byte{0, 255}, RequireReply: true, Reply: "0xxf", MinReplyBytes: 1, MaxReplyBytes: 65535}
	checks[6].Misc = &MiscSettings{Command: *cmd, Timeout: 1500 * time.Millisecond, Dynamic: true}
	checks[7].File = &FileSettings{TrackFile: "f", Weight: -3, Reverse: true}
	checks[8].BFD = &BFDSettings{Name: "b"}
	gue := Tunnel{Type: TunnelGUE, Port: 6080, Checksum: TunnelRemoteChecksum}
	return []VirtualServer{
		{
			Origin: at, Address: netip.MustParseAddrPort("192.0.2.1:80"), Protocol: TCP, Scheduler: "wrr", SchedulerFlags: 5, OnePacket: true, Method: DR,
			Persistence: 50 * time.Second, PersistenceNetmask: netip.MustParseAddr("255.255.255.0"), PersistenceEngine: "sip",
			Alpha: true, Omega: true, HASuspend: true, Quorum: 3, Hysteresis: 2, QuorumUp: cmd, QuorumDown: cmd,
			Sorry:     &SorryServer{Origin: at, Address: real, Method: TUN, Tunnel: gue, Inhibit: true},
			SMTPAlert: true, SNMPName: "web",
			RealServers: []RealServer{{
				Origin: at, Address: real, Weight: 3, Method: TUN, Tunnel: gue, UpperThreshold: 9, LowerThreshold: 4, Inhibit: true,
				NotifyUp: cmd, NotifyDown: cmd, SMTPAlert: true, SNMPName: "one", Checks: checks,
			}},
		},
		{Origin: at, FirewallMark: 7, IPv6: true, Scheduler: "rr", Method: NAT, Quorum: 1},
		{Origin: at, Group: "web", Ordinal: 1, Protocol: UDP, Scheduler: "sh", SchedulerFlags: 3, Method: TUN, Tunnel: Tunnel{Type: TunnelGRE, Checksum: TunnelChecksummed}, Quorum: 1},
	}
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, data)
	have, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := equal(want, have); diff != "" {
		t.Error(diff)
	}
	again, err := Encode(have)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("encoding again gives other bytes (%v)", err)
	}
	if !bytes.HasSuffix(data, []byte("}\n")) {
		t.Error("no newline at the end")
	}
}

// TestRoundTripProperty draws plans and wants them back.
func TestRoundTripProperty(t *testing.T) {
	word := rapid.StringN(1, 12, 40).Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
	rapid.Check(t, func(t *rapid.T) {
		p := sample()
		p.Node, p.Global.RouterID = word.Draw(t, "node"), word.Draw(t, "router id")
		in := &p.Instances[0]
		in.Name = word.Draw(t, "name")
		in.VRID, in.Priority = rapid.Uint8Range(1, 255).Draw(t, "vrid"), rapid.Uint8Range(1, 255).Draw(t, "priority")
		in.Auth.Password = string(rapid.SliceOfN(rapid.ByteRange(1, 255), 1, 8).Draw(t, "password"))
		in.PreemptDelay = time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "delay")) * time.Microsecond
		in.AdvertInterval = time.Duration(rapid.Int64Range(1, 255).Draw(t, "interval")) * time.Second
		a := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "vip")))
		in.VIPs[0].Prefix = netip.PrefixFrom(a, rapid.IntRange(0, 32).Draw(t, "bits"))
		rs := &p.VirtualServers[0].RealServers[0]
		rs.Weight = rapid.Uint32Range(0, 1<<31-1).Draw(t, "weight")
		six := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "real server")))
		rs.Address = netip.AddrPortFrom(six, rapid.Uint16().Draw(t, "port"))
		p.LeftOut[0].Text = string(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		data, err := Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		have, err := Decode(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if diff := equal(p, have); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestDamage changes one thing in a good plan and looks for the path in the error.
func TestDamage(t *testing.T) {
	good, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"vrid", `"vrid": 51`, `"vrid": 256`, "instances[0].vrid: 256 is outside 1..255"},
		{"auth type", `"type": "AH"`, `"type": "AX"`, "instances[1].auth.type"},
		{"active key", `"active_key": 2`, `"active_key": 3`, "instances[0].hmac.active_key: there is no key 3"},
		{"two keys", `"file": "/etc/key"`, `"file": ""`, "instances[0].hmac.keys[1]: a key has either a secret or a file"},
		{"mac", "00:00:5e:00:01:33", "00:00:5e:00:01:333", "instances[0].link.vmac.mac"},
		{"ttl", `"ttl": -1`, `"ttl": -2`, "instances[1].unicast.ttl: -2 is outside -1..255"},
		{"vrid text", `"vrid": 51`, `"vrid": "51"`, "vrid: string where a number belongs"},
		{"interval", `"advert_interval_ms": 1000`, `"advert_interval_ms": 0`, "instances[0].advert_interval_ms"},
		{"fraction", `"advert_interval_ms": 1000`, `"advert_interval_ms": 1500`, "version 2 counts whole seconds"},
		{"initial", `"initial_state": "BACKUP"`, `"initial_state": "SLAVE"`, `instances[0].initial_state: "SLAVE"`},
		{"address", `"prefix": "192.0.2.1/24"`, `"prefix": "192.0.2.1/33"`, "instances[0].vips[0].prefix"},
		{"interface", `"interface": "eth0",
      "version"`, `"interface": "a/b",
      "version"`, "instances[0].interface"},
		{"script", `"script": "chk"`, `"script": "other"`, `instances[0].track_scripts[0].script: there is no script "other"`},
		{"checker", `"kind": "TCP_CHECK"`, `"kind": "MOON_CHECK"`, "virtual_servers[0].real_servers[0].checks[0].kind"},
		{"settings", `"kind": "TCP_CHECK"`, `"kind": "DNS_CHECK"`, "virtual_servers[0].real_servers[0].checks[0].dns"},
		{"range", `"last": "192.0.2.19"`, `"last": "192.0.2.9"`, "virtual_server_groups[0].members[0].last"},
		{"group", `"group": "web"`, `"group": "mail"`, `virtual_servers[2].group: there is no virtual_server_group "mail"`},
		{"identity", `"address": "192.0.2.1:80",
      "protocol"`, `"protocol"`, "virtual_servers[0]: not exactly one of"},
		{"protocol", `"protocol": "tcp"`, `"protocol": "icmp"`, "virtual_servers[0].protocol"},
		{"need", `"kind": "interface"`, `"kind": "moon"`, "needs[0].kind"},
		{"hash", strings.Repeat("ff", 32), "ff", "sources[0].sha256"},
		{"field", `"node": "node1"`, `"node": "node1", "nodes": 2`, `unknown field "nodes"`},
		{"negative", `"weight": 3,`, `"weight": -3,`, "real_servers[0].weight"},
		{"format", `"format": "ka-plan"`, `"format": "other"`, "this is no plan"},
		{"tail", "\n}\n", "\n}{}\n", "something follows"},
	} {
		data := bytes.Replace(good, []byte(c.from), []byte(c.to), 1)
		if bytes.Equal(data, good) {
			t.Errorf("%s: nothing to replace", c.name)
			continue
		}
		_, err := Decode(data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "p\xe4ss") {
			t.Errorf("%s: the error shows the password", c.name)
		}
	}
	for n := 0; n < len(good)-2; n += 7 {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are read as a plan", n, len(good))
		}
	}
}

func TestVersions(t *testing.T) {
	good, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	next := bytes.Replace(good, []byte(`"major": 1`), []byte(`"major": 2`), 1)
	var wrong *VersionError
	if _, err := Decode(next); !errors.As(err, &wrong) || wrong.Major != 2 {
		t.Errorf("another major: %v", err)
	}
	minor := bytes.Replace(good, fmt.Appendf(nil, `"minor": %d`, Minor), fmt.Appendf(nil, `"minor": %d`, Minor+1), 1)
	minor = bytes.Replace(minor, []byte(`"node": "node1"`), []byte(`"node": "node1", "colour": {"of": "the sky"}`), 1)
	if _, err := Decode(minor); err != nil {
		t.Errorf("a newer minor with a field of its own: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":{"format":"ka-plan","major":1,"minor":0}}`))
	f.Add([]byte(`{"version":{"format":"ka-plan","major":2,"minor":0}}`))
	f.Add(good[:len(good)/2])
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Decode(again)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v\n%s", err, again)
		}
		if diff := equal(p, q); diff != "" {
			t.Error(diff)
		}
	})
}
