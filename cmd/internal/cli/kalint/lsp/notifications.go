package lsp

import (
	"context"
	"fmt"
	"slices"

	"github.com/sourcegraph/jsonrpc2"

	"ka/cmd/internal/cli"
)

// notificationMethods are what changes the workspace. They run in the order in which they come.
func notificationMethods() map[string]func(*server, context.Context, *jsonrpc2.Request) error {
	return map[string]func(*server, context.Context, *jsonrpc2.Request) error{
		"initialized":                         (*server).ready,
		"textDocument/didOpen":                (*server).didOpen,
		"textDocument/didChange":              (*server).didChange,
		"textDocument/didClose":               (*server).didClose,
		"textDocument/didSave":                (*server).filesChanged,
		"workspace/didChangeWatchedFiles":     (*server).filesChanged,
		"workspace/didChangeWorkspaceFolders": (*server).foldersChanged,
	}
}

// ready looks for the files of the workspace, and asks the client to tell when one changes.
func (s *server) ready(ctx context.Context, _ *jsonrpc2.Request) error {
	s.mu.Lock()
	watches := s.watches
	s.mu.Unlock()
	s.lookAgain()
	if !watches {
		return nil
	}
	type watcher struct {
		GlobPattern string `json:"globPattern"`
	}
	_, err := s.conn.DispatchCall(ctx, "client/registerCapability", map[string]any{
		"registrations": []map[string]any{{
			"id": "files", "method": "workspace/didChangeWatchedFiles",
			"registerOptions": map[string]any{"watchers": []watcher{{"**/*.conf"}, {"**/.kalint.yaml"}}},
		}},
	})
	return err
}

// lookAgain has the folders and the settings read anew.
func (s *server) lookAgain() {
	s.mu.Lock()
	s.rescan = true
	s.mu.Unlock()
	s.update(func(*snapshot) {})
}

func (s *server) didOpen(_ context.Context, r *jsonrpc2.Request) error {
	var p didOpenParams
	if err := decode(r, &p); err != nil {
		return err
	}
	d := newDocument(p.TextDocument)
	s.update(func(next *snapshot) { next.docs[d.key] = d })
	return nil
}

func (s *server) didChange(_ context.Context, r *jsonrpc2.Request) error {
	var p didChangeParams
	if err := decode(r, &p); err != nil {
		return err
	}
	s.mu.Lock()
	d, enc := s.now.docs[cli.FileKey(pathOf(p.TextDocument.URI))], s.enc
	s.mu.Unlock()
	if d == nil {
		return fmt.Errorf("document %q is not open", p.TextDocument.URI)
	}
	next := d.edited(p.ContentChanges, p.TextDocument.Version, enc)
	s.update(func(snap *snapshot) { snap.docs[next.key] = next })
	return nil
}

func (s *server) didClose(_ context.Context, r *jsonrpc2.Request) error {
	var p documentParams
	if err := decode(r, &p); err != nil {
		return err
	}
	s.update(func(next *snapshot) { delete(next.docs, cli.FileKey(pathOf(p.TextDocument.URI))) })
	return nil
}

func (s *server) filesChanged(context.Context, *jsonrpc2.Request) error {
	s.lookAgain()
	return nil
}

func (s *server) foldersChanged(_ context.Context, r *jsonrpc2.Request) error {
	var p changeFoldersParams
	if err := decode(r, &p); err != nil {
		return err
	}
	s.update(func(next *snapshot) {
		for _, f := range p.Event.Removed {
			next.folders = slices.DeleteFunc(next.folders, func(have string) bool { return have == pathOf(f.URI) })
		}
		for _, f := range p.Event.Added {
			next.folders = append(next.folders, pathOf(f.URI))
		}
	})
	s.lookAgain()
	return nil
}
