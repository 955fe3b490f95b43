package kalint

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/txtar"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lint"
)

// listRules prints one line a rule.
func listRules(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range shownRules() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Name, r.Severity, r.Title)
	}
	return failure(t.Flush())
}

// shownRules are the rules that the linter can report.
func shownRules() []*lint.Rule {
	var out []*lint.Rule
	for _, r := range lint.Rules() {
		if !r.CompileOnly {
			out = append(out, r)
		}
	}
	return out
}

// explainRule prints a rule's documentation.
func explainRule(w io.Writer, name string) error {
	r, ok := lint.FindRule(name)
	if !ok {
		return fmt.Errorf("there is no rule %q: \"kalint --rules\" lists them", name)
	}
	_, err := io.WriteString(w, page(r))
	return failure(err)
}

// page is a rule's documentation in Markdown.
func page(r *lint.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s: %s.\n\n%s\n", r.Name, strings.ToUpper(r.Severity.String()[:1])+r.Severity.String()[1:], r.Title, strings.TrimSpace(r.Text))
	if len(r.Explains) > 0 {
		fmt.Fprintf(&b, "\nA finding of this rule explains those of %s with the same cause, which become its notes.\n", strings.Join(r.Explains, ", "))
	}
	if r.Bad != "" {
		if r.Target != "" {
			fmt.Fprintf(&b, "\nThe examples are judged with `--target %s`.\n", r.Target)
		}
		fmt.Fprintf(&b, "\n## Found\n\n%s\n```text\n%s```\n", fenced(r.Bad), exampleOutput(r))
	}
	if r.Good != "" {
		fmt.Fprintf(&b, "\n## Not found\n\n%s", fenced(r.Good))
	}
	return b.String()
}

// longestShown is the longest line of an example that a page shows whole.
const longestShown = 200

// fenced shows the files of an archive. What a page cannot show is written so that it is seen.
func fenced(archive string) string {
	var b strings.Builder
	for _, f := range txtar.Parse([]byte(archive)).Files {
		fmt.Fprintf(&b, "`%s`:\n\n```\n", f.Name)
		for line := range strings.Lines(string(f.Data)) {
			line = strings.NewReplacer("\x00", "␀", "\u00a0", "⍽").Replace(line)
			if len(line) > longestShown {
				line = fmt.Sprintf("%s… (%d bytes)\n", line[:20], len(line)-1)
			}
			b.WriteString(line)
		}
		b.WriteString("```\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// exampleOutput is what kalint prints for the bad example of a rule.
func exampleOutput(r *lint.Rule) string {
	var b bytes.Buffer
	var opt lint.Options
	if t, ok := lint.ParseTarget(r.Target); ok {
		opt.Targets = []lint.Target{t}
	}
	if err := diag.WriteText(&b, lintArchive(txtar.Parse([]byte(r.Bad)), opt), diag.TextOptions{NoSnippets: true}); err != nil {
		return err.Error()
	}
	return b.String()
}

// lintArchive lints the *.conf files of an archive as nodes; other files of it can be included.
func lintArchive(a *txtar.Archive, opt lint.Options) diag.List {
	reader := archiveReader{}
	for _, f := range a.Files {
		reader[f.Name] = f.Data
	}
	set := &lint.Set{}
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".conf") {
			continue
		}
		n := cli.Node{Name: f.Name, File: source.New(f.Name, f.Data)}
		n.Tree, n.Diags = lang.Load(n.File, lang.Options{Reader: reader})
		set.Nodes = append(set.Nodes, compile(n, ""))
	}
	return lint.Run(set, opt)
}

// archiveReader reads the files of an archive.
type archiveReader map[string][]byte

// ReadFile implements lang.Reader.
func (r archiveReader) ReadFile(name string) ([]byte, error) {
	if data, ok := r[filepath.ToSlash(filepath.Clean(name))]; ok {
		return data, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Glob implements lang.Reader.
func (r archiveReader) Glob(pattern string) ([]string, error) {
	var out []string
	for name := range r {
		if ok, err := filepath.Match(filepath.ToSlash(filepath.Clean(pattern)), name); err != nil {
			return nil, err
		} else if ok {
			out = append(out, name)
		}
	}
	return out, nil
}

// indexPage lists the rules.
func indexPage() string {
	var b strings.Builder
	b.WriteString("# Rules\n\nWritten by `kalint --write-docs docs/rules`; do not edit. `kalint --explain RULE` shows the same.\n\n| rule | severity | |\n|---|---|---|\n")
	for _, r := range shownRules() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", r.Name, r.Name, r.Severity, r.Title)
	}
	return b.String()
}

// Pages are the pages of the rules by file name.
func Pages() map[string]string {
	out := map[string]string{"README.md": indexPage()}
	for _, r := range shownRules() {
		out[r.Name+".md"] = page(r)
	}
	return out
}

// writeDocs writes the pages and removes those of rules that are no more.
func writeDocs(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failure(err)
	}
	pages := Pages()
	old, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return failure(err)
	}
	for _, name := range old {
		if _, ok := pages[filepath.Base(name)]; !ok {
			if err := os.Remove(name); err != nil {
				return failure(err)
			}
		}
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return failure(err)
		}
	}
	return nil
}
