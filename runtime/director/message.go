//go:build linux

package director

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sys/unix"

	"ka/runtime/control"
	"ka/runtime/notify"
)

// The bounds between the processes. A message is one JSON object in one packet of a SEQPACKET socket
// pair; what a queue does not take is dropped and counted.
const (
	maxMessage   = 1 << 20
	childBacklog = 8192
	superBacklog = 1024
	flushMost    = 64
	socketBuffer = 4 << 20
)

// The types of messages. Those of the first group go to the supervisor, those of the second to a child.
const (
	msgReady      = "ready"
	msgLate       = "late"
	msgLog        = "log"
	msgNotify     = "notify"
	msgInstance   = "instance"
	msgServer     = "server"
	msgSession    = "session"
	msgStatusDone = "status-done"
	msgStopped    = "stopped"
	msgFailed     = "failed"
	msgReloaded   = "reloaded"
	msgLinkGone   = "link-gone"

	msgTracked = "tracked"
	msgCarrier = "carrier"
	msgStatus  = "status"
	msgStop    = "stop"
	// msgTableMade names a table of nftables that was made again, and is empty.
	msgTableMade = "table-made"
	// msgReload comes with a memory file: a plan is too large for a message.
	msgReload = "reload"
)

// message is everything that the processes tell each other.
type message struct {
	Type string `json:"type"`
	// ID pairs a request with its answers.
	ID uint64 `json:"id,omitempty"`

	// A log record: Time in nanoseconds of the wall clock, Attrs as key and value in turn.
	Time  int64      `json:"time,omitempty"`
	Level slog.Level `json:"level,omitempty"`
	Text  string     `json:"text,omitempty"`
	Attrs []any      `json:"attrs,omitempty"`

	// Notice asks for notifications.
	Notice *notify.Event `json:"notice,omitempty"`
	// Tracked is the state of a tracked thing, or the carrier of an interface.
	Tracked trackedState `json:"tracked,omitzero"`
	// Reloaded is a child's part of the outcome of a reload.
	Reloaded *control.Reload `json:"reloaded,omitempty"`
	// file is the descriptor that came with the message; 0 is none.
	file int
	// Keep asks a child to stop without a trace.
	Keep bool `json:"keep,omitempty"`

	// The answers to a status request, one message an instance or virtual server.
	InstanceStatus *control.Instance      `json:"instance_status,omitempty"`
	ServerStatus   *control.VirtualServer `json:"server_status,omitempty"`
	SessionStatus  *control.BFDSession    `json:"session_status,omitempty"`
	Drops          map[string]uint64      `json:"drops,omitempty"`
	Kernel         *control.Kernel        `json:"kernel,omitempty"`
}

// encode gives the packet of a message.
func (m message) encode() ([]byte, error) {
	b, err := json.Marshal(m)
	if err == nil && len(b) > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes, %d are allowed", len(b), maxMessage)
	}
	return b, err
}

// decodeMessage reads a packet.
func decodeMessage(b []byte) (message, error) {
	var m message
	err := json.Unmarshal(b, &m)
	return m, err
}

// socketPair makes the two ends; the child's is blocking for its own use and not close-on-exec there.
func socketPair() (super, child int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0, 0, fmt.Errorf("socket pair: %w", err)
	}
	for _, fd := range fds {
		// Best effort: without the right to a larger buffer the default has to do.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, socketBuffer) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, socketBuffer)
		}
	}
	return fds[0], fds[1], nil
}

// childLink is a child's end. Nothing in it waits. One goroutine may receive while another sends.
type childLink struct {
	fd      int
	queue   [][]byte
	dropped uint64
	// told is how many drops were logged.
	told uint64
	buf  []byte
	// ancillary holds one descriptor.
	ancillary []byte
}

func newChildLink(fd int) *childLink {
	return &childLink{fd: fd, buf: make([]byte, maxMessage), ancillary: make([]byte, unix.CmsgSpace(4))}
}

// send sends m, or queues it, or drops and counts it. Records of the log leave room for the rest.
func (l *childLink) send(m message) {
	most := childBacklog
	if m.Type == msgLog {
		most /= 2
	}
	b, err := m.encode()
	if err != nil || len(l.queue) >= most {
		l.dropped++
		return
	}
	l.queue = append(l.queue, b)
	l.flush()
}

// log sends a log record with the wall clock's time.
func (l *childLink) log(level slog.Level, text string, attrs ...any) {
	l.logAt(time.Now(), level, text, attrs...)
}

// logAt is log for something that happened before.
func (l *childLink) logAt(at time.Time, level slog.Level, text string, attrs ...any) {
	l.send(message{Type: msgLog, Time: at.UnixNano(), Level: level, Text: text, Attrs: attrs})
}

// flush writes what the socket takes, a bounded number of messages, and reports whether something is left.
func (l *childLink) flush() (left bool) {
	for range flushMost {
		if len(l.queue) == 0 {
			break
		}
		err := unix.Send(l.fd, l.queue[0], unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if errors.Is(err, unix.EAGAIN) {
			return true
		}
		l.queue[0] = nil
		l.queue = l.queue[1:] // sent, or the supervisor has gone and the next read says so
	}
	if len(l.queue) > 0 {
		return true
	}
	l.queue = nil
	if l.told != l.dropped {
		n := l.dropped - l.told
		l.told = l.dropped
		l.log(slog.LevelError, "dropped", "messages", n, "cause", "the supervisor was too slow")
	}
	return false
}

// errLinkClosed says that the other end has gone.
var errLinkClosed = errors.New("the other process has gone")

// receive returns the next message; ok is false when there is none now.
func (l *childLink) receive() (m message, ok bool, err error) {
	for {
		n, file, err := l.read()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return message{}, false, nil
		case err != nil:
			return message{}, false, fmt.Errorf("%w: %v", errLinkClosed, err)
		case n == 0:
			return message{}, false, errLinkClosed
		}
		m, err := decodeMessage(l.buf[:n])
		if err != nil {
			if file > 0 {
				_ = unix.Close(file)
			}
			continue // damaged: there is no such sender
		}
		m.file = file
		return m, true, nil
	}
}

// read takes one packet with the descriptor that comes with it; 0 is none.
func (l *childLink) read() (n, file int, err error) {
	n, m, _, _, err := unix.Recvmsg(l.fd, l.buf, l.ancillary, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
	if err != nil || m == 0 {
		return n, 0, err
	}
	list, err := unix.ParseSocketControlMessage(l.ancillary[:m])
	if err != nil || len(list) == 0 {
		return n, 0, nil
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil || len(fds) == 0 {
		return n, 0, nil
	}
	return n, fds[0], nil
}

// drain waits until everything is sent, but no longer than limit.
func (l *childLink) drain(limit time.Duration) {
	end := time.Now().Add(limit)
	for l.flush() && time.Now().Before(end) {
		pfd := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLOUT}}
		_, _ = unix.Poll(pfd, 50)
	}
}
