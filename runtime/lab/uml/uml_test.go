//go:build linux

package uml_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"ka/runtime/lab/uml"
)

func TestOutputAndStatusComeOut(t *testing.T) {
	uml.Need(t)
	got, err := uml.Run(t.Context(), uml.Job{
		Argv: []string{"/bin/sh", "-c", `echo "it's $WORD in $(pwd)"; grep -c '^ip_vs ' /proc/modules; exit 7`},
		Dir:  "/usr", Env: []string{"WORD=a 'b' $c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "it's a 'b' $c in /usr\n1\n"; got.Output != want || got.Exit != 7 {
		t.Errorf("got %+v, want %q and 7", got, want)
	}
}

func TestTimeIsBounded(t *testing.T) {
	uml.Need(t)
	start := time.Now()
	_, err := uml.Run(t.Context(), uml.Job{Argv: []string{"/bin/sleep", "600"}, Timeout: 2 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "did not end in time") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

func TestRerun(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t, "WORD=x y")
		return
	}
	if os.Getenv("WORD") != "x y" || os.Getpid() == 1 {
		t.Errorf("word %q, pid %d", os.Getenv("WORD"), os.Getpid())
	}
	if err := os.WriteFile("/etc/ka-was-here", nil, 0o600); err == nil {
		t.Error("the machine's files can be written")
	}
}
