//go:build linux

package karun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/runtime/control"
	"ka/runtime/director"
)

// statusCommand is karun status.
func statusCommand(std cli.IO, f *flags) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "tell what a running karun does",
		Long: `status prints what a running karun does: its processes, each instance with its state, why it is in it, its
priority and what it tracks, scripts, BFD sessions, virtual servers, and what was lost.

Exit status: 0 told, 1 failed or not running, 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.OneOf("format", format, "text", "json"); err != nil {
				return err
			}
			st, err := control.Get(cmd.Context(), f.runDir)
			if err != nil {
				return unanswered(err, f.runDir)
			}
			if format == "text" {
				return control.WriteText(std.Stdout, st, time.Now())
			}
			out := json.NewEncoder(std.Stdout)
			out.SetIndent("", "  ")
			return out.Encode(st)
		},
	}
	runDirFlag(cmd, f)
	cmd.Flags().StringVar(&format, "format", "text", "print as `text|json`")
	return cmd
}

// cleanupCommand is karun cleanup.
// unanswered says why the karun of a run directory gives no answer.
func unanswered(err error, runDir string) error {
	switch {
	case errors.Is(err, control.ErrNotRunning):
		err = fmt.Errorf("no karun runs with the run directory %q", runDir)
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("the karun of the run directory %q answers root and its own user only", runDir)
	}
	return cli.Exit(cli.ExitFindings, err)
}

func cleanupCommand(std cli.IO, f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cleanup",
		Short: "remove what a karun that was killed left behind",
		Long: `cleanup removes what the journal names, and what was not there before karun started: addresses, routes,
rules, interfaces, tables of nftables, IPVS services and FIFOs. Settings of the kernel get the values that they
had. Then the journal goes. While karun runs it refuses.

Exit status: 0 nothing is left, 1 failed or a karun runs, 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			log, flush, err := newLogger(std.Stderr, "text", std.Getenv)
			if err != nil {
				return err
			}
			defer flush()
			if _, err := director.Cleanup(f.runDir, log); err != nil {
				return cli.Exit(cli.ExitFindings, err)
			}
			return nil
		},
	}
	runDirFlag(cmd, f)
	return cmd
}
