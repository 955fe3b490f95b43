//go:build linux

package notify

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var self = Owner{os.Geteuid(), os.Getegid()}

func TestFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	f, err := OpenFIFO(path, self, 0o133, false)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode() != os.ModeNamedPipe|0o644 {
		t.Errorf("mode %s", st.Mode())
	}
	// Without a reader lines wait in the pipe.
	line := Event{Name: "VI_1", Kind: Master, Priority: 100}.Line()
	if err := f.Write(line); err != nil {
		t.Error(err)
	}
	r, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := bufio.NewReader(r).ReadString('\n'); got != string(line) {
		t.Errorf("read %q, %v", got, err)
	}
	f.Close(true)
	if _, err := os.Lstat(path); err == nil {
		t.Error("still there")
	}
}

// TestFullFIFO: a full pipe loses whole lines and holds nobody up.
func TestFullFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	f, err := OpenFIFO(path, self, 0o177, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close(true)
	line := Event{Name: strings.Repeat("x", 1000), Kind: Master, Priority: 100}.Line()
	n := 0
	for ; n < 1000; n++ {
		if err = f.Write(line); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) || n == 0 {
		t.Fatalf("after %d lines: %v", n, err)
	}
	buf := make([]byte, 1<<20)
	r, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m, err := r.Read(buf)
	if err != nil || m%len(line) != 0 || !bytes.HasPrefix(buf[:m], line) {
		t.Errorf("%d bytes, lines of %d: %v", m, len(line), err)
	}
	if err := f.Write(line); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestForeignFIFO: what was there before stays; what is no FIFO is not written to.
func TestForeignFIFO(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fifo")
	first, err := OpenFIFO(path, self, 0o177, false)
	if err != nil {
		t.Fatal(err)
	}
	first.Close(false)
	second, err := OpenFIFO(path, self, 0o177, false)
	if err != nil {
		t.Fatal(err)
	}
	second.Close(true)
	if _, err := os.Lstat(path); err != nil {
		t.Error("it was removed by one that did not make it")
	}
	third, err := OpenFIFO(path, self, 0o177, true)
	if err != nil {
		t.Fatal(err)
	}
	third.Close(true)
	if _, err := os.Lstat(path); err == nil {
		t.Error("what an earlier run made was left")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFIFO(file, self, 0o177, false); err == nil || !strings.Contains(err.Error(), "it is not a FIFO") {
		t.Errorf("a file: %v", err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFIFO(link, self, 0o177, false); err == nil {
		t.Error("a link was followed")
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine" {
		t.Errorf("the file holds %q, %v", data, err)
	}
}
