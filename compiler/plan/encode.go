package plan

import (
	"net/netip"
	"strconv"
)

// each converts a list; an empty one is [] in the document, never null.
func each[From, To any](in []From, convert func(*From) To) []To {
	return eachInto(make([]To, 0, len(in)), in, convert)
}

// eachInto is each behind what is in out.
func eachInto[From, To any](out []To, in []From, convert func(*From) To) []To {
	for i := range in {
		out = append(out, convert(&in[i]))
	}
	return out
}

func texts(in []string) []text {
	return each(in, func(s *string) text { return text(*s) })
}

func toOrigin(o Origin) origin {
	if o == (Origin{}) {
		return ""
	}
	return origin(o.File + ":" + strconv.Itoa(o.Line))
}

func toAddr(a netip.Addr) addrText {
	if !a.IsValid() {
		return ""
	}
	return addrText(a.String())
}

// toPrefix keeps the address as it is; a Prefix of its own would lose an IPv4 address inside IPv6.
func toPrefix(p netip.Prefix) prefixText {
	return prefixText(p.Addr().String() + "/" + strconv.Itoa(p.Bits()))
}

// toDocument converts all of a plan but its virtual servers.
func toDocument(p *Plan) document {
	return document{
		Version:     version{Format: Format, Major: Major, Minor: Minor},
		Node:        text(p.Node),
		Environment: environment{ConfigID: text(p.Environment.ConfigID), Hash: p.Environment.Hash},
		Sources: each(p.Sources, func(s *Source) jsonSource {
			return jsonSource{File: text(s.File), SHA256: s.SHA256}
		}),
		Global:          toGlobal(&p.Global),
		Scripts:         each(p.Scripts, toScript),
		Instances:       each(p.Instances, toInstance),
		StaticAddresses: each(p.StaticAddresses, toAddress),
		StaticRoutes:    each(p.StaticRoutes, toRoute),
		StaticRules:     each(p.StaticRules, toRule),
		jsonGroups:      toGroups(&p.Groups),
		jsonTrackables:  toTrackables(&p.Trackables),
		TLS:             toTLS(p.TLS),
		ServiceGroups:   each(p.VirtualServerGroups, toServiceGroup),
		Needs: each(p.Needs, func(n *Need) jsonNeed {
			return jsonNeed{Kind: string(n.Kind), Name: text(n.Name), Origin: toOrigin(n.Origin)}
		}),
		LeftOut: each(p.LeftOut, func(l *LeftOut) jsonLeftOut {
			return jsonLeftOut{Origin: toOrigin(l.Origin), Text: text(l.Text), Reason: text(l.Reason)}
		}),
	}
}

func toCommand(c *Command) *jsonCommand {
	if c == nil {
		return nil
	}
	return &jsonCommand{
		Origin: toOrigin(c.Origin), Argv: texts(c.Argv), User: text(c.User), Group: text(c.Group),
	}
}

func toScript(s *Script) jsonScript {
	return jsonScript{
		Origin: toOrigin(s.Origin), Name: text(s.Name), Command: *toCommand(&s.Command),
		IntervalMs: s.Interval.Milliseconds(), TimeoutMs: s.Timeout.Milliseconds(),
		Weight: s.Weight, Reverse: s.Reverse, Rise: s.Rise, Fall: s.Fall, InitFail: s.InitFail,
	}
}

func toInstance(in *Instance) jsonInstance {
	out := jsonInstance{
		Origin: toOrigin(in.Origin), Name: text(in.Name), Interface: text(in.Interface),
		Version: in.Version, VRID: int(in.VRID), Priority: int(in.Priority),
		InitialState: in.InitialState.String(), NoPreempt: in.NoPreempt,
		PreemptDelayUs: in.PreemptDelay.Microseconds(), AdvertIntervalMs: in.AdvertInterval.Milliseconds(),
		DownTimerAdverts: in.DownTimerAdverts,
		Source:           toAddr(in.Source), Group: toAddr(in.Group),
		GARP: jsonGARP{
			DelayMs: in.GARP.Delay.Milliseconds(), Repeat: in.GARP.Repeat,
			RefreshMs: in.GARP.Refresh.Milliseconds(), RefreshRepeat: in.GARP.RefreshRepeat,
			LowerPriorityDelayMs: in.GARP.LowerPriorityDelay.Milliseconds(),
			LowerPriorityRepeat:  in.GARP.LowerPriorityRepeat,
			ExtraIntervalMs:      in.GARP.ExtraInterval.Milliseconds(), ExtraAll: in.GARP.ExtraAll,
		},
		VIPs: each(in.VIPs, toAddress), Excluded: each(in.Excluded, toAddress),
		Routes: each(in.Routes, toRoute), Rules: each(in.Rules, toRule),
		TrackScripts: each(in.TrackScripts, func(t *TrackScript) jsonTrack {
			return jsonTrack{Origin: toOrigin(t.Origin), Script: text(t.Script), Weight: t.Weight, Reverse: t.Reverse}
		}),
		Notify: jsonNotify{
			Master: toCommand(in.Notify.Master), Backup: toCommand(in.Notify.Backup),
			Fault: toCommand(in.Notify.Fault), Stop: toCommand(in.Notify.Stop), Any: toCommand(in.Notify.Any),
			LowerPriority: toCommand(in.Notify.LowerPriority), Deleted: toCommand(in.Notify.Deleted),
			DeletedState: in.Notify.DeletedState, PriorityChanges: in.Notify.PriorityChanges, Mail: in.Notify.Mail,
		},
	}
	if word := authWords[in.Auth.Type]; word != "" {
		out.Auth = &jsonAuth{Type: word, Password: text(in.Auth.Password)}
	}
	toInstanceMore(in, &out)
	return out
}

// authWords are keepalived's words for the types of authentication.
var authWords = map[AuthType]string{AuthPass: "PASS", AuthHeader: "AH"}

func toAddress(a *Address) jsonAddress {
	out := jsonAddress{
		Origin: toOrigin(a.Origin), Prefix: toPrefix(a.Prefix), Interface: text(a.Interface),
		Label: text(a.Label), Broadcast: toAddr(a.Broadcast), Scope: int(a.Scope),
		Peer: toAddr(a.Peer), DAD: a.DAD, Home: a.Home, TemporaryBase: a.TemporaryBase,
		NoPrefixRoute: a.NoPrefixRoute, Autojoin: a.Autojoin, NoTrack: a.NoTrack, UseVMAC: a.UseVMAC,
		TrackGroup: text(a.TrackGroup),
	}
	if a.PreferredLifetime != nil {
		seconds := int64(*a.PreferredLifetime)
		out.PreferredS = &seconds
	}
	return out
}
