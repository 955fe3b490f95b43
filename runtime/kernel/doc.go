// Package kernel reads and writes the addresses and routes of one network namespace, and tells of
// changes by others. It applies [effect.Change] values; what they should be is worked out elsewhere,
// and IPVS is runtime/ipvs.
//
// Writes are idempotent: what exists already is success, as is removing what is gone. Encoder and
// decoder are its own, since the library's set a broadcast address by themselves and know no IFA_PROTO;
// an attribute that the decoder does not know is named in the object's Unknown, never dropped.
//
//	h, err := kernel.Open()                 // of the calling thread's network namespace
//	have, err := h.Snapshot()
//	for _, c := range effect.Diff(effect.Owned(have, may), want, "VI_1 becomes MASTER") {
//		err = h.Apply(c)
//	}
//	err = h.Close()
package kernel
