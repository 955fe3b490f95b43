package notify

import (
	"slices"
	"time"
)

// Limits bound a [Queue].
type Limits struct {
	// Patience is how long a command waits for the one before it of the same subject. Then it starts beside
	// it: a command that hangs must not silence what comes after it. 0 starts them side by side at once, as
	// keepalived does.
	Patience time.Duration
	// Waiting is how many commands of one subject wait. When one more comes the oldest goes that is about no
	// state, else the oldest: the latest state is the one that matters.
	Waiting int
	// Beside is how many commands of one subject run at once when patience ended, Running how many of all.
	Beside, Running int
}

// Job is a command that waits or runs.
type Job struct {
	Event Event
	Run   Run
	began time.Time
}

// Queue decides when commands start. It keeps time by what it is told, and is for one goroutine.
type Queue struct {
	limits   Limits
	subjects map[string]*subject
	// order holds the subjects with waiting commands, the one that has waited longest first.
	order   []*subject
	running int
}

type subject struct {
	waiting, running []*Job
	queued           bool
}

// NewQueue makes a queue.
func NewQueue(l Limits) *Queue { return &Queue{limits: l, subjects: make(map[string]*subject)} }

// SetPatience changes the patience: at the end there is none.
func (q *Queue) SetPatience(d time.Duration) { q.limits.Patience = d }

// Add queues the commands of an event behind those of its subject. It returns what had to go for them.
func (q *Queue) Add(e Event, runs []Run) (dropped []*Job) {
	if len(runs) == 0 {
		return nil
	}
	s := q.subjects[e.Subject()]
	if s == nil {
		s = &subject{}
		q.subjects[e.Subject()] = s
	}
	for _, r := range runs {
		s.waiting = append(s.waiting, &Job{Event: e, Run: r})
		if len(s.waiting) > q.limits.Waiting {
			i := max(0, slices.IndexFunc(s.waiting, func(j *Job) bool { return !j.Event.state() }))
			dropped = append(dropped, s.waiting[i])
			s.waiting = slices.Delete(s.waiting, i, i+1)
		}
	}
	q.enqueue(s)
	return dropped
}

func (q *Queue) enqueue(s *subject) {
	if !s.queued && len(s.waiting) > 0 {
		s.queued = true
		q.order = append(q.order, s)
	}
}

// Start takes the next command that may start now, with those of its subject that still run; nil if there
// is none. The caller calls it again until then, and Done for each command that it was given.
func (q *Queue) Start(now time.Time) (next *Job, beside int) {
	for i, s := range q.order {
		if q.running >= q.limits.Running {
			return nil, 0
		}
		if at, ok := q.due(s); !ok || at.After(now) {
			continue
		}
		next = s.waiting[0]
		s.waiting = s.waiting[1:]
		next.began = now
		beside = len(s.running)
		s.running = append(s.running, next)
		q.running++
		s.queued = false
		q.order = append(q.order[:i:i], q.order[i+1:]...)
		q.enqueue(s)
		return next, beside
	}
	return nil, 0
}

// due is when the next command of a subject may start, false if something must end first.
func (q *Queue) due(s *subject) (time.Time, bool) {
	n := len(s.running)
	if n == 0 {
		return time.Time{}, true
	}
	if n >= q.limits.Beside {
		return time.Time{}, false
	}
	return s.running[n-1].began.Add(q.limits.Patience), true
}

// Done says that a command has ended, or could not be started.
func (q *Queue) Done(j *Job) {
	s := q.subjects[j.Event.Subject()]
	for i, r := range s.running {
		if r == j {
			s.running = append(s.running[:i:i], s.running[i+1:]...)
			q.running--
			break
		}
	}
	if len(s.running)+len(s.waiting) == 0 {
		delete(q.subjects, j.Event.Subject())
	}
}

// Deadline is when patience ends for the next command, false if nothing waits for a time.
func (q *Queue) Deadline() (next time.Time, ok bool) {
	if q.running >= q.limits.Running {
		return time.Time{}, false
	}
	for _, s := range q.order {
		if at, may := q.due(s); may && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}

// Empty reports whether nothing waits and nothing runs.
func (q *Queue) Empty() bool { return len(q.subjects) == 0 }
