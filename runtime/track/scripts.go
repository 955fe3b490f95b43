//go:build linux

package track

import (
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/process"
)

// startsAtOnce is how many programs are started before others of the machine have a millisecond: a thousand at
// once would keep an advert waiting that is not sent with a real-time priority.
const startsAtOnce = 2

// openPatience is how long all scripts wait for the file of one that is to be started: its file system may hang. Then
// another thread goes on with them.
const openPatience = 500 * time.Millisecond

// errStuck is why a run fails whose file is still being opened.
var errStuck = errors.New("its file cannot be opened: the file system may hang")

// Script is a tracking script to run.
type Script struct {
	Plan plan.Script
	// Spec says how to run it, Err why that cannot be said.
	Spec process.Spec
	Err  error
	// Before is what is known of it: the first result counts by itself where nothing is.
	Before State
	// Report is told what is new, from the goroutine of the scripts.
	Report func(Report)
}

// Scripts runs tracking scripts. All are started by one thread, which waits for their ends and for the time:
// a run that changes nothing wakes nobody else.
type Scripts struct {
	settings process.Settings
	poller   *process.Poller
	wake     int
	null     *os.File
	epoch    time.Time

	mu     sync.Mutex
	inbox  []func()
	closed bool

	// What follows belongs to the goroutine of Loop: all jobs, those that run by the descriptors of their
	// children, and how many there have been.
	jobs     queue
	children map[int]*Job
	number   int
	// rate is how many runs a second the jobs ask for.
	rate float64
	// thread is the one that does all this, goOn does it on another one, over is closed when all is done.
	thread *thread
	goOn   func()
	over   chan struct{}
}

// thread is one that has started scripts, which end with it.
type thread struct {
	running int
	// left says that another one goes on in its place, free is closed when it may end.
	left bool
	free chan struct{}
}

// Job is a script that runs.
type Job struct {
	script  Script
	scripts *Scripts
	program *process.Program
	err     error
	clock   clockwork
	child   process.Child
	thread  *thread // that has started the child
	// stuck says that a thread waits for its file, which is not started while another one goes on.
	stuck bool
	// place is that in the queue, gone says that the job was stopped.
	place int
	gone  bool

	mu    sync.Mutex
	state State
}

// NewScripts prepares to run scripts with settings that they inherit.
func NewScripts(settings process.Settings) (*Scripts, error) {
	s := &Scripts{settings: settings, epoch: time.Now(), children: make(map[int]*Job), over: make(chan struct{})}
	var err error
	if s.null, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
		return nil, err
	}
	if s.poller, err = process.NewPoller(); err != nil {
		_ = s.null.Close()
		return nil, err
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		if err = s.poller.Add(s.wake, unix.EPOLLIN); err == nil {
			return s, nil
		}
		_ = unix.Close(s.wake)
	}
	s.poller.Close()
	_ = s.null.Close()
	return nil, fmt.Errorf("run scripts: %w", err)
}

// do hands f to the goroutine of Loop.
func (s *Scripts) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.inbox = append(s.inbox, f)
		_, _ = unix.Write(s.wake, binary.NativeEndian.AppendUint64(nil, 1)) // a full counter wakes too
	}
}

// Start begins to run a script, at once. What has become of it is asked of the job.
func (s *Scripts) Start(script Script) *Job {
	j := &Job{script: script, scripts: s, err: script.Err, state: script.Before}
	if j.err == nil {
		j.program, j.err = process.NewProgram(script.Spec, s.null)
	}
	s.do(func() {
		j.clock = newClockwork(&script.Plan, script.Before, s.now(), s.number)
		s.number++
		s.rate += j.clock.rate()
		heap.Push(&s.jobs, j)
	})
	return j
}

// Stop ends the job: its run under way gets SIGTERM, and what comes of that does not count.
func (j *Job) Stop() { j.scripts.do(func() { j.scripts.stop(j) }) }

