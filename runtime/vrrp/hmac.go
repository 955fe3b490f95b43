package vrrp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ka/compiler/plan"
)

// WallTime is a time of the wall clock: the time since 1970-01-01 UTC. Only signatures look at it.
type WallTime time.Duration

// seconds and sequence are the time as signatures hold it: whole seconds, and seconds with a binary
// fraction of 16 bits above a counter of 16 bits.
func (t WallTime) seconds() uint32 { return uint32(time.Duration(t) / time.Second) }

func (t WallTime) sequence() uint64 {
	fraction := uint64(time.Duration(t)%time.Second) << 16 / uint64(time.Second)
	return uint64(t.seconds())<<32 | fraction<<16
}

// The signature behind an advert (reference vrrp 1.7).
const (
	trailerLen       = 28
	trailerSignedLen = 12
	trailerValueLen  = trailerLen - trailerSignedLen
	trailerSHA256    = 1 // HMAC-SHA-256, cut to 128 bits
	signedHeaderLen  = 20
	// replayMarks is how many senders of a multicast group are remembered.
	replayMarks = 4
)

// Trailer is the signature behind an advert.
type Trailer struct {
	KeyID uint8
	// Sequence is seconds since 1970 (32 bits), a fraction (16) and a counter (16).
	Sequence uint64
	// Value is the HMAC.
	Value [trailerValueLen]byte
}

// AppendBinary appends the trailer.
func (t Trailer) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, trailerSHA256, t.KeyID, 0, 0)
	b = binary.BigEndian.AppendUint64(b, t.Sequence)
	return append(b, t.Value[:]...), nil
}

// ParseTrailer reads a trailer of exactly its own length. It does not verify it: that takes the key.
func ParseTrailer(b []byte) (Trailer, error) {
	switch {
	case len(b) != trailerLen:
		return Trailer{}, fmt.Errorf("%d bytes: a signature has %d", len(b), trailerLen)
	case b[0] != trailerSHA256:
		return Trailer{}, fmt.Errorf("signature of type %d: only %d is known", b[0], trailerSHA256)
	case b[2] != 0 || b[3] != 0:
		return Trailer{}, errors.New("the reserved bytes of the signature are not zero")
	}
	return Trailer{
		KeyID:    b[1],
		Sequence: binary.BigEndian.Uint64(b[4:]),
		Value:    [trailerValueLen]byte(b[trailerSignedLen:]),
	}, nil
}

// sign computes the value of a trailer for the advert in pdu, whose checksum does not count, and which
// source sent.
func (t Trailer) sign(key string, pdu []byte, source netip.Addr) [trailerValueLen]byte {
	var header [signedHeaderLen]byte
	header[0] = 4
	if source.Is6() {
		header[0] = 6
	}
	header[1], header[2] = pdu[0]>>4, pdu[1]
	copy(header[4:], source.AsSlice())
	t.Value = [trailerValueLen]byte{}
	trailer, _ := t.AppendBinary(make([]byte, 0, trailerLen)) // never fails
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(header[:])
	mac.Write(pdu[:checksumOffset])
	mac.Write([]byte{0, 0})
	mac.Write(pdu[checksumOffset+2:])
	mac.Write(trailer)
	return [trailerValueLen]byte(mac.Sum(nil))
}

// after compares sequences by the serial arithmetic of RFC 1982, so that they may wrap.
func after(a, b uint64) bool { return int64(a-b) > 0 }

// secondsSince is how many seconds b lies before a; serial arithmetic too.
func secondsSince(a, b uint32) time.Duration { return time.Duration(int32(a-b)) * time.Second }

// signer holds what an instance remembers for its signatures (reference vrrp 1.7). keepalived forgets it at
// a reload; here it goes on, so that nothing recorded before is accepted after.
type signer struct {
	sent  uint64
	begun bool
	// peers are the marks of the unicast peers, senders those of a multicast group.
	peers   map[netip.Addr]*replayMark
	senders [replayMarks]replaySender
	used    uint64
}

// replayMark is the highest sequence of a sender.
type replayMark struct {
	sequence uint64
	valid    bool
}

