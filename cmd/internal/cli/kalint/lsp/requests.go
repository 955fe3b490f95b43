package lsp

import (
	"fmt"
	"slices"
	"strings"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

// requestMethods are what is answered. The error is about the parameters.
func requestMethods() map[string]func(*server, *request) (any, error) {
	return map[string]func(*server, *request) (any, error){
		"initialize":                  (*server).initialize,
		"shutdown":                    (*server).shutDown,
		"textDocument/completion":     (*server).completion,
		"textDocument/hover":          (*server).hover,
		"textDocument/definition":     (*server).definition,
		"textDocument/documentSymbol": (*server).symbols,
		"textDocument/codeAction":     (*server).codeActions,
		"textDocument/formatting":     (*server).formatting,
	}
}

func (s *server) initialize(r *request) (any, error) {
	var p initializeParams
	if err := decode(r.Request, &p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enc = negotiate(p.Capabilities.General.PositionEncodings)
	s.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	next := *s.now
	for _, f := range p.WorkspaceFolders {
		next.folders = append(next.folders, pathOf(f.URI))
	}
	if len(next.folders) == 0 && p.RootURI != "" {
		next.folders = []string{pathOf(p.RootURI)}
	}
	s.now = &next
	s.initialized = true
	const incremental = 2
	return map[string]any{
		"serverInfo": map[string]string{"name": "kalint", "version": s.opt.Version},
		"capabilities": map[string]any{
			"positionEncoding":           s.enc,
			"textDocumentSync":           map[string]any{"openClose": true, "change": incremental, "save": true},
			"completionProvider":         map[string]any{"triggerCharacters": []string{" "}},
			"hoverProvider":              true,
			"definitionProvider":         true,
			"documentSymbolProvider":     true,
			"documentFormattingProvider": true,
			"codeActionProvider":         map[string]any{"codeActionKinds": []string{actionQuickFix, actionFixAll}},
			"workspace": map[string]any{
				"workspaceFolders": map[string]any{"supported": true, "changeNotifications": true},
			},
		},
	}, nil
}

// shutDown answers; that the server is shut down counts since the request came.
func (s *server) shutDown(*request) (any, error) { return nil, nil }

// document finds the open document of a request.
func (s *server) document(r *request, uri string) (*document, Encoding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := r.snap.docs[cli.FileKey(pathOf(uri))]
	if d == nil {
		return nil, s.enc, fmt.Errorf("document %q is not open", uri)
	}
	return d, s.enc, nil
}

func (s *server) at(r *request) (d *document, offset int, enc Encoding, err error) {
	var p positionParams
	if err := decode(r.Request, &p); err != nil {
		return nil, 0, enc, err
	}
	d, enc, err = s.document(r, p.TextDocument.URI)
	if err != nil {
		return nil, 0, enc, err
	}
	return d, enc.Offset(d.file, p.Position), enc, nil
}

func (s *server) completion(r *request) (any, error) {
	d, offset, enc, err := s.at(r)
	if err != nil {
		return nil, err
	}
	trees, base := reach(s.work.latest(r.snap), d)
	return Complete(d.file, offset, base, FindNames(trees), enc), nil
}

func (s *server) hover(r *request) (any, error) {
	d, offset, enc, err := s.at(r)
	if err != nil {
		return nil, err
	}
	trees, base := reach(s.work.latest(r.snap), d)
	if h, ok := Hover(d.file, offset, base, FindNames(trees), enc); ok {
		return h, nil
	}
	return nil, nil
}

func (s *server) definition(r *request) (any, error) {
	d, offset, _, err := s.at(r)
	if err != nil {
		return nil, err
	}
	nodes, _ := s.work.nodes(r.snap)
	trees, base := reach(nodes, d)
	p := s.presenter(r.snap)
	out := []Location{}
	for _, t := range trees {
		for _, inc := range t.Includes {
			if cli.FileKey(inc.Span.File.Name) == d.key && offset >= inc.Span.Start && offset <= inc.Span.End {
				for _, f := range inc.Files {
					out = appendLocation(out, p.location(source.Span{File: f}))
				}
			}
		}
	}
	if place, ok := At(d.file, offset, base); ok && len(out) == 0 {
		for _, t := range trees {
			for _, span := range place.Definitions(FindNames(trees), t.Files) {
				out = appendLocation(out, p.location(span))
			}
		}
	}
	return out, nil
}

func appendLocation(list []Location, l Location) []Location {
	if slices.Contains(list, l) {
		return list
	}
	return append(list, l)
}

func (s *server) symbols(r *request) (any, error) {
	var p documentParams
	if err := decode(r.Request, &p); err != nil {
		return nil, err
	}
	d, enc, err := s.document(r, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return Symbols(d.file, enc), nil
}

func (s *server) formatting(r *request) (any, error) {
	var p documentParams
	if err := decode(r.Request, &p); err != nil {
		return nil, err
	}
	d, enc, err := s.document(r, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return FormatEdits(d.file, enc), nil
}

func (s *server) codeActions(r *request) (any, error) {
	var p codeActionParams
	if err := decode(r.Request, &p); err != nil {
		return nil, err
	}
	d, enc, err := s.document(r, p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	list, err := s.work.findings(r.snap)
	if err != nil {
		return nil, err
	}
	show := s.presenter(r.snap)
	out := []CodeAction{}
	if allows(p.Context.Only, actionQuickFix) {
		out = show.actions(list, d.key, enc.Offset(d.file, p.Range.Start), enc.Offset(d.file, p.Range.End))
	}
	if len(p.Context.Only) > 0 && allows(p.Context.Only, actionFixAll) {
		if all, ok := show.fixAll(d, list); ok {
			out = append(out, all)
		}
	}
	return out, nil
}

// allows reports whether a kind of actions is asked for: none named is all.
func allows(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return kind == o || strings.HasPrefix(kind, o+".") })
}

// fixAll writes all repairs of a document that keep its meaning.
func (p presenter) fixAll(d *document, list diag.List) (CodeAction, bool) {
	text, applied, _ := lang.ApplyFixes(d.file, list, false)
	if applied == 0 {
		return CodeAction{}, false
	}
	whole := source.Span{File: d.file, End: len(d.file.Data)}
	return CodeAction{
		Title: "repair everything that keeps its meaning", Kind: actionFixAll,
		Edit: p.edit([]diag.Edit{{Span: whole, New: string(text)}}),
	}, true
}
