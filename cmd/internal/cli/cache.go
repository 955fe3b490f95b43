package cli

import (
	"bytes"
	"os"
	"slices"
	"time"

	"ka/lang"
)

// Cache keeps the nodes of one reading for the next, for programs that read again and again. A node is
// taken from it where every file and pattern that was looked at is still as it was; the zero Cache is
// empty. Not for several goroutines at once.
type Cache struct {
	entries map[string]*cacheEntry
}

// cacheEntry is what was read of one path, and everything that it depended on.
type cacheEntry struct {
	configID string
	nodes    []Node
	files    map[string]fileState
	globs    map[string][]string
	used     bool
}

// fileState is what a file was: a text that stood in for it, or what the disk said.
type fileState struct {
	text     []byte
	replaced bool
	missing  bool
	size     int64
	modified time.Time
}

func (r changedReader) state(key string) fileState {
	if text, ok := r.changed[key]; ok {
		return fileState{text: text, replaced: true}
	}
	st, err := os.Stat(key)
	if err != nil {
		return fileState{missing: true}
	}
	return fileState{size: st.Size(), modified: st.ModTime()}
}

func (a fileState) equal(b fileState) bool {
	if a.replaced != b.replaced || a.missing != b.missing || a.size != b.size || !a.modified.Equal(b.modified) {
		return false
	}
	return len(a.text) == len(b.text) && (len(a.text) == 0 || &a.text[0] == &b.text[0] || bytes.Equal(a.text, b.text))
}

// recordingReader notes what is looked at.
type recordingReader struct {
	changedReader
	entry *cacheEntry
}

// ReadFile notes the file; its state is taken before its text, so that a change in between is seen later.
func (r recordingReader) ReadFile(name string) ([]byte, error) {
	key := FileKey(name)
	r.entry.files[key] = r.state(key)
	return r.changedReader.ReadFile(name)
}

// Glob notes the pattern and what it gave.
func (r recordingReader) Glob(pattern string) ([]string, error) {
	names, err := r.changedReader.Glob(pattern)
	r.entry.globs[pattern] = names
	return names, err
}

// valid reports whether everything that e depended on is as it was.
func (e *cacheEntry) valid(r changedReader, configID string) bool {
	if e == nil || e.configID != configID {
		return false
	}
	for key, was := range e.files {
		if !was.equal(r.state(key)) {
			return false
		}
	}
	for pattern, was := range e.globs {
		if names, _ := r.Glob(pattern); !slices.Equal(names, was) {
			return false
		}
	}
	return true
}

// nodes gives the nodes of a path, read anew where something changed. Without a cache they always are.
func (c *Cache) nodes(r changedReader, path, configID string, read func(lang.Reader) ([]Node, error)) ([]Node, error) {
	if c == nil || path == Stdin {
		return read(r)
	}
	if e := c.entries[path]; e.valid(r, configID) {
		e.used = true
		return e.nodes, nil
	}
	e := &cacheEntry{configID: configID, files: map[string]fileState{}, globs: map[string][]string{}, used: true}
	var err error
	if e.nodes, err = read(recordingReader{changedReader: r, entry: e}); err != nil {
		return nil, err
	}
	if c.entries == nil {
		c.entries = map[string]*cacheEntry{}
	}
	c.entries[path] = e
	return e.nodes, nil
}

// sweep forgets the paths that the last reading did not ask for.
func (c *Cache) sweep() {
	if c == nil {
		return
	}
	for path, e := range c.entries {
		if !e.used {
			delete(c.entries, path)
			continue
		}
		e.used = false
	}
}
