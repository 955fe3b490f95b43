//go:build linux

package lab

import (
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Frame is an Ethernet frame that a host sent.
type Frame struct {
	// Time is the kernel's, of the arrival at the bridge.
	Time time.Time
	// Interface is the host's interface that it left by.
	Interface string
	Data      []byte
}

// maxFrameBytes is the largest frame that is kept whole; VRRP and ARP are far below.
const maxFrameBytes = 2048

// Capture calls f for each frame that the host sends from now on, in order, on a goroutine of each
// interface. It sees frames also while the host is cut off.
func (h *Host) Capture(f func(Frame)) error {
	for _, p := range h.ports {
		var fd int
		err := h.lab.thread.in(h.lab.fabric, func() (err error) {
			fd, err = openPacket(p.index)
			return err
		})
		if err != nil {
			return fmt.Errorf("capture from %s: %w", h.Name, err)
		}
		sock := os.NewFile(uintptr(fd), "capture")
		h.lab.keep(sock, func() { readFrames(sock, p.hostLink, f) })
	}
	return nil
}

// openPacket opens a packet socket on one interface. Protocol 0 until bind: so that not one frame of
// another interface comes in.
func openPacket(index int) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<20)
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	if err == nil {
		all := uint16(unix.ETH_P_ALL)
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: index})
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func readFrames(sock *os.File, link string, f func(Frame)) {
	raw, err := sock.SyscallConn()
	if err != nil {
		return
	}
	buf, oob := make([]byte, maxFrameBytes), make([]byte, 256)
	for {
		var n, oobn int
		var from unix.Sockaddr
		var rerr error
		err := raw.Read(func(fd uintptr) bool {
			n, oobn, _, from, rerr = unix.Recvmsg(int(fd), buf, oob, 0)
			return rerr != unix.EAGAIN
		})
		if err != nil {
			return // closed
		}
		if rerr != nil {
			continue // the interface went down: the socket reports it once
		}
		if ll, ok := from.(*unix.SockaddrLinklayer); ok && ll.Pkttype == unix.PACKET_OUTGOING {
			continue // what the bridge sends to the host
		}
		f(Frame{Time: timestamp(oob[:oobn]), Interface: link, Data: append([]byte(nil), buf[:n]...)})
	}
}

// timestamp finds the kernel's time of a packet; the present where there is none.
func timestamp(oob []byte) time.Time {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Now()
	}
	for _, m := range msgs {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			ts := *(*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return time.Unix(ts.Unix())
		}
	}
	return time.Now()
}
