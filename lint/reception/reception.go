package reception

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// Verdict says whether a receiver with one behaviour accepts the sender's adverts.
type Verdict struct {
	// Behaviour is the name of the receiver's behaviour.
	Behaviour string
	Accepted  bool
	// Reason and Detail say why not. Secrets are not in them.
	Reason vrrp.DropReason
	Detail string
	// Notices are what the receiver only logs about an accepted advert.
	Notices []vrrp.Notice
}

// The sources stand for the sender's address where the configuration has none; acceptance does not look
// at them.
var (
	source4 = netip.AddrFrom4([4]byte{192, 0, 2, 1})
	source6 = netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 15: 1})
	peer4   = netip.AddrFrom4([4]byte{192, 0, 2, 2})
	peer6   = netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 15: 2})
)

// Played is an instance as it is judged and played. All nodes are on one wire, so unicast is taken as
// multicast: which address a peer really has is not in its file. What is in the files with keys is not
// known either: keys with the same number are taken as the same.
func Played(inst plan.Instance) plan.Instance {
	inst.Unicast = nil
	if inst.HMAC == nil {
		return inst
	}
	h := *inst.HMAC
	h.Keys = slices.Clone(h.Keys)
	for i := range h.Keys {
		if k := &h.Keys[i]; k.Secret == "" {
			k.Secret, k.File = strings.Repeat(string(rune('0'+k.ID%10)), placeholderLen)+strconv.Itoa(int(k.ID)), ""
		}
	}
	inst.HMAC = &h
	return inst
}

// beside is an instance as it is judged beside another one: as it is played, but for two that both send by unicast,
// which do so to one address. Who was told nothing of the checksums follows its peer (reference vrrp 1.4).
func beside(inst, other plan.Instance) plan.Instance {
	out := Played(inst)
	if inst.Unicast == nil || other.Unicast == nil {
		return out
	}
	u := plan.Unicast{TTL: inst.Unicast.TTL, Checksum: inst.Unicast.Checksum, Peers: []plan.Peer{{Address: peer4}}}
	if inst.IPv6() {
		u.Peers[0].Address = peer6
	}
	if u.Checksum == plan.ChecksumAuto {
		u.Checksum = other.Unicast.Checksum
	}
	out.Unicast = &u
	return out
}

// placeholderLen makes a key that is long enough.
const placeholderLen = 32

// Playable reports whether an instance's adverts can be judged: the formats hold what it wants to send.
func Playable(inst plan.Instance) bool {
	_, err := advert(Played(inst))
	return err == nil
}

// advert is the packet that an instance sends.
func advert(inst plan.Instance) (vrrp.PacketReceived, error) {
	from := source4
	switch {
	case inst.Source.IsValid():
		from = inst.Source
	case inst.IPv6():
		from = source6
	}
	list, err := vrrp.NewSender(inst).Adverts(from, inst.Priority, wall)
	if err != nil {
		return vrrp.PacketReceived{}, err
	}
	return list[0].Received(), nil
}

// wall is the time of all clocks.
const wall = vrrp.WallTime(0)

// Judge says for each behaviour of b whether b accepts the adverts of a. It returns nil if either is
// not [Playable].
func Judge(a, b plan.Instance, behaviours []vrrp.Behaviour) []Verdict {
	packet, err := advert(beside(a, b))
	if err != nil || !Playable(b) {
		return nil
	}
	list := make([]Verdict, 0, len(behaviours))
	for _, behaviour := range behaviours {
		v := vrrp.NewAcceptance(beside(b, a), behaviour).Judge(packet, vrrp.Context{Wall: wall, Priority: b.Priority})
		list = append(list, Verdict{
			Behaviour: behaviour.Name, Accepted: v.Accepted(),
			Reason: v.Reason, Detail: v.Detail, Notices: v.Notices,
		})
	}
	return list
}

// Difference is one thing about two configurations for which b drops or notices the adverts of a.
type Difference struct {
	Reason vrrp.DropReason
	// Detail is of the first behaviour that dropped it, or else that noticed it.
	Detail string
	// Drops names the behaviours that drop the advert for it, Notices those that only log it.
	Drops, Notices []string
}

// Differences lists everything about the configurations of a and b that b's checks find, in their
// order. Each difference is found with those before it removed, so that the version does not hide the
// password; what goes with another version (authentication, the format of the interval) is compared
// only if the versions are equal.
func Differences(a, b plan.Instance, behaviours []vrrp.Behaviour) []Difference {
	var list []Difference
	add := func(reason vrrp.DropReason, detail, behaviour string, drops bool) {
		at := -1
		for i := range list {
			if list[i].Reason == reason {
				at = i
			}
		}
		if at < 0 {
			list = append(list, Difference{Reason: reason, Detail: detail})
			at = len(list) - 1
		}
		if drops {
			if len(list[at].Drops) == 0 {
				list[at].Detail = detail
			}
			list[at].Drops = append(list[at].Drops, behaviour)
			return
		}
		list[at].Notices = append(list[at].Notices, behaviour)
	}
	for _, behaviour := range behaviours {
		altered := a
		for range maxDifferences {
			verdicts := Judge(altered, b, []vrrp.Behaviour{behaviour})
			if len(verdicts) == 0 {
				break
			}
			v := verdicts[0]
			for _, n := range v.Notices {
				add(n.Reason, n.Detail, behaviour.Name, false)
			}
			if v.Accepted {
				break
			}
			add(v.Reason, v.Detail, behaviour.Name, true)
			if !remove(&altered, b, v.Reason) {
				break
			}
		}
	}
	return list
}

// maxDifferences bounds the questions: there is one for each reason that can be removed, and a last.
const maxDifferences = 12

// remove makes a agree with b in what the reason is about; false: there is no such thing.
func remove(a *plan.Instance, b plan.Instance, reason vrrp.DropReason) bool {
	switch reason {
	case vrrp.DropVersion:
		a.Version, a.Auth, a.AdvertInterval = b.Version, b.Auth, b.AdvertInterval
	case vrrp.DropAuthType, vrrp.DropAuthHeader:
		a.Auth = b.Auth
	case vrrp.DropPassword, vrrp.DropAHValue:
		a.Auth.Password = b.Auth.Password
	case vrrp.DropHMACMissing, vrrp.DropHMACInvalid, vrrp.DropHMACUnknownKey:
		a.HMAC = b.HMAC
	case vrrp.DropLength:
		if (a.HMAC == nil) == (b.HMAC == nil) {
			return false
		}
		a.HMAC = b.HMAC
	case vrrp.DropChecksum:
		a.Deviations.ChecksumWithoutHeader, a.Unicast = b.Deviations.ChecksumWithoutHeader, b.Unicast
	case vrrp.DropInterval:
		a.AdvertInterval = b.AdvertInterval
	case vrrp.DropAddressCount, vrrp.DropAddressList:
		a.VIPs = b.VIPs
	case vrrp.DropDestination:
		a.Group = b.Group
	default:
		return false
	}
	return true
}
