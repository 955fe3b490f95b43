//go:build linux

package karun

import (
	"encoding/json"
	"errors"
	"fmt"
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
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("wrong value %q for --format; allowed: text, json", format)
			}
			st, err := control.Get(cmd.Context(), f.runDir)
			if errors.Is(err, control.ErrNotRunning) {
				err = fmt.Errorf("no karun runs with the run directory %q", f.runDir)
			}
			if err != nil {
				return cli.Exit(cli.ExitFindings, err)
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
func cleanupCommand(std cli.IO, f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cleanup",
		Short: "remove what a karun that was killed left behind",
		Long: `cleanup removes the addresses, routes and services that the journal names, and that were not
there before karun started, then the journal itself. While karun runs it refuses.`,
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
