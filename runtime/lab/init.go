//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Init is the first process of a program on a host: it makes the mounts, starts the program, hands
// signals on to it, and takes in what its processes leave behind. args are the directory and the
// program's words. It returns the exit status to end with.
func Init(args []string, stderr io.Writer) int {
	if len(args) < 2 {
		fmt.Fprintln(stderr, "lab: no program")
		return 2
	}
	if err := mounts(args[0]); err != nil {
		fmt.Fprintf(stderr, "lab: %v\n", err)
		return 1
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		fmt.Fprintf(stderr, "lab: %v\n", err)
		return 1
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2)
	child, err := os.StartProcess(path, args[1:], &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
	if err != nil {
		fmt.Fprintf(stderr, "lab: %v\n", err)
		return 1
	}
	go func() {
		for s := range signals {
			_ = unix.Kill(child.Pid, s.(syscall.Signal))
		}
	}()
	return reap(child.Pid)
}

// reap waits for the program, and for orphans that come before its end.
func reap(program int) int {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return 1
		}
		if pid != program {
			continue
		}
		if status.Signaled() {
			return 128 + int(status.Signal())
		}
		return status.ExitStatus()
	}
}

// mounts gives the process namespace its own /proc and /run, and the directory at MountPoint.
func mounts(dir string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// In a user namespace inside a container this is not allowed; the old /proc serves as well.
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	// Opened before the old /run is hidden: the directory may be below it.
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	if err := os.Mkdir(MountPoint, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", MountPoint, err)
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", fd), MountPoint, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s: %w", MountPoint, err)
	}
	return nil
}
