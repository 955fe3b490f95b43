//go:build linux

package karun

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFormats(t *testing.T) {
	for format, want := range map[string]string{
		"text": `level=WARN msg=script script=chk up=false`,
		"json": `"level":"WARN","msg":"script","script":"chk","up":false}`,
	} {
		var b bytes.Buffer
		log, flush, err := newLogger(&b, format, func(string) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		log.Warn("script", "script", "chk", "up", false)
		flush()
		flush() // a second time is nothing
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s: %s", format, b.String())
		}
	}
	if _, _, err := newLogger(&bytes.Buffer{}, "xml", os.Getenv); err == nil {
		t.Error("format xml is accepted")
	}
}

// TestJournal: under systemd, records have a priority in front and no time, the journal has its own.
func TestJournal(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "journal")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var st syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	stream := fmt.Sprintf("%d:%d", st.Dev, st.Ino)
	log, flush, err := newLogger(f, "text", func(string) string { return stream })
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("left out")
	log.Info("ready", "node", "a b")
	log.With("x", 1).Warn("late")
	log.Error("broken")
	flush()
	got, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if want := "<6>msg=ready node=\"a b\"\n<4>msg=late x=1\n<3>msg=broken\n"; string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// stuck is a reader that does not read: a full pipe.
type stuck struct{ release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return len(p), nil
}

// TestStuckReader: nobody waits for it, what does not fit is counted.
func TestStuckReader(t *testing.T) {
	s := stuck{make(chan struct{})}
	out := newAsyncWriter(s)
	log := slog.New(slog.NewTextHandler(out, nil))
	begin := time.Now()
	for range logBacklog + 100 {
		log.Info("x")
	}
	if out.dropped == 0 {
		t.Error("nothing was dropped")
	}
	out.flush() // gives up after a second
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
	close(s.release)
	<-out.done
}
