//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"ka/runtime/lab/need"
)

// TestKeepalivedIsSilent shows why the rules across nodes are needed: keepalived -t accepts every file of
// the pairs, without a word, also where the interface is there.
func TestKeepalivedIsSilent(t *testing.T) {
	need.Root(t)
	daemon := need.Program(t, "keepalived")
	ip := need.Program(t, "ip")
	unshare := need.Program(t, "unshare")
	scripts, err := filepath.Glob("testdata/script/pair-*.txtar")
	if err != nil || len(scripts) < 10 {
		t.Fatalf("%d pairs, %v", len(scripts), err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(script)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range a.Files {
				if !strings.HasSuffix(f.Name, ".conf") {
					continue
				}
				out, err := testConfig(t, unshare, ip, daemon, f.Data)
				// Version 3 drops a password, and says so; that is not about the other node.
				if strings.Contains(script, "version-auth") && f.Name == "node2.conf" {
					continue
				}
				if err != nil || out != "" {
					t.Errorf("keepalived -t on %s: %v\n%s", f.Name, err, out)
				}
			}
		})
	}
}

// testConfig runs keepalived -t on a text, in a network namespace of its own that has an eth0.
func testConfig(t *testing.T, unshare, ip, daemon string, text []byte) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const script = `"$1" link add eth0 type veth peer name peer0 && "$1" link set eth0 up && "$1" link set peer0 up &&
"$1" addr add 192.168.8.1/24 dev eth0 && exec "$2" -t -f "$3"`
	cmd := exec.CommandContext(ctx, unshare, "-n", "sh", "-c", script, "sh", ip, daemon, file)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
