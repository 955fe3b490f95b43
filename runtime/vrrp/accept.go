package vrrp

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// The reasons of [Acceptance], in the order of its checks.
const (
	DropFamily          DropReason = "address-family"
	DropTooShort        DropReason = "too-short"
	DropOtherVRID       DropReason = "other-vrid"
	DropAuthHeader      DropReason = "authentication-header"
	DropProtocol        DropReason = "not-vrrp"
	DropLength          DropReason = "packet-length"
	DropTTL             DropReason = "ttl"
	DropVersion         DropReason = "version"
	DropUnicastSource   DropReason = "unicast-source"
	DropHMACMissing     DropReason = "hmac-missing"
	DropHMACMalformed   DropReason = "hmac-malformed"
	DropHMACStale       DropReason = "hmac-stale"
	DropHMACUnknownKey  DropReason = "hmac-unknown-key"
	DropHMACInvalid     DropReason = "hmac-invalid"
	DropHMACReplayed    DropReason = "hmac-replayed"
	DropInvalidAuthType DropReason = "invalid-auth-type"
	DropAuthType        DropReason = "auth-type"
	DropPassword        DropReason = "password"
	DropAHNextHeader    DropReason = "ah-next-header"
	DropAHValue         DropReason = "ah-value"
	DropAHIndex         DropReason = "ah-index"
	DropAHReplayed      DropReason = "ah-replayed"
	DropInterval        DropReason = "advert-interval"
	DropType            DropReason = "packet-type"
	DropTotalLength     DropReason = "ip-total-length"
	DropChecksum        DropReason = "checksum"
	DropDestination     DropReason = "destination"
	DropOwnerIgnores    DropReason = "owner-ignores"
	DropAddressCount    DropReason = "address-count"
	DropAddressList     DropReason = "address-list"
	DropUnicastTTL      DropReason = "unicast-ttl"
)

// The reasons of notices alone.
const (
	// NoticeOldChecksum: a unicast peer covers the multicast group with its checksums; from now on the
	// instance does the same.
	NoticeOldChecksum DropReason = "old-unicast-checksum"
	// NoticeClockSkew: the clocks are more than half of the time window of signatures apart.
	NoticeClockSkew DropReason = "hmac-clock-skew"
)

// The reasons of the machine, for packets that were acceptable.
const (
	// DropNotListening: the instance is not running, or in fault.
	DropNotListening DropReason = "not-listening"
	// DropStartupDelay: the delay of the start is not over.
	DropStartupDelay DropReason = "startup-delay"
	// DropLowerPriority: a backup that preempts lets the master's time run out.
	DropLowerPriority DropReason = "lower-priority"
	// DropOwnAddress: an equal priority from our own source address: somebody copied the configuration.
	DropOwnAddress DropReason = "own-address"
)

// The reasons under which events that are not packets are counted.
const (
	ignoredNotTracked  = "event-not-tracked"
	ignoredNoChange    = "event-no-change"
	ignoredNotStarted  = "event-before-start"
	ignoredStarted     = "event-already-started"
	ignoredStopped     = "event-after-stop"
	ignoredNotMaster   = "event-not-master"
	ignoredClockWent   = "clock-went-back"
	ignoredUnknownKind = "event-unknown"
	failedEncoding     = "advert-not-encodable"
)

// Notice is something odd about a packet that is accepted all the same.
type Notice struct {
	Reason DropReason
	Detail string
}

// Verdict is what acceptance says of a packet.
type Verdict struct {
	// Reason is "" if the packet is accepted; Detail says what was found and what expected. Secrets
	// are not in it.
	Reason DropReason
	Detail string
	// Source is the sender, where the packet was long enough to have one.
	Source netip.Addr
	// Advert is set if the packet is accepted.
	Advert Advert
	// Notices are what is only logged.
	Notices []Notice
}

// Accepted reports whether the packet counts.
func (v Verdict) Accepted() bool { return v.Reason == "" }

