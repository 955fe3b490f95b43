package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ka/lang"
	"ka/lang/source"
)

// LoadOptions say how [LoadNodesWith] reads.
type LoadOptions struct {
	// ConfigID is what @id conditions compare with.
	ConfigID string
	// Names maps a file, as it was given and cleaned, to the name that the user chose for its node.
	Names map[string]string
	// Changed holds the text of files, by FileKey, that counts in place of what is on the disk.
	Changed map[string][]byte
	// Stdin, if not nil, keeps standard input for a second reading.
	Stdin *[]byte
	// Cache, if not nil, keeps nodes from one reading to the next.
	Cache *Cache
}

// LoadNodes reads the nodes of several paths: directories are expanded, files that another given file
// includes are left out, and each node has a name that tells it apart. names maps a file, as it was given
// and cleaned, to the name that the user chose for it.
func LoadNodes(io IO, paths []string, names map[string]string) ([]Node, error) {
	return LoadNodesWith(io, paths, LoadOptions{Names: names})
}

// LoadNodesWith is LoadNodes with everything that can be chosen.
func LoadNodesWith(io IO, paths []string, opt LoadOptions) ([]Node, error) {
	files, err := ExpandPaths(paths)
	if err != nil {
		return nil, err
	}
	reader := changedReader{changed: opt.Changed}
	nodes := make([]Node, 0, len(files))
	for _, path := range files {
		read, err := opt.Cache.nodes(reader, path, opt.ConfigID, func(r lang.Reader) ([]Node, error) {
			f, err := loadFrom(r, io, path, opt)
			if err != nil {
				return nil, err
			}
			if IsPlan(f) {
				return nil, fmt.Errorf("%s is a plan: name the keepalived.conf that it was made from", f.Name)
			}
			return nodesOf(f, lang.Options{Reader: r, ConfigID: opt.ConfigID, Dir: workingDir()}), nil
		})
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, read...)
	}
	opt.Cache.sweep()
	nodes = withoutIncluded(nodes)
	nameNodes(nodes, opt.Names)
	return nodes, nil
}

// maxIDs bounds the nodes that one file gives.
const maxIDs = 64

// nodesOf reads the nodes of a file: one for each id that its conditions name, or one. Without conditions
// ${_INSTANCE} stands for the name of the file: that of the machine is not known.
func nodesOf(f *source.File, opt lang.Options) []Node {
	given := opt.ConfigID != ""
	if !given {
		opt.ConfigID = fileID(f.Name)
	}
	first := parseNode(f, opt)
	ids := slices.Clone(first.Tree.Asked.IDs)
	if given || len(ids) == 0 {
		return []Node{first}
	}
	var nodes []Node
	for i := 0; i < len(ids) && i < maxIDs; i++ {
		opt.ConfigID = ids[i]
		n := parseNode(source.New(f.Name, f.Data), opt)
		n.ID = ids[i]
		nodes = append(nodes, n)
		for _, id := range n.Tree.Asked.IDs { // a condition may stand in a file that another one includes
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return nodes
}

// fileID is the name of a file without its ending, or that of its folder where it is keepalived's own name.
func fileID(name string) string {
	id := strings.TrimSuffix(filepath.Base(name), ".conf")
	if dir := filepath.Base(filepath.Dir(FileKey(name))); id == "keepalived" && dir != "." {
		return dir
	}
	return id
}

// nameNodes names the nodes: a file's by the file, or as the user chose; the nodes of one file by their
// ids, with the file's name where another file has the same id.
func nameNodes(nodes []Node, chosen map[string]string) {
	var files []string
	perFile, perID := map[string]int{}, map[string]int{}
	for _, n := range nodes {
		if perFile[n.File.Name] == 0 {
			files = append(files, n.File.Name)
		}
		perFile[n.File.Name]++
		perID[n.ID]++
	}
	names := map[string]string{}
	for i, name := range nodeNames(files) {
		names[files[i]] = name
	}
	for i := range nodes {
		n := &nodes[i]
		name, byUser := chosen[filepath.Clean(n.File.Name)]
		switch {
		case byUser && perFile[n.File.Name] == 1:
			n.Name = name
		case byUser:
			n.Name = name + "/" + n.ID
		case n.ID == "":
			n.Name = names[n.File.Name]
		case perID[n.ID] > 1:
			n.Name = names[n.File.Name] + "/" + n.ID
		default:
			n.Name = n.ID
		}
	}
}

// changedReader is OSReader with some files replaced.
type changedReader struct {
	OSReader
	changed map[string][]byte
}

// ReadFile gives the changed text where there is one.
func (r changedReader) ReadFile(name string) ([]byte, error) {
	if data, ok := r.changed[FileKey(name)]; ok {
		return data, nil
	}
	return r.OSReader.ReadFile(name)
}

// loadFrom reads the main file of a node through r; standard input is read once.
func loadFrom(r lang.Reader, io IO, path string, opt LoadOptions) (*source.File, error) {
	if path == Stdin {
		path = stdinName
		if data, ok := opt.Changed[FileKey(path)]; ok {
			return source.New(path, data), nil
		}
		if opt.Stdin != nil && *opt.Stdin != nil {
			return source.New(path, *opt.Stdin), nil
		}
		f, err := LoadFile(io, Stdin)
		if err == nil && opt.Stdin != nil {
			*opt.Stdin = f.Data
		}
		return f, err
	}
	data, err := r.ReadFile(path)
	if err != nil {
		return nil, PlainError(err)
	}
	return source.New(path, data), nil
}

// FileKey names a file in a way that is the same for all its spellings.
func FileKey(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return filepath.Clean(name)
}

// withoutIncluded drops the nodes whose file another node's file includes. Of files that include each
// other one is kept.
func withoutIncluded(nodes []Node) []Node {
	includers := map[string][]int{}
	for i, n := range nodes {
		for _, f := range n.Tree.Files {
			if f != n.Tree.Main {
				name := FileKey(f.Name)
				includers[name] = append(includers[name], i)
			}
		}
	}
	dropped := make([]bool, len(nodes))
	out := make([]Node, 0, len(nodes))
	for i, n := range nodes {
		dropped[i] = slices.ContainsFunc(includers[FileKey(n.File.Name)], func(j int) bool { return j != i && !dropped[j] })
		if !dropped[i] {
			out = append(out, n)
		}
	}
	return out
}

// nodeNames gives each path its base name, or where several have the same one, the shortest tail of
// the path that tells it apart.
func nodeNames(paths []string) []string {
	parts := make([][]string, len(paths))
	longest := 0
	for i, p := range paths {
		parts[i] = strings.Split(filepath.ToSlash(filepath.Clean(p)), "/")
		longest = max(longest, len(parts[i]))
	}
	out := make([]string, len(paths))
	done := make([]bool, len(paths))
	for n := 1; n <= longest; n++ {
		tails := make([]string, len(paths))
		count := map[string]int{}
		for i, p := range parts {
			tails[i] = strings.Join(p[max(0, len(p)-n):], "/")
			count[tails[i]]++
		}
		for i := range paths {
			if !done[i] {
				out[i], done[i] = tails[i], count[tails[i]] == 1
			}
		}
	}
	return out
}
