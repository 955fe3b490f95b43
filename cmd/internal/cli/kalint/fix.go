package kalint

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
)

// maxRounds bounds how often files are read again because repairs overlapped or uncovered others.
const maxRounds = 10

// change is a file with its repaired text.
type change struct {
	name     string
	old, new []byte
	repairs  int
}

// plan works out the repairs in memory: it lints, repairs, and lints again until nothing changes. The
// list is that of the repaired files.
func (s *session) plan() ([]*change, diag.List, error) {
	changes := map[string]*change{}
	var order []*change
	for range maxRounds {
		list, err := s.lint()
		if err != nil {
			return nil, nil, unreadable(err)
		}
		again := false
		for _, f := range s.files() {
			out, applied, _ := lang.ApplyFixes(f, list, s.flags.fixIntent)
			if applied == 0 || bytes.Equal(out, f.Data) {
				continue
			}
			key := cli.FileKey(f.Name)
			c := changes[key]
			if c == nil {
				c = &change{name: f.Name, old: f.Data}
				changes[key] = c
				order = append(order, c)
			}
			c.new = out
			c.repairs += applied
			s.changed[key] = out
			again = true
		}
		if !again {
			return order, list, nil
		}
	}
	list, err := s.lint()
	return order, list, err
}

// files are all files of the nodes, includes too, each once.
func (s *session) files() []*source.File {
	var out []*source.File
	seen := map[string]bool{}
	for _, n := range s.nodes {
		for _, f := range n.Tree.Files {
			if key := cli.FileKey(f.Name); !seen[key] {
				seen[key] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// repair writes the repaired files and returns what is left to report.
func (s *session) repair() (diag.List, error) {
	changes, list, err := s.plan()
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if err := cli.ReplaceFile(c.name, c.old, c.new); err != nil {
			return nil, cli.Exit(cli.ExitUsage, err)
		}
		word := "places"
		if c.repairs == 1 {
			word = "place"
		}
		fmt.Fprintf(s.std.Stderr, "%s: repaired in %d %s\n", c.name, c.repairs, word)
	}
	return list, nil
}

// printDiff shows the repairs. Secrets are masked, so the output is for reading, not for patch.
func (s *session) printDiff() error {
	changes, _, err := s.plan()
	if err != nil {
		return err
	}
	for _, c := range changes {
		text := diff.Diff(c.name, c.old, c.name+" (repaired)", c.new)
		if _, err := s.std.Stdout.Write(maskSecrets(text)); err != nil {
			return failure(err)
		}
	}
	return nil
}

// maskSecrets hides the words behind secret keywords.
func maskSecrets(text []byte) []byte {
	var names []string
	for _, name := range schema.SecretKeywords() {
		names = append(names, regexp.QuoteMeta(name))
	}
	if len(names) == 0 {
		return text
	}
	pattern := regexp.MustCompile(`(?m)((?:^|[^\w])(?:` + strings.Join(names, "|") + `)[^\w\n]+)(.+)$`)
	return pattern.ReplaceAll(text, []byte("${1}********"))
}
