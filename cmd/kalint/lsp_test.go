package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/sourcegraph/jsonrpc2"

	"ka/cmd/internal/cli/kalint/lsp"
	"ka/lang/source"
)

// TestLSP plays testdata/lsp: each archive holds the files of a workspace and, in front of them, a
// session: what an editor does ("> hover node1.conf 3:5", lines and characters from 1, or where a text
// starts or ends: "> hover node1.conf ^advert_int", · for a blank), and behind each command what the server answers.
// -update writes the answers.
func TestLSP(t *testing.T) {
	files, err := filepath.Glob("testdata/lsp/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playSession(t, a)
			if *update {
				if err := os.WriteFile(file, txtar.Format(&txtar.Archive{Comment: []byte(got), Files: a.Files}), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(a.Comment) {
				t.Errorf("%s", diff.Diff("want", a.Comment, "got", []byte(got)))
			}
		})
	}
}

// playSession runs the commands of a session and returns it with the answers that came.
func playSession(t *testing.T, a *txtar.Archive) string {
	dir := t.TempDir()
	for _, f := range a.Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	p := &player{}
	for line := range strings.Lines(string(a.Comment)) {
		switch {
		case strings.HasPrefix(line, "#") || line == "\n":
			out.WriteString(line)
		case strings.HasPrefix(line, "> "):
			out.WriteString(line)
			words := strings.Fields(line[2:])
			if words[0] == "start" {
				p.editor = startEditor(t, dir, append(words[1:], "--docs", "https://docs.example"))
				continue
			}
			if commands[words[0]] == nil {
				t.Fatalf("unknown command %q", words[0])
			}
			for answer := range strings.Lines(commands[words[0]](p, words[1:])) {
				text := strings.TrimRight(strings.ReplaceAll(answer, dir, "$WORK"), " \n")
				if text == "" {
					text = "|" // an empty line of an answer
				}
				out.WriteString("    " + text + "\n")
			}
		}
	}
	return out.String()
}

// player is an editor with the commands of sessions.
type player struct {
	*editor
}

var commands = map[string]func(*player, []string) string{
	"initialize": (*player).initialize,
	"open":       (*player).openFile,
	"edit":       (*player).editText,
	"close":      (*player).closeFile,
	"write":      (*player).writeFile,
	"findings":   func(p *player, _ []string) string { return p.findings() },
	"complete":   (*player).complete,
	"hover":      (*player).hover,
	"define":     (*player).define,
	"symbols":    (*player).symbols,
	"actions":    (*player).listActions,
	"apply":      (*player).applyAction,
	"format":     (*player).format,
	"text":       func(p *player, args []string) string { return p.texts[args[0]] },
	"request":    (*player).request,
	"notify":     (*player).notification,
	"raw":        (*player).raw,
	"messages":   (*player).said,
	"wait":       (*player).exited,
}

// place reads "L:C", "^text" (where the text starts) or "text^" (where it ends) in a document.
func (p *player) place(name, word string) lsp.Position {
	p.t.Helper()
	text := p.texts[name]
	if find, ok := strings.CutPrefix(word, "^"); ok {
		at := strings.Index(text, unescape(find))
		if at < 0 {
			p.t.Fatalf("%s holds no %q", name, find)
		}
		return lsp.UTF16.Position(source.New(name, []byte(text)), at)
	}
	if find, ok := strings.CutSuffix(word, "^"); ok {
		start := p.place(name, "^"+find)
		start.Character += uint32(len(unescape(find)))
		return start
	}
	var line, column uint32
	if _, err := fmt.Sscanf(word, "%d:%d", &line, &column); err != nil {
		p.t.Fatalf("%q is no place", word)
	}
	return lsp.Position{Line: line - 1, Character: column - 1}
}

func (p *player) at(args []string) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": p.uri(args[0])}, "position": p.place(args[0], args[1])}
}

func (p *player) initialize(encodings []string) string {
	var result struct {
		Capabilities struct{ PositionEncoding string }
	}
	err := p.call("initialize", map[string]any{
		"workspaceFolders": []map[string]any{{"uri": lsp.FileURI(p.dir), "name": "w"}},
		"capabilities":     map[string]any{"general": map[string]any{"positionEncodings": encodings}, "workspace": map[string]any{"didChangeWatchedFiles": map[string]any{"dynamicRegistration": true}}},
	}, &result)
	if err != nil {
		return failed(err)
	}
	p.notify("initialized", map[string]any{})
	return "positions in " + result.Capabilities.PositionEncoding + "\n"
}

func (p *player) openFile(args []string) string {
	text, err := os.ReadFile(filepath.Join(p.dir, args[0]))
	if err != nil {
		p.t.Fatal(err)
	}
	p.open(args[0], string(text))
	return ""
}

// editText replaces the first OLD by NEW, both quoted as in Go: edit FILE OLD NEW.
func (p *player) editText(args []string) string {
	old, text := unescape(args[1]), unescape(args[2])
	start := p.place(args[0], "^"+old)
	end := p.place(args[0], "^"+old)
	lines := strings.Split(old, "\n")
	end.Line += uint32(len(lines) - 1)
	if len(lines) > 1 {
		end.Character = 0
	}
	end.Character += uint32(len(lines[len(lines)-1]))
	p.edit(args[0], []lsp.TextEdit{{Range: lsp.Range{Start: start, End: end}, NewText: text}})
	return ""
}

