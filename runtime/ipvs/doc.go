// Package ipvs reads and writes the IPVS table of one network namespace. It applies [effect.Change]
// values about services and destinations; what they should be is worked out elsewhere.
//
// Ordinary writes go through github.com/moby/ipvs. What it cannot express (a destination's family and
// tunnel) is written, and everything is read, by a codec of its own. The library answers success on
// a kernel without IPVS, so [Open] looks the netlink family up first and gives [ErrNoIPVS].
//
//	h, err := ipvs.Open()                   // of the calling thread's network namespace
//	have, err := h.Snapshot()
//	for _, c := range effect.Diff(effect.Owned(have, may), want, "karun starts") {
//		err = h.Apply(c)
//	}
//	err = h.Close()
package ipvs
