package house

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite goldens")

// TestLinkedModules compares the modules that each binary links with a golden file: a new module is a
// line that somebody reviews.
func TestLinkedModules(t *testing.T) {
	for _, name := range []string{"kalint", "kac", "karun"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/"+name)
			cmd.Dir = "../../.."
			cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			modules := strings.Fields(string(out))
			slices.Sort(modules)
			got := strings.Join(slices.Compact(modules), "\n") + "\n"
			golden := filepath.Join("testdata", name+".modules")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("linked modules changed; if that is meant, run with -update (-want +got):\n%s", diff)
			}
		})
	}
}
