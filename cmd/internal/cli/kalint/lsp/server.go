package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"ka/cmd/internal/cli"
	"ka/lang/diag"
	"ka/lint"
)

// Linter reads and judges what the server shows. Load and Judge are each called by one goroutine at a time.
type Linter interface {
	// Configure reads the settings of a workspace; after an error those before hold.
	Configure(folders []string) error
	// Load reads the nodes of files; the texts of changed, by cli.FileKey, count in place of the files.
	Load(paths []string, changed map[string][]byte) ([]cli.Node, error)
	// Judge lints nodes together, as Load gave them.
	Judge(nodes []cli.Node) diag.List
	// DocURL is the page of a rule, "" where there is none.
	DocURL(rule string) string
}

// Options say how a server behaves.
type Options struct {
	// Version is told to the client.
	Version string
	// Debounce is how long after a change the nodes are judged anew; 0 is 100 ms.
	Debounce time.Duration
	// Log takes what goes wrong inside the server; nil is nowhere.
	Log io.Writer
}

// Bounds of the work that waits.
const (
	defaultDebounce = 100 * time.Millisecond
	// longestWait is how long changes that keep coming can put a judgement off.
	longestWait = time.Second
	maxWaiting  = 1000
)

// Error codes of the protocol beside those of JSON-RPC.
const (
	codeNotInitialized = -32002
	codeCancelled      = -32800
	codeRequestFailed  = -32803
)

// server is one connection.
type server struct {
	linter Linter
	opt    Options
	conn   *jsonrpc2.Conn
	// requests and notifications are what the methods do.
	requests      map[string]func(*server, *request) (any, error)
	notifications map[string]func(*server, context.Context, *jsonrpc2.Request) error
	rules         map[string]*lint.Rule
	// connected is closed when conn is there.
	connected chan struct{}
	// waiting are the requests in their order, wake asks for a judgement, done takes the exit status.
	waiting chan *request
	wake    chan struct{}
	done    chan int

	mu sync.Mutex
	// now is the workspace; it is replaced, never changed.
	now                   *snapshot
	enc                   Encoding
	watches               bool
	initialized, shutdown bool
	rescan                bool
	running               map[jsonrpc2.ID]*request

	work analyser
	// published belongs to the goroutine that judges.
	published map[string]publication
	said      string
}

// request is a call that is answered in its turn, for the workspace as it was when it came.
type request struct {
	*jsonrpc2.Request
	snap      *snapshot
	cancelled bool
}

// Serve speaks the protocol on in and out until the client says exit, the stream ends or ctx does. It
// returns the exit status that the protocol asks for: 0 after a shutdown, 1 without one.
func Serve(ctx context.Context, in io.Reader, out io.Writer, linter Linter, opt Options) int {
	if opt.Debounce <= 0 {
		opt.Debounce = defaultDebounce
	}
	if opt.Log == nil {
		opt.Log = io.Discard
	}
	s := &server{
		linter: linter, opt: opt, enc: UTF16,
		requests: requestMethods(), notifications: notificationMethods(), rules: rulesByName(),
		connected: make(chan struct{}),
		waiting:   make(chan *request, maxWaiting), wake: make(chan struct{}, 1), done: make(chan int, 1),
		now:     &snapshot{docs: map[string]*document{}},
		running: map[jsonrpc2.ID]*request{}, published: map[string]publication{},
	}
	s.work.linter = linter
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.conn = jsonrpc2.NewConn(ctx, newFrames(in, out), s, jsonrpc2.SetLogger(logger{opt.Log}))
	close(s.connected)
	var group sync.WaitGroup
	group.Go(func() { s.answerAll(ctx) })
	group.Go(func() { s.judgeAll(ctx) })
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	code := 1
	select {
	case code = <-s.done:
	case <-s.conn.DisconnectNotify():
		select {
		case code = <-s.done: // exit was the last word
		default:
			s.mu.Lock()
			if s.shutdown {
				code = 0
			}
			s.mu.Unlock()
		}
	}
	cancel()
	_ = s.conn.Close()
	select {
	case <-ended:
	case <-time.After(longestWait): // an answer that nobody reads
	}
	return code
}

// logger writes what the connection has to say.
type logger struct{ io.Writer }

// Printf implements jsonrpc2.Logger.
func (l logger) Printf(format string, v ...any) { fmt.Fprintf(l.Writer, format, v...) }

