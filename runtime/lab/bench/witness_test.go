//go:build linux

package bench

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// witnessWord makes the test binary a witness on the processor whose number follows.
	witnessWord = "witness"
	// witnessPeriod is how long a witness sleeps, witnessLate how much later it may wake up. Together they are
	// the longest that a timer can be late without a witness.
	witnessPeriod = 500 * time.Microsecond
	witnessLate   = time.Millisecond
	// witnessPriority is the highest real-time priority there is.
	witnessPriority = 99
)

// witnesses know when a processor did not run although something of the highest priority was to run on it: the
// machine below was late, or the kernel was in a part that nothing interrupts. Whose work that was they do not know:
// they are for what a daemon does with few requests to the kernel. They are processes of their own, so that nothing of
// the bench holds them up.
type witnesses struct {
	mu     sync.Mutex
	stalls []stall
}

// stall is a time in which a processor should have run and did not.
type stall struct{ from, to time.Time }

// newWitnesses starts a witness on each processor until the benchmark ends.
func newWitnesses(b testing.TB) *witnesses {
	b.Helper()
	var usable unix.CPUSet
	if err := unix.SchedGetaffinity(0, &usable); err != nil {
		b.Fatal(err)
	}
	w := &witnesses{}
	for cpu, left := 0, usable.Count(); left > 0; cpu++ {
		if usable.IsSet(cpu) {
			left--
			w.start(b, cpu)
		}
	}
	return w
}

func (w *witnesses) start(b testing.TB, cpu int) {
	b.Helper()
	cmd := exec.Command("/proc/self/exe", witnessWord, strconv.Itoa(cpu))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		if lines.Scan() {
			close(ready)
		}
		for lines.Scan() {
			var from, to int64
			if _, err := fmt.Sscan(lines.Text(), &from, &to); err == nil {
				w.add(stall{time.Unix(0, from), time.Unix(0, to)})
			}
		}
	}()
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-ended:
		b.Fatalf("the witness on processor %d ended", cpu)
	}
}

func (w *witnesses) add(s stall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stalls = append(w.stalls, s)
}

// longest is the longest time that a processor stood still, of those that touch a time which has been over for a
// while.
func (w *witnesses) longest(from, to time.Time) (most time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.stalls {
		if s.from.Before(to) && from.Before(s.to) {
			most = max(most, s.to.Sub(s.from))
		}
	}
	return most
}

// witness sleeps and wakes on one processor, and writes when it woke late, until it is killed: a line when it
// begins, then from when until when, in nanoseconds since 1970.
func witness(cpu string) error {
	n, err := strconv.Atoi(cpu)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	var own unix.CPUSet
	own.Set(n)
	if err := unix.SchedSetaffinity(0, &own); err != nil {
		return fmt.Errorf("processor %d: %w", n, err)
	}
	first := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: witnessPriority}
	if err := unix.SchedSetAttr(0, &first, 0); err != nil {
		return fmt.Errorf("real-time priority: %w", err)
	}
	fmt.Println("begins")
	due := monotonic()
	for {
		due += witnessPeriod
		until := unix.NsecToTimespec(int64(due))
		for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil) == unix.EINTR {
		}
		late := monotonic() - due
		if late >= witnessLate {
			now := time.Now()
			fmt.Println(now.Add(-late).UnixNano(), now.UnixNano())
		}
		if late >= witnessPeriod {
			due = monotonic()
		}
	}
}

// monotonic is the time of the clock that no one sets.
func monotonic() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}
