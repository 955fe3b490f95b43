//go:build linux

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/karun"
	"ka/compiler"
	"ka/compiler/plan"
)

var update = flag.Bool("update", false, "rewrite goldens")

func TestMain(m *testing.M) {
	if strings.HasSuffix(os.Args[0], ".test") {
		// The tests wait for timers most of the time: two at once, on two processors, would be a waste.
		flag.Parse()
		_ = flag.Set("test.parallel", "8")
	}
	testscript.Main(m, map[string]func(){
		"karun": func() { os.Exit(karun.Main(context.Background(), cli.OS(), os.Args)) },
	})
}

// TestScripts runs testdata/script: the command as people call it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":   exitCode,
			"mkplan": makePlan,
			"deep":   makeDeep,
		},
	})
}

// exitCode runs a command and wants its status: "code 3 karun plan.json".
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		if _, err := fmt.Sscanf(err.Error(), "exit status %d", &got); err != nil {
			ts.Fatalf("%v", err)
		}
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// makePlan compiles a configuration: "mkplan CONF PLAN [cut N | OLD NEW]": cut keeps the first N bytes,
// OLD and NEW replace text.
func makePlan(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 && len(args) != 4 {
		ts.Fatalf("usage: mkplan CONF PLAN [cut N | OLD NEW]")
	}
	data, err := planOf(ts.MkAbs(args[0]))
	ts.Check(err)
	switch {
	case len(args) == 4 && args[2] == "cut":
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		data = data[:n]
	case len(args) == 4:
		if !bytes.Contains(data, []byte(args[2])) {
			ts.Fatalf("the plan has no %q", args[2])
		}
		data = bytes.Replace(data, []byte(args[2]), []byte(args[3]), 1)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// planOf gives the plan.json of a configuration.
func planOf(name string) ([]byte, error) {
	node, err := cli.LoadNode(cli.OS(), name, cli.TextEnv{})
	if err != nil {
		return nil, err
	}
	p, list := compiler.Compile(node.Tree, compiler.Environment{Node: node.Name}, compiler.Options{})
	if list = append(list, node.Diags...); list.HasErrors() {
		return nil, fmt.Errorf("%s has errors: %s", name, list[0].Message)
	}
	return plan.Encode(p)
}

// makeDeep writes a file of "a {" until it has the given number of bytes: "deep FILE 2000000".
func makeDeep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: deep FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("a {\n", n/4)), 0o600))
}
