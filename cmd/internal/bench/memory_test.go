//go:build linux

package bench

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
	"ka/cmd/internal/cli/kalint"
)

// TestGarbage bounds what the commands allocate for each virtual server of a large file, its four real servers
// included. A rule that makes something of every line, or looks at every line for the words that are nearly
// another one, takes a third more time; it shows here, on a busy machine too.
func TestGarbage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "node.conf")
	s := size{1000, 4000}
	if err := os.WriteFile(file, []byte(configuration(s)), 0o644); err != nil {
		t.Fatal(err)
	}
	std := cli.IO{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: os.Getenv}
	for _, c := range []struct {
		words             []string
		run               func(context.Context, cli.IO, []string) int
		pieces, kilobytes uint64
	}{
		{[]string{"kalint", file}, kalint.Main, 24, 16},
		{[]string{"kac", "build", file, "-o", filepath.Join(dir, "plan.json")}, kac.Main, 48, 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if code := c.run(context.Background(), std, c.words); code != 0 {
			t.Fatalf("%s: status %d", c.words[0], code)
		}
		runtime.ReadMemStats(&after)
		pieces, bytes := (after.Mallocs-before.Mallocs)/uint64(s.virtual), (after.TotalAlloc-before.TotalAlloc)/uint64(s.virtual)
		t.Logf("%s: %d pieces, %d bytes", c.words[0], pieces, bytes)
		if pieces > c.pieces || bytes > c.kilobytes<<10 {
			t.Errorf("%s allocates %d pieces and %d bytes for each virtual server, more than %d and %d KiB", c.words[0], pieces, bytes, c.pieces, c.kilobytes)
		}
	}
}
