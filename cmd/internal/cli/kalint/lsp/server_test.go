package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

// slowLinter reads only when it is let, and falls over when it is told to.
type slowLinter struct {
	release chan struct{}
	fault   bool
}

func (l *slowLinter) Configure([]string) error { return nil }

func (l *slowLinter) Load(paths []string, changed map[string][]byte) ([]cli.Node, error) {
	<-l.release
	if l.fault {
		panic("a fault")
	}
	var nodes []cli.Node
	for _, path := range paths {
		n := cli.Node{Name: path, File: source.New(path, changed[cli.FileKey(path)])}
		n.Tree, n.Diags = lang.Load(n.File, lang.Options{})
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (l *slowLinter) Judge([]cli.Node) diag.List { return nil }
func (l *slowLinter) DocURL(string) string       { return "" }

// wire is the client's end of a server.
type wire struct {
	t    *testing.T
	in   io.Writer
	out  *bufio.Reader
	code chan int
}

func dial(t *testing.T, l Linter) *wire {
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	w := &wire{t: t, in: clientOut, out: bufio.NewReader(clientIn), code: make(chan int, 1)}
	go func() {
		w.code <- Serve(context.Background(), serverIn, serverOut, l, Options{Debounce: time.Millisecond})
		_ = serverOut.Close()
	}()
	t.Cleanup(func() { _ = clientOut.Close(); _ = clientIn.Close() })
	return w
}

func (w *wire) send(body string) {
	w.t.Helper()
	if _, err := fmt.Fprintf(w.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		w.t.Fatal(err)
	}
}

// answer reads up to the answer to a request and returns its error, nil for a result.
func (w *wire) answer(id uint64) *jsonrpc2.Error {
	w.t.Helper()
	for {
		var m struct {
			ID     *uint64
			Method string
			Error  *jsonrpc2.Error
		}
		if err := (jsonrpc2.VSCodeObjectCodec{}).ReadObject(w.out, &m); err != nil {
			w.t.Fatal(err)
		}
		if m.ID != nil && *m.ID == id && m.Method == "" {
			return m.Error
		}
	}
}

const (
	openX  = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///x/keepalived.conf","version":1,"text":"vrrp_instance A {\n}\n"}}}`
	hoverX = `{"jsonrpc":"2.0","id":%d,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///x/keepalived.conf"},"position":{"line":0,"character":1}}}`
)

// TestCancel: a request that waits behind another one can be taken back, and the server goes on.
func TestCancel(t *testing.T) {
	l := &slowLinter{release: make(chan struct{})}
	w := dial(t, l)
	w.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	w.answer(1)
	w.send(openX)
	w.send(fmt.Sprintf(hoverX, 2))
	w.send(fmt.Sprintf(hoverX, 3))
	w.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}`)
	w.send(`{"jsonrpc":"2.0","method":"unknown"}`) // all before it was taken in
	close(l.release)
	if err := w.answer(2); err != nil {
		t.Errorf("the request before: %v", err)
	}
	if err := w.answer(3); err == nil || err.Code != codeCancelled {
		t.Errorf("the cancelled request: %v", err)
	}
	w.send(fmt.Sprintf(hoverX, 4))
	if err := w.answer(4); err != nil {
		t.Errorf("the request behind: %v", err)
	}
}

// TestFault: a fault of the program in one request is an error answer, and the server goes on.
func TestFault(t *testing.T) {
	l := &slowLinter{release: make(chan struct{}), fault: true}
	close(l.release)
	w := dial(t, l)
	w.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	w.answer(1)
	w.send(openX)
	w.send(fmt.Sprintf(hoverX, 2))
	if err := w.answer(2); err == nil || err.Code != jsonrpc2.CodeInternalError {
		t.Errorf("the faulty request: %v", err)
	}
	w.send(`{"jsonrpc":"2.0","id":3,"method":"shutdown"}`)
	if err := w.answer(3); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	w.send(`{"jsonrpc":"2.0","method":"exit"}`)
	if code := <-w.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestExitBehindShutdown: a client that says exit without waiting for the answer to shutdown ends the server well,
// also where that request still waits behind another one.
func TestExitBehindShutdown(t *testing.T) {
	l := &slowLinter{release: make(chan struct{})}
	defer close(l.release)
	w := dial(t, l)
	w.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	w.answer(1)
	w.send(openX)
	w.send(fmt.Sprintf(hoverX, 2))
	w.send(`{"jsonrpc":"2.0","id":3,"method":"shutdown"}`)
	w.send(`{"jsonrpc":"2.0","method":"exit"}`)
	if code := <-w.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestFrames: what is too large is skipped and answered, headers come in many shapes, and a stream
// without a length ends.
func TestFrames(t *testing.T) {
	var out strings.Builder
	huge := fmt.Sprintf("Content-Length: %d\r\n\r\n", maxMessageBytes+1)
	in := io.MultiReader(
		strings.NewReader(huge), io.LimitReader(zeros{}, maxMessageBytes+1),
		strings.NewReader("Content-Type: x\r\ncontent-length:  7\r\n\r\n{\"a\":1}"),
		strings.NewReader("Content-Length: 7\n\n{\"a\":2}"),
		strings.NewReader("Nothing: 7\r\n\r\n{\"a\":3}"),
	)
	f := newFrames(in, &out)
	for want := 1; want <= 2; want++ {
		var v struct{ A int }
		if err := f.ReadObject(&v); err != nil || v.A != want {
			t.Fatalf("message %d: %v, %v", want, v, err)
		}
	}
	if !strings.Contains(out.String(), "larger than 64 MiB") {
		t.Errorf("the large message was answered with %q", out.String())
	}
	var v json.RawMessage
	if err := f.ReadObject(&v); err != errNoLength {
		t.Errorf("without a length: %v", err)
	}
	long := newFrames(strings.NewReader(strings.Repeat("X: y\r\n", maxHeaderBytes)), io.Discard)
	if err := long.ReadObject(&v); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("an endless header: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
