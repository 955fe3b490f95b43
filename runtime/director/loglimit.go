//go:build linux

package director

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// The bound of warnings and errors with one text; what an operator reads once is enough for a fault that
// repeats itself a thousand times a second.
const (
	logBurst  = 1000
	logWindow = 10 * time.Second
)

// limitedLog is a handler that lets at most logBurst warnings and errors of one text through in a window. What it
// keeps back is counted, and said when the window is over.
type limitedLog struct {
	slog.Handler
	state *limitState
}

type limitState struct {
	mu    sync.Mutex
	begin time.Time
	seen  map[string]int
}

func limitLog(h slog.Handler) slog.Handler {
	return limitedLog{h, &limitState{seen: make(map[string]int)}}
}

// Handle passes a record on, or counts it.
func (l limitedLog) Handle(ctx context.Context, r slog.Record) error {
	over, pass := l.state.take(time.Now(), r)
	for _, o := range over {
		sum := slog.NewRecord(time.Now(), slog.LevelWarn, "suppressed", 0)
		sum.Add("text", o.text, "records", o.n)
		_ = l.Handler.Handle(ctx, sum)
	}
	if !pass {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup share the counts.
func (l limitedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return limitedLog{l.Handler.WithAttrs(attrs), l.state}
}

// WithGroup is as WithAttrs.
func (l limitedLog) WithGroup(name string) slog.Handler {
	return limitedLog{l.Handler.WithGroup(name), l.state}
}

// excess is how many records of a text were kept back.
type excess struct {
	text string
	n    int
}

// take counts a record. It returns what the window before kept back, if that is over.
func (s *limitState) take(now time.Time, r slog.Record) (over []excess, pass bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.begin) >= logWindow {
		for text, n := range s.seen {
			if n > logBurst {
				over = append(over, excess{text, n - logBurst})
			}
		}
		slices.SortFunc(over, func(a, b excess) int { return b.n - a.n })
		s.begin = now
		clear(s.seen)
	}
	if r.Level < slog.LevelWarn {
		return over, true
	}
	s.seen[r.Message]++
	return over, s.seen[r.Message] <= logBurst
}
