//go:build linux

package karun

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/runtime/control"
)

// reloadCommand is karun reload.
func reloadCommand(std cli.IO, f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "let a running karun read its file again",
		Long: `reload lets a running karun read the file that it was started with again, and go on with it: masters
stay masters, what is unchanged is not touched, and no advertisement is late. It waits until that is done.
A file with errors, or one that this machine cannot run, changes nothing: the old plan goes on.

Exit status: 0 reloaded, 1 failed or not running, 2 wrong usage, 3 plan refused, the old one goes on.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := control.AskReload(cmd.Context(), f.runDir)
			if err != nil {
				return unanswered(err, f.runDir)
			}
			return reportReload(std, r)
		},
	}
	runDirFlag(cmd, f)
	return cmd
}

// reportReload prints how a reload ended.
func reportReload(std cli.IO, r control.Reload) error {
	for _, reason := range r.Reasons {
		fmt.Fprintf(std.Stderr, "karun: %s\n", reason)
	}
	switch r.Outcome {
	case control.ReloadDone:
		if r.Instances.Any() {
			fmt.Fprintf(std.Stdout, "instances: %s\n", r.Instances)
		}
		if r.VirtualServers.Any() {
			fmt.Fprintf(std.Stdout, "virtual servers: %s\n", r.VirtualServers)
		}
		return nil
	case control.ReloadRefused:
		fmt.Fprintln(std.Stderr, "karun: plan refused, the old one goes on")
		return cli.Exit(ExitRefused, nil)
	}
	return cli.Exit(cli.ExitFindings, errors.New("not reloaded"))
}
