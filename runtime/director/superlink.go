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

// readLimit is how long the last messages of a child that has ended may take.
const readLimit = time.Second

// superLink is the supervisor's end of a link. What it queues waits until the child reads it, or has gone.
type superLink struct {
	conn *net.UnixConn
	out  chan packet
	read chan struct{} // closed when the child's last message was handed over
	once sync.Once

	// states are those of tracked things that wait, the latest of each: they are never lost, or an instance
	// would go by an old one for ever. changed says that there are some.
	mu      sync.Mutex
	states  map[stateKey]trackedState
	order   []stateKey
	changed chan struct{}
}

// stateKey tells states apart, by the type of their message.
type stateKey struct {
	message string
	trackedKey
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
	l := &superLink{
		conn: unixConn, out: make(chan packet, superBacklog), read: make(chan struct{}),
		states: make(map[stateKey]trackedState), changed: make(chan struct{}, 1),
	}
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
	for {
		select {
		case p, more := <-l.out:
			if !more {
				return
			}
			l.write(p)
		case <-l.changed:
			for m, some := l.nextState(); some; m, some = l.nextState() {
				if b, err := m.encode(); err == nil {
					l.write(packet{data: b})
				}
			}
		}
	}
}

// write waits for a child that does not read; one that has gone is noticed by its end.
func (l *superLink) write(p packet) {
	if p.file == nil {
		_, _ = l.conn.Write(p.data)
		return
	}
	_, _, _ = l.conn.WriteMsgUnix(p.data, syscall.UnixRights(int(p.file.Fd())), nil)
	_ = p.file.Close()
}

// tell queues the state of a tracked thing, in the place of one that waits.
func (l *superLink) tell(message string, t trackedState) {
	key := stateKey{message, trackedKey{t.Kind, t.Name}}
	l.mu.Lock()
	if _, waits := l.states[key]; !waits {
		l.order = append(l.order, key)
	}
	l.states[key] = t
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// nextState takes the state that has waited longest.
func (l *superLink) nextState() (message, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return message{}, false
	}
	key := l.order[0]
	l.order = l.order[1:]
	t := l.states[key]
	delete(l.states, key)
	return message{Type: key.message, Tracked: t}, true
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
	t := time.NewTimer(readLimit)
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
