//go:build linux

package process

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of a busy loop go to the kernel without a word to Go's scheduler. Told of a call, the scheduler takes
// the processor away from a thread that waits, gives it back when it wakes, and has its monitor wake up every
// 20 µs in between: with a thousand instances that costs more than all adverts together, and the wake-up is
// later for it. What it is not told, it cannot mistake: it interrupts a thread that it believes to compute
// with a signal, every 10 ms and when garbage is collected, and the wait ends early (EINTR). The loop then
// goes on as after any other wake-up. The other goroutines of the process run on a processor of their own.
//
// That costs 8 ms of processor time a second, and the signal may come at a bad moment. So a loop does it only while
// other goroutines may keep it from a processor, as one that reads a plan and the collection of its garbage. Else it
// waits as other goroutines do, in Go's own poller, and the scheduler's monitor sleeps.

// OwnProcessor sees that there are processors for so many other goroutines, beside that of the loop.
func OwnProcessor(others int) {
	if most := 1 + others; runtime.GOMAXPROCS(0) < most {
		runtime.GOMAXPROCS(most)
	}
}

// Poller waits for descriptors, for one goroutine.
type Poller struct {
	epoll  int
	events []unix.EpollEvent
	// file is the same epoll instance, known to Go's poller: it is readable when one of its descriptors is.
	file *os.File
	conn syscall.RawConn
	// look is the look at the descriptors that Go's poller asks for, found and failed what it saw: made once, as
	// every piece of new memory is one that the processor has to fetch.
	look   func(uintptr) bool
	found  []unix.EpollEvent
	failed error
}

// NewPoller makes one that waits for nothing yet.
func NewPoller() (*Poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &Poller{epoll: epoll, events: make([]unix.EpollEvent, 64)}
	if err := unix.SetNonblock(epoll, true); err != nil { // Go's poller takes no other
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p.file = os.NewFile(uintptr(epoll), "epoll")
	if p.conn, err = p.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p.look = func(uintptr) bool {
		p.found, p.failed = p.Wait(0)
		return p.failed != nil || len(p.found) > 0
	}
	return p, nil
}

// Add waits for a descriptor from now on.
func (p *Poller) Add(fd int, events uint32) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// Remove waits for a descriptor no more.
func (p *Poller) Remove(fd int) { _ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// ForEver is the timeout of a wait that only a descriptor ends.
const ForEver = -1

// Wait waits for descriptors, for a timeout in milliseconds, or until a signal comes, and keeps the
// processor: see [OwnProcessor].
func (p *Poller) Wait(timeout int) ([]unix.EpollEvent, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events[0])),
		uintptr(len(p.events)), uintptr(timeout), 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return nil, fmt.Errorf("epoll: %w", errno)
	}
	if errno != 0 {
		return nil, nil
	}
	return p.events[:n], nil
}

// WaitPatiently waits for descriptors, and leaves the processor to others.
func (p *Poller) WaitPatiently() ([]unix.EpollEvent, error) {
	p.found, p.failed = nil, nil
	if err := p.conn.Read(p.look); err != nil {
		return nil, err
	}
	return p.found, p.failed
}

// WaitUntil is WaitPatiently until a time at most; zero is for ever.
func (p *Poller) WaitUntil(at time.Time) ([]unix.EpollEvent, error) {
	if err := p.file.SetReadDeadline(at); err != nil {
		return nil, err
	}
	ready, err := p.WaitPatiently()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return p.Wait(0) // where the time was over before, nobody has looked
	}
	return ready, err
}

// Close ends it.
func (p *Poller) Close() { _ = p.file.Close() }
