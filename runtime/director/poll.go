//go:build linux

package director

import (
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ka/runtime/vrrp"
)

// The calls of the loop go to the kernel without a word to Go's scheduler: see process.Poller.

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

// sendFrame sends a frame over a packet socket that need not wait.
func sendFrame(fd int, b []byte, to *unix.RawSockaddrLinklayer) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(to)), unix.SizeofSockaddrLinklayer)
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
