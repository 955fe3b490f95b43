package plan

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// sampleGlobal is a Global in which everything is set.
func sampleGlobal(at Origin, cmd *Command) Global {
	process := Process{Name: "vrrp", Nice: -5, NoSwap: true, RealTimePriority: 50, RealTimeLimit: 10 * time.Millisecond, CPUs: []int{0, 2}}
	fifo := &FIFO{Origin: at, Path: "/run/fifo", User: "nobody", Group: "nogroup", Script: cmd}
	buffer := Buffer{Bytes: 65536, Force: true}
	return Global{
		RouterID: "lb1", ScriptUser: "nobody", ScriptGroup: "nogroup", ScriptSecurity: true,
		Mail: &Mail{
			Origin: at, Recipients: []string{"root@example.org"}, From: "lb1@example.org", Server: "192.0.2.25:25",
			ConnectTimeout: 30 * time.Second, HELO: "lb1", VRRPAlerts: true, VirtualServerAlerts: true,
			RealServerAlerts: true, NoFaults: true, NoChecks: true,
		},
		Startup:  &HookScript{Command: *cmd, Timeout: 10 * time.Second},
		Shutdown: &HookScript{Command: *cmd, Timeout: 5 * time.Second},
		Processes: &Processes{Origin: at, Name: "ka", VRRP: process, Checks: process, BFD: process,
			MaxAutoPriority: 99, MinAutoPriorityDelay: time.Second},
		FIFOs: &FIFOs{Origin: at, All: fifo, VRRP: fifo, LVS: fifo, PriorityChanges: true, StatesOnReload: true},
		VRRP: &VRRPGlobal{
			Origin: at, Strict: true, NoAdvertToLower: true, AdvertToHigher: true, CheckUnicastSource: true,
			SkipAddressCheck: true, ChecksumAsV2: true, OwnerIgnoresAdverts: true, LogUnknownVRIDs: true,
			DynamicInterfaces: true, ChangingInterfaces: true, NoLocalIGMP: true, GARPInterval: time.Millisecond,
			NAInterval: time.Microsecond, ExtraInterval: 100 * time.Second, ExtraAll: true,
			StartupDelay: 5 * time.Second, AfterBoot: time.Minute, MACPrefix: "vrrp", AddressMACPrefix: "v",
		},
		LVS: &LVSGlobal{
			Origin: at, TCP: 900 * time.Second, TCPFIN: time.Minute, UDP: 300 * time.Second, FlushOnStart: true,
			FlushOnStop: "own", LogAllFailures: true, NotifyAtStart: true,
			Sync: &SyncDaemon{Origin: at, Interface: "eth1", Instance: "VI_1", ID: 51, MaxLength: 1400, Port: 8848,
				TTL: 1, Group: netip.MustParseAddr("224.0.0.81")},
		},
		Firewall: &Firewall{
			Origin: at, IPTables: &IPTables{Input: "IN", Output: "OUT", Sets: []string{"a", "b"}}, Counters: true,
			NFTables: &NFTables{Table: "keepalived", Priority: -1, ByIndex: true},
			IPVS:     &NFTablesIPVS{Table: "keepalived_ipvs", Priority: 1, FirstMark: 1000},
		},
		Buffers: &Buffers{Origin: at, VRRPCommand: buffer, VRRPMonitor: buffer, LVSCommand: buffer, LVSMonitor: buffer,
			ProcessMonitor: buffer, AdvertMTU: true, AdvertMessages: true, AdvertBytes: 4096, AdvertMultiplier: 3},
		SNMP: &SNMP{Origin: at, Socket: "udp:192.0.2.1:705", Traps: true, VRRP: true, RFC2: true, RFC3: true, Checks: true,
			VirtualServerInterval: 5 * time.Second, RealServerInterval: 2 * time.Second},
		DBus: &DBus{Origin: at, Enabled: true, Service: "org.keepalived.Vrrp1", NoInterface: "none"},
		Files: &Files{
			Origin: at, StateDump: "/tmp/a", StatsDump: "/tmp/b", JSONDump: "/tmp/c", JSONVersion: 2, InstanceInNames: true,
			ConfigCopies: "/tmp/d", TemporaryConfig: "/tmp/e", CheckReload: true, CheckReloadLog: "/dev/null",
			ReloadTime: "/tmp/f", ReloadRepeat: true, Reload: "/tmp/g", ReloadInPID: true, Umask: 0o177, KeepSymlinks: true,
			IPRouteDefaults: "/usr/share/iproute2", IPRouteSettings: "/etc/iproute2", IncludeChecks: []string{"read"},
		},
		Run: &Run{Origin: at, Namespace: "blue", IPVSNamespace: "red", IPVSElsewhere: true, IPSetsInNamespace: true,
			PIDFolder: true, Instance: "one", ChildWait: 5 * time.Second, PollLinks: true},
	}
}

// TestSampleSetsEverything finds settings that the round trip does not try.
func TestSampleSetsEverything(t *testing.T) {
	at := Origin{File: "node1.conf", Line: 7}
	g := sampleGlobal(at, &Command{Origin: at, Argv: []string{"/bin/true"}, User: "nobody", Group: "nogroup"})
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if v.IsZero() {
			t.Errorf("%s is not set", path)
		}
		switch v.Kind() {
		case reflect.Pointer:
			walk(path, v.Elem())
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[netip.Addr]() {
				return
			}
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	walk("Global", reflect.ValueOf(g))
}
