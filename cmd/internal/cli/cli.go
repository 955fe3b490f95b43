// Package cli holds what the three commands share: streams, exit statuses, and how an error becomes
// one clear message. It builds on every platform; what needs Linux is in the packages below it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// IO is what a command may use of its process.
type IO struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv reads an environment variable.
	Getenv func(string) string
}

// OS is the IO of the running process.
func OS() IO {
	return IO{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
}

// The exit statuses that all commands share.
const (
	ExitOK       = 0
	ExitFindings = 1 // kalint: findings; kac: refused or failed; karun: fatal
	ExitUsage    = 2 // wrong flag or argument; kalint: unreadable file
	ExitInternal = 3 // a fault of the program; karun: plan refused
)

// ExitError ends a command with a status. Err may be nil: then everything has been said.
type ExitError struct {
	Code int
	Err  error
}

// Error gives the message.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap gives the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// Exit returns an error that ends the command with code and prints err if there is one.
func Exit(code int, err error) error { return &ExitError{Code: code, Err: err} }

// Run executes cmd with args and returns the exit status. Errors that are no ExitError are wrong
// usage. It prints one line, "NAME: message", and where there is one a "help:" line.
func Run(ctx context.Context, io IO, cmd *cobra.Command, args []string) int {
	cmd.SetArgs(args)
	cmd.SetIn(io.Stdin)
	cmd.SetOut(io.Stdout)
	cmd.SetErr(io.Stderr)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.Version = Version()
	cmd.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)
	ran, err := cmd.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	var exit *ExitError
	if errors.As(err, &exit) {
		if exit.Err != nil {
			fmt.Fprintf(io.Stderr, "%s: %v\n", cmd.Name(), exit.Err)
		}
		return exit.Code
	}
	fmt.Fprintf(io.Stderr, "%s: %v\nhelp: see %q\n", cmd.Name(), err, ran.CommandPath()+" --help")
	return ExitUsage
}

// flagError says what a flag takes where its value is none.
func flagError(_ *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	flag := wrong.GetFlag()
	if flag.Value.Type() == "duration" {
		return fmt.Errorf("wrong value %q for --%s; write a time like 10s", wrong.GetValue(), flag.Name)
	}
	return OneOf(flag.Name, wrong.GetValue(), "true", "false")
}

// Version names the build: the module's version, or the commit that it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel " + s.Value[:12]
		}
	}
	return "devel"
}

// Args checks how many arguments a command has: at least least, at most most (-1: any number). The error
// says what to give.
func Args(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least {
			return fmt.Errorf("missing argument: %s", what)
		}
		if most >= 0 && len(args) > most {
			return fmt.Errorf("unexpected argument %q: %s", args[most], what)
		}
		return nil
	}
}

// OneOf checks the value of a flag that takes one of a few words.
func OneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("wrong value %q for --%s; allowed: %s", value, flag, strings.Join(allowed, ", "))
}

// WriteCompletion prints the script that completes the words of a command without subcommands; the
// others have a subcommand for it.
func WriteCompletion(w io.Writer, cmd *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return cmd.GenBashCompletionV2(w, true)
	case "zsh":
		return cmd.GenZshCompletion(w)
	case "fish":
		return cmd.GenFishCompletion(w, true)
	case "powershell":
		return cmd.GenPowerShellCompletionWithDesc(w)
	}
	return OneOf("completion", shell, "bash", "zsh", "fish", "powershell")
}
