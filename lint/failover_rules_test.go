package lint

import (
	"fmt"
	"strings"
	"testing"

	"ka/compiler"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

// failoverNode reads a node from its text, as kalint does.
func failoverNode(t *testing.T, name, text string) *Node {
	t.Helper()
	tree, list := lang.Load(source.New(name+".conf", []byte(text)), lang.Options{})
	p, more := compiler.Compile(tree, compiler.Environment{Node: name}, compiler.Options{AsKeepalived: true})
	return &Node{Name: name, Tree: tree, Plan: p, Diags: append(list, more...)}
}

// failoverText is a node with one check; weight "" leaves it out, and lines go into the instance.
func failoverText(priority int, weight, lines string) string {
	if weight != "" {
		weight = "    weight " + weight + "\n"
	}
	return fmt.Sprintf(`vrrp_script chk {
    script "/usr/bin/true"
    interval 2
%s}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority %d
%s    virtual_ipaddress {
        192.0.2.100/24
    }
}
`, weight, priority, lines) + secured
}

// groupText is a node with a sync group of two that tracks a check.
func groupText(first, second, weight string) string {
	group := groupOfTwo(first, second)
	list := "    track_script {\n        chk weight " + weight + "\n    }\n"
	return "vrrp_script chk {\n    script \"/usr/bin/true\"\n    interval 2\n}\n" + strings.Replace(group, "    }\n}\n", "    }\n"+list+"}\n", 1) + secured
}

const onInterface = tracked + "    track_interface {\n        eth1 weight -20\n    }\n"

const onProcess = tracked + "    track_process {\n        haproxy\n    }\n"

const process = "vrrp_track_process haproxy {\n    process haproxy\n    weight -20\n}\n"

const tracked = "    track_script {\n        chk\n    }\n"

func runFailover(t *testing.T, texts ...string) diag.List {
	t.Helper()
	set := &Set{}
	for i, text := range texts {
		set.Nodes = append(set.Nodes, failoverNode(t, fmt.Sprintf("lb%d", i+1), text))
	}
	return Run(set, Options{})
}

// brief writes findings as "rule file:line:column message", a line each.
func brief(list diag.List) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, fmt.Sprintf("%s %v %s", d.Rule, d.Span.Position(), d.Message))
	}
	return strings.Join(lines, "\n")
}

