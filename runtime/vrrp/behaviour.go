package vrrp

import (
	"slices"
	"strconv"
	"strings"
)

// Behaviour is a table of named differences between implementations: karun runs with its own, kalint
// judges each node with that of its target.
type Behaviour struct {
	// Name is "karun" or "keepalived 2.4.3".
	Name string
	// RejectedPacketRestartsAdvertTimer: a master that received any packet of its VRID, even one that
	// it rejects, sends its next advert one interval later (reference: the deadline quirk).
	RejectedPacketRestartsAdvertTimer bool
	// VIPListMismatchRejects: an advert with another list of addresses is dropped (up to 2.3.2).
	VIPListMismatchRejects bool
	// PaddingAccepted: bytes behind the packet that Ethernet's minimum length explains are ignored (2.3.2 on).
	PaddingAccepted bool
	// OwnerConflictDemotesForever: an owner (priority 255) that hears another owner has priority 254
	// from then on, at once (up to 2.3.2). Otherwise the lower address gives way as a backup, and the
	// higher one demotes itself only if the other does not fall silent.
	OwnerConflictDemotesForever bool
	// AnnounceTimersAccumulate: gratuitous ARP timers are never cancelled, and each time that an
	// instance becomes master another chain of refreshes starts beside the older ones. Otherwise the
	// timers end with the mastership, and there is one chain.
	AnnounceTimersAccumulate bool
	// OwnNumberIsOld: an advert with an authentication header that has the number of the latest own one counts as
	// heard before. Otherwise it is new, as it is.
	OwnNumberIsOld bool
	// GroupTiesRepeat: where the addresses of two nodes are ordered otherwise in one member of a sync group than
	// in another, and the priorities are equal, two masters both give way, and wait equally long. Otherwise one
	// of them waits longer.
	GroupTiesRepeat bool
	// PlainChecksumAcceptsAll: an instance that leaves the pseudo header out of its checksums verifies
	// none. Otherwise a checksum with or without the pseudo header is right.
	PlainChecksumAcceptsAll bool
}

// Karun is the behaviour of this project's own director.
func Karun() Behaviour {
	return Behaviour{Name: "karun", PaddingAccepted: true}
}

// The first versions of keepalived of which this package knows the differences, and the last.
var (
	oldestKeepalived = [3]int{2, 2, 7}
	newestKeepalived = [3]int{2, 4, 3}
)

// Keepalived is the behaviour of a version of keepalived, "2.2.7" to "2.4.3". It reports false for
// others: what is not known of a version is not claimed.
func Keepalived(version string) (Behaviour, bool) {
	v, ok := parseVersion(version)
	if !ok || slices.Compare(v[:], oldestKeepalived[:]) < 0 || slices.Compare(v[:], newestKeepalived[:]) > 0 {
		return Behaviour{}, false
	}
	since := func(major, minor, patch int) bool {
		return slices.Compare(v[:], []int{major, minor, patch}) >= 0
	}
	return Behaviour{
		Name:                              "keepalived " + version,
		RejectedPacketRestartsAdvertTimer: true,
		VIPListMismatchRejects:            !since(2, 3, 3),
		PaddingAccepted:                   since(2, 3, 2),
		OwnerConflictDemotesForever:       !since(2, 3, 3),
		AnnounceTimersAccumulate:          true,
		OwnNumberIsOld:                    true,
		GroupTiesRepeat:                   true,
		PlainChecksumAcceptsAll:           true,
	}, true
}

// Targets are the behaviours that a configuration is judged by when no target is given, newest first:
// between them they have every difference that the table knows.
func Targets() []Behaviour {
	var list []Behaviour
	for _, version := range []string{"2.4.3", "2.3.4", "2.2.8", "2.2.7"} {
		if b, ok := Keepalived(version); ok {
			list = append(list, b)
		}
	}
	return list
}

// parseVersion reads "2.4.3": three decimal numbers.
func parseVersion(s string) (v [3]int, ok bool) {
	words := strings.Split(s, ".")
	if len(words) != len(v) {
		return v, false
	}
	for i, word := range words {
		n, err := strconv.ParseUint(word, 10, 15)
		if err != nil {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}
