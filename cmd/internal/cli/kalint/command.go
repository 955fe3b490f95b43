package kalint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ka/cmd/internal/cli"
	"ka/lang/diag"
	"ka/lint"
)

// flags are the flags of kalint.
type flags struct {
	format    string
	failOn    string
	info      bool
	fix       bool
	fixIntent bool
	diff      bool
	rules     bool
	explain   string
	targets   []string
	nodes     []string
	segments  []string
	config    string
	docs      string
	// completion is the shell whose completion script is printed.
	completion string
}

// Main runs the command with os.Args-like words and returns the exit status: 0 nothing found at or above
// --fail-on, 1 findings, 2 wrong usage or an unreadable file, 3 a fault of the program itself.
func Main(ctx context.Context, std cli.IO, argv []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(std.Stderr, "kalint: internal failure: %v\n%s", r, debug.Stack())
			code = cli.ExitInternal
		}
	}()
	return cli.Run(ctx, std, Command(std), argv[1:])
}

// Command is kalint.
func Command(std cli.IO) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "kalint [flags] PATH...",
		Short: "lint keepalived.conf files of several nodes together",
		Long: `kalint reads the keepalived.conf of one or more nodes and reports what keepalived will not do, or
will do differently than the text says, and where the nodes will not work together.

A PATH is a file, a directory (every *.conf in it), or "-" for standard input. Files that another
given file includes are no nodes of their own. Without a mistake nothing is printed.

Exit status: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or an unreadable file,
3 internal failure.`,
		Args:    cobra.ArbitraryArgs,
		Example: "  kalint node1.conf node2.conf\n  kalint --format json --target debian-12 cluster/",
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.completion != "" {
				return cli.WriteCompletion(std.Stdout, cmd, f.completion)
			}
			return run(std, f, args)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.format, "format", "text", "text or json")
	fl.StringVar(&f.failOn, "fail-on", "", "exit 1 from this severity on: error, warning, info or never (default warning)")
	fl.BoolVar(&f.info, "info", false, "show info findings too")
	fl.BoolVar(&f.fix, "fix", false, "repair what can be repaired without changing the meaning")
	fl.BoolVar(&f.fixIntent, "fix-intent", false, "also write what was evidently meant; changes what keepalived does")
	fl.BoolVar(&f.diff, "diff", false, "show what --fix (or --fix-intent) would change, and change nothing")
	fl.BoolVar(&f.rules, "rules", false, "list the rules")
	fl.StringVar(&f.explain, "explain", "", "explain a `rule`")
	targetFlag(cmd, &f.targets)
	fl.StringArrayVar(&f.nodes, "node", nil, "call the node of a file by a name: `NAME=FILE`")
	fl.StringArrayVar(&f.segments, "segment", nil, "these files are on one wire: `NAME=FILE[,FILE...]`")
	fl.StringVar(&f.config, "config", "", "read settings from this `file` (default .kalint.yaml, if it is there)")
	fl.StringVar(&f.completion, "completion", "", "print the completion script of a `shell`: bash, zsh, fish or powershell")
	fl.StringVar(&f.docs, "write-docs", "", "write the pages of the rules into this directory")
	_ = fl.MarkHidden("write-docs")
	cmd.CompletionOptions.DisableDefaultCmd = true // a flag prints it
	cmd.AddCommand(lspCommand(std))
	return cmd
}

func run(std cli.IO, f flags, args []string) error {
	switch {
	case f.rules:
		return listRules(std.Stdout)
	case f.explain != "":
		return explainRule(std.Stdout, f.explain)
	case f.docs != "":
		return writeDocs(f.docs)
	}
	s, err := newSession(std, f, args)
	if err != nil {
		return err
	}
	list, err := s.lint()
	if err != nil {
		return unreadable(err)
	}
	if f.diff {
		if err := s.printDiff(); err != nil {
			return err
		}
		return s.verdict(list)
	}
	if f.fix || f.fixIntent {
		if list, err = s.repair(); err != nil {
			return err
		}
	}
	if err := s.print(list); err != nil {
		return err
	}
	return s.verdict(list)
}