// Acceptance judges the packets that an instance receives, check by check in keepalived's order
// (reference vrrp 5): the first that fails gives the reason. It remembers what authentication and the
// automatic choice of the checksum need: a packet with a sequence is accepted once.
type Acceptance struct {
	// own is the advert that the instance itself would send.
	own       Advert
	behaviour Behaviour
	session   *session
	group     netip.Addr
	unicast   bool
	peers     []plan.Peer
	// checkSource wants a peer as the source, checksum is how unicast checksums are made.
	checkSource bool
	checksum    plan.ChecksumMode
	hmac        *plan.HMAC
	ahKey       [authDataLen]byte
	// ignoresAll drops everything while the priority is 255; skipList does not look at the addresses of
	// a master that was heard before.
	ignoresAll, skipList bool
	// before is the packet that was judged last, in memory of its own, and what was said of it: a master says the
	// same again and again. Nothing of it: the next packet is judged.
	before  PacketReceived
	verdict Verdict
}

// Context is what the judgement of a packet depends on besides the packet and the configuration.
type Context struct {
	// Wall is the wall clock, for signatures.
	Wall WallTime
	// Priority is the effective priority of the instance.
	Priority uint8
	// Master is the master that a backup has heard; not valid in a master, and where there is none yet.
	Master netip.Addr
}

// NewAcceptance prepares the judging of packets for an instance.
func NewAcceptance(inst plan.Instance, b Behaviour) *Acceptance {
	return newAcceptance(inst, b, newSession(inst))
}

// newAcceptance shares the memory of a sender.
func newAcceptance(inst plan.Instance, b Behaviour, s *session) *Acceptance {
	c := &Acceptance{
		own:       NewAdvert(inst, netip.Addr{}, inst.Priority),
		behaviour: b, session: s,
		group: groupOf(inst), hmac: inst.HMAC, ahKey: keyOfAH(inst),
		ignoresAll: inst.Deviations.OwnerIgnoreAdverts, skipList: inst.Deviations.SkipAddressCheck,
	}
	if u := inst.Unicast; u != nil {
		c.unicast, c.peers, c.checkSource, c.checksum = true, u.Peers, u.CheckSource, u.Checksum
	}
	return c
}

// received is a packet on its way through the checks.
type received struct {
	header  IPv4Header // of IPv4 only
	source  netip.Addr
	to      netip.Addr
	ttl     uint8
	data    []byte // from the VRRP header on
	before  int    // the length of what is in front of data
	pdu     []byte // data without what is behind the advert
	trailer []byte // nil: there is none
}

// Judge judges one packet.
func (c *Acceptance) Judge(p PacketReceived, ctx Context) Verdict {
	if c.repeats(p) {
		return c.verdict
	}
	v := c.judge(p, ctx)
	c.remember(p, v)
	return v
}

