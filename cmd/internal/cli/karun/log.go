//go:build linux

package karun

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"ka/cmd/internal/cli"
)

// logBacklog is how many records may wait for a slow reader of standard error; further ones are
// dropped and counted.
const logBacklog = 4096

// newLogger returns a logger that never waits for its reader, and what flushes it: flush may be called
// more than once, records behind the first call are written at once.
func newLogger(w io.Writer, format string, getenv func(string) string) (log *slog.Logger, flush func(), err error) {
	if err := cli.OneOf("log-format", format, "text", "json"); err != nil {
		return nil, nil, err
	}
	out := newAsyncWriter(w)
	var h slog.Handler
	switch {
	case format == "json":
		h = slog.NewJSONHandler(out, nil)
	case underJournal(w, getenv("JOURNAL_STREAM")):
		h = &journalHandler{out: out}
	default:
		h = slog.NewTextHandler(out, nil)
	}
	return slog.New(h), out.flush, nil
}

// underJournal reports whether w is the stream that systemd named (device and inode).
func underJournal(w io.Writer, stream string) bool {
	f, ok := w.(*os.File)
	if !ok || stream == "" {
		return false
	}
	var st syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &st); err != nil {
		return false
	}
	return stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// asyncWriter writes from a goroutine of its own: a blocked terminal or pipe must not hold up a director.
type asyncWriter struct {
	w       io.Writer
	mu      sync.Mutex
	lines   chan []byte
	closed  bool
	dropped int
	done    chan struct{}
}

func newAsyncWriter(w io.Writer) *asyncWriter {
	a := &asyncWriter{w: w, lines: make(chan []byte, logBacklog), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		for line := range a.lines {
			_, _ = a.w.Write(line)
		}
	}()
	return a
}

// Write queues one record; slog hands over one at a time, whole.
func (a *asyncWriter) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return a.w.Write(p)
	}
	select {
	case a.lines <- bytes.Clone(p):
	default:
		a.dropped++
	}
	return len(p), nil
}

// flush ends the goroutine when everything is written, or after a second with a reader that is stuck.
func (a *asyncWriter) flush() {
	a.mu.Lock()
	first := !a.closed
	a.closed = true
	dropped := a.dropped
	a.mu.Unlock()
	if !first {
		return
	}
	close(a.lines)
	select {
	case <-a.done:
		if dropped > 0 {
			fmt.Fprintf(a.w, "karun: %d log records were dropped, standard error was not read\n", dropped)
		}
	case <-time.After(time.Second):
	}
}

// journalHandler writes text records for systemd's journal: a priority in front, no time of its own.
type journalHandler struct {
	out   io.Writer
	attrs []slog.Attr
}

// Enabled drops debug records.
func (h *journalHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// WithAttrs returns a handler that adds attrs to each record.
func (h *journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &journalHandler{h.out, append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

// WithGroup is not used by karun's records; names stay as they are.
func (h *journalHandler) WithGroup(string) slog.Handler { return h }

// Handle writes one record as "<N>msg key=value".
func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	priority := map[bool]int{true: 6, false: 4}[r.Level < slog.LevelWarn]
	if r.Level >= slog.LevelError {
		priority = 3
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%d>", priority)
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}
	inner := slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop})
	if err := inner.WithAttrs(h.attrs).Handle(ctx, r); err != nil {
		return err
	}
	_, err := h.out.Write(b.Bytes())
	return err
}
