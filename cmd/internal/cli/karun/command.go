//go:build linux

package karun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/karun/labcmd"
	"ka/runtime/director"
)

// ExitRefused is the exit status for a plan that is not run: nothing was touched.
const ExitRefused = 3

// flags are the flags of karun itself.
type flags struct {
	runDir       string
	logFormat    string
	dryRun       bool
	keep         bool
	allowPartial bool
	asKeepalived bool
	text         cli.TextEnv
	realtime     string
	patience     time.Duration
}

// Main runs the command with os.Args-like words and returns the exit status. The director starts this
// very program again for its other processes: those words never reach the flags.
func Main(ctx context.Context, std cli.IO, argv []string) int {
	if director.IsChild(argv) {
		return director.RunChild(argv)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return cli.Run(ctx, std, Command(std), argv[1:])
}

// Command is karun with its subcommands.
func Command(std cli.IO) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "karun [flags] PLAN|CONF",
		Short: "run a plan, or a keepalived.conf, on this director",
		Long: `karun runs in the foreground until SIGTERM or SIGINT: it then sends priority 0, removes
everything that it added, and ends. A keepalived.conf in place of a plan is compiled first;
"-" is standard input. SIGHUP, or "karun reload", reads the same file again and goes on with it.

Exit status: 0 stopped as asked, 1 fatal, 2 wrong usage, 3 plan refused, nothing was touched.`,
		Args: cli.Args(1, 1, "give one plan.json or keepalived.conf"),
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), std, f, args[0]) },
	}
	fl := cmd.Flags()
	runDirFlag(cmd, &f)
	fl.StringVar(&f.logFormat, "log-format", "text", "log as `text|json` on standard error")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print every change that would be made, and touch nothing")
	fl.BoolVar(&f.keep, "keep", false, "at the end send no priority 0 and leave everything in place")
	fl.BoolVar(&f.allowPartial, "allow-partial", false, "run without what cannot be run here, and log each thing")
	fl.BoolVar(&f.asKeepalived, "as-keepalived", false, "leave out the lines that keepalived would leave out, instead of refusing the file")
	f.text.Register(cmd)
	fl.StringVar(&f.realtime, "realtime", "auto", "real-time scheduling of the vrrp process: `auto|on|off`; auto is as the file says")
	fl.DurationVar(&f.patience, "notify-patience", director.DefaultPatience, "how long a notification script waits for the one before of the same instance; 0 starts them side by side")
	cmd.AddCommand(statusCommand(std, &f), reloadCommand(std, &f), cleanupCommand(std, &f), labcmd.New(std), labcmd.NewInit(std))
	return cmd
}

// runDirFlag is the flag that karun shares with status, reload and cleanup.
func runDirFlag(cmd *cobra.Command, f *flags) {
	cmd.Flags().StringVar(&f.runDir, "run-dir", director.DefaultRunDir, "`directory` of the journal, the lock and the control socket")
}

// run loads what name holds and runs it.
func run(ctx context.Context, std cli.IO, f flags, name string) error {
	if err := cli.OneOf("realtime", f.realtime, string(director.RealtimeAuto), string(director.RealtimeOn), string(director.RealtimeOff)); err != nil {
		return err
	}
	if err := f.text.Check(); err != nil {
		return err
	}
	log, flush, err := newLogger(std.Stderr, f.logFormat, std.Getenv)
	if err != nil {
		return err
	}
	defer flush()
	hangups := make(chan os.Signal, 1) // one more is the same wish; also while the file is read, which may take its time
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	p, err := load(std, f, name)
	var failed *loadError
	if errors.As(err, &failed) {
		flush()
		return failed.exit(std.Stderr)
	}
	if err != nil {
		return err
	}
	if f.dryRun {
		return dryRun(std.Stdout, p)
	}
	again, err := reloader(std, f, name)
	if err != nil {
		return err
	}
	defer explainSignals(log)()
	if err = director.EnterNamespace(p, os.Args); err == nil {
		log.Info("starting", "version", cli.Version(), "file", name)
		err = director.Run(ctx, director.Options{
			Plan: p, RunDir: f.runDir, Keep: f.keep, AllowPartial: f.allowPartial,
			Realtime: director.Realtime(f.realtime), NotifyPatience: max(f.patience, 0), Logger: log, Load: again, Hangup: hangups,
		})
	}
	var refused *director.RefusedError
	if errors.As(err, &refused) {
		flush()
		return refuse(std.Stderr, refused.Reasons,
			"mend the machine or the file; --allow-partial runs without what cannot be run here, and names it")
	}
	if err != nil {
		return cli.Exit(cli.ExitFindings, err)
	}
	return nil
}

// refuse prints the reasons, a line each, and what to do; it returns the error that exits with 3.
func refuse(w io.Writer, reasons []string, help string) error {
	for _, r := range reasons {
		fmt.Fprintf(w, "karun: %s\n", strings.ReplaceAll(r, "\n", "\n  "))
	}
	fmt.Fprintf(w, "karun: plan refused, nothing was touched\nhelp: %s\n", help)
	return cli.Exit(ExitRefused, nil)
}
