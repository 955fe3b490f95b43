package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
)

// analyser reads and judges snapshots, each once.
type analyser struct {
	linter Linter

	loading sync.Mutex
	loaded  struct {
		generation int
		nodes      []cli.Node
		err        error
	}
	judging sync.Mutex
	judged  struct {
		generation int
		list       diag.List
	}
}

// nodes reads the nodes of a snapshot. Where a file is gone since it was found, the others are read.
func (a *analyser) nodes(snap *snapshot) ([]cli.Node, error) {
	a.loading.Lock()
	defer a.loading.Unlock()
	if a.loaded.generation == snap.generation && snap.generation > 0 {
		return a.loaded.nodes, a.loaded.err
	}
	paths, changed := snap.paths(), snap.changed()
	var nodes []cli.Node
	var err error
	if len(paths) > 0 {
		if nodes, err = a.linter.Load(paths, changed); err != nil {
			paths = slices.DeleteFunc(paths, func(path string) bool {
				_, open := changed[cli.FileKey(path)]
				return !open && !readable(path)
			})
			nodes, err = a.linter.Load(paths, changed)
		}
	}
	a.loaded.generation, a.loaded.nodes, a.loaded.err = snap.generation, nodes, err
	return nodes, err
}

// latest gives the nodes that were read last, whatever has changed since: enough for names.
func (a *analyser) latest(snap *snapshot) []cli.Node {
	a.loading.Lock()
	nodes := a.loaded.nodes
	a.loading.Unlock()
	if nodes == nil {
		nodes, _ = a.nodes(snap)
	}
	return nodes
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// findings judges a snapshot.
func (a *analyser) findings(snap *snapshot) (diag.List, error) {
	nodes, err := a.nodes(snap)
	if err != nil {
		return nil, err
	}
	a.judging.Lock()
	defer a.judging.Unlock()
	if a.judged.generation != snap.generation || snap.generation == 0 {
		a.judged.generation, a.judged.list = snap.generation, a.linter.Judge(nodes)
	}
	return a.judged.list, nil
}

// reach is what a document belongs to: the trees that it is read in and the block that it is included
// in. A document that no node reads stands for itself.
func reach(nodes []cli.Node, d *document) (trees []*syntax.Tree, base *schema.Context) {
	for _, n := range nodes {
		if slices.ContainsFunc(n.Tree.Files, func(f *source.File) bool { return cli.FileKey(f.Name) == d.key }) {
			trees = append(trees, n.Tree)
		}
	}
	base = schema.At("")
	if len(trees) == 0 {
		tree, _ := lang.Load(d.file, lang.Options{})
		return []*syntax.Tree{tree}, base
	}
	return trees, includedIn(trees[0], d.key, 0)
}

// maxIncludes bounds the chain of files that include one another.
const maxIncludes = 32

// includedIn is the context of the include line that brings in the file key; the top level's for the
// main file.
func includedIn(t *syntax.Tree, key string, depth int) *schema.Context {
	if depth > maxIncludes || cli.FileKey(t.Main.Name) == key {
		return schema.At("")
	}
	for _, inc := range t.Includes {
		for _, f := range inc.Files {
			if cli.FileKey(f.Name) == key && inc.Span.IsValid() {
				at := inc.Span.File
				return FindCursor(at, inc.Span.Start, includedIn(t, cli.FileKey(at.Name), depth+1)).Context
			}
		}
	}
	return schema.At("")
}

// judgeAll judges the workspace a little after each change, and publishes what it finds unless there was
// another change meanwhile.
func (s *server) judgeAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		if !s.calm(ctx) {
			return
		}
		s.judge(ctx)
	}
}

// calm waits until nothing has changed for a while.
func (s *server) calm(ctx context.Context) bool {
	last := time.After(longestWait)
	for {
		select {
		case <-ctx.Done():
			return false
		case <-s.wake:
		case <-last:
			return true
		case <-time.After(s.opt.Debounce):
			return true
		}
	}
}

func (s *server) judge(ctx context.Context) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(s.opt.Log, "kalint lsp: internal failure: %v\n", fault)
		}
	}()
	s.look(ctx)
	s.mu.Lock()
	snap := s.now
	s.mu.Unlock()
	list, err := s.work.findings(snap)
	if err != nil {
		s.say(ctx, err.Error())
		return
	}
	s.mu.Lock()
	stale := s.now.generation != snap.generation
	s.mu.Unlock()
	if stale {
		s.ask()
		return
	}
	s.publish(ctx, snap, list)
}

// look reads the folders and the settings where that was asked for.
func (s *server) look(ctx context.Context) {
	s.mu.Lock()
	wanted, folders := s.rescan, s.now.folders
	s.rescan = false
	s.mu.Unlock()
	if !wanted {
		return
	}
	if err := s.linter.Configure(folders); err != nil {
		s.say(ctx, err.Error())
	}
	files, cut := scan(folders)
	if cut {
		s.say(ctx, fmt.Sprintf("the workspace is too large: %d configuration files are looked at", len(files)))
	}
	s.mu.Lock()
	next := *s.now
	next.files = files
	next.generation++
	s.now = &next
	s.mu.Unlock()
}

// say shows the user a message, each once in a row.
func (s *server) say(ctx context.Context, message string) {
	if message == s.said {
		return
	}
	s.said = message
	const warning = 2
	_ = s.conn.Notify(ctx, "window/showMessage", map[string]any{"type": warning, "message": "kalint: " + message})
}

// publication is what a client was last told of a file.
type publication struct {
	content string
	version int
	open    bool
}

// publish tells the client what has changed: the findings of files, and that files have none any more.
// Open documents are told about with each of their versions: the client has moved the old marks.
func (s *server) publish(ctx context.Context, snap *snapshot, list diag.List) {
	p := s.presenter(snap)
	found := p.byFile(list)
	for key := range snap.docs {
		found[key] = append([]Diagnostic{}, found[key]...)
	}
	for uri := range s.published {
		if key := cli.FileKey(pathOf(uri)); found[key] == nil {
			found[key] = []Diagnostic{}
		}
	}
	keys := make([]string, 0, len(found))
	for key := range found {
		keys = append(keys, key)
	}
	// What has a new version comes last: who has seen it has seen all that belongs to it.
	fresh := func(key string) bool {
		d := snap.docs[key]
		return d != nil && s.published[d.uri].version != d.version
	}
	slices.SortFunc(keys, func(a, b string) int {
		if x, y := fresh(a), fresh(b); x != y {
			if y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, key := range keys {
		params := publishDiagnosticsParams{URI: p.uri(key), Diagnostics: found[key]}
		now := publication{}
		if d := snap.docs[key]; d != nil {
			params.Version = &d.version
			now.version, now.open = d.version, true
		}
		text, err := json.Marshal(params.Diagnostics)
		if err != nil {
			continue
		}
		now.content = string(text)
		if s.published[params.URI] == now {
			continue
		}
		s.published[params.URI] = now
		if len(params.Diagnostics) == 0 && !now.open {
			delete(s.published, params.URI)
		}
		_ = s.conn.Notify(ctx, "textDocument/publishDiagnostics", params)
	}
}

func (s *server) presenter(snap *snapshot) presenter {
	s.mu.Lock()
	enc := s.enc
	s.mu.Unlock()
	return presenter{enc: enc, uri: snap.uri, docURL: s.linter.DocURL, rules: s.rules}
}
