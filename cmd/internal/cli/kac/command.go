package kac

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ka/cmd/internal/cli"
	"ka/compiler/plan"
)

// Main runs the command with os.Args-like words and returns the exit status: 0 done, 1 refused or
// failed, 2 wrong usage, 3 a fault of the program itself.
func Main(ctx context.Context, std cli.IO, argv []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(std.Stderr, "kac: internal failure: %v\n%s", r, debug.Stack())
			code = cli.ExitInternal
		}
	}()
	return cli.Run(ctx, std, Command(std), argv[1:])
}

// Command is kac with its subcommands.
func Command(std cli.IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kac",
		Short: "compile a keepalived.conf, and show what it will do",
		Long: `kac compiles a keepalived.conf into a plan for karun and shows what the plan will do before
anything runs. "-" is standard input.

Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 internal failure.`,
		Example: "  kac plan node1.conf\n  kac build node1.conf -o plan.json\n  kac fmt --check *.conf",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fmt.Errorf("a subcommand is missing; allowed: plan, build, show, schema, fmt")
		},
	}
	cmd.AddCommand(planCommand(std), buildCommand(std), showCommand(std), schemaCommand(std), fmtCommand(std))
	return cmd
}

// failed ends the command with status 1 and a message.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return cli.Exit(cli.ExitFindings, err)
}

// wantsColor reports whether a stream is a terminal that wants colours.
func wantsColor(std cli.IO, stream any) bool {
	f, ok := stream.(*os.File)
	return ok && std.Getenv("NO_COLOR") == "" && std.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

func schemaCommand(std cli.IO) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON schema of plan.json",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := plan.Schema()
			if err != nil {
				return failed(err)
			}
			_, err = std.Stdout.Write(text)
			return failed(err)
		},
	}
}
