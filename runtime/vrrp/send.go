package vrrp

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
)

// HopLimitKernel leaves the hop limit of an IPv6 packet to the kernel.
const HopLimitKernel = plan.TTLKernel

// kernelHopLimit is what the kernel chooses unless it is told otherwise.
const kernelHopLimit = 64

// session is what an instance remembers of its adverts in both directions: the counter of AH, the
// sequences of signatures, and that a peer makes checksums in the old way.
type session struct {
	ah     ahCounter
	signer signer
	// oldChecksum: unicast checksums of version 3 cover the multicast group.
	oldChecksum bool
}

// newSession is how an instance begins.
func newSession(inst plan.Instance) *session {
	return &session{oldChecksum: inst.Unicast != nil && inst.Unicast.Checksum == plan.ChecksumOld}
}

// Sender makes the packets of an instance, byte for byte as keepalived does (reference vrrp 1).
type Sender struct {
	inst    plan.Instance
	session *session
	// ipID is the identification of the latest advert.
	ipID uint16
}

// NewSender prepares the sending of an instance's adverts.
func NewSender(inst plan.Instance) *Sender { return &Sender{inst: inst, session: newSession(inst)} }

// Adverts makes one advertisement with the given priority: one packet to the group, or one to each
// unicast peer, in order. The copies share identification, sequence and signature. It fails where
// [Advert.AppendBinary] does, and where the key of the signature is missing.
func (s *Sender) Adverts(source netip.Addr, priority uint8, now WallTime) ([]SendAdvert, error) {
	a := NewAdvert(s.inst, source, priority)
	if s.ipID++; s.ipID == 0 {
		s.ipID = 1 // with 0 the kernel would choose
	}
	sequence := uint32(0)
	if s.inst.Auth.Type == plan.AuthHeader {
		sequence = s.session.ah.next()
	}
	trailer, err := s.signature(a, now)
	if err != nil {
		return nil, err
	}
	if s.inst.Unicast == nil {
		one, err := s.packet(a, requiredTTL, sequence, trailer)
		if err != nil {
			return nil, err
		}
		return []SendAdvert{one}, nil
	}
	if s.session.oldChecksum && !a.IPv6() {
		a.PseudoDestination = a.Destination
	}
	list := make([]SendAdvert, 0, len(s.inst.Unicast.Peers))
	for _, peer := range s.inst.Unicast.Peers {
		a.Destination = peer.Address
		one, err := s.packet(a, s.inst.Unicast.TTL, sequence, trailer)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// signature signs an advertisement once for all of its copies; nil: it has none.
func (s *Sender) signature(a Advert, now WallTime) ([]byte, error) {
	h := s.inst.HMAC
	if h == nil || h.Mode == plan.HMACReceiveOnly {
		return nil, nil
	}
	key, ok := keyOf(h, h.ActiveKey)
	if !ok {
		return nil, fmt.Errorf("key %d is not there", h.ActiveKey)
	}
	pdu, err := a.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	t := Trailer{KeyID: h.ActiveKey, Sequence: s.session.signer.next(h, now)}
	t.Value = t.sign(key, pdu, a.Source)
	return t.AppendBinary(nil)
}

// packet makes the packet of one advert to its destination.
func (s *Sender) packet(a Advert, hopLimit int, sequence uint32, trailer []byte) (SendAdvert, error) {
	send := SendAdvert{Source: a.Source, Destination: a.Destination, HopLimit: hopLimit, Priority: a.Priority}
	if a.IPv6() {
		pdu, err := a.AppendBinary(nil)
		if err != nil {
			return send, err
		}
		send.Packet = append(pdu, trailer...)
		a.putChecksum(send.Packet)
		return send, nil
	}
	header := s.inst.Auth.Type == plan.AuthHeader
	protocol := uint8(protocolVRRP)
	if header {
		protocol = protocolAH
	}
	packet := appendIPv4Header(nil, a, s.ipID, uint8(hopLimit), protocol)
	if header {
		packet = appendAH(packet, a, sequence)
	}
	packet, err := a.AppendBinary(packet)
	if err != nil {
		return send, err
	}
	send.Packet = append(packet, trailer...)
	finishIPv4(send.Packet)
	if header {
		value := ahValue(keyOfAH(s.inst), send.Packet, ipv4HeaderLen, s.inst.Unicast != nil)
		copy(send.Packet[ipv4HeaderLen+ahICVOffset:], value[:])
	}
	return send, nil
}

// PacketLen is the length of an instance's adverts, in bytes: of IPv4 with the IP header.
func PacketLen(inst plan.Instance) int {
	n := advertLen(uint8(inst.Version), len(inst.VIPs), inst.IPv6())
	if !inst.IPv6() {
		n += ipv4HeaderLen
	}
	if inst.Auth.Type == plan.AuthHeader {
		n += ahLen
	}
	if h := inst.HMAC; h != nil && h.Mode != plan.HMACReceiveOnly {
		n += trailerLen
	}
	return n
}

// DefaultMTU is that of an instance without an interface, in bytes.
const DefaultMTU = 1500

// MaxAddresses is how many addresses an advert of the instance holds where the MTU is that many bytes: as
// many as fit, with room for an Ethernet header too, as keepalived counts, and at most 255.
func MaxAddresses(inst plan.Instance, mtu int) int {
	const etherHeader = 14
	inst.VIPs = nil
	room, size := mtu-etherHeader-PacketLen(inst), ipv4Len
	if inst.IPv6() {
		room, size = room-ipv6HeaderLen, ipv6Len
	}
	return min(max(room, 0)/size, maxAddresses)
}

// keyOfAH is the password, padded with zeros.
func keyOfAH(inst plan.Instance) (key [authDataLen]byte) {
	copy(key[:], inst.Auth.Password)
	return key
}

// Received is the packet as the socket of a receiver hands it over, where nothing happens on the way.
func (a SendAdvert) Received() PacketReceived {
	if !a.Destination.Is6() {
		return PacketReceived{Packet: a.Packet}
	}
	hopLimit := uint8(a.HopLimit)
	if a.HopLimit == HopLimitKernel {
		hopLimit = kernelHopLimit
	}
	return PacketReceived{Packet: a.Packet, Source: a.Source, Destination: a.Destination, HopLimit: hopLimit}
}

// sendAdvert sends an advert with the given priority, and in a master the next is due an interval
// later.
func (m *Machine) sendAdvert(now Instant, priority uint8) {
	if m.source.IsValid() {
		m.spoke = m.source
	}
	list, err := m.sender.Adverts(m.spoke, priority, m.wall(now))
	if m.owning() && priority != priorityStop {
		m.lastAdvert = now
		m.arm(now.Add(m.inst.AdvertInterval))
	}
	if err != nil {
		// Only with what Supported refuses.
		m.count(failedEncoding)
		return
	}
	if priority == priorityStop {
		m.count(sentPriorityZero)
	} else {
		m.count(sentAdvert)
	}
	for _, one := range list {
		m.emit(one)
	}
}

// SetWallClock says how far the wall clock is from the machine's own: it shows offset + now. Only the
// signatures of adverts look at it, so that a clock that is set moves nothing else.
func (m *Machine) SetWallClock(offset WallTime) { *m.wallOffset = offset }

func (m *Machine) wall(now Instant) WallTime { return *m.wallOffset + WallTime(now) }
