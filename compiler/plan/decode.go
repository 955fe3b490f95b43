package plan

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"ka/lang/schema/kw"
)

// Bounds of what is read. They are far above anything that a machine can hold.
const (
	maxEntries    = 1 << 20
	maxWords      = 4096
	maxIfName     = 15
	maxPassword   = 8
	maxIntervalMs = 255_000
	minIntervalMs = 10
)

// reader turns a document into a plan. The first thing that is wrong is kept, with its path; what is
// read after it does not matter.
type reader struct{ err error }

func (r *reader) fail(path, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...))
	}
}

// read converts a list of at most most entries; an empty one is nil in the plan.
func read[From, To any](r *reader, path string, in []From, most int, convert func(string, *From) To) []To {
	if len(in) > most {
		r.fail(path, "%d entries, more than %d", len(in), most)
		return nil
	}
	if len(in) == 0 || r.err != nil {
		return nil
	}
	out := make([]To, len(in))
	for i := range in {
		out[i] = convert(path+"["+strconv.Itoa(i)+"]", &in[i])
		if r.err != nil {
			return nil
		}
	}
	return out
}

func (r *reader) plan(d *document) *Plan {
	p := &Plan{
		Node:        string(d.Node),
		Environment: Environment{ConfigID: string(d.Environment.ConfigID), Hash: r.sum("environment.hash", d.Environment.Hash)},
		Sources: read(r, "sources", d.Sources, maxEntries, func(path string, s *jsonSource) Source {
			return Source{File: r.name(path+".file", s.File), SHA256: r.sum(path+".sha256", s.SHA256)}
		}),
		Global:              r.global("global", &d.Global),
		Scripts:             read(r, "scripts", d.Scripts, maxEntries, r.script),
		Instances:           read(r, "instances", d.Instances, maxEntries, r.instance),
		StaticAddresses:     read(r, "static_addresses", d.StaticAddresses, maxEntries, r.address),
		StaticRoutes:        read(r, kw.StaticRoutes, d.StaticRoutes, maxEntries, r.route),
		StaticRules:         read(r, kw.StaticRules, d.StaticRules, maxEntries, r.rule),
		Groups:              r.groups(&d.jsonGroups),
		Trackables:          r.trackables(&d.jsonTrackables),
		TLS:                 r.tls("tls", d.TLS),
		VirtualServerGroups: read(r, "virtual_server_groups", d.ServiceGroups, maxEntries, r.serviceGroup),
		VirtualServers:      read(r, "virtual_servers", d.VirtualServers, maxEntries, r.virtual),
		Needs:               read(r, "needs", d.Needs, maxEntries, r.need),
		LeftOut: read(r, "left_out", d.LeftOut, maxEntries, func(path string, l *jsonLeftOut) LeftOut {
			return LeftOut{Origin: r.origin(path+".origin", l.Origin), Text: string(l.Text), Reason: string(l.Reason)}
		}),
	}
	if r.err == nil {
		r.references(p)
	}
	return p
}

// references checks that names are given once and that every script that is tracked is there.
func (r *reader) references(p *Plan) {
	scripts := map[string]bool{}
	for i, s := range p.Scripts {
		if scripts[s.Name] {
			r.fail(fmt.Sprintf("scripts[%d].name", i), "%q is there twice", s.Name)
		}
		scripts[s.Name] = true
	}
	instances := map[string]bool{}
	for i, in := range p.Instances {
		if instances[in.Name] {
			r.fail(fmt.Sprintf("instances[%d].name", i), "%q is there twice", in.Name)
		}
		instances[in.Name] = true
		for j, t := range in.TrackScripts {
			if !scripts[t.Script] {
				r.fail(fmt.Sprintf("instances[%d].track_scripts[%d].script", i, j), "there is no script %q", t.Script)
			}
		}
	}
	r.services(p)
}

func (r *reader) command(path string, c *jsonCommand) *Command {
	if c == nil {
		return nil
	}
	out := &Command{
		Origin: r.origin(path+".origin", c.Origin), Argv: r.words(path+".argv", c.Argv, maxWords),
		User: r.word(path+".user", c.User), Group: r.word(path+".group", c.Group),
	}
	if len(out.Argv) == 0 || out.Argv[0] == "" {
		r.fail(path+".argv", "no program")
	}
	return out
}

