//go:build linux

package track

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
)

// watchPause is the time between tries to watch a directory that is not there.
const watchPause = time.Second

// watchMask are the events that say that a file may hold something else. IN_MODIFY is not among them: a
// shell empties a file before it writes to it, and empty is 0.
const watchMask = unix.IN_CLOSE_WRITE | unix.IN_DELETE | unix.IN_MOVE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF

// Files watches the files of track_file. The library that the project uses for other files cannot tell
// the end of a write from its middle, so this speaks inotify itself. It is for one goroutine.
type Files struct {
	files []file
	// Problem is told of files that cannot be read or watched, once for each cause.
	Problem func(name string, err error)
}

type file struct {
	plan.TrackFile
	number int
	// watch is the descriptor of the directory's watch, -1 where there is none; base is the name in it.
	watch int
	base  string
	cause string
}

// NewFiles prepares the files. Nothing is touched.
func NewFiles(list []plan.TrackFile, problem func(name string, err error)) *Files {
	f := &Files{Problem: problem}
	for _, t := range list {
		f.files = append(f.files, file{TrackFile: t, watch: -1})
	}
	return f
}

// Init writes what the files begin with: where they are not there, or in any case (init_file). Nothing is
// written through a symbolic link. It is for the start, not for a reload.
func (f *Files) Init() {
	for i := range f.files {
		if t := &f.files[i]; t.TrackFile.Init != nil {
			t.tell(f.Problem, t.init())
		}
	}
}

func (t *file) init() error {
	st, err := os.Stat(t.Path)
	switch {
	case err == nil && !t.TrackFile.Init.Overwrite:
		return nil
	case err == nil && !st.Mode().IsRegular():
		return errors.New("is not a regular file, its first number is not written")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	// A link that somebody else put there must not lead a write elsewhere.
	out, err := os.OpenFile(t.Path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d\n", t.TrackFile.Init.Value)
	return errors.Join(err, out.Close())
}

// Read reads all files and hands each number that is new to use; at the first time every one is.
func (f *Files) Read(use func(name string, number int)) {
	for i := range f.files {
		f.files[i].read(f.Problem)
		use(f.files[i].Name, f.files[i].number)
	}
}

// read reads the number; a file that is missing, cannot be read or is empty is 0. It reports whether the
// number is another.
func (t *file) read(problem func(string, error)) (changed bool) {
	before := t.number
	b, err := readSome(t.Path)
	if err == nil {
		n, ok := ParseNumber(b)
		if !ok {
			t.tell(problem, fmt.Errorf("%q is outside 32 bits, %d stays", bytes.TrimSpace(b), t.number))
			return false
		}
		t.number = n
	} else {
		t.number = 0
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	t.tell(problem, err)
	return t.number != before
}

// readSome reads the beginning of a file, and does not wait where it is a FIFO.
func readSome(path string) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	b := make([]byte, maxNumberBytes)
	n, err := unix.Read(fd, b)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return b[:n], nil
}

// tell says what is wrong, once.
func (t *file) tell(problem func(string, error), err error) {
	cause := ""
	if err != nil {
		cause = err.Error()
	}
	if cause != "" && cause != t.cause && problem != nil {
		problem(t.Name, err)
	}
	t.cause = cause
}

// Loop watches until ctx ends, and hands each new number to use, from the calling goroutine.
func (f *Files) Loop(ctx context.Context, use func(name string, number int)) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("inotify: %w", err)
	}
	in := os.NewFile(uintptr(fd), "inotify")
	defer in.Close()
	stop := context.AfterFunc(ctx, func() { _ = in.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buf := make([]byte, 64<<10)
	for ctx.Err() == nil {
		// A directory that cannot be watched is tried again.
		limit := time.Time{}
		if !f.watchAll(fd, use) {
			limit = time.Now().Add(watchPause)
		}
		if in.SetReadDeadline(limit) != nil || ctx.Err() != nil {
			return nil
		}
		n, err := in.Read(buf)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("inotify: %w", err)
		}
		f.events(buf[:max(n, 0)], use)
	}
	return nil
}

// watchAll watches what is not watched, and reads it: it may have changed before. It reports whether
// everything is watched.
func (f *Files) watchAll(fd int, use func(string, int)) (all bool) {
	all = true
	for i := range f.files {
		t := &f.files[i]
		if t.watch >= 0 {
			continue
		}
		path, err := filepath.EvalSymlinks(t.Path)
		if err != nil {
			path = t.Path // not there yet: its directory may be
		}
		t.watch, err = unix.InotifyAddWatch(fd, filepath.Dir(path), watchMask)
		if err != nil {
			t.watch, all = -1, false
			if t.number != 0 {
				t.number = 0
				use(t.Name, 0)
			}
			t.tell(f.Problem, fmt.Errorf("its directory %q cannot be watched: %w", filepath.Dir(path), err))
			continue
		}
		t.base = filepath.Base(path)
		if t.read(f.Problem) {
			use(t.Name, t.number)
		}
	}
	return all
}

// events reads the files that events are about.
func (f *Files) events(b []byte, use func(string, int)) {
	for len(b) >= unix.SizeofInotifyEvent {
		watch := int(int32(binary.NativeEndian.Uint32(b)))
		mask := binary.NativeEndian.Uint32(b[4:])
		length := int(binary.NativeEndian.Uint32(b[12:]))
		b = b[unix.SizeofInotifyEvent:]
		if length > len(b) {
			return
		}
		name := string(bytes.TrimRight(b[:length], "\x00"))
		b = b[length:]
		for i := range f.files {
			t := &f.files[i]
			gone := mask&(unix.IN_IGNORED|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_UNMOUNT) != 0
			switch {
			case mask&unix.IN_Q_OVERFLOW != 0:
			case t.watch != watch:
				continue
			case gone:
				t.watch = -1 // the next round tries again, and reads
				continue
			case t.base != name:
				continue
			}
			if t.read(f.Problem) {
				use(t.Name, t.number)
			}
		}
	}
}
