//go:build linux

package director

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ka/runtime/vrrp"
)

// The calls of the loop go to the kernel without a word to Go's scheduler. Told of a call, the scheduler takes
// the processor away from a thread that waits, gives it back when it wakes, and has its monitor wake up every
// 20 µs in between: with a thousand instances that costs more than all adverts together, and the wake-up is
// later for it. What it is not told, it cannot mistake: it interrupts a thread that it believes to compute
// with a signal, every 10 ms and when garbage is collected, and the wait ends early (EINTR). The loop then
// goes on as after any other wake-up. The other goroutines of the process run on a processor of their own.
//
// That costs 8 ms of processor time a second, which is much for a director whose instances speak once a
// second. There the loop waits as other goroutines do, in Go's own poller, and the scheduler's monitor sleeps.

// ownProcessor sees that there is a processor for the other goroutines.
func ownProcessor() {
	if runtime.GOMAXPROCS(0) < 2 {
		runtime.GOMAXPROCS(2)
	}
}

// poller waits for descriptors.
type poller struct {
	epoll  int
	events []unix.EpollEvent
	// file is the same epoll instance, known to Go's poller: it is readable when one of its descriptors is.
	file *os.File
	conn syscall.RawConn
}

func newPoller() (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{epoll: epoll, events: make([]unix.EpollEvent, 64)}
	if err := unix.SetNonblock(epoll, true); err != nil { // Go's poller takes no other
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p.file = os.NewFile(uintptr(epoll), "epoll")
	if p.conn, err = p.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

// add waits for a descriptor from now on.
func (p *poller) add(fd int, events uint32) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// remove waits for a descriptor no more.
func (p *poller) remove(fd int) { _ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// forEver is the timeout of a wait that only a descriptor ends.
const forEver = -1

// wait waits for descriptors, for a timeout in milliseconds, or until a signal comes, and keeps the
// processor.
func (p *poller) wait(timeout int) ([]unix.EpollEvent, error) {
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

// waitPatiently waits for descriptors, and leaves the processor to others.
func (p *poller) waitPatiently() (ready []unix.EpollEvent, err error) {
	failed := p.conn.Read(func(uintptr) bool {
		ready, err = p.wait(0)
		return err != nil || len(ready) > 0
	})
	return ready, errors.Join(err, failed)
}

// receive takes a packet from a socket that has one, without its sender.
func receive(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// send sends a packet to an address over a socket that need not wait.
func send(fd int, b []byte, to netip.Addr, zone uint32, control []byte, flags int) error {
	name4 := unix.RawSockaddrInet4{Family: unix.AF_INET}
	name6 := unix.RawSockaddrInet6{Family: unix.AF_INET6, Scope_id: zone}
	m := unix.Msghdr{Iovlen: 1}
	if to.Is4() {
		name4.Addr = to.As4()
		m.Name, m.Namelen = (*byte)(unsafe.Pointer(&name4)), unix.SizeofSockaddrInet4
	} else {
		name6.Addr = to.As16()
		m.Name, m.Namelen = (*byte)(unsafe.Pointer(&name6)), unix.SizeofSockaddrInet6
	}
	iov := unix.Iovec{Base: unsafe.SliceData(b)}
	iov.SetLen(len(b))
	m.Iov, m.Control = &iov, unsafe.SliceData(control)
	m.SetControllen(len(control))
	_, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), uintptr(flags|unix.MSG_DONTWAIT))
	if errno != 0 {
		return errno
	}
	return nil
}

// setTimer lets a timer of the monotonic clock go off at a time; at once, where that has passed.
func setTimer(fd int, at vrrp.Instant) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(at))}
	// It fails for bad arguments only.
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(fd), unix.TFD_TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// clockStart ties Go's clock, which is read without a call to the kernel, to that of timers.
type clockStart struct {
	at     time.Time
	kernel vrrp.Instant
}

var processStart = startClock()

func startClock() clockStart {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail for this clock
	return clockStart{time.Now(), vrrp.Instant(ts.Nano())}
}

// monotonic is the machines' clock: the kernel's CLOCK_MONOTONIC.
func monotonic() vrrp.Instant { return processStart.kernel.Add(time.Since(processStart.at)) }
