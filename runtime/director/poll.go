//go:build linux

package director

import (
	"runtime"
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

// ownProcessor sees that there is a processor for the other goroutines.
func ownProcessor() {
	if runtime.GOMAXPROCS(0) < 2 {
		runtime.GOMAXPROCS(2)
	}
}

// epollWait waits for descriptors, for a timeout in milliseconds (-1: for ever), or until a signal comes.
func epollWait(epoll int, events []unix.EpollEvent, timeout int) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(timeout), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// receive takes a packet from a socket that has one, without its sender.
func receive(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
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
