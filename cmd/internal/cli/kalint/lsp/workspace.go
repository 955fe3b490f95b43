package lsp

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ka/cmd/internal/cli"
	"ka/lang/schema"
	"ka/lang/source"
)

// Bounds of a workspace: what is beyond is not looked at, and that is said.
const (
	maxEntries  = 50_000
	maxNodes    = 2_000
	sniffBytes  = 64 << 10
	mainName    = "keepalived.conf"
	languageID  = "keepalived"
	confSuffix  = ".conf"
	modulesName = "node_modules"
)

// document is a file as it is in the editor.
type document struct {
	uri, path, key string
	language       string
	version        int
	file           *source.File
}

func newDocument(item textDocumentItem) *document {
	path := pathOf(item.URI)
	return &document{
		uri: item.URI, path: path, key: cli.FileKey(path), language: item.LanguageID, version: item.Version,
		file: source.New(path, []byte(item.Text)),
	}
}

// edited returns the document after changes, in their order.
func (d *document) edited(changes []contentChange, version *int, enc Encoding) *document {
	next := *d
	for _, c := range changes {
		if c.Range == nil {
			next.file = source.New(d.path, []byte(c.Text))
			continue
		}
		f := next.file
		start, end := enc.Offset(f, c.Range.Start), enc.Offset(f, c.Range.End)
		end = max(start, end)
		text := make([]byte, 0, len(f.Data)+len(c.Text)-(end-start))
		text = append(append(append(text, f.Data[:start]...), c.Text...), f.Data[end:]...)
		next.file = source.New(d.path, text)
	}
	if version != nil {
		next.version = *version
	}
	return &next
}

// isNode reports whether the document counts as the file of a node: files, and what was never saved. Old
// versions of a file that an editor shows beside it do not.
func (d *document) isNode() bool {
	if scheme, _, _ := strings.Cut(d.uri, ":"); scheme != fileScheme && scheme != unsavedScheme {
		return false
	}
	return d.language == languageID || looksLike(d.path, d.file.Data)
}

// looksLike reports whether a file seems to be keepalived's: by its name, or because a line starts with
// a block that only keepalived has.
func looksLike(path string, text []byte) bool {
	if filepath.Base(path) == mainName {
		return true
	}
	root := schema.At("")
	for line := range bytes.Lines(text[:min(len(text), sniffBytes)]) {
		line = bytes.TrimLeft(line, " \t")
		if len(line) > 0 && line[0] == '@' {
			_, line, _ = bytes.Cut(line, []byte(" "))
		}
		end := bytes.IndexAny(line, " \t\r\n{")
		if end < 0 {
			continue
		}
		k := root.Keyword(string(line[:end]))
		if k != nil && k.Kind.HasBlock() && strings.Contains(k.Name, "_") {
			return true
		}
	}
	return false
}

// scan lists the configuration files below the folders. cut says that there were more than are looked at.
func scan(folders []string) (files []string, cut bool) {
	entries := 0
	seen := map[string]bool{}
	for _, folder := range folders {
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if d != nil && d.IsDir() {
					return fs.SkipDir
				}
				return nil // what cannot be read is no node
			}
			if entries++; entries > maxEntries || len(files) >= maxNodes {
				cut = true
				return fs.SkipAll
			}
			name := d.Name()
			if d.IsDir() {
				if path != folder && (strings.HasPrefix(name, ".") || name == modulesName) {
					return fs.SkipDir
				}
				return nil
			}
			if strings.HasSuffix(name, confSuffix) && !seen[path] && sniff(path) {
				seen[path] = true
				files = append(files, path)
			}
			return nil
		})
	}
	return files, cut
}

func sniff(path string) bool {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, sniffBytes))
	return err == nil && looksLike(path, text)
}

// snapshot is a workspace at one moment. It is never changed.
type snapshot struct {
	// generation counts the changes of the workspace.
	generation int
	folders    []string
	files      []string
	docs       map[string]*document
}

// paths are the files of the nodes: those found below the folders, and the open ones.
func (s *snapshot) paths() []string {
	out := make([]string, 0, len(s.files)+len(s.docs))
	seen := map[string]bool{}
	for _, path := range s.files {
		seen[cli.FileKey(path)] = true
		out = append(out, path)
	}
	for _, d := range s.docs {
		if !seen[d.key] && d.isNode() {
			out = append(out, d.path)
		}
	}
	slices.Sort(out)
	return out
}

// changed is the text of the open documents, which counts in place of the files.
func (s *snapshot) changed() map[string][]byte {
	out := map[string][]byte{}
	for key, d := range s.docs {
		out[key] = d.file.Data
	}
	return out
}

// uri names a file as its client does where the client has it open.
func (s *snapshot) uri(name string) string {
	key := cli.FileKey(name)
	if d := s.docs[key]; d != nil {
		return d.uri
	}
	return FileURI(key)
}
