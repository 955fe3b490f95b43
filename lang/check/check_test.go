package check_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

var update = flag.Bool("update", false, "rewrite goldens")

// TestFindings checks the configuration of each archive and compares the findings, with their help,
// notes, fixes and the statements that keepalived leaves out.
func TestFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "in.conf" })
			tree, _ := syntax.Parse(source.New("in.conf", a.Files[i].Data), syntax.Options{})
			have := render(check.Check(tree), tree)
			if again := render(check.Check(tree), tree); again != have {
				t.Errorf("a second check differs:\n%s", again)
			}
			if *update {
				a.Files = []txtar.File{a.Files[i], {Name: "out", Data: []byte(have)}}
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := ""
			if j := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "out" }); j >= 0 {
				want = string(a.Files[j].Data)
			}
			if have != want {
				t.Errorf("have:\n%s\nwant:\n%s", have, want)
			}
		})
	}
}

func render(list diag.List, tree *syntax.Tree) string {
	list.Sort()
	var b strings.Builder
	for _, d := range list {
		p := d.Span.Position()
		fmt.Fprintf(&b, "%d:%d: %s: %s [%s]\n    help: %s\n", p.Line, p.Column, d.Severity, d.Message, d.Rule, d.Help)
		for _, n := range d.Related {
			fmt.Fprintf(&b, "    note: %s\n", n.Message)
		}
		for _, f := range d.Fixes {
			fmt.Fprintf(&b, "    fix (%s): %s", f.Kind, f.Title)
			for _, e := range f.Edits {
				fmt.Fprintf(&b, ": %q becomes %q", e.Span.Text(), e.New)
			}
			b.WriteByte('\n')
		}
	}
	var dropped []string
	var walk func([]*syntax.Statement)
	walk = func(body []*syntax.Statement) {
		for _, s := range body {
			if s.Dropped {
				dropped = append(dropped, fmt.Sprint(s.Head.Span.Position().Line))
				continue
			}
			walk(s.Children())
		}
	}
	walk(tree.Body)
	if len(dropped) > 0 {
		fmt.Fprintf(&b, "left out: lines %s\n", strings.Join(dropped, ", "))
	}
	return b.String()
}

