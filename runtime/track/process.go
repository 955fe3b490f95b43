//go:build linux

package track

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
)

const (
	// processPoll is how often /proc is read where the kernel tells nothing.
	processPoll = time.Second
	// settleTime is how long to wait after events were lost.
	settleTime = time.Second
	// answerTime is how long the kernel may take to say that it will tell of processes; it answers at once.
	answerTime = 200 * time.Millisecond
)

// Processes counts the processes of vrrp_track_process (reference vrrp 7.4). The kernel tells of forks,
// programs, names and ends; where it does not (another process namespace, no right to it), /proc is read
// every second. It is for one goroutine.
type Processes struct {
	list []counted
	// members are the indexes of list that a process counts for.
	members               map[int][]int
	byName, byCommandLine bool
	epoch                 time.Time
	events                *os.File
	lost                  time.Time
}

// counted is a vrrp_track_process with its quorum, which may lag behind the count.
type counted struct {
	plan.TrackProcess
	Debounce
	count int
}

// ProcessBuffer is the size of the socket's receive buffer in bytes (process_monitor_rcv_bufs); 0 leaves
// the system's. Force goes beyond the system's bound.
type ProcessBuffer struct {
	Bytes uint32
	Force bool
}

// NewProcesses subscribes to the kernel's events. The error says why there are none: then /proc is polled.
func NewProcesses(list []plan.TrackProcess, buffer ProcessBuffer) (*Processes, error) {
	p := &Processes{members: make(map[int][]int), epoch: time.Now()}
	for _, t := range list {
		p.list = append(p.list, counted{TrackProcess: t, Debounce: Debounce{Up: t.ForkDelay, Down: t.TerminateDelay}})
		p.byName, p.byCommandLine = p.byName || !t.FullCommand, p.byCommandLine || t.FullCommand
	}
	err := p.subscribe(buffer)
	return p, err
}

// Close gives the subscription up.
func (p *Processes) Close() {
	if p.events != nil {
		_ = p.events.Close()
	}
}

// subscribe asks for events, and waits for the answer: outside of the first process namespace the kernel
// gives none.
func (p *Processes) subscribe(buffer ProcessBuffer) error {
	fd, err := connectorSocket()
	if err != nil {
		return err
	}
	events := os.NewFile(uintptr(fd), "process connector")
	if buffer.Bytes > 0 {
		option := unix.SO_RCVBUF
		if buffer.Force {
			option = unix.SO_RCVBUFFORCE
		}
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, int(buffer.Bytes)) // a smaller one loses events sooner: they are read again
	}
	if _, err := events.Write(listenMessage()); err != nil {
		_ = events.Close()
		return fmt.Errorf("subscribe to process events: %w", errors.Unwrap(err))
	}
	_ = events.SetReadDeadline(time.Now().Add(answerTime))
	buf := make([]byte, 4096)
	for {
		n, err := events.Read(buf)
		if err != nil {
			_ = events.Close()
			return errors.New("the kernel does not tell of processes here (it does so in the first process namespace only)")
		}
		ev, ok := parseProcEvent(buf[:n])
		if !ok || ev.what != eventAnswer {
			continue
		}
		if ev.status != 0 {
			_ = events.Close()
			return fmt.Errorf("subscribe to process events: %w", unix.Errno(ev.status))
		}
		p.events = events
		return nil
	}
}

// connectorSocket opens the socket in the first network namespace, where the kernel's end is.
func connectorSocket() (int, error) {
	type answer struct {
		fd  int
		err error
	}
	done := make(chan answer)
	go func() {
		// The thread goes with its goroutine: it is not given back, being in another namespace.
		runtime.LockOSThread()
		// The kernel's own threads (2 is their parent) never leave the first one. Without the right to
		// enter it this may be it already.
		for _, pid := range []string{"2", "1"} {
			ns, err := unix.Open("/proc/"+pid+"/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				continue
			}
			err = unix.Setns(ns, unix.CLONE_NEWNET)
			_ = unix.Close(ns)
			if err == nil {
				break
			}
		}
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_CONNECTOR)
		if err == nil {
			if err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: connectorIndex}); err != nil {
				_ = unix.Close(fd)
			}
		}
		done <- answer{fd, err}
	}()
	a := <-done
	if a.err != nil {
		return -1, fmt.Errorf("subscribe to process events: %w", a.err)
	}
	return a.fd, nil
}

// Read reads /proc and hands the state of each quorum to use, without delays: it is for the start.
func (p *Processes) Read(use func(name string, up bool)) error {
	err := p.scan()
	for i := range p.list {
		t := &p.list[i]
		t.Force(t.quorum())
		use(t.Name, t.IsUp())
	}
	return err
}

// quorum reports whether there are as many processes as there should be.
func (t *counted) quorum() bool {
	return t.count >= int(t.Quorum) && (t.QuorumMax == nil || t.count <= int(*t.QuorumMax))
}