// session is one run over files.
type session struct {
	std      cli.IO
	flags    flags
	settings settings
	failOn   diag.Severity
	paths    []string
	names    map[string]string
	segments map[string]string
	options  lint.Options
	// changed holds the new text of repaired files by their absolute names, until they are written.
	changed map[string][]byte
	stdin   []byte
	nodes   []cli.Node
}

// newSession checks everything that can be wrong with flags and settings.
func newSession(std cli.IO, f flags, args []string) (*session, error) {
	s := &session{std: std, flags: f, paths: args, names: map[string]string{}, segments: map[string]string{}, changed: map[string][]byte{}}
	if err := cli.OneOf("format", f.format, "text", "json"); err != nil {
		return nil, err
	}
	if err := s.parseFiles(); err != nil {
		return nil, err
	}
	if len(s.paths) == 0 {
		return nil, errors.New("no file given: name at least one file or directory")
	}
	if (f.fix || f.fixIntent) && !f.diff && contains(s.paths, cli.Stdin) {
		return nil, errors.New("standard input cannot be repaired in place: use --diff")
	}
	var err error
	if s.settings, err = readSettings(f.config); err != nil {
		return nil, err
	}
	s.options.Off, s.options.Severity = s.settings.off, s.settings.severity
	if err := s.settings.targets.override(f.targets); err != nil {
		return nil, err
	}
	s.options.Targets, s.options.NodeTargets = s.settings.targets.all, s.settings.targets.nodes
	s.failOn = s.settings.failOn
	if f.failOn != "" {
		if s.failOn, err = parseFailOn(f.failOn); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parseFiles reads --node and --segment.
func (s *session) parseFiles() error {
	for _, word := range s.flags.nodes {
		name, file, ok := strings.Cut(word, "=")
		if !ok || name == "" || file == "" {
			return fmt.Errorf("--node %q is not NAME=FILE", word)
		}
		if !contains(s.paths, file) {
			s.paths = append(s.paths, file)
		}
		for other, have := range s.names {
			if have == name && other != filepath.Clean(file) {
				return fmt.Errorf("--node %q: two files have this name", word)
			}
		}
		s.names[filepath.Clean(file)] = name
	}
	for _, word := range s.flags.segments {
		name, files, ok := strings.Cut(word, "=")
		if !ok || name == "" || files == "" {
			return fmt.Errorf("--segment %q is not NAME=FILE[,FILE...]", word)
		}
		for _, file := range strings.Split(files, ",") {
			s.segments[filepath.Clean(file)] = name
		}
	}
	return nil
}

func contains(paths []string, path string) bool {
	for _, p := range paths {
		if filepath.Clean(p) == filepath.Clean(path) {
			return true
		}
	}
	return false
}

// unreadable is a file that cannot be read.
func unreadable(err error) error { return cli.Exit(cli.ExitUsage, err) }

// print writes the findings; info findings only if asked for.
func (s *session) print(list diag.List) error {
	shown := make(diag.List, 0, len(list))
	for _, d := range list {
		if d.Severity > diag.Info || s.flags.info || s.failOn == diag.Info {
			shown = append(shown, d)
		}
	}
	if s.flags.format == "json" {
		nodes := make([]diag.Node, len(s.nodes))
		for i, n := range s.nodes {
			nodes[i] = diag.Node{Name: n.Name, File: n.File.Name}
		}
		return failure(diag.WriteJSON(s.std.Stdout, shown, nodes))
	}
	return failure(diag.WriteText(s.std.Stdout, shown, diag.TextOptions{Color: s.color()}))
}

// color reports whether standard output is a terminal that wants colours.
func (s *session) color() bool {
	f, ok := s.std.Stdout.(*os.File)
	return ok && s.std.Getenv("NO_COLOR") == "" && s.std.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// verdict is the exit status for the findings.
func (s *session) verdict(list diag.List) error {
	if s.failOn != diag.Invalid && list.Max() >= s.failOn {
		return cli.Exit(cli.ExitFindings, nil)
	}
	return nil
}

// failure is an error that is not the user's.
func failure(err error) error {
	if err == nil {
		return nil
	}
	return cli.Exit(cli.ExitInternal, err)
}
