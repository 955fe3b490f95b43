package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
)

// samplesFolder is where Debian's package of keepalived puts the configurations that its authors ship.
const samplesFolder = "/usr/share/doc/keepalived/samples"

// keepalivedReports are the samples in which keepalived 2.4.3 -t itself finds mistakes of the text (words of
// older releases, a list without its block, an address twice); they compile as keepalived would run them.
var keepalivedReports = map[string]bool{}

// TestSamples previews every sample: as it stands, or where keepalived itself leaves lines out, as
// keepalived would run it. A machine without the documentation has nothing to look at.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samplesFolder, "keepalived.conf.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Logf("no samples in %s", samplesFolder)
		return
	}
	for _, file := range files {
		name := strings.TrimPrefix(filepath.Base(file), "keepalived.conf.")
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			std := cli.IO{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv}
			plan := func(flags ...string) int {
				out.Reset()
				return kac.Main(context.Background(), std, append(append([]string{"kac", "plan", "--against", "none"}, flags...), file))
			}
			if code := plan(); (code != 0) != keepalivedReports[name] {
				t.Errorf("kac plan ends with %d:\n%s", code, out.String())
			}
			if code := plan("--as-keepalived"); code != 0 {
				t.Errorf("kac plan --as-keepalived ends with %d:\n%s", code, out.String())
			}
			if !strings.Contains(out.String(), "start") {
				t.Errorf("no preview:\n%s", out.String())
			}
		})
	}
}
