//go:build linux

package need

import (
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Lease needs a lease on a file, which nobody else has open: whoever opens or executes it waits, as on a file system
// that hangs, until release is called, or for as long as the kernel permits that (45 s). awaited reports whether
// somebody does.
func Lease(t testing.TB, path string) (awaited func() bool, release func()) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(f.Fd())
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
		_ = f.Close()
		Missing(t, "needs leases on files: "+err.Error())
	}
	awaited = func() bool {
		kind, err := unix.FcntlInt(uintptr(fd), unix.F_GETLEASE, 0)
		return err == nil && kind != unix.F_WRLCK
	}
	release = sync.OnceFunc(func() { _ = f.Close() })
	t.Cleanup(release)
	return awaited, release
}
