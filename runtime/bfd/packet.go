package bfd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// The ports that packets go to (RFC 5881 4, RFC 5883 5).
const (
	Port         = 3784
	PortMultihop = 4784
)

// The ports that packets come from (RFC 5881 4).
const (
	FirstSourcePort = 49152
	LastSourcePort  = 65535
)

// State is the state of a session (RFC 5880 4.1).
type State uint8

// The states.
const (
	AdminDown State = iota
	Down
	Init
	Up
)

// String gives the RFC's name.
func (s State) String() string {
	return [...]string{"AdminDown", "Down", "Init", "Up"}[s&3]
}

// Diagnostic says why a session last left the state Up (RFC 5880 4.1).
type Diagnostic uint8

// The diagnostics that a session gives itself.
const (
	NoDiagnostic Diagnostic = 0
	TimeExpired  Diagnostic = 1
	NeighborDown Diagnostic = 3
)

// String is a text for people.
func (d Diagnostic) String() string {
	names := [...]string{
		"no diagnostic", "no packet within the detection time", "echo failed", "the neighbour says that it is down",
		"forwarding plane reset", "path down", "concatenated path down", "administratively down", "reverse concatenated path down",
	}
	if int(d) >= len(names) {
		return fmt.Sprintf("diagnostic %d", uint8(d))
	}
	return names[d]
}

// Packet is a control packet (RFC 5880 4.1). Times are sent as microseconds, at most about 71 minutes.
type Packet struct {
	Diagnostic  Diagnostic
	State       State
	Poll, Final bool
	// ControlPlaneIndependent, Demand and Multipoint are the flags of these names; Auth says that an
	// authentication section follows, which is not read.
	ControlPlaneIndependent, Auth, Demand, Multipoint bool
	// DetectMultiplier is how many packets may be missing.
	DetectMultiplier uint8
	// MyDiscriminator names the session at its sender, YourDiscriminator at the receiver; 0: not known yet.
	MyDiscriminator, YourDiscriminator uint32
	// DesiredMinTx is how often the sender wants to send, RequiredMinRx how often it can receive (0: not at
	// all), RequiredMinEchoRx the same for echo packets.
	DesiredMinTx, RequiredMinRx, RequiredMinEchoRx time.Duration
}

// packetBytes is the length without authentication.
const packetBytes = 24

const version = 1

// The bits of the second byte.
const (
	bitPoll         = 0x20
	bitFinal        = 0x10
	bitControlPlane = 0x08
	bitAuth         = 0x04
	bitDemand       = 0x02
	bitMultipoint   = 0x01
)

// AppendBinary appends the packet to b.
func (p Packet) AppendBinary(b []byte) []byte {
	flags := byte(p.State) << 6
	for _, f := range []struct {
		on  bool
		bit byte
	}{
		{p.Poll, bitPoll}, {p.Final, bitFinal}, {p.ControlPlaneIndependent, bitControlPlane}, {p.Auth, bitAuth},
		{p.Demand, bitDemand}, {p.Multipoint, bitMultipoint},
	} {
		if f.on {
			flags |= f.bit
		}
	}
	b = append(b, version<<5|byte(p.Diagnostic)&0x1f, flags, p.DetectMultiplier, packetBytes)
	b = binary.BigEndian.AppendUint32(b, p.MyDiscriminator)
	b = binary.BigEndian.AppendUint32(b, p.YourDiscriminator)
	for _, d := range []time.Duration{p.DesiredMinTx, p.RequiredMinRx, p.RequiredMinEchoRx} {
		b = binary.BigEndian.AppendUint32(b, uint32(min(max(d.Microseconds(), 0), math.MaxUint32)))
	}
	return b
}

// The reasons why a packet is dropped before its session is looked for (RFC 5880 6.8.6), and that of both
// flags at once, which is keepalived's.
var (
	ErrTooShort        = errors.New("too-short")
	ErrVersion         = errors.New("version")
	ErrLength          = errors.New("length")
	ErrMultiplier      = errors.New("multiplier-zero")
	ErrMultipoint      = errors.New("multipoint")
	ErrMyDiscriminator = errors.New("discriminator-zero")
	ErrDiscriminator   = errors.New("no-discriminator-in-state")
	ErrPollAndFinal    = errors.New("poll-and-final")
)

// Parse reads a packet and makes the checks that need no session. What is behind the packet does not count.
func Parse(b []byte) (Packet, error) {
	if len(b) < packetBytes {
		return Packet{}, ErrTooShort
	}
	p := Packet{
		Diagnostic: Diagnostic(b[0] & 0x1f), State: State(b[1] >> 6),
		Poll: b[1]&bitPoll != 0, Final: b[1]&bitFinal != 0, ControlPlaneIndependent: b[1]&bitControlPlane != 0,
		Auth: b[1]&bitAuth != 0, Demand: b[1]&bitDemand != 0, Multipoint: b[1]&bitMultipoint != 0,
		DetectMultiplier: b[2], MyDiscriminator: binary.BigEndian.Uint32(b[4:]), YourDiscriminator: binary.BigEndian.Uint32(b[8:]),
	}
	for i, d := range []*time.Duration{&p.DesiredMinTx, &p.RequiredMinRx, &p.RequiredMinEchoRx} {
		*d = time.Duration(binary.BigEndian.Uint32(b[12+4*i:])) * time.Microsecond
	}
	least := packetBytes
	if p.Auth {
		least += 2
	}
	switch {
	case b[0]>>5 != version:
		return p, ErrVersion
	case int(b[3]) < least || int(b[3]) > len(b):
		return p, ErrLength
	case p.DetectMultiplier == 0:
		return p, ErrMultiplier
	case p.Multipoint:
		return p, ErrMultipoint
	case p.MyDiscriminator == 0:
		return p, ErrMyDiscriminator
	case p.YourDiscriminator == 0 && p.State != Down && p.State != AdminDown:
		return p, ErrDiscriminator
	case p.Poll && p.Final:
		return p, ErrPollAndFinal
	}
	return p, nil
}
