//go:build linux

package director

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ka/compiler/plan"
)

// roleRun makes the test binary a karun: @run PLAN RUNDIR [keep] [partial] [impatient] [auto]. The exit statuses are karun's.
const roleRun = "@karun-test-run"

// roleCleanup makes it "karun cleanup": @cleanup RUNDIR.
const roleCleanup = "@karun-test-cleanup"

// TestMain lets the test binary be a whole director, and the children of one.
func TestMain(m *testing.M) {
	switch {
	case IsChild(os.Args):
		os.Exit(RunChild(os.Args))
	case len(os.Args) == 3 && os.Args[1] == roleCleanup:
		if _, err := Cleanup(os.Args[2], slog.Default()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case len(os.Args) > 3 && os.Args[1] == roleRun:
		os.Exit(runForTest(os.Args[2], os.Args[3], os.Args[4:]))
	}
	// The tests wait for timers most of the time: two at once, on two processors, would be a waste.
	flag.Parse()
	_ = flag.Set("test.parallel", "8")
	goleak.VerifyTestMain(m)
}

func runForTest(planFile, runDir string, words []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	load := func() (*plan.Plan, error) {
		data, err := os.ReadFile(planFile)
		if err != nil {
			return nil, err
		}
		return plan.Decode(data)
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	p, err := load()
	opt := Options{
		Load: load, Hangup: hangups, Plan: p, RunDir: runDir, Realtime: RealtimeOn, NotifyPatience: DefaultPatience,
		Logger: slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
	for _, w := range words {
		opt.Keep = opt.Keep || w == "keep"
		if w == "impatient" {
			opt.NotifyPatience = 300 * time.Millisecond
		}
		if w == "auto" {
			opt.Realtime = RealtimeAuto
		}
		opt.AllowPartial = opt.AllowPartial || w == "partial"
	}
	if err == nil {
		err = EnterNamespace(p, os.Args)
	}
	if err == nil {
		err = Run(ctx, opt)
	}
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		fmt.Fprintln(os.Stderr, err)
		return 3
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
