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

// session is a node of one instance or several, with its virtual clock.
type session struct {
	node      *vrrp.Node
	members   []member
	groups    []plan.SyncGroup
	behaviour vrrp.Behaviour
	now       vrrp.Instant
}

// member is an instance of the node with the address that it sends from.
type member struct {
	inst   plan.Instance
	source netip.Addr
}

// do runs one command and returns the trace. "on NAME" before it is for one instance; without that packets
// are for the first and everything else for all.
func (s *session) do(words []string) ([]string, error) {
	var to []int
	for i := range s.members {
		to = append(to, i)
	}
	if words[0] == "on" {
		to = slices.DeleteFunc(to, func(i int) bool { return s.members[i].inst.Name != words[1] })
		words = words[2:]
	} else if words[0] == "receive" || words[0] == "status" {
		to = to[:1]
	}
	args := options(words[1:])
	switch words[0] {
	case "instance":
		s.now, s.members, s.groups = 0, nil, nil
		return nil, s.instance(args)
	case "member":
		return nil, s.instance(args)
	case "group":
		return nil, s.group(args)
	case "advance":
		return s.advance(words[1])
	case "skip": // the process slept: the clock goes on and nobody looks at deadlines
		d, err := time.ParseDuration(words[1])
		s.now = s.now.Add(d)
		return nil, err
	case "status":
		return s.status(to[0]), nil
	}
	return s.tell(to, words, args)
}

