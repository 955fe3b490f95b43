//go:build linux

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ka/runtime/lab/need"
)

// TestKilled kills all processes of karun at once, in each state, and lets the next start or a cleanup
// find what they left: in the end the machine is as it was before the first start, with the route and
// the address that were there, also those that the configuration names too.
func TestKilled(t *testing.T) {
	for _, state := range []string{"BACKUP", "becoming MASTER", "MASTER"} {
		for _, next := range []string{"start", "cleanup"} {
			t.Run(state+" then "+next, func(t *testing.T) { killed(t, state, next) })
		}
	}
}

func killed(t *testing.T, state, next string) {
	w := newWire(t)
	karun := build(t, "karun")
	dir := t.TempDir()
	conf, runDir := filepath.Join(dir, "node.conf"), filepath.Join(dir, "run")
	write(t, filepath.Join(dir, "check"), "#!/bin/sh\ntrue\n", 0o755)
	write(t, conf, strings.ReplaceAll(monitored, "CHECK", filepath.Join(dir, "check")), 0o600)
	w.In("a", "ip", "addr", "add", "10.77.0.60/24", "dev", "eth0")
	w.In("a", "ip", "route", "add", "10.98.0.0/24", "via", "10.77.0.2")
	w.In("a", "ip", "route", "add", "10.99.1.0/24", "via", "10.77.0.2", "dev", "eth0")
	before := w.State("a")
	start := func() *program {
		return w.start("a", karun, "--log-format", "json", "--run-dir", runDir, conf)
	}
	capture := w.start("b", need.Program(t, "tcpdump"), "-n", "-l", "-i", "eth0", "ip", "proto", "112")
	capture.says("listening on")
	k := start()
	switch state {
	case "BACKUP":
		k.says(`"msg":"ready"`)
		k.says(`"to":"BACKUP"`)
	case "becoming MASTER":
		k.says(`"to":"MASTER"`)
	case "MASTER":
		k.says(`"msg":"route"`, "10.99.2.0/24")
	}
	k.kill()
	if strings.Contains(capture.out.String(), "prio 0") {
		t.Error("it left in order (priority 0) instead of dying")
	}
	if state == "MASTER" && !strings.Contains(w.State("a"), "10.77.0.100/24") {
		t.Error("the address is gone, the test shows nothing")
	}
	if next == "cleanup" {
		w.In("a", karun, "cleanup", "--run-dir", runDir)
	} else {
		again := start()
		again.says(`"msg":"ready"`)
		again.says(`"msg":"route"`, "10.99.2.0/24", `"op":"+"`)
		for _, object := range []string{"10.77.0.100/24", "10.77.0.101/32", "10.99.2.0/24", "10.77.0.50/24"} {
			if strings.Count(w.State("a"), object) == 0 {
				t.Errorf("%s is missing after the second start", object)
			}
		}
		if code := again.stop(); code != 0 {
			t.Errorf("exit status %d", code)
		}
		until(t, "priority 0 of the orderly stop", func() bool { return strings.Contains(capture.out.String(), "prio 0") })
	}
	if got := w.State("a"); got != before {
		t.Errorf("at the end\n%s\nbefore\n%s", got, before)
	}
}

// TestStatus: what a master tells about itself; no password is in it.
func TestStatus(t *testing.T) {
	w := newWire(t)
	karun := build(t, "karun")
	dir := t.TempDir()
	conf, runDir := filepath.Join(dir, "node.conf"), filepath.Join(dir, "run")
	write(t, filepath.Join(dir, "check"), "#!/bin/sh\ntrue\n", 0o755)
	text := strings.ReplaceAll(monitored, "CHECK", filepath.Join(dir, "check"))
	text = strings.Replace(text, "advert_int 1", "advert_int 1\n    authentication {\n        auth_type PASS\n        auth_pass s3cret\n    }", 1)
	write(t, conf, text, 0o600)
	k := w.start("a", karun, "--run-dir", runDir, conf)
	k.says("msg=transition", "to=MASTER")
	var out string
	until(t, "a status with MASTER", func() bool {
		out = w.In("a", karun, "status", "--run-dir", runDir)
		return strings.Contains(out, "MASTER")
	})
	short := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"instance VI_1 MASTER for", "priority 150 master 10.77.0.1", "script chk up runs", "process vrrp pid "} {
		if !strings.Contains(short, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	js := w.In("a", karun, "status", "--run-dir", runDir, "--format", "json")
	for _, want := range []string{`"state": "MASTER"`, `"vrid": 51`, `"addresses": [`, `"known": true`} {
		if !strings.Contains(js, want) {
			t.Errorf("no %q in\n%s", want, js)
		}
	}
	// The file is the same: a reload by either way changes nothing.
	if err := k.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	k.says("msg=reload", "outcome=done", "1 unchanged")
	if out := w.In("a", karun, "reload", "--run-dir", runDir); out != "instances: 1 unchanged\n" {
		t.Errorf("reload says %q", out)
	}
	// One with errors is not taken, and says where they are.
	write(t, conf, strings.Replace(text, "virtual_router_id 51", "virtual_router_id 999", 1), 0o600)
	again := exec.Command("ip", "netns", "exec", w.Namespace("a"), karun, "reload", "--run-dir", runDir)
	said, _ := again.CombinedOutput()
	if code := again.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(said), "node.conf:") || !strings.Contains(string(said), "[invalid-value]") {
		t.Errorf("exit status %d, %s", code, said)
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	for _, text := range []string{out, js, k.out.String()} {
		if strings.Contains(text, "s3cret") {
			t.Error("the password is printed")
		}
	}
}