// State is what is known of the script.
func (j *Job) State() State {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

func (s *Scripts) now() time.Duration { return time.Since(s.epoch) }

// Loop runs the scripts until ctx has ended, and the last of them.
func (s *Scripts) Loop(ctx context.Context) {
	process.OwnProcessor(1)
	defer context.AfterFunc(ctx, func() { s.do(func() {}) })()
	s.goOn = func() { s.serve(ctx) }
	go s.goOn()
	<-s.over
}

// serve runs the scripts, to the end or until another goroutine does.
func (s *Scripts) serve(ctx context.Context) {
	// The thread ends with the goroutine: it has settings of its own, and programs that end with it.
	runtime.LockOSThread()
	_ = s.settings.Apply() // whoever starts the other programs says what is not permitted
	me := &thread{free: make(chan struct{})}
	s.thread = me
	for {
		s.take()
		if ctx.Err() != nil {
			for _, j := range slices.Clone(s.jobs) {
				s.stop(j)
			}
			if len(s.jobs) == 0 {
				s.close()
				return
			}
		}
		timeout, mine := s.turn()
		if !mine {
			select {
			case <-me.free:
			case <-s.over:
			}
			return
		}
		for _, ev := range s.wait(timeout) {
			if j := s.children[int(ev.Fd)]; j != nil {
				s.ended(j)
			}
		}
	}
}

func (s *Scripts) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	close(s.over)
	_ = unix.Close(s.wake)
	s.poller.Close()
	_ = s.null.Close()
}

// busyRate is from how many runs a second on it costs less to keep the processor.
const busyRate = 100

// wait waits for descriptors, for so many milliseconds (-1: for ever). It fails for bad descriptors only.
func (s *Scripts) wait(timeout int) []unix.EpollEvent {
	if s.rate >= busyRate {
		ready, _ := s.poller.Wait(timeout)
		return ready
	}
	end := time.Time{}
	if timeout >= 0 {
		end = time.Now().Add(time.Duration(timeout) * time.Millisecond)
	}
	ready, _ := s.poller.WaitUntil(end)
	return ready
}

// take does what others have asked for.
func (s *Scripts) take() {
	s.mu.Lock()
	inbox := s.inbox
	s.inbox = nil
	if len(inbox) > 0 {
		var count [8]byte
		_, _ = unix.Read(s.wake, count[:])
	}
	s.mu.Unlock()
	for _, f := range inbox {
		f()
	}
}

// longestWait bounds a wait, for its milliseconds are few bits.
const longestWait = time.Hour

// turn does what is due, and returns for how many milliseconds there is nothing more, and whether it is still the
// caller's turn.
func (s *Scripts) turn() (timeout int, mine bool) {
	started := 0
	for len(s.jobs) > 0 {
		j, now := s.jobs[0], s.now()
		if wait := min(j.clock.due()-now, longestWait); wait > 0 {
			return int((wait + time.Millisecond - 1) / time.Millisecond), true
		}
		if started == startsAtOnce {
			return 1, true
		}
		switch j.clock.tick(now) {
		case startRun:
			started++
			if !s.run(j) {
				return 0, false
			}
		case skipRun:
			j.skip()
		case askToEnd:
			if j.stuck {
				j.finish(process.Result{Exit: -1, Err: errStuck})
			} else {
				j.child.Signal(syscall.SIGTERM)
			}
		case makeEnd:
			j.child.Signal(syscall.SIGKILL)
		}
		heap.Fix(&s.jobs, j.place)
	}
	return process.ForEver, true
}

// run begins a run; false: another goroutine has gone on meanwhile, and everything is its.
func (s *Scripts) run(j *Job) (mine bool) {
	if j.stuck {
		j.finish(process.Result{Exit: -1, Err: errStuck})
		return true
	}
	if j.err == nil && !s.awaitFile(j) {
		return false
	}
	s.launch(j)
	return true
}

// awaitFile waits for the file of a script, until another goroutine goes on.
func (s *Scripts) awaitFile(j *Job) (mine bool) {
	me := s.thread
	late := time.AfterFunc(openPatience, func() {
		j.stuck = true
		heap.Fix(&s.jobs, j.place)
		s.goOn()
	})
	j.program.AwaitFile()
	if late.Stop() {
		return true
	}
	s.do(func() {
		s.opened(j)
		me.left = true
		me.ended(0)
	})
	return false
}

// opened goes on with a script whose file was waited for.
func (s *Scripts) opened(j *Job) {
	j.stuck = false
	if j.clock.running && !j.gone {
		s.launch(j)
		heap.Fix(&s.jobs, j.place)
	}
}

// ended counts runs that have ended.
func (t *thread) ended(runs int) {
	if t.running -= runs; t.left && t.running == 0 {
		close(t.free)
	}
}