// repeats reports whether a packet says what the one before said, in all that is judged: an IP header may have
// another identification, and with it another checksum, which the kernel has verified.
func (c *Acceptance) repeats(p PacketReceived) bool {
	const identification, fragment, checksum, source = 4, 6, 10, 12
	a, b := p.Packet, c.before.Packet
	if len(b) == 0 || len(a) != len(b) || p.Source != c.before.Source || p.Destination != c.before.Destination || p.HopLimit != c.before.HopLimit {
		return false
	}
	if c.own.IPv6() {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(a[source:], b[source:]) && bytes.Equal(a[:identification], b[:identification]) && bytes.Equal(a[fragment:checksum], b[fragment:checksum])
}

// remember keeps a packet that would be accepted again whatever happens in between. A signature counts once, and
// some instances judge by what they are, or by what they have heard.
func (c *Acceptance) remember(p PacketReceived, v Verdict) {
	c.before.Packet = c.before.Packet[:0]
	if !v.Accepted() || len(v.Notices) > 0 || c.hmac != nil || c.own.AuthType == uint8(plan.AuthHeader) || c.ignoresAll || c.skipList {
		return
	}
	p.Packet = append(c.before.Packet, p.Packet...)
	c.before, c.verdict = p, v
}

// judge judges a packet that is not known yet.
func (c *Acceptance) judge(p PacketReceived, ctx Context) Verdict {
	r, v := c.open(p)
	if v.Reason != "" {
		return v
	}
	drop := func(reason DropReason, format string, args ...any) Verdict {
		return Verdict{Reason: reason, Detail: fmt.Sprintf(format, args...), Source: r.source}
	}
	// The length rule uses the version in the packet, not the receiver's.
	expected := r.before + advertLen(r.data[0]>>4, int(r.data[3]), c.own.IPv6())
	if c.hmac != nil && len(p.Packet) == expected+trailerLen {
		r.trailer = p.Packet[expected:]
		expected += trailerLen
	}
	if !c.lengthFits(len(p.Packet), expected) {
		return drop(DropLength, "length %d received, %d expected", len(p.Packet), expected)
	}
	if !c.unicast && r.ttl != requiredTTL {
		return drop(DropTTL, "TTL %d received, %d expected", r.ttl, requiredTTL)
	}
	if version := r.data[0] >> 4; version != c.own.Version {
		return drop(DropVersion, "VRRP version %d received, %d expected", version, c.own.Version)
	}
	r.pdu = p.Packet[r.before : expected-len(r.trailer)]
	a, err := decodeAdvert(r.pdu, r.source, r.to)
	if err != nil {
		return drop(DropVersion, "%v", err)
	}
	v = Verdict{Source: r.source, Advert: a}
	if c.hmac != nil {
		skew, reason, detail := c.judgeHMAC(r.pdu, r.trailer, r.source, ctx.Wall)
		if reason != "" {
			return drop(reason, "%s", detail)
		}
		if max(skew, -skew) > c.hmac.TimeWindow/2 {
			v.notice(NoticeClockSkew, "the clocks are %v apart, the window is %v", skew, c.hmac.TimeWindow)
		}
	}
	if reason, detail := c.judgeVersion2(p.Packet, r, a); reason != "" {
		return drop(reason, "%s", detail)
	}
	if got := r.pdu[0] & 0x0f; got != typeAdvert {
		return drop(DropType, "type %d received, %d expected", got, typeAdvert)
	}
	if !c.own.IPv6() {
		if !c.lengthFits(r.header.TotalLen, expected) {
			return drop(DropTotalLength, "total length %d in the IP header, %d expected", r.header.TotalLen, expected)
		}
		if !c.checksumFits(&v, r.pdu) {
			return drop(DropChecksum, "wrong VRRP version %d checksum", a.Version)
		}
		if !c.destinationFits(r.to) {
			return drop(DropDestination, "sent to %v, %s expected", r.to, c.destinationName())
		}
	}
	return c.judgeContents(v, r, ctx, drop)
}

// open finds the parts of a packet; a verdict with a reason says why it is none for this instance.
func (c *Acceptance) open(p PacketReceived) (r received, v Verdict) {
	if p.Source.IsValid() != c.own.IPv6() {
		return r, Verdict{Reason: DropFamily, Detail: "a packet of the other address family", Source: p.Source}
	}
	if c.own.IPv6() {
		r = received{source: p.Source, to: p.Destination, ttl: p.HopLimit, data: p.Packet}
		return r, c.openIPv6(r)
	}
	h, err := ParseIPv4Header(p.Packet)
	if err != nil {
		return r, Verdict{Reason: DropTooShort, Detail: err.Error()}
	}
	r = received{header: h, source: h.Source, to: h.Destination, ttl: h.TTL, before: h.Len}
	drop := func(reason DropReason, format string, args ...any) (received, Verdict) {
		return r, Verdict{Reason: reason, Detail: fmt.Sprintf(format, args...), Source: h.Source}
	}
	wanted := c.own.AuthType == uint8(plan.AuthHeader)
	switch h.Protocol {
	case protocolVRRP:
	case protocolAH:
		r.before += ahLen
	default:
		return drop(DropProtocol, "IP protocol %d received, %d expected", h.Protocol, protocolVRRP)
	}
	if len(p.Packet) < r.before+advertHeaderLen {
		return drop(DropTooShort, "%d bytes behind the IP header, at least %d expected", len(p.Packet)-h.Len, r.before-h.Len+advertHeaderLen)
	}
	r.data = p.Packet[r.before:]
	switch has := h.Protocol == protocolAH; {
	case r.data[1] != c.own.VRID:
		return drop(DropOtherVRID, "virtual router %d, not %d", r.data[1], c.own.VRID)
	case has && !wanted:
		return drop(DropAuthHeader, "authentication header (AH) received, none expected")
	case wanted && !has:
		return drop(DropAuthHeader, "no authentication header (AH) received, one expected")
	}
	return r, v
}

// openIPv6 holds what the kernel checks of IPv6 for keepalived: here it is counted.
func (c *Acceptance) openIPv6(r received) Verdict {
	drop := func(reason DropReason, format string, args ...any) Verdict {
		return Verdict{Reason: reason, Detail: fmt.Sprintf(format, args...), Source: r.source}
	}
	if len(r.data) < advertHeaderLen {
		return drop(DropTooShort, "%d bytes behind the IP header, at least %d expected", len(r.data), advertHeaderLen)
	}
	if r.data[1] != c.own.VRID {
		return drop(DropOtherVRID, "virtual router %d, not %d", r.data[1], c.own.VRID)
	}
	if !r.source.Is6() || !r.to.Is6() {
		return drop(DropFamily, "from %v to %v", r.source, r.to)
	}
	if whole := (Advert{Source: r.source, Destination: r.to}); !whole.checksumRight(r.data) {
		return drop(DropChecksum, "wrong checksum")
	}
	if !c.destinationFits(r.to) {
		return drop(DropDestination, "sent to %v, %s expected", r.to, c.destinationName())
	}
	return Verdict{}
}

// VRIDOf finds the virtual router of a packet, for the choice of the instance; false: it is too short
// to have one, or not VRRP.
func VRIDOf(p PacketReceived) (uint8, bool) {
	before := 0
	if !p.Source.IsValid() {
		h, err := ParseIPv4Header(p.Packet)
		if err != nil {
			return 0, false
		}
		switch before = h.Len; h.Protocol {
		case protocolVRRP:
		case protocolAH:
			before += ahLen
		default:
			return 0, false
		}
	}
	if len(p.Packet) < before+advertHeaderLen {
		return 0, false
	}
	return p.Packet[before+1], true
}

// destinationFits: a multicast instance hears its group alone, one with peers no group.
func (c *Acceptance) destinationFits(to netip.Addr) bool {
	if c.unicast {
		return !to.IsMulticast()
	}
	return to == c.group
}

func (c *Acceptance) destinationName() string {
	if c.unicast {
		return "a unicast address"
	}
	return c.group.String()
}

// checksumFits verifies the checksum over IPv4 with what it should cover. A unicast instance that was
// told nothing of it also takes the old form of version 3, and keeps to it (reference vrrp 1.4).
func (c *Acceptance) checksumFits(v *Verdict, pdu []byte) bool {
	real, old := v.Advert, v.Advert
	old.PseudoDestination = c.group
	if c.own.Version == 3 && c.own.PlainChecksum {
		plain := real
		plain.PlainChecksum = true
		return c.behaviour.PlainChecksumAcceptsAll || plain.checksumRight(pdu) || real.checksumRight(pdu) || c.unicast && old.checksumRight(pdu)
	}
	if c.own.Version == 2 || !c.unicast {
		return real.checksumRight(pdu)
	}
	if c.session.oldChecksum {
		return old.checksumRight(pdu)
	}
	if real.checksumRight(pdu) {
		return true
	}
	if c.checksum != plan.ChecksumAuto || !old.checksumRight(pdu) {
		return false
	}
	c.session.oldChecksum = true
	v.notice(NoticeOldChecksum, "%v makes unicast checksums as keepalived up to 1.3.6; so does this instance from now on", v.Source)
	return true
}

// peer finds a unicast peer.
func (c *Acceptance) peer(source netip.Addr) *plan.Peer {
	for i := range c.peers {
		if c.peers[i].Address == source {
			return &c.peers[i]
		}
	}
	return nil
}

// lengthFits is the length rule with its tolerance: what Ethernet's minimum frame adds is no error.
func (c *Acceptance) lengthFits(length, expected int) bool {
	const ethernetMinimum = 46
	if length == expected {
		return true
	}
	padded := length > expected && expected < ethernetMinimum && (length-expected)%4 == 2
	return padded && c.behaviour.PaddingAccepted
}

// judgeVersion2 looks at what only version 2 has: authentication, and the interval that must be equal.
func (c *Acceptance) judgeVersion2(packet []byte, r received, a Advert) (DropReason, string) {
	if c.own.Version != 2 {
		return "", ""
	}
	switch {
	case a.AuthType > 2:
		return DropInvalidAuthType, fmt.Sprintf("authentication type %d received, 0, 1 and 2 exist", a.AuthType)
	case a.AuthType != c.own.AuthType:
		return DropAuthType, fmt.Sprintf("authentication %s received, %s expected", authName(a.AuthType), authName(c.own.AuthType))
	case a.AuthType == uint8(plan.AuthPass) && subtle.ConstantTimeCompare(a.AuthData[:], c.own.AuthData[:]) == 0:
		return DropPassword, "the password differs"
	case a.AuthType == uint8(plan.AuthHeader):
		if reason, detail := c.judgeAH(packet, r.header); reason != "" {
			return reason, detail
		}
	}
	if a.Interval != c.own.Interval {
		return DropInterval, fmt.Sprintf("advertisement interval %v received, %v expected", a.Interval, c.own.Interval)
	}
	return "", ""
}

// authName is the type of authentication by its name in the configuration.
func authName(authType uint8) string {
	switch authType {
	case 0:
		return "none"
	case 1:
		return "PASS"
	case 2:
		return "AH"
	}
	return "unknown"
}

// judgeContents comes last: an owner that listens to nobody; interval (version 3) and addresses, which
// are only noticed, or rejected by behaviour; and the source of unicast.
func (c *Acceptance) judgeContents(v Verdict, r received, ctx Context, drop func(DropReason, string, ...any) Verdict) Verdict {
	if c.ignoresAll && ctx.Priority == priorityOwner {
		return drop(DropOwnerIgnores, "the owner of the addresses listens to nobody")
	}
	a := v.Advert
	if a.Interval != c.own.Interval {
		v.notice(DropInterval, "advertisement interval %v received, own is %v", a.Interval, c.own.Interval)
	}
	if got, want := len(a.Addresses), len(c.own.Addresses); got != want {
		if c.behaviour.VIPListMismatchRejects {
			return drop(DropAddressCount, "%d addresses received, %d expected", got, want)
		}
		v.notice(DropAddressCount, "%d addresses received, %d expected", got, want)
	}
	for _, own := range c.own.Addresses {
		if c.skipList && ctx.Master == v.Source || slices.Contains(a.Addresses, own) {
			continue
		}
		if c.behaviour.VIPListMismatchRejects {
			return drop(DropAddressList, "address %v is not in the advertisement", own)
		}
		v.notice(DropAddressList, "address %v is not in the advertisement", own)
		break
	}
	if !c.unicast || !c.checkSource {
		return v
	}
	peer := c.peer(v.Source)
	switch {
	case peer == nil:
		return drop(DropUnicastSource, "%v is not a unicast peer", v.Source)
	case r.ttl < peer.MinTTL || r.ttl > peer.MaxTTL:
		return drop(DropUnicastTTL, "TTL %d received, %d to %d expected", r.ttl, peer.MinTTL, peer.MaxTTL)
	}
	return v
}

func (v *Verdict) notice(reason DropReason, format string, args ...any) {
	v.Notices = append(v.Notices, Notice{Reason: reason, Detail: fmt.Sprintf(format, args...)})
}
