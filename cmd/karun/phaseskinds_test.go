//go:build linux

package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/runtime/lab/labtest"
	"ka/runtime/lab/need"
)

// TestPlanOfEveryKindIsWhatHappens compares what karun --dry-run lists of links, settings, rules, routes over
// IPv6 and tables of nftables with what monitors of the kernel see; and kac plan finds nothing to change on the
// machine while karun runs.
func TestPlanOfEveryKindIsWhatHappens(t *testing.T) {
	for _, name := range []string{"nft", "sysctl"} {
		need.Program(t, name)
	}
	w := newWire(t)
	karun, kac := build(t, "karun"), build(t, "kac")
	conf := filepath.Join(t.TempDir(), "node.conf")
	write(t, conf, labtest.EveryKind, 0o600)
	phases := parsePhases(string(output(t, exec.Command(karun, "--dry-run", conf))))
	links, tables := w.start("a", "ip", "-o", "monitor", "link", "address", "route", "rule"), w.start("a", "nft", "monitor")
	time.Sleep(300 * time.Millisecond) // the monitors subscribe
	marks := [2]int{}
	phase := func(name string, lists ...[]string) {
		t.Helper()
		var listed []string
		for _, l := range slices.Concat(lists...) {
			if l = short(l); l != "" {
				listed = append(listed, l)
			}
		}
		slices.Sort(listed)
		happened := func() []string {
			got := append(fromIP(links.out.String(), marks[0]), fromNFT(tables.out.String()[marks[1]:])...)
			slices.Sort(got)
			return got
		}
		end := time.Now().Add(30 * time.Second)
		for !slices.Equal(listed, happened()) && time.Now().Before(end) {
			time.Sleep(50 * time.Millisecond)
		}
		if d := cmp.Diff(listed, happened()); d != "" {
			t.Errorf("%s: listed (-), seen (+)\n%s", name, d)
		}
		marks = [2]int{len(links.out.String()), len(tables.out.String())}
	}
	before := w.settings(phases["start"])
	w.compares(kac, conf, 2)
	a := w.start("a", karun, "--log-format", "json", "--run-dir", filepath.Join(t.TempDir(), "run"), conf)
	a.says(`"msg":"ready"`)
	phase("start", phases["start"])
	if d := cmp.Diff(values(phases["start"]), w.settings(phases["start"])); d != "" || len(before) == 0 {
		t.Errorf("settings: listed (-), found (+)\n%s", d)
	}
	a.says(`"msg":"address"`, "10.77.0.103")
	phase("MASTER", phases["V4 MASTER"], phases["V6 MASTER"], phases["P MASTER"])
	w.compares(kac, conf, 0)
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	phase("stop", phases["V4 stop"], phases["V6 stop"], phases["P stop"], phases["stop"])
	if d := cmp.Diff(before, w.settings(phases["start"])); d != "" {
		t.Errorf("settings: before (-), at the end (+)\n%s", d)
	}
}

// compares runs kac plan against the kernel, which ends with the given status: 2 where something would change.
func (w *wire) compares(kac, conf string, want int) {
	w.T.Helper()
	out, err := exec.Command("ip", "netns", "exec", w.Namespace("a"), kac, "plan", "--against", "live", "--detailed-exitcode", conf).CombinedOutput()
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	}
	if code != want {
		w.T.Errorf("kac plan ended with %d, want %d\n%.3000s", code, want, out)
	}
}

// values are the settings of a phase as path=value.
func values(phase []string) []string {
	var out []string
	for _, l := range phase {
		if text, ok := strings.CutPrefix(l, "+ sysctl "); ok {
			setting, _, _ := strings.Cut(text, " (")
			out = append(out, setting)
		}
	}
	return out
}

// settings are the same settings as the host has them.
func (w *wire) settings(phase []string) []string {
	w.T.Helper()
	var out []string
	for _, v := range values(phase) {
		path, _, _ := strings.Cut(v, "=")
		out = append(out, path+"="+strings.TrimSpace(w.In("a", "sysctl", "-n", path)))
	}
	return out
}

var (
	planLink  = regexp.MustCompile(`^([+-] link \S+ link \S+).*`)
	planTable = regexp.MustCompile(`^([+-] nft table \S+ \S+).*`)
	ipLink    = regexp.MustCompile(`^\d+: (\S+)@(\S+): `)
	ipAddress = regexp.MustCompile(`^\d+: (\S+)\s+inet6? (\S+) `)
	ipRule    = regexp.MustCompile(`^\d+:\s+(not |from )`)
	nftChange = regexp.MustCompile(`^(add|delete) (table \S+ \S+|element \S+ \S+ vips\S* \{.*\})$`)
	who       = regexp.MustCompile(` proto (keepalived|18)`)
	ownLength = regexp.MustCompile(`(\d)/(32|128)\b`)
)

// short is a change of the plan without what the monitors do not tell; "" for a setting.
func short(change string) string {
	switch {
	case strings.HasPrefix(change[2:], "sysctl "):
		return ""
	case strings.HasPrefix(change[2:], "link "):
		return planLink.ReplaceAllString(change, "$1")
	case strings.Contains(change, " nft table "):
		return planTable.ReplaceAllString(change, "$1")
	case strings.Contains(change, " nft element "):
		return change
	case strings.Contains(change, "rule "):
		return ownLength.ReplaceAllString(who.ReplaceAllString(strings.Replace(change, " -6 rule", " rule", 1), ""), "$1")
	}
	f := strings.Fields(change)
	switch {
	case f[1] == "blackhole":
		return strings.Join(f[:3], " ")
	case f[2] == "dev":
		return strings.Join(f[:4], " ") // an address
	}
	return strings.Join(f[:2], " ")
}

// fromIP reads the lines of ip monitor behind mark. An interface is new the first time that it is told of. What
// the kernel does by itself is left out.
func fromIP(text string, mark int) []string {
	var out []string
	add := func(op string, words ...string) {
		if l := op + strings.Join(words, " "); !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	for line := range strings.Lines(text[mark:]) {
		if !strings.HasSuffix(line, "\n") {
			break // not written to its end yet
		}
		op := "+ "
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "Deleted "); ok {
			op, line = "- ", rest
		}
		f := strings.Fields(line)
		if m := ipLink.FindStringSubmatch(line); m != nil {
			if strings.HasPrefix(m[1], "vrrp") && (op == "- " || !strings.Contains(text[:mark], ": "+m[1]+"@")) {
				add(op, "link", m[1], "link", m[2])
			}
		} else if m := ipAddress.FindStringSubmatch(line); m != nil {
			if !strings.Contains(m[2], "ff:fe") {
				add(op, m[2], "dev", m[1])
			}
		} else if ipRule.MatchString(line) {
			add(op, "rule", ownLength.ReplaceAllString(who.ReplaceAllString(strings.Join(f, " "), ""), "$1"))
		} else if who.MatchString(line) && f[0] == "blackhole" {
			add(op, f[:2]...)
		} else if who.MatchString(line) {
			add(op, f[0])
		}
	}
	return out
}

// fromNFT reads the lines of nft monitor: tables, and addresses that accept nothing.
func fromNFT(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if m := nftChange.FindStringSubmatch(strings.TrimSpace(line)); m != nil && strings.HasSuffix(line, "\n") {
			op := map[string]string{"add": "+", "delete": "-"}[m[1]]
			out = append(out, op+" nft "+strings.ReplaceAll(m[2], `"`, ""))
		}
	}
	return out
}