func (r *reader) script(path string, s *jsonScript) Script {
	out := Script{
		Origin: r.origin(path+".origin", s.Origin), Name: r.name(path+".name", s.Name),
		Interval: r.duration(path+".interval_ms", s.IntervalMs, time.Millisecond),
		Timeout:  r.duration(path+".timeout_ms", s.TimeoutMs, time.Millisecond),
		Weight:   r.weight(path+".weight", s.Weight), Reverse: s.Reverse,
		Rise: int(r.number(path+".rise", int64(s.Rise), 1, math.MaxInt32)),
		Fall: int(r.number(path+".fall", int64(s.Fall), 1, math.MaxInt32)), InitFail: s.InitFail,
	}
	if cmd := r.command(path+".command", &s.Command); cmd != nil {
		out.Command = *cmd
	}
	if out.Interval == 0 || out.Timeout == 0 {
		r.fail(path+".interval_ms", "an interval or a timeout of 0")
	}
	return out
}

func (r *reader) instance(path string, in *jsonInstance) Instance {
	out := Instance{
		Origin: r.origin(path+".origin", in.Origin), Name: r.name(path+".name", in.Name),
		Interface: r.iface(path+".interface", in.Interface, in.Unicast == nil),
		Version:   int(r.number(path+".version", int64(in.Version), 2, 3)),
		VRID:      uint8(r.number(path+".vrid", int64(in.VRID), 1, 255)),
		Priority:  uint8(r.number(path+".priority", int64(in.Priority), 1, 255)),
		NoPreempt: in.NoPreempt,

		PreemptDelay:     r.duration(path+".preempt_delay_us", in.PreemptDelayUs, time.Microsecond),
		AdvertInterval:   time.Duration(r.number(path+".advert_interval_ms", in.AdvertIntervalMs, minIntervalMs, maxIntervalMs)) * time.Millisecond,
		DownTimerAdverts: int(r.number(path+".down_timer_adverts", int64(in.DownTimerAdverts), 1, 100)),
		Source:           r.addr(path+".source", in.Source, false),
		Group:            r.addr(path+".group", in.Group, true),
		GARP:             r.garp(path+".garp", &in.GARP),
		VIPs:             read(r, path+".vips", in.VIPs, maxEntries, r.address),
		Excluded:         read(r, path+".excluded", in.Excluded, maxEntries, r.address),
		Routes:           read(r, path+".routes", in.Routes, maxEntries, r.route),
		Rules:            read(r, path+".rules", in.Rules, maxEntries, r.rule),
		TrackScripts: read(r, path+".track_scripts", in.TrackScripts, maxEntries, func(path string, t *jsonTrack) TrackScript {
			return TrackScript{
				Origin: r.origin(path+".origin", t.Origin), Script: r.name(path+".script", t.Script),
				Weight: r.weight(path+".weight", t.Weight), Reverse: t.Reverse,
			}
		}),
		Notify: Notify{
			Master: r.command(path+".notify.master", in.Notify.Master),
			Backup: r.command(path+".notify.backup", in.Notify.Backup),
			Fault:  r.command(path+".notify.fault", in.Notify.Fault),
			Stop:   r.command(path+".notify.stop", in.Notify.Stop),
			Any:    r.command(path+".notify.any", in.Notify.Any),

			LowerPriority: r.command(path+".notify.lower_priority", in.Notify.LowerPriority),
			Deleted:       r.command(path+".notify.deleted", in.Notify.Deleted),
			DeletedState:  in.Notify.DeletedState, PriorityChanges: in.Notify.PriorityChanges, Mail: in.Notify.Mail,
		},
	}
	r.instanceMore(path, in, &out)
	out.InitialState = r.state(path+".initial_state", in.InitialState)
	out.Auth = r.auth(path+".auth", in.Auth)
	r.instanceMatches(path, &out)
	return out
}

// instanceMatches checks what must fit together in an instance.
func (r *reader) instanceMatches(path string, in *Instance) {
	if r.err != nil {
		return
	}
	if !in.Group.IsMulticast() {
		r.fail(path+".group", "%s is no multicast address", in.Group)
	}
	if in.Version == 2 && in.AdvertInterval%time.Second != 0 {
		r.fail(path+".advert_interval_ms", "version 2 counts whole seconds")
	}
	if len(in.VIPs) > 255 {
		r.fail(path+".vips", "%d addresses, an advert counts at most 255", len(in.VIPs))
	}
	for i, a := range in.VIPs {
		if a.Prefix.Addr().Is4() != in.VIPs[0].Prefix.Addr().Is4() {
			r.fail(fmt.Sprintf("%s.vips[%d]", path, i), "addresses of both families are advertised")
		}
	}
}

