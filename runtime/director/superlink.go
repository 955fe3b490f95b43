//go:build linux

package director

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// writeLimit is how long one message may wait for a child that does not read.
const writeLimit = time.Second

// superLink is the supervisor's end of a link.
type superLink struct {
	conn *net.UnixConn
	out  chan packet
	read chan struct{} // closed when the child's last message was handed over
	once sync.Once
}

// packet is a message with the file that goes with it; nil for none.
type packet struct {
	data []byte
	file *os.File
}

// newSuperLink serves the descriptor with two goroutines; hear gets each message in order.
func newSuperLink(fd int, hear func(message), wg *sync.WaitGroup) (*superLink, error) {
	f := os.NewFile(uintptr(fd), "karun-link")
	conn, err := net.FileConn(f)
	_ = f.Close()
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("link: %T is no socket of this machine", conn)
	}
	l := &superLink{conn: unixConn, out: make(chan packet, superBacklog), read: make(chan struct{})}
	wg.Go(func() { l.reader(hear) })
	wg.Go(l.writer)
	return l, nil
}

func (l *superLink) reader(hear func(message)) {
	defer close(l.read)
	buf := make([]byte, maxMessage)
	for {
		n, err := l.conn.Read(buf)
		if err != nil || n == 0 {
			return
		}
		if m, err := decodeMessage(buf[:n]); err == nil {
			hear(m)
		}
	}
}

func (l *superLink) writer() {
	for p := range l.out {
		_ = l.conn.SetWriteDeadline(time.Now().Add(writeLimit))
		if p.file == nil {
			_, _ = l.conn.Write(p.data) // a child that has gone is noticed by its end
			continue
		}
		_, _, _ = l.conn.WriteMsgUnix(p.data, syscall.UnixRights(int(p.file.Fd())), nil)
		_ = p.file.Close()
	}
}

// send queues a message; false where the queue is full. It belongs to one goroutine, with close.
func (l *superLink) send(m message) bool { return l.sendFile(m, nil) }

// sendFile queues a message with a file, which belongs to the link if it succeeds.
func (l *superLink) sendFile(m message, file *os.File) bool {
	b, err := m.encode()
	if err != nil {
		return false
	}
	select {
	case l.out <- packet{b, file}:
		return true
	default:
		return false
	}
}

// waitRead waits, bounded, until everything that the child said was handed over.
func (l *superLink) waitRead() {
	t := time.NewTimer(writeLimit)
	defer t.Stop()
	select {
	case <-l.read:
	case <-t.C:
	}
}

func (l *superLink) close() {
	l.once.Do(func() {
		close(l.out)
		_ = l.conn.Close()
	})
}
