package kalint

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"ka/cmd/internal/cli"
	"ka/compiler"
	"ka/lang/diag"
	"ka/lint"
)

// lint reads the nodes, with repaired files as they will be, and judges them. The error is about files.
func (s *session) lint() (diag.List, error) {
	nodes, err := s.load()
	if err != nil {
		return nil, err
	}
	s.nodes = nodes
	set := &lint.Set{}
	known := map[string]bool{}
	names := map[string]bool{}
	for _, n := range nodes {
		names[n.Name] = true
		file := filepath.Clean(n.File.Name)
		known[file] = true
		set.Nodes = append(set.Nodes, compile(n, s.segments[file]))
	}
	if err := s.unknownFiles(known); err != nil {
		return nil, err
	}
	if err := s.unknownNodes(names); err != nil {
		return nil, err
	}
	return lint.Run(set, s.options), nil
}

// compile makes the plan of a node as keepalived would read it, whatever is wrong with the text.
func compile(n cli.Node, segment string) *lint.Node {
	p, list := compiler.Compile(n.Tree, n.Environment(), compiler.Options{AsKeepalived: true})
	diags := append(n.Diags[:len(n.Diags):len(n.Diags)], list...)
	return &lint.Node{Name: n.Name, Tree: n.Tree, Plan: p, Diags: diags, Segment: segment}
}

// unknownFiles refuses a --segment or --node whose file is no node of this run.
func (s *session) unknownFiles(known map[string]bool) error {
	var names []string
	for file := range s.segments {
		names = append(names, file)
	}
	for file := range s.names {
		names = append(names, file)
	}
	sort.Strings(names)
	for _, file := range names {
		if !known[file] {
			return fmt.Errorf("%q is named by --segment or --node, but it is no node of this run", file)
		}
	}
	return nil
}

// unknownNodes refuses a --target for a node that is not there.
func (s *session) unknownNodes(known map[string]bool) error {
	for _, node := range slices.Sorted(maps.Keys(s.options.NodeTargets)) {
		if !known[node] {
			return fmt.Errorf("there is no node %q to set a target for: %s", node, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	return nil
}

// load reads the nodes of the paths.
func (s *session) load() ([]cli.Node, error) {
	return cli.LoadNodesWith(s.std, s.paths, cli.LoadOptions{Names: s.names, Changed: s.changed, Stdin: &s.stdin})
}
