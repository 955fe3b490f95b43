// Package uml runs a program in a User-Mode Linux guest, for tests that need what the machine's own
// kernel lacks: a real IPVS, and with [Load] other modules. The guest boots in about three seconds without
// root, sees the machine's files read-only, has network namespaces of its own and no network to the outside.
//
// It is for tests only, and brings no distribution of its own: Debian's user-mode-linux with kmod and
// busybox-static. A machine without them skips the test (runtime/lab/need).
//
// A test re-executes itself in the guest:
//
//	func TestTable(t *testing.T) {
//		if !uml.Inside() {
//			uml.Rerun(t) // builds this package's tests without cgo, boots them with -test.run=^TestTable$
//			return
//		}
//		// here: root of a kernel with IPVS
//	}
package uml
