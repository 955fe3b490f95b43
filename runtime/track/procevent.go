//go:build linux

package track

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// The kernel's process connector (linux/cn_proc.h): its address, and the events that count.
const (
	connectorIndex = 1 // CN_IDX_PROC
	connectorValue = 1 // CN_VAL_PROC
	connectorOn    = 1 // PROC_CN_MCAST_LISTEN

	eventAnswer uint32 = 0
	eventFork   uint32 = 1
	eventExec   uint32 = 2
	eventComm   uint32 = 0x200
	eventExit   uint32 = 0x80000000
)

// Lengths in bytes: struct cn_msg, and of struct proc_event what stands before the data of an event.
const (
	connectorHeader = 20
	eventHeader     = 16
)

// procEvent is an event about a whole process: threads are left out.
type procEvent struct {
	what uint32
	pid  int
	// parent is that of a process that was forked.
	parent int
	// status is the error of an answer.
	status uint32
}

// listenMessage asks for events.
func listenMessage() []byte {
	b := make([]byte, 0, unix.NLMSG_HDRLEN+connectorHeader+4)
	b = binary.NativeEndian.AppendUint32(b, uint32(cap(b)))
	b = binary.NativeEndian.AppendUint16(b, unix.NLMSG_DONE)
	b = append(b, make([]byte, 10)...) // no flags, no sequence number, and the kernel knows who asks
	b = binary.NativeEndian.AppendUint32(b, connectorIndex)
	b = binary.NativeEndian.AppendUint32(b, connectorValue)
	b = append(b, make([]byte, 8)...)
	b = binary.NativeEndian.AppendUint16(b, 4)
	b = append(b, 0, 0)
	return binary.NativeEndian.AppendUint32(b, connectorOn)
}

// parseProcEvent reads a message of the connector; false for what is none, and for events of threads.
func parseProcEvent(b []byte) (procEvent, bool) {
	if len(b) < unix.NLMSG_HDRLEN+connectorHeader+eventHeader {
		return procEvent{}, false
	}
	b = b[:min(len(b), max(int(binary.NativeEndian.Uint32(b)), 0))]
	if len(b) < unix.NLMSG_HDRLEN+connectorHeader+eventHeader {
		return procEvent{}, false
	}
	kind := binary.NativeEndian.Uint16(b[4:])
	b = b[unix.NLMSG_HDRLEN:]
	if kind == unix.NLMSG_ERROR || kind == unix.NLMSG_NOOP ||
		binary.NativeEndian.Uint32(b) != connectorIndex || binary.NativeEndian.Uint32(b[4:]) != connectorValue {
		return procEvent{}, false
	}
	b = b[connectorHeader:]
	ev := procEvent{what: binary.NativeEndian.Uint32(b)}
	data := b[eventHeader:]
	word := func(i int) int {
		if len(data) < 4*i+4 {
			return -1
		}
		return int(int32(binary.NativeEndian.Uint32(data[4*i:])))
	}
	switch ev.what {
	case eventAnswer:
		ev.status = uint32(word(0))
		return ev, len(data) >= 4
	case eventFork: // parent's thread and process, child's thread and process
		ev.parent, ev.pid = word(1), word(3)
		return ev, ev.pid > 0 && word(2) == ev.pid
	case eventExec, eventComm, eventExit: // thread and process
		ev.pid = word(1)
		return ev, ev.pid > 0 && word(0) == ev.pid
	}
	return procEvent{}, false
}
