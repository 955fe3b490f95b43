package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
	"ka/cmd/internal/cli/kalint/lsp"
	"ka/lang/source"
)

// patience is how long the client waits for what must come.
const patience = 2 * time.Minute

// editor is a language client that keeps the texts of its documents like an editor, and what it was told.
type editor struct {
	t    *testing.T
	dir  string
	conn *jsonrpc2.Conn
	in   io.WriteCloser
	exit chan int

	mu       sync.Mutex
	news     chan struct{}
	texts    map[string]string
	versions map[string]int
	// told is what was published last of each file, toldVersion for which version of it.
	told        map[string][]lsp.Diagnostic
	toldVersion map[string]int
	messages    []string
	actions     []lsp.CodeAction
}

// startEditor runs kalint with args in this process and connects an editor to it.
func startEditor(t *testing.T, dir string, args []string) *editor {
	t.Helper()
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	e := &editor{
		t: t, dir: dir, in: clientOut, exit: make(chan int, 1), news: make(chan struct{}, 1),
		texts: map[string]string{}, versions: map[string]int{}, told: map[string][]lsp.Diagnostic{}, toldVersion: map[string]int{},
	}
	std := cli.IO{Stdin: serverIn, Stdout: serverOut, Stderr: testLog{t}, Getenv: func(string) string { return "" }}
	go func() {
		e.exit <- kalint.Main(context.Background(), std, append([]string{"kalint", "lsp"}, args...))
		_ = serverOut.Close()
	}()
	stream := jsonrpc2.NewBufferedStream(pipe{clientIn, clientOut}, jsonrpc2.VSCodeObjectCodec{})
	e.conn = jsonrpc2.NewConn(t.Context(), stream, e, jsonrpc2.SetLogger(quiet{}), jsonrpc2.OnRecv(e.received))
	t.Cleanup(func() { _ = clientOut.Close(); _ = e.conn.Close() })
	return e
}

type pipe struct {
	io.Reader
	io.WriteCloser
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) { l.t.Logf("server: %s", p); return len(p), nil }

// received notes answers to messages that had no id.
func (e *editor) received(req *jsonrpc2.Request, resp *jsonrpc2.Response) {
	if req == nil && resp != nil && resp.Error != nil {
		e.note(fmt.Sprintf("error %d: %s", resp.Error.Code, resp.Error.Message))
	}
}

func (e *editor) note(text string) {
	e.mu.Lock()
	e.messages = append(e.messages, text)
	e.mu.Unlock()
	e.wake()
}

func (e *editor) wake() {
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// Handle takes what the server tells.
func (e *editor) Handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) {
	switch r.Method {
	case "textDocument/publishDiagnostics":
		var p struct {
			URI         string
			Version     int
			Diagnostics []lsp.Diagnostic
		}
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			e.t.Error(err)
		}
		e.mu.Lock()
		e.told[e.name(p.URI)], e.toldVersion[e.name(p.URI)] = p.Diagnostics, p.Version
		e.mu.Unlock()
		e.wake()
	case "window/showMessage":
		var p struct{ Message string }
		_ = json.Unmarshal(*r.Params, &p)
		e.note("message: " + strings.ReplaceAll(p.Message, e.dir, "$WORK"))
	default:
		e.note("server asks " + r.Method)
		if !r.Notif {
			go func() { _ = conn.Reply(ctx, r.ID, nil) }()
		}
	}
}

func (e *editor) uri(name string) string { return lsp.FileURI(filepath.Join(e.dir, name)) }

func (e *editor) name(uri string) string { return strings.TrimPrefix(uri, lsp.FileURI(e.dir)+"/") }

// wait waits until ok, asked under the lock, is true.
func (e *editor) wait(what string, ok func() bool) {
	e.t.Helper()
	deadline := time.After(patience)
	for {
		e.mu.Lock()
		done := ok()
		e.mu.Unlock()
		if done {
			return
		}
		select {
		case <-e.news:
		case <-deadline:
			e.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (e *editor) call(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(e.t.Context(), patience)
	defer cancel()
	return e.conn.Call(ctx, method, params, result)
}

func (e *editor) notify(method string, params any) {
	if err := e.conn.Notify(e.t.Context(), method, params); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) open(name, text string) {
	e.texts[name] = text
	e.versions[name] = 1
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": e.uri(name), "languageId": "keepalived", "version": 1, "text": text,
	}})
}

// edit makes edits, which do not overlap, in the text and sends them from the last to the first.
func (e *editor) edit(name string, edits []lsp.TextEdit) {
	slices.SortStableFunc(edits, func(a, b lsp.TextEdit) int {
		return int(b.Range.Start.Line)*1e6 + int(b.Range.Start.Character) - int(a.Range.Start.Line)*1e6 - int(a.Range.Start.Character)
	})
	var changes []map[string]any
	text := e.texts[name]
	for _, ed := range edits {
		f := source.New(name, []byte(text))
		start, end := lsp.UTF16.Offset(f, ed.Range.Start), lsp.UTF16.Offset(f, ed.Range.End)
		text = text[:start] + ed.NewText + text[end:]
		changes = append(changes, map[string]any{"range": ed.Range, "text": ed.NewText})
	}
	e.texts[name] = text
	e.versions[name]++
	e.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name), "version": e.versions[name]}, "contentChanges": changes,
	})
}

// findings waits until all open documents were judged in their last version, and writes all findings.
func (e *editor) findings() string {
	e.wait("findings", func() bool {
		for name, v := range e.versions {
			if e.toldVersion[name] != v {
				return false
			}
		}
		return true
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e.told)) {
		if len(e.told[name]) == 0 {
			fmt.Fprintf(&b, "%s: no findings\n", name)
		}
		for _, d := range e.told[name] {
			level := [...]string{"", "error", "warning", "info"}[d.Severity]
			fmt.Fprintf(&b, "%s:%s: %s: %s [%s]", name, span(d.Range), level, strings.ReplaceAll(d.Message, "\n", "\n    "), d.Code)
			if d.CodeDescription != nil {
				fmt.Fprintf(&b, " %s", d.CodeDescription.Href)
			}
			b.WriteString("\n")
			for _, n := range d.RelatedInformation {
				fmt.Fprintf(&b, "    %s:%s: %s\n", e.name(n.Location.URI), span(n.Location.Range), n.Message)
			}
		}
	}
	return b.String()
}

// span writes a range with lines and characters from 1.
func span(r lsp.Range) string {
	if r.Start.Line == r.End.Line {
		return fmt.Sprintf("%d:%d-%d", r.Start.Line+1, r.Start.Character+1, r.End.Character+1)
	}
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line+1, r.Start.Character+1, r.End.Line+1, r.End.Character+1)
}