// scan counts anew.
func (p *Processes) scan() error {
	clear(p.members)
	for i := range p.list {
		p.list[i].count = 0
	}
	pids, err := allProcesses()
	for _, pid := range pids {
		p.examine(pid)
	}
	return err
}

// examine finds out what a process counts for.
func (p *Processes) examine(pid int) {
	p.forget(pid)
	comm, cmdline, ok := readProcess(pid, p.byName, p.byCommandLine)
	if !ok {
		return
	}
	for i := range p.list {
		if matches(&p.list[i].TrackProcess, comm, cmdline) {
			p.join(pid, i)
		}
	}
}

func (p *Processes) join(pid, i int) {
	p.members[pid] = append(p.members[pid], i)
	p.list[i].count++
}

func (p *Processes) forget(pid int) {
	for _, i := range p.members[pid] {
		p.list[i].count--
	}
	delete(p.members, pid)
}

// Loop counts until ctx ends, and hands each quorum that was gained or lost to use, from the calling
// goroutine.
func (p *Processes) Loop(ctx context.Context, use func(name string, up bool)) {
	if p.events == nil {
		p.poll(ctx, use)
		return
	}
	defer p.events.Close()
	stop := context.AfterFunc(ctx, func() { _ = p.events.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buf := make([]byte, 4096)
	for {
		if p.events.SetReadDeadline(p.deadline()) != nil || ctx.Err() != nil {
			return
		}
		n, err := p.events.Read(buf)
		now := time.Since(p.epoch)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, unix.ENOBUFS):
			p.loseEvents(time.Now())
		case err == nil:
			if ev, ok := parseProcEvent(buf[:n]); ok {
				p.event(ev, now, use)
			}
		case !errors.Is(err, os.ErrDeadlineExceeded):
			p.poll(ctx, use)
			return
		}
		p.settle(now, use)
	}
}

// loseEvents has /proc read, when it has settled a little: a storm that goes on is not waited for.
func (p *Processes) loseEvents(now time.Time) {
	if p.lost.IsZero() {
		p.lost = now.Add(settleTime)
	}
}

// deadline is when something is to be done that no event asks for.
func (p *Processes) deadline() time.Time {
	next := p.lost
	for i := range p.list {
		if at, ok := p.list[i].Deadline(); ok && (next.IsZero() || p.epoch.Add(at).Before(next)) {
			next = p.epoch.Add(at)
		}
	}
	return next
}

// settle lets delays end, and reads /proc after events were lost.
func (p *Processes) settle(now time.Duration, use func(string, bool)) {
	if !p.lost.IsZero() && time.Now().After(p.lost) {
		p.lost = time.Time{}
		_ = p.scan()
		p.see(now, use)
	}
	for i := range p.list {
		if t := &p.list[i]; t.Fire(now) {
			use(t.Name, t.IsUp())
		}
	}
}

// event takes what happened to a process. A fork makes a copy that counts as its parent does, an end takes
// one away: both may be a moment of a restart, so that their delays hold them back. A program or a name is
// the process's own doing, and counts at once (reference vrrp 7.4).
func (p *Processes) event(ev procEvent, now time.Duration, use func(string, bool)) {
	switch ev.what {
	case eventFork:
		if len(p.members[ev.pid]) > 0 {
			return // it was seen in /proc before its event was read
		}
		for _, i := range slices.Clone(p.members[ev.parent]) {
			p.join(ev.pid, i)
		}
		p.seeAfter(now, func(t *counted) time.Duration { return t.ForkDelay }, use)
	case eventExit:
		p.forget(ev.pid)
		p.seeAfter(now, func(t *counted) time.Duration { return t.TerminateDelay }, use)
	case eventExec, eventComm:
		before := p.members[ev.pid]
		p.examine(ev.pid)
		after := p.members[ev.pid]
		for i := range p.list {
			t := &p.list[i]
			if slices.Contains(before, i) != slices.Contains(after, i) && t.Force(t.quorum()) {
				use(t.Name, t.IsUp())
			}
		}
	}
}

// see lets the delays look at the quorums.
func (p *Processes) see(now time.Duration, use func(string, bool)) {
	for i := range p.list {
		if t := &p.list[i]; t.See(now, t.quorum()) {
			use(t.Name, t.IsUp())
		}
	}
}

// seeAfter does so with the delay of what happened: one process too many is a fork, whose quorum is lost.
func (p *Processes) seeAfter(now time.Duration, delay func(*counted) time.Duration, use func(string, bool)) {
	for i := range p.list {
		if t := &p.list[i]; t.SeeAfter(now, t.quorum(), delay(t)) {
			use(t.Name, t.IsUp())
		}
	}
}

// poll reads /proc again and again.
func (p *Processes) poll(ctx context.Context, use func(string, bool)) {
	ticker := time.NewTicker(processPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = p.scan()
			now := time.Since(p.epoch)
			p.see(now, use)
			p.settle(now, use)
		}
	}
}
