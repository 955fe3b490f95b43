//go:build linux

package labtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"ka/runtime/lab"
)

// initWord makes a test binary the first process of a program on a host.
const initWord = "lab-init"

// Init is the first process of a program on a host where this process was started as that; asked is
// false otherwise. TestMain calls it before anything else, and exits with the status.
func Init() (status int, asked bool) {
	if len(os.Args) < 2 || os.Args[1] != initWord {
		return 0, false
	}
	return lab.Init(os.Args[2:], os.Stderr), true
}

// Open starts a lab whose programs have this test binary as their first process ([Init]).
func Open() (*lab.Lab, error) {
	return lab.Open(lab.Options{Init: []string{"/proc/self/exe", initWord}})
}

// Programs builds karun once for a test binary.
type Programs struct {
	once sync.Once
	dir  string
	err  error
}

// Karun is the path of karun, built without the race detector.
func (p *Programs) Karun(t testing.TB) string {
	t.Helper()
	p.once.Do(func() {
		if p.dir, p.err = os.MkdirTemp("", "karun"); p.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", p.dir+"/", "ka/cmd/karun")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			p.err = fmt.Errorf("build karun: %w\n%s", err, out)
		}
	})
	if p.err != nil {
		t.Fatal(p.err)
	}
	return filepath.Join(p.dir, "karun")
}

// Close removes what was built.
func (p *Programs) Close() { _ = os.RemoveAll(p.dir) }
