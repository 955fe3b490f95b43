//go:build linux

package lab

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// thread is one operating system thread that does all the lab's work in namespaces. There is only
// one because a process that it starts is killed when the thread that started it ends (Pdeathsig).
type thread struct {
	home  int // the network namespace that the lab was opened in
	calls chan func()
	done  chan struct{}
}

func newThread() (*thread, error) {
	t := &thread{calls: make(chan func()), done: make(chan struct{})}
	ready := make(chan error)
	go t.run(ready)
	if err := <-ready; err != nil {
		return nil, err
	}
	return t, nil
}

func (t *thread) run(ready chan<- error) {
	defer close(t.done)
	// Never unlocked: when the goroutine ends, the runtime ends the thread, in whatever namespace it is.
	runtime.LockOSThread()
	var err error
	t.home, err = openNamespace()
	ready <- err
	if err != nil {
		return
	}
	for f := range t.calls {
		f()
	}
	_ = unix.Close(t.home)
}

// call runs f on the thread, in the namespace that it was opened in.
func (t *thread) call(f func() error) error {
	result := make(chan error, 1)
	select {
	case t.calls <- func() { result <- f() }:
		return <-result
	case <-t.done:
		return errors.New("the lab is closed")
	}
}

// in runs f on the thread, in the network namespace fd.
func (t *thread) in(fd int, f func() error) error {
	return t.call(func() error {
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter network namespace: %w", err)
		}
		err := f()
		if back := unix.Setns(t.home, unix.CLONE_NEWNET); back != nil {
			return errors.Join(err, fmt.Errorf("leave network namespace: %w", back))
		}
		return err
	})
}

// newNamespace makes a network namespace without a name and returns the descriptor that holds it.
func (t *thread) newNamespace() (fd int, err error) {
	err = t.call(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		if fd, err = openNamespace(); err != nil {
			return err
		}
		return unix.Setns(t.home, unix.CLONE_NEWNET)
	})
	return fd, err
}

func (t *thread) close() {
	close(t.calls)
	<-t.done
}

// openNamespace opens the calling thread's network namespace.
func openNamespace() (int, error) {
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open network namespace: %w", err)
	}
	return fd, nil
}
