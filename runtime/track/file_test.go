//go:build linux

package track

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ka/compiler/plan"
)

// TestParseNumber: what strtol makes of the text, with base 0.
func TestParseNumber(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "5": 5, " \t-12\n": -12, "+3": 3, "010": 8, "0x10": 16, "0X1f7": 503, "09": 0, "7 apples": 7, "apples": 0, "-": 0,
		"0x": 0, "0xg": 0, "1e3": 1, "2147483647": 2147483647, "-2147483648": -2147483648, "2147483648": 2147483648,
	} {
		if n, ok := ParseNumber([]byte(text)); !ok || n != want {
			t.Errorf("%q: %d, %v, want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{"99999999999", "-99999999999999999999999999", "0xffffffffffffffffffffffffff"} {
		if n, ok := ParseNumber([]byte(text)); ok {
			t.Errorf("%q is %d", text, n)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"", "5", "-0x7f ", "0777", "99999999999999999999"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, ok := ParseNumber(b); ok && (n < -1<<31-1 || n > 1<<31) {
			t.Errorf("%q is %d", b, n)
		}
	})
}

// watched is a Files whose numbers come in order.
type watched struct {
	t       *testing.T
	numbers chan string
}

// watch starts, and returns when everything is watched: what is written while a watch begins may be read in
// the middle, empty, and then again at its end.
func watch(t *testing.T, list ...plan.TrackFile) *watched {
	t.Helper()
	w := &watched{t, make(chan string, 100)}
	ready, dir := make(chan bool, 100), t.TempDir()
	list = append(list, plan.TrackFile{Name: "ready", Path: filepath.Join(dir, "ready")}) // the last one to be watched
	files := NewFiles(list, func(name string, err error) { t.Logf("%s: %v", name, err) })
	use := func(name string, n int) {
		if name != "ready" {
			w.numbers <- fmt.Sprint(name, " ", n)
		} else if n > 0 {
			ready <- true
		}
	}
	files.Init()
	files.Read(use)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := files.Loop(ctx, use); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	for n := 1; ; n++ {
		next := filepath.Join(dir, "next")
		if err := errors.Join(os.WriteFile(next, fmt.Append(nil, n), 0o600), os.Rename(next, filepath.Join(dir, "ready"))); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ready:
			return w
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (w *watched) want(want string) {
	w.t.Helper()
	if got := <-w.numbers; got != want {
		w.t.Fatalf("got %q, want %q", got, want)
	}
}

// TestFiles: written, emptied and written, renamed over, moved away, deleted, its directory gone and back.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	path := filepath.Join(dir, "n")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) { t.Helper(); must(os.WriteFile(name, []byte(text), 0o600)) }
	must(os.Mkdir(dir, 0o700))
	w := watch(t, plan.TrackFile{Name: "f", Path: path, Init: &plan.FileInit{Value: 7}},
		plan.TrackFile{Name: "g", Path: filepath.Join(dir, "other")})
	w.want("f 7")
	w.want("g 0")
	write(path, "20")
	w.want("f 20")
	write(path, "99999999999") // does not count
	write(filepath.Join(dir, "new"), "-3")
	must(os.Rename(filepath.Join(dir, "new"), path))
	w.want("f -3")
	must(os.Rename(path, filepath.Join(dir, "other")))
	w.want("f 0")
	w.want("g -3")
	write(path, "1")
	w.want("f 1")
	must(os.RemoveAll(dir))
	got := map[string]bool{<-w.numbers: true, <-w.numbers: true}
	if !got["f 0"] || !got["g 0"] {
		t.Fatalf("the directory is gone: %v", got)
	}
	must(os.Mkdir(dir, 0o700))
	write(path, "4")
	w.want("f 4")
}

// TestInitFile: an existing file keeps its number, unless it is to be overwritten.
func TestInitFile(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		overwrite bool
		want      string
	}{{false, "f 2"}, {true, "f -9"}} {
		path := filepath.Join(dir, fmt.Sprint(tt.overwrite))
		if err := os.WriteFile(path, []byte("2"), 0o600); err != nil {
			t.Fatal(err)
		}
		watch(t, plan.TrackFile{Name: "f", Path: path, Init: &plan.FileInit{Value: -9, Overwrite: tt.overwrite}}).want(tt.want)
	}
}

// TestInitFileLink: nothing is written through a link.
func TestInitFileLink(t *testing.T) {
	dir := t.TempDir()
	secret, link := filepath.Join(dir, "secret"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(secret, []byte("5"), 0o600), os.Symlink(secret, link)); err != nil {
		t.Fatal(err)
	}
	var problems []string
	files := NewFiles([]plan.TrackFile{{Name: "f", Path: link, Init: &plan.FileInit{Overwrite: true}}}, func(_ string, err error) { problems = append(problems, err.Error()) })
	files.Init()
	if b, _ := os.ReadFile(secret); string(b) != "5" || len(problems) != 1 {
		t.Errorf("%q, %v", b, problems)
	}
	files.Read(func(_ string, n int) {
		if n != 5 {
			t.Errorf("read %d", n)
		}
	})
}
