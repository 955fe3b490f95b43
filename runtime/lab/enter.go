//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// entered marks a process that [Enter] started, so that it does not try again.
const entered = "KA_LAB_ENTERED"

// Inside reports whether this process may make network namespaces: it is root, or Enter started it.
func Inside(getenv func(string) string) bool {
	return os.Geteuid() == 0 || getenv(entered) != ""
}

// Streams are the standard streams of a command.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Enter runs argv as root of a user namespace of its own, where network namespaces may be made
// without any right outside, and returns its exit status. An error says that the machine does not
// allow it. When ctx ends, the command is interrupted and Enter still waits for its end.
func Enter(ctx context.Context, argv []string, s Streams) (int, error) {
	// The child gets SIGKILL when the thread that started it ends, so it must not end before.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stdout, s.Stderr
	cmd.Env = append(os.Environ(), entered+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	// An interrupt at the terminal reaches the child by itself; this process only has to live on.
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, os.Interrupt)
	defer signal.Stop(ignored)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("this machine does not allow user namespaces: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
