//go:build linux

package kernel

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	// eventBuffer is the size of a subscription's buffer in the kernel, in bytes.
	eventBuffer = 1 << 20
	// messageBuffer is the size of the largest message of the kernel, in bytes.
	messageBuffer = 64 << 10
	// burstPause is how long messages gather behind some that came: whoever adds a thousand addresses would wake a
	// reader a thousand times, and that costs a third of what adding them does.
	burstPause = time.Millisecond
)

// subscription receives what the kernel tells of its own accord. It waits on a thread of its own: Go's poller
// would be woken for each message, also while nobody waits for one.
type subscription struct {
	fd, ended int
	buffer    []byte
	// heard says that a message came since the last wait.
	heard bool
	stop  func()
}

// newSubscription takes a socket over. The subscription ends with ctx; close gives its descriptors back.
func newSubscription(ctx context.Context, s *nl.NetlinkSocket) (*subscription, error) {
	defer s.Close()
	// Without the right to a large buffer a smaller one overflows sooner, and is read anew.
	if s.SetReceiveBufferSize(eventBuffer, true) != nil {
		_ = s.SetReceiveBufferSize(eventBuffer, false)
	}
	fd, err := unix.FcntlInt(uintptr(s.GetFd()), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("subscription: %w", err)
	}
	ended, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("subscription: %w", err)
	}
	told := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(told)
		_, _ = unix.Write(ended, []byte{1, 0, 0, 0, 0, 0, 0, 1}) // not 0 in either byte order
	})
	return &subscription{fd: fd, ended: ended, buffer: make([]byte, messageBuffer), stop: func() {
		if !cancel() {
			<-told
		}
	}}, nil
}

// close is called by whoever receives.
func (s *subscription) close() {
	s.stop()
	_ = unix.Close(s.fd)
	_ = unix.Close(s.ended)
}

// receive gives the next message, or none if there is none now. It is good until the next call.
func (s *subscription) receive() ([]syscall.NetlinkMessage, error) {
	for {
		n, from, err := unix.Recvfrom(s.fd, s.buffer, unix.MSG_DONTWAIT)
		switch kernel, ok := from.(*unix.SockaddrNetlink); {
		case errors.Is(err, unix.EAGAIN):
			return nil, nil
		case errors.Is(err, unix.EINTR), err == nil && (!ok || kernel.Pid != nl.PidKernel):
			continue
		case err != nil:
			return nil, err
		}
		s.heard = true
		return syscall.ParseNetlinkMessage(s.buffer[:n])
	}
}

// wait waits for messages; it fails when the subscription has ended.
func (s *subscription) wait() error {
	if s.heard {
		s.heard = false
		time.Sleep(burstPause)
		return nil
	}
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(s.ended), Events: unix.POLLIN}}
	switch _, err := unix.Poll(fds, -1); {
	case err != nil && !errors.Is(err, unix.EINTR):
		return err
	case fds[1].Revents != 0:
		return context.Canceled
	}
	return nil
}

// drain drops what waits: behind a list it would be old, and what undid it may be lost.
func (s *subscription) drain() {
	for {
		_, _, err := unix.Recvfrom(s.fd, s.buffer[:1], unix.MSG_DONTWAIT|unix.MSG_TRUNC)
		if err != nil && !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ENOBUFS) {
			return
		}
	}
}
