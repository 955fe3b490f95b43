//go:build linux

package ipvs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ka/compiler"
	"ka/compiler/effect"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/runtime/ipvs"
	"ka/runtime/lab/uml"
)

const tables = "../../testdata/ipvs/"

// undecided are the tables that the text alone does not decide: they show what checks found. Of those that
// stay, some servers were down; each line names them, or says what this release does not do.
var undecided = map[string]string{
	"20-nonalpha-fail":  "down 10.20.0.1:9009",
	"21-alpha":          "alpha: servers begin as down",
	"22-inhibit":        "inhibit_on_failure: a server that is down stays with weight 0",
	"23-sorry":          "alpha and a sorry server",
	"24-sorry-inhibit":  "an inhibited sorry server stands in the table with weight 0",
	"25-quorum":         "the quorum is lost, the sorry server in",
	"26-quorum-nosorry": "down 10.20.0.1:9009",
	"27-misc-dynamic":   "weights are exit statuses of scripts",
	"28-file-check":     "weights come from a file",
	"31-http":           "down 10.20.0.1:9021 10.20.0.1:9024 10.20.0.1:9026",
}

// wanted compiles a configuration and gives what it wants while it runs, less the servers that are down.
// What keepalived leaves out is left out; that a file holds something else that this release does not
// compile yet (a synchronization daemon, say) does not matter for its virtual servers.
func wanted(t *testing.T, file, down string) []effect.Wanted {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opt := compiler.Options{AsKeepalived: true}
	tree, list := lang.Load(source.New(file, data), lang.Options{})
	p, more := compiler.Compile(tree, compiler.Environment{}, opt)
	for _, d := range append(list, more...) {
		if d.Severity == diag.Error && compiler.Refused(diag.List{d}, opt) && d.Rule != "not-compiled" {
			t.Fatalf("%s: %s", file, d.Message)
		}
	}
	state := effect.State{Running: true, Down: map[string]bool{}}
	for i := range p.VirtualServers {
		vs := &p.VirtualServers[i]
		for j := range vs.RealServers {
			rs := &vs.RealServers[j]
			state.Down[effect.RealServerKey(vs, rs)] = slices.Contains(strings.Fields(down), rs.Address.String())
		}
	}
	return effect.Desired(p, effect.Facts{}, state)
}

// each calls f for each table that the text decides, and for those where servers were down: its name, what
// its configuration wants, and what ipvsadm printed. There are no subtests, since they would run on other
// threads, in another network namespace.
func each(t *testing.T, f func(name string, want []effect.Wanted, save []string)) {
	const all = 33
	files, err := filepath.Glob(tables + "*.conf")
	if err != nil || len(files) != all {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".conf")
		down, isDown := strings.CutPrefix(undecided[name], "down ")
		if undecided[name] != "" && !isDown {
			continue
		}
		save, err := os.ReadFile(strings.TrimSuffix(file, ".conf") + ".save")
		if err != nil {
			t.Fatal(err)
		}
		f(name, wanted(t, file, down), sorted(string(save)))
	}
}

func TestWhatIsWantedIsKeepalivedsTable(t *testing.T) {
	each(t, func(name string, want []effect.Wanted, save []string) {
		var got []string
		for _, w := range want {
			line, _, _ := strings.Cut(w.String(), " -x ") // ipvsadm -Sn prints no thresholds
			got = append(got, line)
		}
		slices.Sort(got)
		if !slices.Equal(got, save) {
			t.Errorf("%s: wanted:\n%s\nkeepalived's table:\n%s", name, strings.Join(got, "\n"), strings.Join(save, "\n"))
		}
	})
}

// possible leaves out the services for which this kernel has no scheduler or no persistence engine: it is
// asked, since a module that is listed may not be there.
func possible(h *ipvs.Handle, want []effect.Wanted, save []string) ([]effect.Wanted, []string) {
	gone := map[string]bool{}
	for _, w := range want {
		if s, ok := w.Object.(effect.Service); ok {
			err := h.Apply(effect.Change{Op: effect.Add, Want: s})
			if errors.Is(err, unix.ENOENT) {
				gone[strings.Fields(s.String())[2]] = true
			}
			_ = h.Apply(effect.Change{Op: effect.Remove, Have: s})
		}
	}
	want = slices.DeleteFunc(want, func(w effect.Wanted) bool { return gone[strings.Fields(w.String())[2]] })
	save = slices.DeleteFunc(save, func(line string) bool { return gone[strings.Fields(line)[2]] })
	if len(save) == 0 {
		save = nil // as "saved" gives an empty table
	}
	return want, save
}

func TestTablesOfKeepalived(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t)
		return
	}
	h := table(t)
	each(t, func(name string, want []effect.Wanted, save []string) {
		want, save = possible(h, want, save)
		for _, c := range effect.Diff(nil, want, "karun starts") {
			if err := h.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		if got := saved(t); !slices.Equal(got, save) {
			t.Errorf("%s: table:\n%s\nkeepalived's table:\n%s", name, strings.Join(got, "\n"), strings.Join(save, "\n"))
		}
		have := snapshot(t, h)
		if rest := effect.Diff(effect.Owned(have, want), want, "test"); len(rest) != 0 {
			t.Errorf("%s: still to do: %v", name, rest)
		}
		for _, c := range effect.Diff(effect.Owned(have, want), nil, "karun stops") {
			if err := h.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		if got := saved(t); got != nil {
			t.Errorf("%s: left over: %v", name, got)
		}
	})
}
