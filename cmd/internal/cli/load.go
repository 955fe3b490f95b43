package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// stdinName is what messages call it.
const stdinName = "<stdin>"

// maxFileBytes bounds one configuration file: the largest real ones are under 10 MB.
const maxFileBytes = 256 << 20

// Node is a node's configuration as read.
type Node struct {
	// Name is what messages call the node.
	Name string
	// File is the main file, Tree what keepalived reads of it and its includes.
	File *source.File
	Tree *syntax.Tree
	// Diags is what reading found.
	Diags diag.List
	// ID is the config id that the node was read for, where its file is one node for each id.
	ID string

	options lang.Options
}

// OSReader gives the language the files of the machine; it implements lang.Reader.
type OSReader struct{}

// ReadFile reads a file of at most 256 MiB.
func (OSReader) ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("is a directory")}
	}
	// The size is only a hint (a file in /proc has none), and it saves growing the buffer.
	return readAll(f, name, min(st.Size(), maxFileBytes))
}

// Glob lists the regular files that match pattern, sorted: * ? [] as in a shell. The language resolved the
// braces of the pattern before; what is left of them is part of the names.
func (OSReader) Glob(pattern string) ([]string, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool {
		st, err := os.Stat(name)
		return err != nil || !st.Mode().IsRegular()
	}), nil
}

// LoadFile reads one file; "-" is standard input, shown as <stdin>.
func LoadFile(io IO, path string) (*source.File, error) {
	if path == Stdin {
		data, err := readAll(io.Stdin, "standard input", 0)
		if err != nil {
			return nil, err
		}
		return source.New(stdinName, data), nil
	}
	data, err := OSReader{}.ReadFile(path)
	if err != nil {
		return nil, PlainError(err)
	}
	return source.New(path, data), nil
}

// LoadNode reads a file and what it includes. The node's name is the file's name. Faults of the text are in
// Diags, the error is about the machine.
func LoadNode(io IO, path string, env TextEnv) (Node, error) {
	f, err := LoadFile(io, path)
	if err != nil {
		return Node{}, err
	}
	return ParseNode(io, f, env), nil
}

// ParseNode is LoadNode for a file that has been read.
func ParseNode(io IO, f *source.File, env TextEnv) Node {
	return parseNode(f, env.options(io))
}

func parseNode(f *source.File, opt lang.Options) Node {
	n := Node{Name: filepath.Base(f.Name), File: f, options: opt}
	n.Tree, n.Diags = lang.Load(f, opt)
	return n
}

func readAll(r io.Reader, name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, maxFileBytes+1)); err != nil {
		return nil, err
	}
	if b.Len() > maxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxFileBytes>>20)
	}
	return b.Bytes(), nil
}

// PlainError says "cannot read FILE: reason" without the name of the system call.
func PlainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("cannot read %q: %w", p.Path, p.Err)
	}
	return err
}

// ExpandPaths replaces each directory by every *.conf file in it, recursively and sorted, and drops
// files that were named twice. A directory without such a file is an error.
func ExpandPaths(paths []string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	add := func(name string) {
		if key := filepath.Clean(name); !seen[key] {
			seen[key] = true
			out = append(out, name)
		}
	}
	for _, path := range paths {
		st, err := os.Stat(path)
		if path == Stdin || err != nil || !st.IsDir() {
			add(path) // what cannot be read is said when it is read
			continue
		}
		found := 0
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return PlainError(err)
			}
			if !d.IsDir() && strings.HasSuffix(name, ".conf") {
				found++
				add(name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found == 0 {
			return nil, fmt.Errorf("directory %q holds no *.conf file", path)
		}
	}
	return out, nil
}
