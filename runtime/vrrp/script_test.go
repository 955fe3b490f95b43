package vrrp_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

var update = flag.Bool("update", false, "rewrite goldens")

const scriptDir = "../../testdata/vrrp"

// TestScripts runs the scripts in testdata/vrrp. A script is paragraphs of a command and, behind
// "----", all that the machine did because of it. Only commit a changed one if you understand what
// caused the change.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(scriptDir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s (%v)", scriptDir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := runScript(old)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(old, got) {
				t.Errorf("%s: the trace differs; go test -update rewrites it:\n%s", file, firstDifference(old, got))
			}
		})
	}
}

func firstDifference(old, got []byte) string {
	a, b := strings.Split(string(old), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n  have %s\n  want %s", i+1, b[i], a[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

// runScript runs a script and returns it with its outputs as they are now.
func runScript(text []byte) ([]byte, error) {
	var out bytes.Buffer
	var s session
	for i, paragraph := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		command := ""
		for line := range strings.SplitSeq(paragraph, "\n") {
			if line == "----" {
				break
			}
			out.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				command = line
			}
		}
		if command == "" {
			continue
		}
		lines, err := s.do(strings.Fields(command))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
		out.WriteString("----\n")
		if len(lines) == 0 {
			lines = []string{"(nothing)"}
		}
		out.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return out.Bytes(), nil
}

// session is one machine with its virtual clock.
type session struct {
	machine *vrrp.Machine
	inst    plan.Instance
	source  netip.Addr
	now     vrrp.Instant
}

// do runs one command and returns the trace.
func (s *session) do(words []string) ([]string, error) {
	args := options(words[1:])
	switch words[0] {
	case "instance":
		return nil, s.instance(args)
	case "start":
		source := s.source
		if args["source"] == "none" {
			source = netip.Addr{}
		}
		return s.step(vrrp.Start{Source: source, LinkUp: args["link"] != "down"}), nil
	case "advance":
		return s.advance(words[1])
	case "skip": // the process slept: the clock goes on and nobody looks at deadlines
		d, err := time.ParseDuration(words[1])
		s.now = s.now.Add(d)
		return nil, err
	case "receive":
		packet, err := s.packet(args)
		if err != nil {
			return nil, err
		}
		return s.step(vrrp.PacketReceived{Packet: packet}), nil
	case "script":
		return s.step(vrrp.TrackedChanged{Kind: plan.KindScript, Name: words[1], Up: words[2] == "up"}), nil
	case "link":
		return s.step(vrrp.LinkChanged{Up: words[1] == "up"}), nil
	case "source":
		address, _ := netip.ParseAddr(words[1]) // "none" is no address
		return s.step(vrrp.SourceChanged{Source: address}), nil
	case "lost":
		return s.step(vrrp.AddressLost{Address: netip.MustParseAddr(words[1])}), nil
	case "stop":
		return s.step(vrrp.Stop{}), nil
	case "reload": // the options are those of instance; what is known of scripts that stay is kept
		inst, err := reloadInstance(args)
		s.inst = inst
		return s.step(vrrp.Reload{Instance: inst, Tracked: inst.Tracked()}), err
	case "delete":
		return s.step(vrrp.Delete{}), nil
	case "status":
		return s.status(), nil
	}
	return nil, fmt.Errorf("no such command")
}

// options splits key=value words; a word alone is "true". A repeated key collects with commas.
func options(words []string) map[string]string {
	m := make(map[string]string)
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			value = "true"
		}
		if m[key] != "" {
			value = m[key] + "," + value
		}
		m[key] = value
	}
	return m
}

