package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
)

var update = flag.Bool("update", false, "rewrite goldens")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kalint": func() { os.Exit(kalint.Main(context.Background(), cli.OS(), os.Args)) },
	})
}

// TestScripts runs testdata/script: the command as people call it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pairs": makePairs,
			"code":  exitCode,
		},
	})
}

// makePairs writes N pairs of nodes of different clusters, each in a network of its own, all from the
// same example: "pairs N".
func makePairs(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	if _, err := fmt.Sscan(args[0], &n); err != nil || neg {
		ts.Fatalf("usage: pairs N")
	}
	for i := range n {
		for node, role := range []string{"state MASTER\n    priority 100", "state BACKUP\n    priority 90"} {
			text := strings.NewReplacer("ROLE", role, "NET", fmt.Sprintf("10.0.%d", i)).Replace(`vrrp_instance VI_1 {
    ROLE
    interface eth0
    virtual_router_id 51
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        NET.100
    }
}
`)
			dir := ts.MkAbs(fmt.Sprintf("cluster%02d", i))
			ts.Check(os.MkdirAll(dir, 0o755))
			ts.Check(os.WriteFile(fmt.Sprintf("%s/node%d.conf", dir, node+1), []byte(text), 0o644))
		}
	}
}

// exitCode runs kalint in this process and compares its exit status: "code N ARGS…".
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: code N ARGS...")
	}
	err := ts.Exec("kalint", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("kalint %s ends with status %s, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}
