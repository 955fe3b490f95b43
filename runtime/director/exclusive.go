//go:build linux

package director

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// lockName is the abstract socket that one karun in a network namespace has.
	lockName = "@ka.karun"
	// lockPatience is how long the processes of a karun that was just killed may take to go: leaveLimit,
	// and a second.
	lockPatience = leaveLimit + time.Second
	lockFile     = "lock"
)

// lockNamespace makes sure that this is the only karun of its network namespace. The lock is held as
// long as any process has the file open.
func lockNamespace() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("lock of the network namespace: %w", err)
	}
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: lockName})
		if err == nil {
			return os.NewFile(uintptr(fd), lockName), nil
		}
		if !errors.Is(err, unix.EADDRINUSE) || time.Now().After(end) {
			break
		}
	}
	_ = unix.Close(fd)
	if errors.Is(err, unix.EADDRINUSE) {
		return nil, errors.New("another karun runs in this network namespace: stop it first, they would not hear each other")
	}
	return nil, fmt.Errorf("lock of the network namespace: %w", err)
}

// lockRunDir makes the run directory, and sure that nobody else uses it.
func lockRunDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, runDirError(dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, runDirError(dir, err)
	}
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(end) {
			break
		}
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("%w %q", errRunDirTaken, dir)
	}
	return nil, runDirError(dir, err)
}

// errRunDirTaken says that another karun holds the lock of a run directory.
var errRunDirTaken = errors.New("another karun uses the run directory")

// runDirError says what is wrong with a run directory, without the words of the call.
func runDirError(dir string, err error) error {
	var errno unix.Errno
	if errors.As(err, &errno) {
		err = errno
	}
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: run as root, or give another one with --run-dir", err)
	}
	return fmt.Errorf("run directory %q: %w", dir, err)
}

// findKeepalived returns the process id of a keepalived in our network namespace, 0 if there is none.
func findKeepalived(proc string) int {
	ours, err := os.Readlink(filepath.Join(proc, "thread-self/ns/net"))
	if err != nil {
		return 0
	}
	dirs, err := os.ReadDir(proc)
	if err != nil {
		return 0
	}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		comm, err := os.ReadFile(filepath.Join(proc, d.Name(), "comm"))
		if err != nil || strings.TrimSpace(string(comm)) != "keepalived" {
			continue
		}
		if ns, err := os.Readlink(filepath.Join(proc, d.Name(), "ns/net")); err == nil && ns == ours {
			return pid
		}
	}
	return 0
}

// refuseKeepalived returns an error where a keepalived runs beside us.
func refuseKeepalived() error {
	if pid := findKeepalived("/proc"); pid != 0 {
		return fmt.Errorf("keepalived runs in this network namespace (pid %d): stop it first, they would not hear each other", pid)
	}
	return nil
}

// whereabouts identifies the network namespace and the boot of the kernel.
func whereabouts() (namespace uint64, boot string, err error) {
	var st unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &st); err != nil {
		return 0, "", fmt.Errorf("network namespace: %w", err)
	}
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return 0, "", fmt.Errorf("boot id: %w", err)
	}
	return st.Ino, strings.TrimSpace(string(b)), nil
}