// tell gives an event to instances.
func (s *session) tell(to []int, words []string, args map[string]string) (lines []string, err error) {
	for _, i := range to {
		var ev vrrp.Event
		switch words[0] {
		case "start":
			start := vrrp.Start{Source: s.members[i].source, LinkUp: args["link"] != "down"}
			if args["source"] == "none" {
				start.Source = netip.Addr{}
			}
			if args["delay"] != "" {
				start.Delay, err = time.ParseDuration(args["delay"])
			}
			ev = start
		case "receive":
			var packet []byte
			packet, err = s.packet(i, args)
			ev = vrrp.PacketReceived{Packet: packet}
		case "script":
			ev = vrrp.TrackedChanged{Kind: plan.KindScript, Name: words[1], Up: words[2] == "up"}
		case "link":
			ev = vrrp.LinkChanged{Up: words[1] == "up"}
		case "source":
			address, _ := netip.ParseAddr(words[1]) // "none" is no address
			ev = vrrp.SourceChanged{Source: address}
		case "lost":
			ev = vrrp.AddressLost{Address: netip.MustParseAddr(words[1])}
		case "stop":
			ev = vrrp.Stop{}
		case "reload": // the options are those of instance; what is known of scripts that stay is kept
			var inst plan.Instance
			inst, err = reloadInstance(args)
			s.members[i].inst = inst
			ev = vrrp.Reload{Instance: inst, Tracked: inst.Tracked()}
		case "delete":
			ev = vrrp.Delete{}
		case "tick": // somebody looks at the clock
			ev = vrrp.Tick{}
		default:
			return nil, fmt.Errorf("no such command")
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, s.step(i, ev)...)
	}
	return lines, nil
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

// instance adds an instance to the node, which begins anew.
func (s *session) instance(args map[string]string) error {
	m := member{testInstance(), netip.MustParseAddr("10.9.0.1")}
	if len(s.members) == 0 {
		s.behaviour = vrrp.Karun()
	}
	var err error
	for key, value := range args {
		switch key {
		case "behaviour":
			b, ok := vrrp.Keepalived(value)
			if !ok {
				return fmt.Errorf("unknown version %s", value)
			}
			s.behaviour = b
		case "name":
			m.inst.Name = value
		case "source":
			m.source, err = netip.ParseAddr(value)
		case "track":
			m.inst.TrackScripts, err = parseTracks(value)
		default:
			err = setOption(&m.inst, key, value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	s.members = append(s.members, m)
	s.build()
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

// group puts all instances into a sync group.
func (s *session) group(args map[string]string) error {
	g := plan.SyncGroup{Name: args["name"]}
	for _, m := range s.members {
		g.Members = append(g.Members, m.inst.Name)
	}
	if args["track"] != "" {
		tracks, err := parseTracks(args["track"])
		if err != nil {
			return err
		}
		for _, t := range tracks {
			g.TrackScripts = append(g.TrackScripts, plan.Tracker{Name: t.Script, Weight: t.Weight, Reverse: t.Reverse})
		}
	}
	s.groups = append(s.groups, g)
	s.build()
	return nil
}

func (s *session) build() {
	p := &plan.Plan{Groups: plan.Groups{Sync: s.groups}}
	for _, m := range s.members {
		p.Instances = append(p.Instances, m.inst)
	}
	s.node = vrrp.NewNode(p, s.behaviour)
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
	case "timer-expired-backup":
		n, err = strconv.ParseUint(value, 10, 8)
		inst.Deviations.TimerExpiredBackup = uint8(n)
	case "vrid":
		n, err = strconv.ParseUint(value, 10, 8)
		inst.VRID = uint8(n)
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
	case "unicast":
		inst.Unicast = &plan.Unicast{Peers: []plan.Peer{{Address: netip.MustParseAddr(value)}}, TTL: 255}
	case "lower-no-advert":
		inst.Deviations.LowerPriorityNoAdvert = true
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
func (s *session) packet(to int, args map[string]string) (packet []byte, err error) {
	other := s.members[to].inst
	priority, source := uint64(100), "10.9.0.2"
	for key, value := range args {
		switch key {
		case "prio":
			priority, err = strconv.ParseUint(value, 10, 8)
		case "src":
			source = value
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

// step gives an event to an instance; the trace names instances where there are several.
func (s *session) step(i int, ev vrrp.Event) (lines []string) {
	for _, o := range s.node.Step(s.now, i, ev) {
		name := ""
		if len(s.members) > 1 {
			name = s.members[o.Instance].inst.Name + " "
		}
		lines = append(lines, fmt.Sprintf("t=%.6fs %s%s", time.Duration(s.now).Seconds(), name, describe(o.Action)))
	}
	return lines
}

// advance lets time go on, waking the machines at their deadlines.
func (s *session) advance(word string) (lines []string, err error) {
	d, err := time.ParseDuration(word)
	if err != nil {
		return nil, err
	}
	end := s.now.Add(d)
	for range 10_000 {
		at, ok := s.node.NextDeadline()
		if !ok || at > end {
			s.now = end
			return lines, nil
		}
		s.now = max(s.now, at)
		i, _ := s.node.Due(s.now)
		lines = append(lines, s.step(i, vrrp.Tick{})...)
	}
	return nil, fmt.Errorf("the machine does not let time go on")
}

func (s *session) status(i int) []string {
	m := s.node.Machine(i)
	st := m.Status()
	lines := []string{fmt.Sprintf("%v priority %d of %d, since %v, master %v (%d)",
		st.State, st.Priority, st.BasePriority, time.Duration(st.Since), st.Master, st.MasterPriority)}
	for _, fault := range st.Faults {
		lines = append(lines, "fault: "+fault)
	}
	for _, script := range st.Pending {
		lines = append(lines, "pending: "+script)
	}
	if at, ok := m.NextDeadline(); ok {
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

// describe writes an action for people.
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
	case vrrp.AnnounceSource:
		return fmt.Sprintf("announce the source %v", a.Source)
	case vrrp.NotifyState:
		if a.Group != "" {
			return fmt.Sprintf("notify group %s %v", a.Group, a.State)
		}
		return fmt.Sprintf("notify %v %d", a.State, a.Priority)
	case vrrp.Transition:
		return fmt.Sprintf("%v→%v priority %d: %s", a.From, a.To, a.Priority, a.Cause)
	case vrrp.PriorityChanged:
		return fmt.Sprintf("priority %d→%d: %s", a.From, a.To, a.Cause)
	case vrrp.HeardLower:
		first := ""
		if a.First {
			first = ", first"
		}
		return fmt.Sprintf("heard the lower priority %d from %v, own is %d%s", a.Heard, a.Source, a.Priority, first)
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