func unescape(word string) string { return strings.NewReplacer(`\n`, "\n", "·", " ").Replace(word) }

func (p *player) closeFile(args []string) string {
	delete(p.versions, args[0])
	p.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": p.uri(args[0])}})
	return ""
}

// writeFile puts the text of FROM into FILE on the disk and tells the server: write FILE FROM.
func (p *player) writeFile(args []string) string {
	text, err := os.ReadFile(filepath.Join(p.dir, args[1]))
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, args[0]), text, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
	return ""
}

func (p *player) complete(args []string) string {
	var items []lsp.CompletionItem
	if err := p.call("textDocument/completion", p.at(args), &items); err != nil {
		return failed(err)
	}
	var labels []string
	for _, it := range items {
		labels = append(labels, it.Label)
	}
	return strings.Join(labels, " ") + "\n"
}

func (p *player) hover(args []string) string {
	var h *lsp.HoverResult
	if err := p.call("textDocument/hover", p.at(args), &h); err != nil {
		return failed(err)
	}
	if h == nil {
		return "nothing\n"
	}
	return span(h.Range) + " " + strings.ReplaceAll(h.Contents.Value, "\n\n", "\n") + "\n"
}

func (p *player) define(args []string) string {
	var places []lsp.Location
	if err := p.call("textDocument/definition", p.at(args), &places); err != nil {
		return failed(err)
	}
	var b strings.Builder
	for _, l := range places {
		fmt.Fprintf(&b, "%s:%s\n", p.name(l.URI), span(l.Range))
	}
	return b.String()
}

func (p *player) symbols(args []string) string {
	var list []lsp.DocumentSymbol
	if err := p.call("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": p.uri(args[0])}}, &list); err != nil {
		return failed(err)
	}
	var b strings.Builder
	var write func([]lsp.DocumentSymbol, string)
	write = func(list []lsp.DocumentSymbol, indent string) {
		for _, s := range list {
			fmt.Fprintf(&b, "%s%s %s\n", indent, s.Name, span(s.Range))
			write(s.Children, indent+"  ")
		}
	}
	write(list, "")
	return b.String()
}

func (p *player) listActions(args []string) string {
	at := p.place(args[0], args[1])
	p.actions = nil
	params := map[string]any{
		"textDocument": map[string]any{"uri": p.uri(args[0])}, "range": lsp.Range{Start: at, End: at},
		"context": map[string]any{"only": args[2:]},
	}
	if err := p.call("textDocument/codeAction", params, &p.actions); err != nil {
		return failed(err)
	}
	var b strings.Builder
	for i, a := range p.actions {
		fmt.Fprintf(&b, "%d %s: %s", i+1, a.Kind, a.Title)
		if a.IsPreferred {
			b.WriteString(" (preferred)")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// applyAction applies the action with a number of the last list.
func (p *player) applyAction(args []string) string {
	var n int
	if _, err := fmt.Sscan(args[0], &n); err != nil || n < 1 || n > len(p.actions) {
		p.t.Fatalf("no action %q", args[0])
	}
	for uri, edits := range p.actions[n-1].Edit.Changes {
		p.edit(p.name(uri), edits)
	}
	return ""
}

func (p *player) format(args []string) string {
	var edits []lsp.TextEdit
	if err := p.call("textDocument/formatting", map[string]any{"textDocument": map[string]any{"uri": p.uri(args[0])}}, &edits); err != nil {
		return failed(err)
	}
	var b strings.Builder
	for _, e := range edits {
		fmt.Fprintf(&b, "replaces %s\n", span(e.Range))
	}
	if len(edits) > 0 {
		p.edit(args[0], edits)
	}
	return b.String()
}

func (p *player) request(args []string) string {
	var result json.RawMessage
	if err := p.call(args[0], params(args[1:]), &result); err != nil {
		return failed(err)
	}
	return string(result) + "\n"
}

func params(args []string) any {
	if len(args) == 0 {
		return nil
	}
	return json.RawMessage(strings.Join(args, " "))
}

func (p *player) notification(args []string) string {
	p.notify(args[0], params(args[1:]))
	return ""
}

// raw sends bytes as they are, with a header, and waits for the answer.
func (p *player) raw(args []string) string {
	body := strings.Join(args, " ")
	if _, err := fmt.Fprintf(p.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		p.t.Fatal(err)
	}
	return p.said(nil)
}

// said waits for a message of the server and shows it.
func (p *player) said([]string) string {
	p.wait("a message", func() bool { return len(p.messages) > 0 })
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.Join(p.messages, "\n")
	p.messages = nil
	return text + "\n"
}

// exited waits for the end of the server.
func (p *player) exited([]string) string {
	_ = p.in.Close()
	return fmt.Sprintf("exit status %d\n", <-p.exit)
}

func failed(err error) string {
	var answer *jsonrpc2.Error
	if errors.As(err, &answer) {
		return fmt.Sprintf("error %d: %s\n", answer.Code, answer.Message)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, jsonrpc2.ErrClosed) {
		return "the stream has ended\n"
	}
	return err.Error() + "\n"
}