type replaySender struct {
	address netip.Addr
	mark    replayMark
	// used orders the senders: the one that was silent longest makes room.
	used uint64
}

// next is the sequence of the next advert: the clock, or one more than the last where the clock has not
// gone on. Where the clock was set back by more than receivers tolerate, time mode follows it. The first is
// the clock in any case: from 2038 on it is not after 0 by serial arithmetic.
func (s *signer) next(h *plan.HMAC, now WallTime) uint64 {
	clock := now.sequence()
	ahead := secondsSince(uint32(s.sent>>32), uint32(clock>>32))
	switch {
	case !s.begun, after(clock, s.sent), h.Replay == plan.ReplayTime && ahead > h.TimeWindow:
		s.begun, s.sent = true, clock
	default:
		s.sent++
	}
	return s.sent
}

// mark is the memory for a sender whose signature was right: so nobody without a key moves others out.
func (s *signer) mark(source netip.Addr, unicast bool) *replayMark {
	s.used++
	if unicast {
		if s.peers == nil {
			s.peers = make(map[netip.Addr]*replayMark)
		}
		if s.peers[source] == nil {
			s.peers[source] = new(replayMark)
		}
		return s.peers[source]
	}
	oldest := &s.senders[0]
	for i := range s.senders {
		sender := &s.senders[i]
		if sender.used != 0 && sender.address == source {
			sender.used = s.used
			return &sender.mark
		}
		if sender.used < oldest.used {
			oldest = sender
		}
	}
	*oldest = replaySender{address: source, used: s.used}
	return &oldest.mark
}

// raise moves the mark to a new sequence; false: it is not new. In time mode a mark outside the window
// is forgotten first: it orders only what the window refuses anyway, and a sender whose clock was
// corrected must come back.
func (m *replayMark) raise(h *plan.HMAC, now WallTime, sequence uint64) bool {
	if m.valid && h.Replay == plan.ReplayTime {
		age := secondsSince(now.seconds(), uint32(m.sequence>>32))
		m.valid = max(age, -age) <= h.TimeWindow
	}
	if m.valid && !after(sequence, m.sequence) {
		return false
	}
	*m = replayMark{sequence: sequence, valid: true}
	return true
}

// judgeHMAC verifies the signature of the advert in pdu, in keepalived's order. trailer is nil where
// there is none. The skew between the clocks is returned in time mode.
func (c *Acceptance) judgeHMAC(pdu, trailer []byte, source netip.Addr, now WallTime) (skew time.Duration, reason DropReason, detail string) {
	h := c.hmac
	if trailer == nil {
		if h.Mode == plan.HMACEnforce {
			return 0, DropHMACMissing, "the advertisement is not signed"
		}
		return 0, "", ""
	}
	if c.unicast && c.peer(source) == nil {
		return 0, DropUnicastSource, fmt.Sprintf("%v is not a unicast peer", source)
	}
	t, err := ParseTrailer(trailer)
	if err != nil {
		return 0, DropHMACMalformed, err.Error()
	}
	if h.Replay == plan.ReplayTime {
		skew = secondsSince(now.seconds(), uint32(t.Sequence>>32))
		if max(skew, -skew) > h.TimeWindow {
			return skew, DropHMACStale, fmt.Sprintf("the clocks are %v apart, the window is %v", skew, h.TimeWindow)
		}
	}
	key, ok := keyOf(h, t.KeyID)
	if !ok {
		return skew, DropHMACUnknownKey, fmt.Sprintf("key %d is not configured", t.KeyID)
	}
	want := t.sign(key, pdu, source)
	if !hmac.Equal(want[:], t.Value[:]) {
		return skew, DropHMACInvalid, fmt.Sprintf("the signature is wrong: key %d differs, or the packet was changed", t.KeyID)
	}
	if !c.session.signer.mark(source, c.unicast).raise(h, now, t.Sequence) {
		return skew, DropHMACReplayed, "the sequence of the signature was there already"
	}
	return skew, "", ""
}

// keyOf finds a key by its number.
func keyOf(h *plan.HMAC, id uint8) (string, bool) {
	for _, k := range h.Keys {
		if k.ID == id && k.Secret != "" {
			return k.Secret, true
		}
	}
	return "", false
}
