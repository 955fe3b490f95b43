// Package interop tests karun beside Debian's keepalived, on one wire, in both roles. The same scenes
// run with keepalived alone: what two keepalived do is what karun has to do in the place of either.
//
// It has no code but its tests.
//
//	go test ./runtime/lab/interop -run TestTakeover -v
package interop
