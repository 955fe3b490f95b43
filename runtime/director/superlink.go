//go:build linux

package director

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// writeLimit is how long one message may wait for a child that does not read.
const writeLimit = time.Second

// superLink is the supervisor's end of a link.
type superLink struct {
	conn net.Conn
	out  chan []byte
	read chan struct{} // closed when the child's last message was handed over
	once sync.Once
}

// newSuperLink serves the descriptor with two goroutines; hear gets each message in order.
func newSuperLink(fd int, hear func(message), wg *sync.WaitGroup) (*superLink, error) {
	f := os.NewFile(uintptr(fd), "karun-link")
	conn, err := net.FileConn(f)
	_ = f.Close()
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l := &superLink{conn: conn, out: make(chan []byte, superBacklog), read: make(chan struct{})}
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
	for b := range l.out {
		_ = l.conn.SetWriteDeadline(time.Now().Add(writeLimit))
		_, _ = l.conn.Write(b) // a child that has gone is noticed by its end
	}
}

// send queues a message; false where the queue is full. It belongs to one goroutine, with close.
func (l *superLink) send(m message) bool {
	b, err := m.encode()
	if err != nil {
		return false
	}
	select {
	case l.out <- b:
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