// TestSplitCommand runs the examples that were tried with keepalived (reference language 11).
func TestSplitCommand(t *testing.T) {
	for _, c := range []struct {
		raw         string
		argv        []string
		user, group string
		ok          bool
	}{
		{`script "/usr/bin/echo a 'b c' \"d e\" \x41\102\cA\\ \E"`, []string{"/usr/bin/echo", "a", "b c", `"d`, `e"`, "AB\x01\\", "\x1b"}, "", "", true},
		{`script '/usr/bin/echo "x y" z'`, []string{"/usr/bin/echo", "x y", "z"}, "", "", true},
		{`script /usr/bin/echo" a b"`, []string{"/usr/bin/echo", "a", "b"}, "", "", true},
		{`script /usr/bin/echo a b`, []string{"/usr/bin/echo"}, "a", "b", true},
		{`notify_master /usr/bin/echo arg1`, []string{"/usr/bin/echo"}, "arg1", "", true},
		{`notify_stop "/usr/bin/echo" 0`, []string{"/usr/bin/echo"}, "0", "", true},
		{`notify_backup "/bin/echo a\"b"`, []string{"/bin/echo", `a"b`}, "", "", true},
		{`notify "/scripts/notify.sh master 192.0.2.1"`, []string{"/scripts/notify.sh", "master", "192.0.2.1"}, "", "", true},
		{`script "/bin/x 'it''s' ''"`, []string{"/bin/x", "its", ""}, "", "", true},
		{`script "/bin/x`, nil, "", "", false},
		{`script "/bin/x 'y"`, nil, "", "", false},
		{`script /bin/x\`, nil, "", "", false},
		{`script`, nil, "", "", false},
		{`script ""`, nil, "", "", false},
		{`script "\x4 \8 a\400b"`, []string{"\x04", "8", "a"}, "", "", true},
	} {
		have, ok := check.SplitCommand(&syntax.Statement{Raw: c.raw})
		if ok != c.ok || !slices.Equal(have.Argv, c.argv) || have.User != c.user || have.Group != c.group {
			t.Errorf("%s: %+v %v, want %q", c.raw, have, ok, c.argv)
		}
	}
}

// TestFind looks for the statement that counts.
func TestFind(t *testing.T) {
	tree, _ := syntax.Parse(source.New("in.conf", []byte(`vrrp_instance VI_1 {
    priority 50
    priority 300
    notify_master /bin/a
    notify_master /bin/b
    preempt_delay 5
    preempt_delay 6
    garp_master_repeat 0
    smtp_alert off
    dont_track_primary
}
virtual_server 192.0.2.1 80 {
    lvs_sched rr
    lb_algo wrr
}
`)), syntax.Options{})
	check.Check(tree)
	body := tree.Body[0].Children()
	if v, _, ok := check.Value(body, "priority"); v != "100" || !ok {
		t.Errorf("an invalid priority counts as 100, not %q", v)
	}
	if s := check.Find(body, "priority"); s == nil || s.Args[0].Text != "50" {
		t.Errorf("the last good priority: %+v", s)
	}
	if s := check.Find(body, "notify_master"); s == nil || s.Args[0].Text != "/bin/a" {
		t.Errorf("the first notify_master: %+v", s)
	}
	if d := check.SecondsArg(body, "preempt_delay", 0); d.Seconds() != 6 {
		t.Errorf("preempt_delay %v", d)
	}
	if n := check.UintArg(body, "garp_master_repeat", 5); n != 1 {
		t.Errorf("garp_master_repeat 0 counts as %d", n)
	}
	if check.FlagSet(body, "smtp_alert") || !check.FlagSet(body, "dont_track_primary") {
		t.Error("flags")
	}
	if s := check.Find(tree.Body[1].Children(), "lvs_sched"); s == nil || s.Args[0].Text != "wrr" {
		t.Errorf("the alias counts: %+v", s)
	}
}

// TestGarbageEnds reads two megabytes of words that are no keywords.
func TestGarbageEnds(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < 2<<20; i++ {
		fmt.Fprintf(&b, "priorit%d x\n", i)
	}
	lines := strings.Count(b.String(), "\n")
	tree, _ := syntax.Parse(source.New("in.conf", []byte(b.String())), syntax.Options{})
	if list := check.Check(tree); len(list) == 0 || len(list) > lines {
		t.Errorf("%d findings for %d lines", len(list), lines)
	}
}

// TestBound reads a text that is no configuration: a thousand findings, the last with the number of the
// others, and no fix is lost.
func TestBound(t *testing.T) {
	for _, tt := range []struct{ line, rule string }{{"foo bar\n", "unknown-keyword"}, {"nat_mask 1\n", "dead-keyword"}} {
		const lines = 5000
		text := "virtual_server 192.0.2.1 80 {\n" + strings.Repeat(tt.line, lines) + "}\n"
		tree, _ := syntax.Parse(source.New("in.conf", []byte(text)), syntax.Options{})
		list := check.Check(tree)
		if len(list) != 1000 {
			t.Fatalf("%d findings of %s", len(list), tt.rule)
		}
		last := list[len(list)-1]
		if !strings.HasSuffix(last.Message, ", and 4000 more like this") || last.Rule != tt.rule {
			t.Errorf("the last finding is %s: %s", last.Rule, last.Message)
		}
		if tt.rule == "dead-keyword" && len(last.Fixes[0].Edits) != 4001 {
			t.Errorf("it repairs %d places", len(last.Fixes[0].Edits))
		}
	}
}

// TestSideBySide checks a text of so many blocks that they are checked in parts: the findings are those of
// the blocks one by one.
func TestSideBySide(t *testing.T) {
	var text strings.Builder
	text.WriteString("global_defs {\n router_id a\n}\n")
	for i := range 1500 {
		fmt.Fprintf(&text, "virtual_server 10.0.%d.%d 80 {\n delay_loop %d\n nosuchword\n}\n", i/250, i%250, i%3)
	}
	text.WriteString("global_defs {\n router_id b\n}\n")
	tree, _ := syntax.Parse(source.New("x.conf", []byte(text.String())), syntax.Options{})
	count := map[string]int{}
	for _, d := range check.Check(tree) {
		count[d.Rule]++
	}
	// "delay_loop 0" is outside the range; the word is counted behind the thousandth; router_id is one setting.
	want := map[string]int{"invalid-value": 500, "unknown-keyword": 1000, "duplicate-keyword": 1}
	if d := cmp.Diff(want, count); d != "" {
		t.Error(d)
	}
	for _, s := range tree.Body[1:1501] {
		if s.Keyword == nil || s.Block.Body[0].Keyword == nil || !s.Block.Body[1].Dropped {
			t.Fatalf("%q was not checked", s.Raw)
		}
	}
}
