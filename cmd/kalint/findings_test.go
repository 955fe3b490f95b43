package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
)

// TestFindings lints the seed sets, as their users wrote them and after --fix-intent, and compares with
// testdata/findings, which was read by a person.
func TestFindings(t *testing.T) {
	sets, err := filepath.Glob("../../testdata/seeds/*/*.conf")
	if err != nil || len(sets) < 13 {
		t.Fatalf("%d seed files, %v", len(sets), err)
	}
	golden, err := filepath.Abs("../../testdata/findings")
	if err != nil {
		t.Fatal(err)
	}
	for i := range sets {
		sets[i] = filepath.Dir(sets[i])
	}
	for _, set := range slices.Compact(sets) {
		name := filepath.Base(set)
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files, err := filepath.Glob(filepath.Join(set, "*.conf"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no files in %s, %v", set, err)
			}
			var names []string
			for _, f := range files {
				data, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, filepath.Base(f))
				if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			var got strings.Builder
			session(&got, append([]string{"--info"}, names...))
			session(&got, append([]string{"--info", "--fix-intent"}, names...))
			file := filepath.Join(golden, name+".out")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("findings of %s differ from %s (-update rewrites it):\n%s", name, file, got.String())
			}
		})
	}
}

// session writes a run as a person sees it: the command, what it prints, its status.
func session(w *strings.Builder, args []string) {
	var out bytes.Buffer
	std := cli.IO{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv}
	code := kalint.Main(context.Background(), std, append([]string{"kalint"}, args...))
	fmt.Fprintf(w, "$ kalint %s\n%s[exit %d]\n", strings.Join(args, " "), out.String(), code)
}
