package house

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDocs runs every command that README and docs show. A fenced block of the language "console" is a
// session in the top folder of a checkout after "make build": lines that start with "$ " are commands,
// the lines behind them what they print. "..." on a line of its own stands for any lines, "[exit N]" is
// the status where it is not 0. Times differ from run to run: every number of seconds (3.6s) counts as equal.
func TestDocs(t *testing.T) {
	top, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := buildAll(t, top)
	pages := []string{filepath.Join(top, "README.md")}
	err = filepath.WalkDir(filepath.Join(top, "docs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		sessions := parseSessions(string(text))
		if len(sessions) == 0 {
			continue
		}
		ran += len(sessions)
		name, _ := filepath.Rel(top, page)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runSessions(t, top, bin, name, sessions)
		})
	}
	if ran == 0 {
		t.Error("no page shows a command")
	}
}

// TestDemo runs what "make demo" runs.
func TestDemo(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := buildAll(t, top)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "testdata/demo/demo.sh", bin)
	cmd.Dir = top
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	for _, want := range []string{"[vrid-mismatch]", "BACKUP → MASTER", "192.168.8.100"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out)
		}
	}
}

func buildAll(t *testing.T, top string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bin")
	cmd := exec.Command("go", "build", "-o", bin+"/", "./cmd/kalint", "./cmd/kac", "./cmd/karun")
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// session is one command with what it should print.
type session struct {
	line    int
	command string
	want    []string
}

func parseSessions(text string) []session {
	var out []session
	inside := false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case !inside:
			inside = line == "```console"
		case line == "```":
			inside = false
		case strings.HasPrefix(line, "$ "):
			out = append(out, session{line: i + 1, command: line[2:]})
		case len(out) > 0:
			last := &out[len(out)-1]
			last.want = append(last.want, line)
		}
	}
	return out
}

func runSessions(t *testing.T, top, bin, page string, sessions []session) {
	dir := t.TempDir()
	for name, target := range map[string]string{"bin": bin, "testdata": filepath.Join(top, "testdata")} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range sessions {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		cmd := exec.CommandContext(ctx, "sh", "-c", s.command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NO_COLOR=1")
		out, err := cmd.CombinedOutput()
		cancel()
		got := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		if len(out) == 0 {
			got = nil
		}
		if code := cmd.ProcessState.ExitCode(); err != nil {
			got = append(got, fmt.Sprintf("[exit %d]", code))
		}
		if !matchLines(s.want, got) {
			t.Errorf("%s:%d: $ %s\nshown:\n%s\nprinted:\n%s", page, s.line, s.command, strings.Join(s.want, "\n"), strings.Join(got, "\n"))
		}
	}
}

var (
	seconds = regexp.MustCompile(`\b\d+(\.\d+)?s\b`)
	blanks  = regexp.MustCompile(` +`)
)

// matchLines compares lines; "..." in want stands for any number of lines.
func matchLines(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for i := 0; i <= len(got); i++ {
			if matchLines(want[1:], got[i:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && normal(want[0]) == normal(got[0]) && matchLines(want[1:], got[1:])
}

// normal makes lines comparable: times and the padding around them vary.
func normal(line string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(seconds.ReplaceAllString(line, "Ns"), " "))
}
