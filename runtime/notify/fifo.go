//go:build linux

package notify

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// fifoMode is a FIFO's mode before the umask (reference vrrp 8).
const fifoMode = 0o644

// ErrFull says that nobody reads a FIFO fast enough: the line is lost.
var ErrFull = errors.New("the pipe is full: nobody reads it")

// Owner is whom a FIFO belongs to.
type Owner struct{ UID, GID int }

// FIFO is a named pipe that is open for writing, and never waits for its reader.
type FIFO struct {
	path string
	fd   int
	ours bool
}

// OpenFIFO makes a FIFO, with an owner and a mode less umask, and opens it. One that exists must be a FIFO
// of this process's user or of the owner; it stays as it is, and is not removed at the end unless ours says
// that an earlier run made it.
func OpenFIFO(path string, owner Owner, umask int, ours bool) (*FIFO, error) {
	err := unix.Mkfifo(path, 0o600)
	made := err == nil
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, fmt.Errorf("make FIFO %q: %w", path, err)
	}
	fd, err := openFIFO(path, owner)
	if err != nil {
		if made {
			_ = unix.Unlink(path)
		}
		return nil, fmt.Errorf("open FIFO %q: %w", path, err)
	}
	f := &FIFO{path, fd, made || ours}
	if made {
		err = errors.Join(unix.Fchmod(fd, uint32(fifoMode&^umask)), unix.Fchown(fd, owner.UID, owner.GID))
	}
	if err != nil {
		f.Close(true)
		return nil, fmt.Errorf("owner of FIFO %q: %w", path, err)
	}
	return f, nil
}

// openFIFO opens what is there after a look at it: to open a device may do something.
func openFIFO(path string, owner Owner) (int, error) {
	look, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(look)
	var st unix.Stat_t
	if err := unix.Fstat(look, &st); err != nil {
		return -1, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return -1, errors.New("it is not a FIFO")
	}
	if int(st.Uid) != unix.Geteuid() && int(st.Uid) != owner.UID {
		return -1, fmt.Errorf("it belongs to user %d", st.Uid)
	}
	// For reading too, so that it opens, and stays open, without a reader.
	return unix.Open(fmt.Sprintf("/proc/self/fd/%d", look), unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
}

// Path is where it is.
func (f *FIFO) Path() string { return f.path }

// Write writes one line, whole or not at all; it does not wait.
func (f *FIFO) Write(line []byte) error {
	for {
		_, err := unix.Write(f.fd, line)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return ErrFull
		default:
			return err
		}
	}
}

// Close closes it. With remove it takes it away before, if karun made it, so that a script that opens it
// again and again finds nothing.
func (f *FIFO) Close(remove bool) {
	if remove && f.ours {
		_ = unix.Unlink(f.path)
	}
	_ = unix.Close(f.fd)
}
