//go:build linux

package director

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// namespaces is where ip(8) keeps the names of network namespaces.
const namespaces = "/var/run/netns"

// EnterNamespace makes sure that this program runs in the network namespace that the plan names, and every
// thread of it: where it does not, the program is executed again in there, with the same words, and
// EnterNamespace does not return. It is called before anything is opened. A namespace that is not there
// gives a [RefusedError].
func EnterNamespace(p *plan.Plan, argv []string) error {
	name := namespaceOf(p)
	if name == "" {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return &RefusedError{Reasons: []string{at(p.Global.Run.Origin) + fmt.Sprintf(format, args...)}}
	}
	path := filepath.Join(namespaces, name)
	if filepath.Dir(path) != namespaces {
		return refuse("%q is no name of a network namespace", name)
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return refuse("network namespace %q does not exist: make it with \"ip netns add %s\"", name, name)
	}
	if err != nil {
		return refuse("network namespace %q: %v", name, err)
	}
	defer f.Close()
	there, err := alreadyIn(f)
	if err != nil || there {
		return err
	}
	if slices.Contains(argv[1:], "-") {
		return refuse("a file that names a network namespace cannot come from standard input: it is read again in there")
	}
	// A thread that is executed is the only one from then on, and the program is where it was.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return refuse("network namespace %q cannot be entered: %v", name, err)
	}
	return fmt.Errorf("execute karun in network namespace %q: %w", name, unix.Exec("/proc/self/exe", argv, os.Environ()))
}

// sameNamespace refuses a new plan for another network namespace than that of this run (reference vrrp 3.9).
func sameNamespace(ours, p *plan.Plan) error {
	if a, b := namespaceOf(ours), namespaceOf(p); a != b {
		return &RefusedError{Reasons: []string{fmt.Sprintf("%q changes from %q to %q: this takes a restart", kw.NetNamespace, a, b)}}
	}
	return nil
}

func namespaceOf(p *plan.Plan) string {
	if p.Global.Run == nil {
		return ""
	}
	return p.Global.Run.Namespace
}

// alreadyIn reports whether f is the network namespace of this process.
func alreadyIn(f *os.File) (bool, error) {
	var theirs, ours unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &theirs); err != nil {
		return false, fmt.Errorf("network namespace: %w", err)
	}
	if err := unix.Stat("/proc/thread-self/ns/net", &ours); err != nil {
		return false, fmt.Errorf("network namespace: %w", err)
	}
	return theirs.Dev == ours.Dev && theirs.Ino == ours.Ino, nil
}
