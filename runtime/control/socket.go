//go:build linux

package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The bounds of the protocol.
const (
	maxRequest  = 4 << 10
	maxAnswer   = 64 << 20
	maxClients  = 16
	clientLimit = 5 * time.Second
	// lastAnswer is how long a client has to take its answer when the server ends.
	lastAnswer = 500 * time.Millisecond
	// reloadLimit is how long a client waits for a reload: a plan of megabytes takes seconds.
	reloadLimit = 2 * time.Minute
)

// SocketName is the socket's name in the run directory.
const SocketName = "karun.sock"

// ErrNotRunning says that nobody listens.
var ErrNotRunning = errors.New("karun is not running")

type request struct {
	Request string `json:"request"`
}

type answer struct {
	Error  string  `json:"error,omitempty"`
	Status *Status `json:"status,omitempty"`
	Reload *Reload `json:"reload,omitempty"`
}

// The requests.
const (
	requestStatus = "status"
	requestReload = "reload"
)

// Handlers answer requests, from many goroutines.
type Handlers struct {
	Status func(context.Context) Status
	// Reload reads the plan again and goes on with it; it returns when that is done, or refused.
	Reload func(context.Context) Reload
}

// Server answers on the socket.
type Server struct {
	l    *net.UnixListener
	path string
	// limit is how long a client may take.
	limit time.Duration
}

// Listen makes the socket in runDir, mode 0600. A socket that a dead karun left is replaced: the
// caller holds the lock of the directory.
func Listen(runDir string) (*Server, error) {
	path, err := socketPath(runDir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	old := syscall.Umask(0o177)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("control socket %q: %w", path, cause(err))
	}
	return &Server{l, path, clientLimit}, nil
}

// socketPath is where the socket of a run directory is.
func socketPath(runDir string) (string, error) {
	path := filepath.Join(runDir, SocketName)
	if most := len(unix.RawSockaddrUnix{}.Path) - 1; len(path) > most {
		return "", fmt.Errorf("run directory %q: the path of a socket in it has %d bytes, %d are possible: choose a shorter one", runDir, len(path), most)
	}
	return path, nil
}

// cause is what the kernel said, without the words of the call.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

// Serve answers until ctx ends; it then removes the socket and waits for its clients.
func (s *Server) Serve(ctx context.Context, h Handlers) {
	stop := context.AfterFunc(ctx, func() { _ = s.l.Close() })
	defer stop()
	var clients sync.WaitGroup
	defer clients.Wait()
	slots := make(chan struct{}, maxClients)
	for {
		conn, err := s.l.AcceptUnix()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil {
			// Out of descriptors, say: there is nobody to tell.
			sleep(ctx, 100*time.Millisecond)
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = conn.Close() // too many clients at once
			continue
		}
		clients.Go(func() {
			defer func() { <-slots }()
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(s.limit))
			// Whoever says nothing, or does not listen, is not waited for at the end.
			defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now().Add(lastAnswer)) })()
			s.serve(ctx, conn, h)
		})
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// serve answers one request.
func (s *Server) serve(ctx context.Context, conn *net.UnixConn, h Handlers) {
	out := json.NewEncoder(conn)
	if !permitted(conn) {
		_ = out.Encode(answer{Error: "permission denied: only root and karun's own user are served"})
		return
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequest)).ReadBytes('\n')
	if err != nil {
		return
	}
	var req request
	if json.Unmarshal(line, &req) != nil {
		req = request{}
	}
	switch req.Request {
	case requestStatus:
		ctx, cancel := context.WithTimeout(ctx, s.limit)
		defer cancel()
		st := h.Status(ctx)
		_ = out.Encode(answer{Status: &st})
	case requestReload:
		ctx, cancel := context.WithTimeout(ctx, reloadLimit)
		defer cancel()
		_ = conn.SetDeadline(time.Now().Add(reloadLimit + clientLimit))
		r := h.Reload(ctx)
		_ = out.Encode(answer{Reload: &r})
	default:
		_ = out.Encode(answer{Error: `unknown request; allowed: {"request":"status"}, {"request":"reload"}`})
	}
}

// permitted asks the kernel who is at the other end.
func permitted(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = raw.Control(func(fd uintptr) {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		ok = err == nil && (cred.Uid == 0 || int(cred.Uid) == os.Geteuid())
	})
	return err == nil && ok
}

// Get asks the karun of runDir for its status; ErrNotRunning where there is none.
func Get(ctx context.Context, runDir string) (Status, error) {
	a, err := ask(ctx, runDir, requestStatus, clientLimit)
	if err == nil && a.Status == nil {
		err = errors.New("answer of karun: no status in it")
	}
	if err != nil {
		return Status{}, err
	}
	return *a.Status, nil
}

// AskReload asks the karun of runDir to reload, and waits for the outcome.
func AskReload(ctx context.Context, runDir string) (Reload, error) {
	a, err := ask(ctx, runDir, requestReload, reloadLimit+clientLimit)
	if err == nil && a.Reload == nil {
		err = errors.New("answer of karun: no outcome in it")
	}
	if err != nil {
		return Reload{}, err
	}
	return *a.Reload, nil
}

// unanswered says in words why no answer came.
func unanswered(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("karun does not answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("karun closed the connection without an answer: it is ending, or too many ask at once")
	}
	return fmt.Errorf("answer of karun: %w", cause(err))
}

// ask sends a request and reads the answer.
func ask(ctx context.Context, runDir, what string, limit time.Duration) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	path, err := socketPath(runDir)
	if err != nil {
		return answer{}, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return answer{}, ErrNotRunning
	case err != nil:
		return answer{}, fmt.Errorf("control socket %q: %w", path, cause(err))
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if err := json.NewEncoder(conn).Encode(request{what}); err != nil {
		return answer{}, fmt.Errorf("ask karun: %w", cause(err))
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(conn, maxAnswer)).Decode(&a); err != nil {
		return answer{}, unanswered(err)
	}
	if a.Error != "" {
		return answer{}, errors.New(a.Error)
	}
	return a, nil
}