// Handle takes the messages in their order: notifications at once, requests into the line.
func (s *server) Handle(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) {
	<-s.connected // the first message can be faster than NewConn
	defer s.recovered(r)
	if r.Notif {
		s.notification(ctx, r)
		return
	}
	s.mu.Lock()
	req := &request{Request: r, snap: s.now}
	refusal := s.refuse(r.Method)
	if refusal == nil {
		s.running[r.ID] = req
		// From here on, not from its answer on: the client may say exit without waiting for that.
		s.shutdown = s.shutdown || r.Method == "shutdown"
	}
	s.mu.Unlock()
	if refusal != nil {
		_ = s.conn.ReplyWithError(ctx, r.ID, refusal)
		return
	}
	if r.Method == "initialize" {
		s.answer(ctx, req) // what comes behind it depends on it
		return
	}
	select {
	case s.waiting <- req:
	default:
		s.finish(r.ID)
		_ = s.conn.ReplyWithError(ctx, r.ID, &jsonrpc2.Error{Code: codeRequestFailed, Message: "too many requests wait"})
	}
}

// refuse holds a request against the states of the protocol.
func (s *server) refuse(method string) *jsonrpc2.Error {
	switch {
	case s.shutdown:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server was shut down"}
	case method == "initialize" && s.initialized:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server is initialized already"}
	case method != "initialize" && !s.initialized:
		return &jsonrpc2.Error{Code: codeNotInitialized, Message: "the server is not initialized yet"}
	case s.requests[method] == nil:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: fmt.Sprintf("method %q is not supported", method)}
	}
	return nil
}

// finish takes a request off the list of those that can be cancelled, and reports whether it was.
func (s *server) finish(id jsonrpc2.ID) (cancelled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.running[id]; r != nil {
		cancelled = r.cancelled
	}
	delete(s.running, id)
	return cancelled
}

// answerAll answers the requests one after the other.
func (s *server) answerAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.waiting:
			s.answer(ctx, r)
		}
	}
}

func (s *server) answer(ctx context.Context, r *request) {
	defer s.recovered(r.Request)
	s.mu.Lock()
	cancelled := r.cancelled
	s.mu.Unlock()
	var result any
	var err error
	if !cancelled {
		result, err = s.requests[r.Method](s, r)
	}
	if s.finish(r.ID) || cancelled {
		_ = s.conn.ReplyWithError(ctx, r.ID, &jsonrpc2.Error{Code: codeCancelled, Message: "cancelled"})
		return
	}
	if err != nil {
		_ = s.conn.ReplyWithError(ctx, r.ID, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()})
		return
	}
	if err := s.conn.Reply(ctx, r.ID, result); err != nil {
		fmt.Fprintf(s.opt.Log, "kalint lsp: %s: %v\n", r.Method, err)
	}
}

// recovered keeps a fault in one answer from ending the server.
func (s *server) recovered(r *jsonrpc2.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	fmt.Fprintf(s.opt.Log, "kalint lsp: %s: internal failure: %v\n%s", r.Method, fault, debug.Stack())
	if !r.Notif {
		s.finish(r.ID)
		_ = s.conn.ReplyWithError(context.Background(), r.ID, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: "internal failure in " + r.Method})
	}
}

// notification takes what needs no answer.
func (s *server) notification(ctx context.Context, r *jsonrpc2.Request) {
	switch r.Method {
	case "exit":
		s.mu.Lock()
		code := 1
		if s.shutdown {
			code = 0
		}
		s.mu.Unlock()
		select {
		case s.done <- code:
		default:
		}
		return
	case "$/cancelRequest":
		s.cancel(r)
		return
	}
	change := s.notifications[r.Method]
	s.mu.Lock()
	ready := s.initialized && !s.shutdown
	s.mu.Unlock()
	if change == nil || !ready {
		return // unknown notifications are read over, as are those that come too early
	}
	if err := change(s, ctx, r); err != nil {
		fmt.Fprintf(s.opt.Log, "kalint lsp: %s: %v\n", r.Method, err)
	}
}

func (s *server) cancel(r *jsonrpc2.Request) {
	var p struct {
		ID jsonrpc2.ID `json:"id"`
	}
	if decode(r, &p) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if req := s.running[p.ID]; req != nil {
		req.cancelled = true
	}
}

// update replaces the workspace by a changed copy and asks for a judgement.
func (s *server) update(change func(next *snapshot)) {
	s.mu.Lock()
	next := *s.now
	next.docs = maps.Clone(s.now.docs)
	next.folders = slices.Clone(s.now.folders)
	change(&next)
	next.generation++
	s.now = &next
	s.mu.Unlock()
	s.ask()
}

// ask wakes the judge.
func (s *server) ask() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func decode(r *jsonrpc2.Request, v any) error {
	if r.Params == nil {
		return fmt.Errorf("%s has no parameters", r.Method)
	}
	if err := json.Unmarshal(*r.Params, v); err != nil {
		return fmt.Errorf("the parameters of %s: %w", r.Method, err)
	}
	return nil
}
