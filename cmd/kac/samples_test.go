package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
)

// samplesFolder is where Debian's package of keepalived puts the configurations that its authors ship.
const samplesFolder = "/usr/share/doc/keepalived/samples"

// sampleMistakes are the samples in which keepalived -t itself reports lines and leaves them out: they compile
// as keepalived would run them.
var sampleMistakes = map[string]string{
	"vrrp":           "lists an address twice",
	"vrrp.lvs_syncd": "has a sync group without its list of members",
	"vrrp.rules":     "has an address that lacks a number",
}

// sampleFlags are flags that a sample needs.
var sampleFlags = map[string][]string{
	"conditional_conf": {"--config-id", "high"}, // each of its lines is for one of two nodes
}

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
				return kac.Main(context.Background(), std, slices.Concat([]string{"kac", "plan", "--against", "none"}, sampleFlags[name], flags, []string{file}))
			}
			mistake := sampleMistakes[name]
			if code := plan(); (code != 0) != (mistake != "") {
				t.Errorf("kac plan of a sample whose mistake is %q ends with %d:\n%s", mistake, code, out.String())
			}
			if code := plan("--as-keepalived"); code != 0 {
				t.Errorf("kac plan --as-keepalived ends with %d:\n%s", code, out.String())
			}
			if !strings.HasPrefix(out.String(), "node keepalived.conf."+name) && !strings.Contains(out.String(), "\nnode keepalived.conf."+name) {
				t.Errorf("no preview:\n%s", out.String())
			}
		})
	}
}
