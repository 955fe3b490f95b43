package kalint

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint/lsp"
	"ka/lang/diag"
	"ka/lang/syntax"
	"ka/lint"
	"ka/lint/failover"
)

// lspFlags are the flags of kalint lsp.
type lspFlags struct {
	targets []string
	info    bool
	config  string
	docs    string
}

func lspCommand(std cli.IO) *cobra.Command {
	var f lspFlags
	cmd := &cobra.Command{
		Use:   "lsp [flags]",
		Short: "a language server for editors, on standard input and output",
		Long: `lsp speaks the Language Server Protocol with an editor that starts it. The nodes are the files below
the workspace folders whose names end in .conf and that look like keepalived's, and what is open in the
editor, unsaved text included; they are judged together, so a finding in one file can point at its
counterpart in another. Completion, hover, go to definition, outline, quick fixes and formatting come
from the same tables as the other commands.

The settings are those of .kalint.yaml in the first workspace folder that has one. A finding links to
the documentation of its rule, in the user's cache directory unless --docs names another place.

Exit status: 0 after the editor's shutdown and exit, 1 without a shutdown; 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cli.WakeCollector() // the server stays
			e := &editor{flags: f, options: lint.Options{Plays: &failover.Memory{}}, pages: map[string]string{}}
			if err := e.Configure(nil); err != nil {
				return err
			}
			code := lsp.Serve(cmd.Context(), std.Stdin, std.Stdout, e, lsp.Options{Version: cli.Version(), Log: std.Stderr})
			if code != cli.ExitOK {
				return cli.Exit(code, nil)
			}
			return nil
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	targetFlag(cmd, &f.targets)
	fl.BoolVar(&f.info, "info", false, "show info findings too")
	fl.StringVar(&f.config, "config", "", "read settings from this `file` (default .kalint.yaml in a workspace folder, if it is there)")
	fl.StringVar(&f.docs, "docs", "", "the `URL` of the folder with the rules' pages")
	fl.Bool("stdio", true, "accepted and ignored: editors add it")
	_ = fl.MarkHidden("stdio")
	return cmd
}

// editor reads and judges for the language server; it implements lsp.Linter.
type editor struct {
	flags lspFlags
	cache cli.Cache
	// judged are the nodes of the last judgement by their trees.
	judged map[*syntax.Tree]*lint.Node

	mu      sync.Mutex
	options lint.Options
	pages   map[string]string
}

// Configure reads .kalint.yaml of the first folder that has one.
func (e *editor) Configure(folders []string) error {
	name := e.flags.config
	for _, folder := range folders {
		path := filepath.Join(folder, defaultSettings)
		if _, err := os.Stat(path); err == nil && name == "" {
			name = path
		}
	}
	found := settings{}
	if name != "" {
		var err error
		if found, err = readSettings(name); err != nil {
			return err
		}
	}
	if err := found.targets.override(e.flags.targets); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.options.Targets, e.options.NodeTargets = found.targets.all, found.targets.nodes
	e.options.Off, e.options.Severity = found.off, found.severity
	return nil
}

// Load reads the nodes; those of which nothing has changed are kept from the last time.
func (e *editor) Load(paths []string, changed map[string][]byte) ([]cli.Node, error) {
	return cli.LoadNodesWith(cli.IO{}, paths, cli.LoadOptions{Changed: changed, Cache: &e.cache})
}

// Judge lints the nodes together; the plans of those that Load kept are kept too.
func (e *editor) Judge(nodes []cli.Node) diag.List {
	set := &lint.Set{}
	judged := map[*syntax.Tree]*lint.Node{}
	for _, n := range nodes {
		node := e.judged[n.Tree]
		if node == nil || node.Name != n.Name {
			node = compile(n, "")
		}
		judged[n.Tree] = node
		set.Nodes = append(set.Nodes, node)
	}
	e.judged = judged
	e.mu.Lock()
	options := e.options
	e.mu.Unlock()
	list := lint.Run(set, options)
	if !e.flags.info {
		list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Info })
	}
	return list
}

// DocURL is where a rule's page is. Without --docs it is written for the link into the user's cache
// directory; where that cannot be, there is no link.
func (e *editor) DocURL(rule string) string {
	if e.flags.docs != "" {
		return strings.TrimRight(e.flags.docs, "/") + "/" + url.PathEscape(rule) + ".md"
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	link, ok := e.pages[rule]
	if !ok {
		link = writePage(rule)
		e.pages[rule] = link
	}
	return link
}

// writePage writes the page of a rule and returns its URL.
func writePage(name string) string {
	rule, ok := lint.FindRule(name)
	if !ok {
		return ""
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	file := filepath.Join(dir, "kalint", "rules", rule.Name+".md")
	text := []byte(page(rule))
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, text) {
		if os.MkdirAll(filepath.Dir(file), 0o755) != nil || cli.WriteFile(file, text, 0o644) != nil {
			return ""
		}
	}
	return lsp.FileURI(file)
}
