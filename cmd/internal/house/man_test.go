//go:build linux

package house

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
	"ka/cmd/internal/cli/kalint"
	"ka/cmd/internal/cli/karun"
)

// TestManPages holds docs/man to the help of the commands, from which -update writes it.
func TestManPages(t *testing.T) {
	const pages = "../../../docs/man"
	dir := t.TempDir()
	// Of this release; the day it was written says nothing about the text.
	date := time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)
	std := cli.IO{Getenv: func(string) string { return "" }}
	for _, cmd := range []*cobra.Command{kalint.Command(std), kac.Command(std), karun.Command(std)} {
		cmd.DisableAutoGenTag = true
		header := &doc.GenManHeader{Section: "1", Source: "ka", Manual: "keepalived.conf, compiled", Date: &date}
		if err := doc.GenManTree(cmd, header, dir); err != nil {
			t.Fatal(err)
		}
	}
	want := read(t, dir)
	if len(want) < 3 {
		t.Fatalf("only %d pages", len(want))
	}
	if *update {
		if err := os.RemoveAll(pages); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(pages, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, pages)); diff != "" {
		t.Errorf("docs/man is stale, run with -update (-want +got):\n%s", diff)
	}
}

// read gives the manual pages of a directory by their names.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	out := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = string(text)
	}
	return out
}
