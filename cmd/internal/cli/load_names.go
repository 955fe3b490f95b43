package cli

import (
	"path/filepath"
	"slices"
	"strings"
)

// LoadNodes reads the nodes of several paths: directories are expanded, files that another given file
// includes are left out, and each node has a name that tells it apart. names maps a file, as it was
// given, to the name that the user chose for it.
func LoadNodes(io IO, paths []string, names map[string]string) ([]Node, error) {
	files, err := ExpandPaths(paths)
	if err != nil {
		return nil, err
	}
	nodes := make([]Node, 0, len(files))
	for _, path := range files {
		n, err := LoadNode(io, path, "")
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	nodes = withoutIncluded(nodes)
	given := make([]string, len(nodes))
	for i, n := range nodes {
		given[i] = n.File.Name
	}
	for i, name := range nodeNames(given) {
		if chosen, ok := names[filepath.Clean(given[i])]; ok {
			name = chosen
		}
		nodes[i].Name = name
	}
	return nodes, nil
}

// withoutIncluded drops the nodes whose file another node's file includes. Of files that include each
// other one is kept.
func withoutIncluded(nodes []Node) []Node {
	includers := map[string][]int{}
	for i, n := range nodes {
		for _, f := range n.Tree.Files {
			if f != n.Tree.Main {
				name := absolute(f.Name)
				includers[name] = append(includers[name], i)
			}
		}
	}
	dropped := make([]bool, len(nodes))
	out := make([]Node, 0, len(nodes))
	for i, n := range nodes {
		dropped[i] = slices.ContainsFunc(includers[absolute(n.File.Name)], func(j int) bool { return j != i && !dropped[j] })
		if !dropped[i] {
			out = append(out, n)
		}
	}
	return out
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return filepath.Clean(name)
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
