package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is what this test needs of "go list -json".
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// allowed is the list of docs/architecture.md: the first prefix that fits a package decides. Standard library
// and the package's own subtree are always allowed; a trailing "/..." stands for the whole subtree.
var allowed = []struct {
	pkg     string
	imports []string
}{
	{"ka/lang/...", []string{"ka/lang/...", "github.com/alecthomas/participle/v2/...", "github.com/agext/levenshtein", "github.com/fatih/color"}},
	{"ka/compiler/...", []string{"ka/compiler/...", "ka/lang/...", "github.com/google/jsonschema-go/jsonschema"}},
	{"ka/runtime/vrrp", []string{"ka/compiler/plan"}},
	{"ka/runtime/arp", nil},
	{"ka/runtime/support", []string{"ka/compiler/plan", "ka/lang/schema/kw", "ka/runtime/vrrp"}},
	{"ka/runtime/bfd", []string{"ka/compiler/plan"}},
	{"ka/lint/...", []string{"ka/lint/...", "ka/lang/...", "ka/compiler/...", "ka/runtime/vrrp", "ka/runtime/bfd", "mvdan.cc/sh/v3/syntax"}},
	{"ka/runtime/...", []string{
		"ka/runtime/...", "ka/compiler/...", "ka/lang/...",
		"github.com/vishvananda/netlink/...", "github.com/vishvananda/netns", "github.com/google/nftables/...", "github.com/mdlayher/netlink", "github.com/moby/ipvs", "github.com/sirupsen/logrus",
		"golang.org/x/net/...", "golang.org/x/sys/unix", "github.com/mdlayher/packet", "github.com/coreos/go-systemd/v22/...",
	}},
	{"ka/cmd/...", []string{"..."}},
}

// pure are the packages without sockets, files, processes, clocks, locks and logs.
var pure = []string{"ka/lang/...", "ka/compiler/...", "ka/runtime/vrrp", "ka/runtime/bfd", "ka/runtime/arp", "ka/runtime/support", "ka/lint/..."}

// impure are the imports that no pure package has. net/netip is fine.
var impure = []string{
	"net", "net/http", "os", "os/exec", "os/signal", "os/user", "io/ioutil", "log", "log/slog", "sync", "sync/atomic",
	"syscall", "golang.org/x/sys/unix", "golang.org/x/net/...", "unsafe", "plugin",
}

func TestImports(t *testing.T) {
	pkgs := list(t)
	if len(pkgs) < 10 {
		t.Fatalf("go list found only %d packages", len(pkgs))
	}
	for _, p := range pkgs {
		rule := slices.IndexFunc(allowed, func(r struct {
			pkg     string
			imports []string
		}) bool {
			return within(p.ImportPath, r.pkg)
		})
		if rule < 0 {
			t.Errorf("%s is in no room of the house (docs/architecture.md)", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if isStandard(imp) || slices.ContainsFunc(allowed[rule].imports, func(a string) bool { return within(imp, a) }) {
				continue
			}
			t.Errorf("%s must not import %s", p.ImportPath, imp)
		}
		if !slices.ContainsFunc(pure, func(a string) bool { return within(p.ImportPath, a) }) {
			continue
		}
		for _, imp := range p.Imports {
			if slices.ContainsFunc(impure, func(a string) bool { return within(imp, a) }) {
				t.Errorf("%s is pure and must not import %s", p.ImportPath, imp)
			}
		}
	}
}

// within reports whether path is pattern, or below it where the pattern ends in "/...".
func within(path, pattern string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

// isStandard reports whether path belongs to the standard library.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "ka"
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
