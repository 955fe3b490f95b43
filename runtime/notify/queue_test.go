package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// queueScript is a queue with a clock, driven by words.
type queueScript struct {
	q    *Queue
	now  time.Time
	jobs map[string]*Job
	log  []string
}

func newQueueScript(l Limits) *queueScript {
	return &queueScript{q: NewQueue(l), now: time.Unix(0, 0), jobs: map[string]*Job{}}
}

func (s *queueScript) add(subject string, names ...string) {
	var runs []Run
	for _, n := range names {
		runs = append(runs, Run{&plan.Command{}, []string{n}})
	}
	for _, j := range s.q.Add(Event{Name: subject, Kind: Master}, runs) {
		s.log = append(s.log, "-"+j.Run.Argv[0])
	}
	s.start()
}

func (s *queueScript) start() {
	for {
		j, beside := s.q.Start(s.now)
		if j == nil {
			return
		}
		name := j.Run.Argv[0]
		s.jobs[name] = j
		if beside > 0 {
			name += fmt.Sprintf("(beside %d)", beside)
		}
		s.log = append(s.log, name)
	}
}

func (s *queueScript) done(name string) { s.q.Done(s.jobs[name]); s.start() }

// pass lets time go on to the queue's next deadline, if there is one within d.
func (s *queueScript) pass(d time.Duration) {
	end := s.now.Add(d)
	for {
		at, ok := s.q.Deadline()
		if !ok || at.After(end) {
			break
		}
		s.now = at
		s.start()
	}
	s.now = end
}

func (s *queueScript) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(s.log, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.log = nil
}

func TestOneAfterTheOther(t *testing.T) {
	s := newQueueScript(Limits{Patience: 10 * time.Second, Waiting: 4, Beside: 2, Running: 8})
	s.add("A", "a1", "a2")
	s.add("A", "a3")
	s.add("B", "b1")
	s.expect(t, "a1 b1")
	s.done("a1")
	s.done("a2")
	s.expect(t, "a2 a3")
	s.done("b1")
	s.done("a3")
	s.expect(t, "")
	if !s.q.Empty() {
		t.Error("something is left")
	}
}

// TestHangs: the commands behind one that hangs start beside it in time, up to a number; then the latest
// wait, and the oldest go.
func TestHangs(t *testing.T) {
	s := newQueueScript(Limits{Patience: 10 * time.Second, Waiting: 2, Beside: 2, Running: 8})
	s.add("A", "hangs", "a2")
	s.pass(9 * time.Second)
	s.expect(t, "hangs")
	s.pass(time.Second)
	s.expect(t, "a2(beside 1)")
	s.add("A", "a3", "a4")
	s.add("A", "a5")
	s.pass(time.Minute)
	s.expect(t, "-a3")
	s.done("a2")
	s.expect(t, "a4(beside 1)")
	s.pass(10 * time.Second)
	s.expect(t, "")
	s.done("a4")
	s.done("hangs")
	s.expect(t, "a5(beside 1)")
}

// TestFlood: events that come by the thousand push out no state.
func TestFlood(t *testing.T) {
	s := newQueueScript(Limits{Patience: time.Hour, Waiting: 2, Beside: 2, Running: 8})
	lower := Event{Name: "A", Kind: HeardLower}
	s.add("A", "master")
	for range 3 {
		s.add("A", "state")
		for range 1000 {
			for _, j := range s.q.Add(lower, []Run{{&plan.Command{}, []string{"lower"}}}) {
				if j.Event.Kind != HeardLower {
					t.Fatal("a state was dropped for an event")
				}
			}
		}
	}
	s.expect(t, "master -lower -state")
	s.done("master")
	s.done("state")
	s.expect(t, "state state")
}

func TestSideBySide(t *testing.T) {
	s := newQueueScript(Limits{Waiting: 4, Beside: 16, Running: 3})
	s.add("A", "a1", "a2")
	s.add("B", "b1", "b2")
	s.expect(t, "a1 a2(beside 1) b1")
	s.done("a1")
	s.expect(t, "b2(beside 1)")
}

// TestTurns: where all slots are taken, the subject that waited longest is next.
func TestTurns(t *testing.T) {
	s := newQueueScript(Limits{Patience: time.Hour, Waiting: 4, Beside: 2, Running: 1})
	s.add("A", "a1", "a2")
	s.add("B", "b1")
	s.done("a1")
	s.done("a2")
	s.expect(t, "a1 a2 b1")
	s.done("b1")
	s.add("A", "a3")
	s.add("B", "b2", "b3")
	s.add("A", "a4")
	s.expect(t, "a3")
	s.done("a3")
	s.done("b2")
	s.expect(t, "b2 a4")
	if at, ok := s.q.Deadline(); ok {
		t.Errorf("a deadline %v while all slots are taken", at)
	}
}