func (r *reader) state(path, word string) State {
	for _, s := range []State{StateMaster, StateBackup} {
		if word == s.String() {
			return s
		}
	}
	r.fail(path, "%q is neither MASTER nor BACKUP", word)
	return StateInit
}

func (r *reader) auth(path string, a *jsonAuth) Auth {
	if a == nil {
		return Auth{}
	}
	if n := len(a.Password); n == 0 || n > maxPassword {
		r.fail(path+".password", "%d bytes where 1 to %d belong", n, maxPassword)
	}
	for kind, word := range authWords {
		if a.Type == word {
			return Auth{Type: kind, Password: string(a.Password)}
		}
	}
	r.fail(path+".type", "%q is neither PASS nor AH", a.Type)
	return Auth{}
}

func (r *reader) garp(path string, g *jsonGARP) GARP {
	return GARP{
		Delay:               r.duration(path+".delay_ms", g.DelayMs, time.Millisecond),
		Repeat:              r.count(path+".repeat", g.Repeat),
		Refresh:             r.duration(path+".refresh_ms", g.RefreshMs, time.Millisecond),
		RefreshRepeat:       r.count(path+".refresh_repeat", g.RefreshRepeat),
		LowerPriorityDelay:  r.duration(path+".lower_priority_delay_ms", g.LowerPriorityDelayMs, time.Millisecond),
		LowerPriorityRepeat: r.count(path+".lower_priority_repeat", g.LowerPriorityRepeat),
		ExtraInterval:       r.duration(path+".extra_interval_ms", g.ExtraIntervalMs, time.Millisecond),
		ExtraAll:            g.ExtraAll,
	}
}

func (r *reader) address(path string, a *jsonAddress) Address {
	out := Address{
		Origin: r.origin(path+".origin", a.Origin), Prefix: r.prefix(path+".prefix", a.Prefix),
		Interface: r.iface(path+".interface", a.Interface, true),
		Label:     r.label(path+".label", a.Label),
		Broadcast: r.addr(path+".broadcast", a.Broadcast, false),
		Scope:     uint8(r.number(path+".scope", int64(a.Scope), 0, 255)),
		Peer:      r.addr(path+".peer", a.Peer, false),
		DAD:       a.DAD, Home: a.Home, TemporaryBase: a.TemporaryBase, NoPrefixRoute: a.NoPrefixRoute,
		Autojoin: a.Autojoin, NoTrack: a.NoTrack, UseVMAC: a.UseVMAC,
		TrackGroup: r.word(path+".track_group", a.TrackGroup),
	}
	if a.PreferredS != nil {
		seconds := uint32(r.number(path+".preferred_lft_s", *a.PreferredS, 0, LifetimeForever))
		out.PreferredLifetime = &seconds
	}
	if out.Peer.IsValid() && out.Peer.Is4() != out.Prefix.Addr().Is4() {
		r.fail(path+".peer", "is of another family than the address")
	}
	if out.Broadcast.IsValid() && !(out.Broadcast.Is4() && out.Prefix.Addr().Is4()) {
		r.fail(path+".broadcast", "only IPv4 has broadcast addresses")
	}
	return out
}

var needKinds = []NeedKind{NeedInterface, NeedUser, NeedGroup, NeedExecutable, NeedIPVS, NeedScheduler, NeedTable, NeedFile}

func (r *reader) need(path string, n *jsonNeed) Need {
	if !slices.Contains(needKinds, NeedKind(n.Kind)) {
		r.fail(path+".kind", "this release does not know the need %q", n.Kind)
	}
	return Need{Kind: NeedKind(n.Kind), Name: r.word(path+".name", n.Name), Origin: r.origin(path+".origin", n.Origin)}
}

// sum reads a SHA-256 in hexadecimal digits.
func (r *reader) sum(path, digits string) string {
	if b, err := hex.DecodeString(digits); err != nil || len(b) != 32 {
		r.fail(path, "no SHA-256")
	}
	return digits
}
