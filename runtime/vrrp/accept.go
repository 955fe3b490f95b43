package vrrp

import (
	"crypto/subtle"
	"fmt"
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// The reasons of [Acceptance], in the order of its checks.
const (
	DropTooShort        DropReason = "too-short"
	DropOtherVRID       DropReason = "other-vrid"
	DropAuthHeader      DropReason = "authentication-header"
	DropProtocol        DropReason = "not-vrrp"
	DropLength          DropReason = "packet-length"
	DropTTL             DropReason = "ttl"
	DropVersion         DropReason = "version"
	DropInvalidAuthType DropReason = "invalid-auth-type"
	DropAuthType        DropReason = "auth-type"
	DropPassword        DropReason = "password"
	DropInterval        DropReason = "advert-interval"
	DropType            DropReason = "packet-type"
	DropTotalLength     DropReason = "ip-total-length"
	DropChecksum        DropReason = "checksum"
	DropDestination     DropReason = "destination"
	DropAddressCount    DropReason = "address-count"
	DropAddressList     DropReason = "address-list"
)

// The reasons of the machine, for packets that were acceptable.
const (
	// DropNotListening: the instance is not running, or in fault.
	DropNotListening DropReason = "not-listening"
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
// (reference section 5): the first that fails gives the reason.
type Acceptance struct {
	// own is the advert that the instance itself would send.
	own       Advert
	behaviour Behaviour
}

// NewAcceptance prepares the judging of packets for an instance.
func NewAcceptance(inst plan.Instance, b Behaviour) *Acceptance {
	return &Acceptance{
		own:       NewAdvert(inst, netip.Addr{}, inst.Priority),
		behaviour: b,
	}
}

// Judge judges one whole IPv4 packet. It has no state: the same packet has the same verdict.
func (c *Acceptance) Judge(packet []byte) Verdict {
	h, err := ParseIPv4Header(packet)
	if err != nil {
		return Verdict{Reason: DropTooShort, Detail: err.Error()}
	}
	drop := func(reason DropReason, format string, args ...any) Verdict {
		return Verdict{Reason: reason, Detail: fmt.Sprintf(format, args...), Source: h.Source}
	}
	if h.Protocol == protocolAH {
		return drop(DropAuthHeader, "authentication header (AH) received, none expected")
	}
	if h.Protocol != protocolVRRP {
		return drop(DropProtocol, "IP protocol %d received, %d expected", h.Protocol, protocolVRRP)
	}
	data := packet[h.Len:]
	if len(data) < advertHeaderLen {
		return drop(DropTooShort, "%d bytes behind the IP header, at least %d expected", len(data), advertHeaderLen)
	}
	if data[1] != c.own.VRID {
		return drop(DropOtherVRID, "virtual router %d, not %d", data[1], c.own.VRID)
	}
	// The length rule uses the version in the packet, not the receiver's.
	version, count := data[0]>>4, int(data[3])
	expected := h.Len + advertLen(version, count)
	if !c.lengthFits(len(packet), expected) {
		return drop(DropLength, "length %d received, %d expected", len(packet), expected)
	}
	if h.TTL != requiredTTL {
		return drop(DropTTL, "TTL %d received, %d expected", h.TTL, requiredTTL)
	}
	if version != c.own.Version {
		return drop(DropVersion, "VRRP version %d received, %d expected", version, c.own.Version)
	}
	data = packet[h.Len:expected]
	a, err := decodeAdvert(data, h.Source, h.Destination)
	if err != nil {
		return drop(DropVersion, "%v", err)
	}
	if reason, detail := c.judgeVersion2(a); reason != "" {
		return drop(reason, "%s", detail)
	}
	if got := data[0] & 0x0f; got != typeAdvert {
		return drop(DropType, "type %d received, %d expected", got, typeAdvert)
	}
	if !c.lengthFits(h.TotalLen, expected) {
		return drop(DropTotalLength, "total length %d in the IP header, %d expected", h.TotalLen, expected)
	}
	if !a.checksumRight(data) {
		return drop(DropChecksum, "wrong VRRP version %d checksum", version)
	}
	if h.Destination != c.own.Destination {
		return drop(DropDestination, "sent to %v, %v expected", h.Destination, c.own.Destination)
	}
	return c.judgeContents(a, drop)
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
func (c *Acceptance) judgeVersion2(a Advert) (DropReason, string) {
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
	case a.Interval != c.own.Interval:
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

// judgeContents compares interval (version 3) and addresses, which are only noticed, or rejected by
// behaviour.
func (c *Acceptance) judgeContents(a Advert, drop func(DropReason, string, ...any) Verdict) Verdict {
	v := Verdict{Source: a.Source, Advert: a}
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
		if slices.Contains(a.Addresses, own) {
			continue
		}
		if c.behaviour.VIPListMismatchRejects {
			return drop(DropAddressList, "address %v is not in the advertisement", own)
		}
		v.notice(DropAddressList, "address %v is not in the advertisement", own)
		break
	}
	return v
}

func (v *Verdict) notice(reason DropReason, format string, args ...any) {
	v.Notices = append(v.Notices, Notice{Reason: reason, Detail: fmt.Sprintf(format, args...)})
}