// Each pair gives exactly what is written, and nothing else: one mistake, one finding.
func TestFailoverFindings(t *testing.T) {
	own := func(weight int) string {
		return fmt.Sprintf("    track_script {\n        chk weight %d\n    }\n", weight)
	}
	for _, c := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"fine", []string{failoverText(100, "-20", tracked), failoverText(90, "-20", tracked)}, ""},
		{"without weight", []string{failoverText(200, "", tracked), failoverText(100, "", tracked)}, ""},
		{"200/100", []string{failoverText(200, "-20", tracked), failoverText(100, "-20", tracked)},
			`failover-never lb1.conf:4:12 when check "chk" fails, lb1 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb2`},
		{"the owner is the second", []string{failoverText(100, "-20", tracked), failoverText(200, "-20", tracked)},
			`failover-never lb2.conf:4:12 when check "chk" fails, lb2 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb1`},
		{"weight in the instance", []string{failoverText(200, "-150", own(-20)), failoverText(100, "", own(-20))},
			`failover-never lb1.conf:11:20 when check "chk" fails, lb1 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb2`},
		{"a tie is not enough", []string{failoverText(200, "-100", tracked), failoverText(100, "-20", tracked)},
			`failover-never lb1.conf:4:12 when check "chk" fails, lb1 keeps the addresses: 200 − 100 = 100 is not below the 100 of lb2, and a backup accepts an equal priority`},
		{"seed 003", []string{failoverText(80, "-20", "    nopreempt\n"+tracked), failoverText(70, "-20", tracked)},
			`nopreempt-blocks-failover lb1.conf:10:5 with nopreempt, lb1 never takes over from lb2 when check "chk" fails there: 70 falls to 50, and lb1 waits with 80`},
		{"both with nopreempt", []string{failoverText(80, "-20", "    nopreempt\n"+tracked), failoverText(70, "-20", "    nopreempt\n"+tracked)},
			`nopreempt-blocks-failover lb2.conf:10:5 with nopreempt, lb2 never takes over from lb1 when check "chk" fails there: 80 falls to 60, and lb2 waits with 70`},
		{"a group's weight is one mistake", []string{groupText("200", "200", "-20"), groupText("100", "100", "-20")},
			`failover-never lb1.conf:11:20 when check "chk" fails, lb1 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb2`},
		{"reversed, and it moves", []string{failoverText(100, "-20 reverse", tracked), failoverText(90, "-20 reverse", tracked)}, ""},
		{"reversed", []string{failoverText(200, "-20 reverse", tracked), failoverText(100, "-20 reverse", tracked)},
			`failover-never lb1.conf:4:12 when check "chk" succeeds, lb1 keeps the addresses: 220 − 20 = 200 is still above the 120 of lb2`},
		{"interface", []string{failoverText(200, "", onInterface), failoverText(100, "", onInterface)},
			`failover-never lb1.conf:13:21 when interface eth1 is down, lb1 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb2`},
		{"processes", []string{process + failoverText(200, "", onProcess), process + failoverText(100, "", onProcess)},
			`failover-never lb1.conf:3:12 when process "haproxy" has no quorum, lb1 keeps the addresses: 200 − 20 = 180 is still above the 100 of lb2`},
		{"a group that follows", []string{groupText("110", "110", "-20"), groupText("100", "100", "-20")}, ""},
		{"opposed orders that flap", []string{groupText("150", "100", "0"), groupText("100", "150", "0")},
			`sync-group-order lb1.conf:18:14 in sync group "G1", "VI_1" prefers lb1 and "VI_2" prefers lb2: started together, they take the addresses from each other and never come to rest`},
		{"opposed orders that rest", []string{groupText("150", "100", "0"), groupText("110", "150", "0")},
			`sync-group-order lb1.conf:18:14 in sync group "G1", "VI_1" prefers lb1 and "VI_2" prefers lb2: whoever becomes master first stays it, whatever the priorities say`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := brief(runFailover(t, c.texts...)); got != c.want {
				t.Errorf("have %s\nwant %s", got, c.want)
			}
		})
	}
}

// The finding of issue 4 has the arithmetic, the repair, and points into the other node's file.
func TestFailoverNeverNotes(t *testing.T) {
	list := runFailover(t, failoverText(200, "-20", tracked), failoverText(100, "-20", tracked))
	if len(list) != 1 {
		t.Fatalf("have %s", brief(list))
	}
	d := list[0]
	if !strings.Contains(d.Help, `"weight -101"`) || d.Severity != diag.Error {
		t.Errorf("%v, help %q", d.Severity, d.Help)
	}
	last := d.Related[len(d.Related)-1]
	if last.Node != "lb2" || last.Span.Text() != "100" || last.Span.File.Name != "lb2.conf" {
		t.Errorf("the last note is %+v", last)
	}
}

// The story of seed 003 stands in the notes: A fails, B takes over, A recovers, B fails, nobody moves.
func TestNopreemptStory(t *testing.T) {
	list := runFailover(t, failoverText(80, "-20", "    nopreempt\n"+tracked), failoverText(70, "-20", tracked))
	if len(list) != 1 || list[0].Severity != diag.Warning {
		t.Fatalf("have %s", brief(list))
	}
	var notes []string
	for _, n := range list[0].Related {
		notes = append(notes, n.Message)
	}
	text := strings.Join(notes, "\n")
	rest := text
	for _, want := range []string{
		`lb1 VI_1 BACKUP→MASTER priority 80`,
		`lb1 check "chk" fails`,
		`lb2 VI_1 BACKUP→MASTER priority 70`,
		`lb1 check "chk" succeeds again`,
		`lb1 VI_1 priority 60→80`,
		`lb2 check "chk" fails`,
		`lb2 VI_1 priority 70→50`,
		`nobody moves: lb2 keeps the addresses with priority 50, lb1 is healthy and has 80`,
		`[failover-never]`,
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is not in its place in:\n%s", want, text)
		}
		rest = after
	}
}
