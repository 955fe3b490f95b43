package plan

import (
	"fmt"
	"strconv"
	"strings"

	"ka/lang/schema/kw"
)

// Setting is a setting of an instance for people: the keyword, and what it is set to ("" for a flag).
type Setting struct{ Keyword, Value string }

// String writes the setting as a line of the configuration would.
func (s Setting) String() string { return strings.TrimSpace(s.Keyword + " " + s.Value) }

// Settings lists what makes the instance behave otherwise than by default, without secrets: on the wire,
// in its interfaces and in its state machine. The numbers that every instance has, what is tracked and who
// is notified are not among it.
func (in *Instance) Settings() []Setting {
	var out []Setting
	value := func(set bool, keyword, value string) {
		if set {
			out = append(out, Setting{keyword, value})
		}
	}
	flag := func(set bool, keyword string) { value(set, keyword, "") }
	if u := in.Unicast; u != nil {
		value(true, kw.UnicastPeer, u.peers())
		value(u.TTL != TTLKernel && (u.TTL != 255 || in.IPv6()), kw.UnicastTTL, strconv.Itoa(u.TTL))
		flag(u.CheckSource, kw.CheckUnicastSrc)
		flag(u.Checksum == ChecksumOld, kw.OldUnicastChecksum)
		value(u.Checksum == ChecksumNever, kw.OldUnicastChecksum, kw.Never)
	}
	flag(in.TrackSource, kw.TrackSrcIP)
	if h := in.HMAC; h != nil {
		value(true, kw.AuthHMAC, fmt.Sprintf("%s, signed with key %d, replay by %s, window %s", h.Mode, h.ActiveKey, h.Replay, h.TimeWindow))
	}
	l, d := in.Link, in.Deviations
	if v := l.VMAC; v != nil {
		value(true, kw.UseVMAC, v.text())
		flag(v.TransmitBase, kw.VMACXmitBase)
	}
	if v := l.IPVLAN; v != nil {
		value(true, kw.UseIpvlan, v.text())
	}
	flag(l.VMACForAddresses, kw.UseVMACAddr)
	value(l.VRF != "", kw.VRF, l.VRF)
	flag(l.UntrackedInterface, kw.DontTrackPrimary)
	flag(l.Polling, kw.LinkbeatUsePolling)
	flag(l.PromoteSecondaries, kw.PromoteSecondaries)
	value(l.ReceiveBufferBytes != 0, kw.KernelRxBufSize, strconv.FormatUint(uint64(l.ReceiveBufferBytes), 10))
	value(in.GARP.ExtraInterval != 0, kw.GARPExtraIf, in.GARP.extra())
	flag(d.Strict, kw.StrictMode)
	flag(d.NoAccept, kw.NoAccept)
	flag(d.SkipAddressCheck, kw.SkipCheckAdvAddr)
	flag(d.ChecksumWithoutHeader && in.Version == 3 && !in.IPv6(), kw.V3ChecksumAsV2)
	flag(d.LowerPriorityNoAdvert, kw.LowerPrioNoAdvert)
	flag(d.HigherPrioritySendAdvert, kw.HigherPrioSendAdvert)
	flag(d.OwnerIgnoreAdverts, kw.OwnerIgnoreAdverts)
	value(d.TimerExpiredBackup != 0, kw.TimerExpiredBackup, strconv.Itoa(int(d.TimerExpiredBackup)))
	flag(d.NoVIPs && len(in.VIPs) == 0, kw.NoVirtualIpaddress)
	return out
}

func (u *Unicast) peers() string {
	if len(u.Peers) == 0 {
		return "none: the instance stays in FAULT"
	}
	words := make([]string, len(u.Peers))
	for i, p := range u.Peers {
		words[i] = p.Address.String()
		if p.MinTTL != 0 {
			words[i] += fmt.Sprintf(" %s %d", kw.MinTTL, p.MinTTL)
		}
		if p.MaxTTL != 255 {
			words[i] += fmt.Sprintf(" %s %d", kw.MaxTTL, p.MaxTTL)
		}
	}
	return strings.Join(words, ", ")
}

func (v *VMAC) text() string {
	text := v.Name + " " + macText(v.MAC)
	if v.Group != "" {
		text += " " + kw.Group + " " + v.Group
	}
	if v.NetlinkNotify {
		text += " " + kw.NetlinkNotifyMsg
	}
	return text
}

func (v *IPVLAN) text() string {
	text := v.Name + " " + v.Mode
	if v.Address.IsValid() {
		text += " " + v.Address.String()
	}
	if v.Group != "" {
		text += " " + kw.Group + " " + v.Group
	}
	return text
}

func (g *GARP) extra() string {
	text := strconv.FormatInt(int64(g.ExtraInterval.Seconds()), 10)
	if g.ExtraAll {
		text = kw.All + " " + text
	}
	return text
}

// Attributes lists the attributes of an address that stand behind it on its line, but for its interface,
// label, broadcast address and scope.
func (a *Address) Attributes() []Setting {
	var out []Setting
	if a.Peer.IsValid() {
		out = append(out, Setting{kw.Peer, a.Peer.String()})
	}
	if a.PreferredLifetime != nil {
		text := "forever"
		if n := *a.PreferredLifetime; n != LifetimeForever {
			text = strconv.FormatUint(uint64(n), 10)
		}
		out = append(out, Setting{kw.PreferredLft, text})
	}
	for _, f := range []struct {
		set     bool
		keyword string
	}{
		{a.DAD, kw.Nodad}, {a.Home, kw.Home}, {a.TemporaryBase, kw.Mngtmpaddr}, {a.NoPrefixRoute, kw.Noprefixroute},
		{a.Autojoin, kw.Autojoin}, {a.NoTrack, kw.NoTrack}, {a.UseVMAC, kw.UseVMAC},
	} {
		if f.set {
			out = append(out, Setting{Keyword: f.keyword})
		}
	}
	return out
}