// launch starts the program of a run.
func (s *Scripts) launch(j *Job) {
	err := j.err
	if err == nil {
		j.child, err = j.program.Start()
	}
	if shortage(err) {
		j.omit(process.Result{Exit: -1, Err: err})
		return
	}
	if err != nil {
		j.finish(process.Result{Exit: -1, Err: err})
		return
	}
	j.thread = s.thread
	j.thread.running++
	switch {
	case j.child.FD >= 0 && s.poller.Add(j.child.FD, unix.EPOLLIN) == nil:
		s.children[j.child.FD] = j
	default: // an old kernel
		go func() {
			j.child.Await()
			s.do(func() { s.ended(j) })
		}()
	}
}

// shortage reports whether a program did not start because the machine, or a limit of the process, lacks processes,
// memory or descriptors: as in keepalived, nothing follows from that for what the program looks at.
func shortage(err error) bool {
	return slices.ContainsFunc([]error{unix.EAGAIN, unix.ENOMEM, unix.EMFILE, unix.ENFILE}, func(e error) bool { return errors.Is(err, e) })
}

// ended takes the end of a run.
func (s *Scripts) ended(j *Job) {
	if j.clock.asked {
		// What of its group goes on behind SIGTERM ends with it, while it still holds the group's number.
		j.child.Signal(syscall.SIGKILL)
	}
	res, ended := j.child.Reap()
	if !ended {
		return
	}
	delete(s.children, j.child.FD)
	j.thread.ended(1)
	j.finish(res)
	if j.gone {
		s.remove(j)
		return
	}
	heap.Fix(&s.jobs, j.place)
}

// stop lets a job end.
func (s *Scripts) stop(j *Job) {
	switch {
	case j.gone:
		return
	case j.stuck:
		j.clock.running = false // there is nothing that could end
		s.remove(j)
	case !j.clock.running:
		s.remove(j)
	case !j.clock.asked:
		j.clock.ask(s.now())
		j.child.Signal(syscall.SIGTERM)
	}
	j.gone, j.clock.next = true, forever
	if j.clock.running {
		heap.Fix(&s.jobs, j.place)
	}
}

func (s *Scripts) remove(j *Job) {
	heap.Remove(&s.jobs, j.place)
	s.rate -= j.clock.rate()
}

// finish counts the end of a run, and reports what is new.
func (j *Job) finish(res process.Result) {
	changed, up := j.clock.ended(j.scripts.now(), &res)
	j.mu.Lock()
	before := j.state.Last.Err
	j.state.Known, j.state.Up, j.state.Last, j.state.At = true, up, res, time.Now()
	j.state.Runs++
	j.state.Skipped += j.clock.missed
	j.mu.Unlock()
	j.clock.missed = 0
	another := res.Err != nil && (before == nil || before.Error() != res.Err.Error())
	if !j.gone && (changed || another) {
		j.script.Report(Report{Script: j.script.Plan.Name, Result: res, Changed: changed, Up: up})
	}
}

// omit counts a run that could not begin, and reports the first of them.
func (j *Job) omit(res process.Result) {
	j.clock.omit()
	j.mu.Lock()
	before := j.state.Last.Err
	j.state.Last, j.state.At = res, time.Now()
	j.state.Skipped++
	up := j.state.Up
	j.mu.Unlock()
	if !j.gone && !shortage(before) {
		j.script.Report(Report{Script: j.script.Plan.Name, Result: res, Skipped: true, Up: up})
	}
}

// skip counts a run that is left out, and reports the first behind each run.
func (j *Job) skip() {
	j.mu.Lock()
	j.state.Skipped++
	up := j.state.Up
	j.mu.Unlock()
	if !j.clock.skipping {
		j.clock.skipping = true
		j.script.Report(Report{Script: j.script.Plan.Name, Skipped: true, Up: up})
	}
}

// queue is a heap of jobs by what is due.
type queue []*Job

func (q queue) Len() int           { return len(q) }
func (q queue) Less(a, b int) bool { return q[a].clock.due() < q[b].clock.due() }
func (q queue) Swap(a, b int) {
	q[a], q[b] = q[b], q[a]
	q[a].place, q[b].place = a, b
}

// Push is of container/heap.
func (q *queue) Push(x any) {
	j := x.(*Job)
	j.place = len(*q)
	*q = append(*q, j)
}

// Pop is of container/heap.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
