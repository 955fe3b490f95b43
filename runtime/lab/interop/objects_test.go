//go:build linux

package interop

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ka/runtime/lab/need"
)

// TestSameInTheKernel runs one file with every word of addresses, routes and rules with both daemons, and
// compares what the kernel then has, as ip(8) reads it back. After karun's stop everything is as before;
// keepalived leaves addresses with a peer behind, and routes whose metrics the kernel cut.
func TestSameInTheKernel(t *testing.T) {
	t.Parallel()
	need.Program(t, "ip")
	text, err := os.ReadFile("testdata/objects.conf")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string][]string{}
	for _, daemon := range []string{keepalived, karun} {
		c := newCluster(t, daemon)
		m := c.nodes[0]
		before := objects(t, m)
		m.start(string(text))
		c.eventually("it is master", func() bool { return c.holds(m) })
		// The rules of a master come last.
		c.eventually("the last rule is there", func() bool {
			return slices.ContainsFunc(objects(t, m), func(l string) bool { return strings.HasPrefix(l, "901:") })
		})
		seen[daemon] = objects(t, m)
		m.stop()
		if after := objects(t, m); daemon == karun {
			compare(t, "objects after the stop, and before the start", after, before)
		}
	}
	compare(t, "objects", seen[karun], seen[keepalived])
	if n := len(seen[karun]); n < 100 {
		t.Errorf("only %d objects were compared", n)
	}
}

// own are the lines about addresses that a host gives itself, and what of a line changes from one moment, or
// one host, to the next.
var (
	own      = regexp.MustCompile(`fe80::[0-9a-f]+:`)
	changing = regexp.MustCompile(`expires \d+sec|valid_lft .*|proto (keepalived|18) *$`)
)

// objects asks ip for everything that a host's kernel has of addresses, routes and rules.
func objects(t *testing.T, m *member) []string {
	t.Helper()
	var out []byte
	err := m.host.Do(func() error {
		for _, args := range []string{"-4 -o addr", "-6 -o addr", "-4 route show table all", "-6 route show table all", "-4 rule", "-6 rule"} {
			b, err := exec.Command("ip", append([]string{"-d"}, strings.Fields(args)...)...).Output()
			if err != nil {
				return err
			}
			out = append(out, b...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); !own.MatchString(line) {
			lines = append(lines, strings.TrimSpace(changing.ReplaceAllString(line, "")))
		}
	}
	return lines
}
