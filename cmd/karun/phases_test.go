//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/runtime/lab/labtest"
)

// monitored is a configuration with something in every phase.
const monitored = `
static_ipaddress {
    10.77.0.50/24 dev eth0
}
static_routes {
    10.99.1.0/24 via 10.77.0.2 dev eth0
}
vrrp_script chk {
    script "CHECK"
    interval 1
    fall 1
    rise 1
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    virtual_ipaddress {
        10.77.0.100/24
        10.77.0.102/24 label eth0:1
    }
    virtual_ipaddress_excluded {
        10.77.0.101/32
    }
    virtual_routes {
        10.99.2.0/24 via 10.77.0.2 dev eth0
    }
    track_script {
        chk
    }
}
`

// TestPlanIsWhatHappens compares what kac plan and karun --dry-run list for each phase with what a
// netlink monitor sees karun do in it.
func TestPlanIsWhatHappens(t *testing.T) {
	w := newWire(t)
	karun, kac := build(t, "karun"), build(t, "kac")
	dir := t.TempDir()
	fail := filepath.Join(dir, "fail")
	check := filepath.Join(dir, "check")
	conf := filepath.Join(dir, "node.conf")
	peer := filepath.Join(dir, "peer.conf")
	text := strings.ReplaceAll(monitored, "CHECK", check)
	write(t, check, "#!/bin/sh\ntest ! -e "+fail+"\n", 0o755)
	write(t, conf, text, 0o600)
	write(t, peer, strings.Replace(instanceOnly(text), "priority 150", "priority 200", 1), 0o600)

	dry := string(output(t, exec.Command(karun, "--dry-run", conf)))
	if !strings.Contains(string(output(t, exec.Command(kac, "plan", "--against", "none", conf))), dry) {
		t.Error("kac plan does not list what karun --dry-run lists")
	}
	phases := parsePhases(dry)
	before := w.State("a")
	monitor := w.start("a", "ip", "-4", "-o", "monitor", "address", "route")
	mark := 0
	phase := func(name string, lines ...string) {
		t.Helper()
		until(t, name+": "+strings.Join(lines, ", "), func() bool {
			return len(seen(monitor.out.String()[mark:])) >= len(lines)
		})
		time.Sleep(100 * time.Millisecond) // nothing may follow
		got := seen(monitor.out.String()[mark:])
		mark = len(monitor.out.String())
		if d := cmp.Diff(lines, got); d != "" {
			t.Errorf("%s: listed (-), seen (+)\n%s", name, d)
		}
	}
	time.Sleep(200 * time.Millisecond) // the monitor subscribes

	a := w.start("a", karun, "--log-format", "json", "--run-dir", filepath.Join(dir, "run-a"), conf)
	a.says(`"msg":"ready"`)
	phase("start", phases["start"]...)
	a.says(`"to":"MASTER"`)
	phase("MASTER", phases["VI_1 MASTER"]...)
	b := w.start("b", karun, "--log-format", "json", "--run-dir", filepath.Join(dir, "run-b"), peer)
	a.says(`"from":"MASTER"`, `"to":"BACKUP"`)
	phase("BACKUP", phases["VI_1 BACKUP"]...)
	if code := b.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	phase("MASTER again", phases["VI_1 MASTER"]...)
	write(t, fail, "", 0o600)
	a.says(`"from":"MASTER"`, `"to":"FAULT"`)
	phase("FAULT", phases["VI_1 FAULT"]...)
	if err := os.Remove(fail); err != nil {
		t.Fatal(err)
	}
	phase("MASTER once more", phases["VI_1 MASTER"]...)
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	phase("stop", slices.Concat(phases["VI_1 stop"], phases["stop"])...)
	if got := w.State("a"); got != before {
		t.Errorf("at the end\n%s\nbefore\n%s", got, before)
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return out
}

// instanceOnly leaves the static part out.
func instanceOnly(text string) string { return text[strings.Index(text, "vrrp_script"):] }

// parsePhases reads what WritePhases wrote.
func parsePhases(text string) map[string][]string {
	out := map[string][]string{}
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if change, ok := strings.CutPrefix(line, "  "); ok {
			if !strings.Contains(change, " via ") {
				// Debian 12's ip does not show who added an address; runtime/kernel tests that.
				change = strings.Replace(change, " proto keepalived", "", 1)
			}
			out[name] = append(out[name], change)
		} else {
			name = strings.TrimSuffix(line, ":")
		}
	}
	return out
}

// seen turns the lines of ip monitor into changes as the plan writes them. What the kernel does by
// itself (routes to the addresses) is left out.
func seen(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			break // not written to its end yet
		}
		if labtest.Noise(line) {
			continue
		}
		f := strings.Fields(line)
		op := "+ "
		if len(f) > 0 && f[0] == "Deleted" {
			op, f = "- ", f[1:]
		}
		switch {
		case slices.Contains(f, "inet"):
			out = append(out, op+address(f))
		case len(f) > 0 && f[0] != "local" && f[0] != "broadcast" && !strings.Contains(line, "proto kernel"):
			out = append(out, op+strings.Join(f, " "))
		}
	}
	return out
}

// address reads "2: eth0 inet 10.0.0.1/24 scope global secondary eth0:1\ …".
func address(f []string) string {
	dev := strings.TrimSuffix(f[1], ":")
	text := f[slices.Index(f, "inet")+1] + " dev " + dev
	label := ""
	for _, word := range f {
		if strings.HasPrefix(word, dev) && word != dev && word != dev+`\` {
			label = " label " + strings.TrimSuffix(word, `\`)
		}
	}
	text += label
	return text
}
