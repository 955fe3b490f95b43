package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
)

var update = flag.Bool("update", false, "rewrite goldens")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kac": func() { os.Exit(kac.Main(context.Background(), cli.OS(), os.Args)) },
	})
}

func TestScripts(t *testing.T) {
	seeds, err := filepath.Abs("../../testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SEEDS", seeds)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"mode":   fileMode,
			"status": status,
			"cut":    cut,
		},
	})
}

// fileMode checks the permissions of a file: mode 600 FILE.
func fileMode(ts *testscript.TestScript, _ bool, args []string) {
	st, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := st.Mode().String(); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// status runs kac and checks its exit status: status 2 plan --nosuch.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("kac", args[1:]...)
	got := "0"
	if err != nil {
		got = exitStatus(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

func exitStatus(err error) string {
	if e, ok := err.(interface{ ExitCode() int }); ok {
		return string(rune('0' + e.ExitCode()))
	}
	return err.Error()
}

// cut shortens a file to half its size: cut FILE.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.WriteFile(name, data[:len(data)/2], 0o600))
}