func (s *session) instance(args map[string]string) error {
	inst := testInstance()
	s.source = netip.MustParseAddr("10.9.0.1")
	s.now = 0
	behaviour := vrrp.Karun()
	var err error
	for key, value := range args {
		switch key {
		case "behaviour":
			b, ok := vrrp.Keepalived(value)
			if !ok {
				return fmt.Errorf("unknown version %s", value)
			}
			behaviour = b
		case "source":
			s.source, err = netip.ParseAddr(value)
		case "track":
			inst.TrackScripts, err = parseTracks(value)
		default:
			err = setOption(&inst, key, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	s.inst, s.machine = inst, vrrp.NewMachine(inst, behaviour)
	return nil
}

// reloadInstance makes the instance of a reload.
func reloadInstance(args map[string]string) (inst plan.Instance, err error) {
	inst = testInstance()
	for key, value := range args {
		if key == "track" {
			inst.TrackScripts, err = parseTracks(value)
		} else {
			err = setOption(&inst, key, value)
		}
		if err != nil {
			return inst, fmt.Errorf("%s: %w", key, err)
		}
	}
	return inst, nil
}

// testInstance is keepalived's defaults with one address.
func testInstance() plan.Instance {
	return plan.Instance{
		Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: 100,
		InitialState: plan.StateBackup, AdvertInterval: time.Second, DownTimerAdverts: 3,
		GARP: plan.GARP{
			Delay: 5 * time.Second, Repeat: 5, RefreshRepeat: 1,
			LowerPriorityDelay: 5 * time.Second, LowerPriorityRepeat: 5,
		},
		VIPs: []plan.Address{{Prefix: netip.MustParsePrefix("10.9.0.100/24"), Interface: "eth0"}},
	}
}

func setOption(inst *plan.Instance, key, value string) (err error) {
	var n uint64
	switch key {
	case "priority":
		n, err = strconv.ParseUint(value, 10, 8)
		inst.Priority = uint8(n)
	case "version":
		inst.Version, err = strconv.Atoi(value)
	case "state":
		if value == "MASTER" {
			inst.InitialState = plan.StateMaster
		}
	case "nopreempt":
		inst.NoPreempt = true
	case "preempt-delay":
		inst.PreemptDelay, err = time.ParseDuration(value)
	case "interval":
		inst.AdvertInterval, err = time.ParseDuration(value)
	case "refresh":
		inst.GARP.Refresh, err = time.ParseDuration(value)
	case "delay":
		inst.GARP.Delay, err = time.ParseDuration(value)
	case "lower-delay":
		inst.GARP.LowerPriorityDelay, err = time.ParseDuration(value)
	case "lower-repeat":
		inst.GARP.LowerPriorityRepeat, err = strconv.Atoi(value)
	case "no-addresses":
		inst.VIPs = nil
	case "excluded-only":
		inst.VIPs, inst.Excluded = nil, inst.VIPs
	case "vips":
		inst.VIPs = nil
		for vip := range strings.SplitSeq(value, ",") {
			inst.VIPs = append(inst.VIPs, plan.Address{Prefix: netip.MustParsePrefix(vip), Interface: "eth0"})
		}
	case "notify-deleted":
		inst.Notify.DeletedState = true
	case "pass":
		inst.Auth = plan.Auth{Type: plan.AuthPass, Password: value}
	default:
		err = fmt.Errorf("unknown option")
	}
	return err
}

// parseTracks reads name:weight[:reverse], separated by commas.
func parseTracks(value string) (list []plan.TrackScript, err error) {
	for item := range strings.SplitSeq(value, ",") {
		words := strings.Split(item, ":")
		weight, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, err
		}
		list = append(list, plan.TrackScript{Script: words[0], Weight: weight, Reverse: len(words) > 2})
	}
	return list, nil
}

// packet makes what another node would send: our own advert with what args say.
func (s *session) packet(args map[string]string) (packet []byte, err error) {
	other := s.inst
	priority, source := uint64(100), "10.9.0.2"
	for key, value := range args {
		switch key {
		case "prio":
			priority, err = strconv.ParseUint(value, 10, 8)
		case "src":
			source = value
		case "vrid":
			var n uint64
			n, err = strconv.ParseUint(value, 10, 8)
			other.VRID = uint8(n)
		case "vips":
			other.VIPs = nil
			for vip := range strings.SplitSeq(value, ",") {
				other.VIPs = append(other.VIPs, plan.Address{Prefix: netip.MustParsePrefix(vip + "/32")})
			}
		case "bad-checksum", "ttl":
		default:
			err = setOption(&other, key, value)
		}
		if err != nil {
			return nil, err
		}
	}
	advert := vrrp.NewAdvert(other, netip.MustParseAddr(source), uint8(priority))
	packet, err = vrrp.AppendIPv4Packet(nil, advert, 1)
	if args["bad-checksum"] != "" {
		packet[26] ^= 0xff
	}
	if args["ttl"] != "" {
		packet[8] = 64
	}
	return packet, err
}

func (s *session) step(ev vrrp.Event) []string {
	return trace(s.now, s.machine.Step(s.now, ev))
}

// advance lets time go on, waking the machine at its deadlines.
func (s *session) advance(word string) (lines []string, err error) {
	d, err := time.ParseDuration(word)
	if err != nil {
		return nil, err
	}
	end := s.now.Add(d)
	for range 10_000 {
		at, ok := s.machine.NextDeadline()
		if !ok || at > end {
			s.now = end
			return lines, nil
		}
		s.now = max(s.now, at)
		lines = append(lines, s.step(vrrp.Tick{})...)
	}
	return nil, fmt.Errorf("the machine does not let time go on")
}

func (s *session) status() []string {
	st := s.machine.Status()
	lines := []string{fmt.Sprintf("%v priority %d of %d, since %v, master %v (%d)",
		st.State, st.Priority, st.BasePriority, time.Duration(st.Since), st.Master, st.MasterPriority)}
	for _, fault := range st.Faults {
		lines = append(lines, "fault: "+fault)
	}
	for _, script := range st.Pending {
		lines = append(lines, "pending: "+script)
	}
	if at, ok := s.machine.NextDeadline(); ok {
		lines = append(lines, fmt.Sprintf("next deadline in %v", at.Sub(s.now)))
	} else {
		lines = append(lines, "no deadline")
	}
	var names []string
	for name, n := range st.Counters {
		names = append(names, fmt.Sprintf("%s=%d", name, n))
	}
	slices.Sort(names)
	return append(lines, "counters: "+strings.Join(names, " "))
}

// trace writes actions for people, a line each.
func trace(now vrrp.Instant, actions []vrrp.Action) (lines []string) {
	for _, a := range actions {
		lines = append(lines, fmt.Sprintf("t=%.6fs %s", time.Duration(now).Seconds(), describe(a)))
	}
	return lines
}

func describe(a vrrp.Action) string {
	switch a := a.(type) {
	case vrrp.SendAdvert:
		return fmt.Sprintf("send advert priority %d, IP id %d", a.Priority, uint16(a.Packet[4])<<8|uint16(a.Packet[5]))
	case vrrp.AddAddresses:
		return "add addresses"
	case vrrp.RemoveAddresses:
		return "remove addresses"
	case vrrp.ChangeAddresses:
		return "change addresses"
	case vrrp.AnnounceAddresses:
		if len(a.Only) > 0 {
			return fmt.Sprintf("announce %v, %d rounds", a.Only[0].Prefix, a.Rounds)
		}
		return fmt.Sprintf("announce addresses, %d rounds", a.Rounds)
	case vrrp.NotifyState:
		return fmt.Sprintf("notify %v %d", a.State, a.Priority)
	case vrrp.Transition:
		return fmt.Sprintf("%v→%v priority %d: %s", a.From, a.To, a.Priority, a.Cause)
	case vrrp.PriorityChanged:
		return fmt.Sprintf("priority %d→%d: %s", a.From, a.To, a.Cause)
	case vrrp.Ignored:
		first := ""
		if a.First {
			first = ", first"
		}
		return fmt.Sprintf("ignored from %v, %s: %s%s", a.Source, a.Reason, a.Detail, first)
	case vrrp.Noticed:
		return fmt.Sprintf("noticed from %v, %s: %s", a.Source, a.Reason, a.Detail)
	}
	return fmt.Sprintf("%#v", a)
}
