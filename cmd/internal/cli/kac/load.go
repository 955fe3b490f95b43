package kac

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/source"
)

// standardFile is what keepalived reads when it is told nothing.
const standardFile = "/etc/keepalived/keepalived.conf"

// input are the flags about what is compiled.
type input struct {
	asKeepalived bool
	text         cli.TextEnv
}

func (in *input) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&in.asKeepalived, "as-keepalived", false, "leave out the lines that keepalived would leave out, instead of refusing the file")
	in.text.Register(cmd)
}

// load gives the plan of a plan.json or of a configuration, which is compiled.
func (in input) load(std cli.IO, name string) (*plan.Plan, error) {
	if err := in.text.Check(); err != nil {
		return nil, err
	}
	f, err := cli.LoadFile(std, name)
	if err != nil {
		return nil, failed(err)
	}
	if cli.IsPlan(f) {
		return decode(f)
	}
	return in.compile(std, f)
}

func decode(f *source.File) (*plan.Plan, error) {
	p, help, err := cli.DecodePlan(f)
	if err != nil {
		return nil, failed(fmt.Errorf("%w\nhelp: %s", err, help))
	}
	return p, nil
}

// compile prints what is wrong with a configuration. Errors refuse it.
func (in input) compile(std cli.IO, f *source.File) (*plan.Plan, error) {
	p, list, refused := cli.Compile(std, f, in.text, in.asKeepalived)
	shown := make(diag.List, 0, len(list))
	for _, d := range list {
		// With --as-keepalived the lines that are left out are part of the preview.
		if d.Severity >= diag.Warning && (refused || !in.asKeepalived || d.Severity < diag.Error) {
			shown = append(shown, d)
		}
	}
	if err := diag.WriteText(std.Stderr, shown, diag.TextOptions{Color: wantsColor(std, std.Stderr)}); err != nil {
		return nil, failed(err)
	}
	if refused {
		return nil, failed(fmt.Errorf("%s has errors: nothing was compiled", f.Name))
	}
	return p, nil
}

// save writes a plan, readable by its owner only: it holds the passwords.
func save(name string, p *plan.Plan) error {
	if name == cli.Stdin {
		return fmt.Errorf("the plan holds passwords and is not printed: name a file with -o")
	}
	return failed(cli.WriteFileWith(name, 0o600, func(w io.Writer) error { return plan.Write(w, p) }))
}

// expand prints a configuration as keepalived reads it.
func (in input) expand(std cli.IO, name, out string) error {
	if err := in.text.Check(); err != nil {
		return err
	}
	node, err := cli.LoadNode(std, name, in.text)
	if err != nil {
		return failed(err)
	}
	text, list := node.Expand()
	if err := diag.WriteText(std.Stderr, list, diag.TextOptions{Color: wantsColor(std, std.Stderr)}); err != nil {
		return failed(err)
	}
	if out != "" && out != cli.Stdin {
		err = cli.WriteFile(out, text, 0o600)
	} else {
		_, err = std.Stdout.Write(text)
	}
	if err == nil && list.HasErrors() {
		err = fmt.Errorf("%s has errors: what is behind them may be read differently", node.File.Name)
	}
	return failed(err)
}

func buildCommand(std cli.IO) *cobra.Command {
	var in input
	var out string
	var expand bool
	cmd := &cobra.Command{
		Use:   "build [flags] FILE",
		Short: "compile a keepalived.conf into a plan",
		Long: `build compiles a keepalived.conf into a plan. With --expand it compiles nothing, and prints what
keepalived reads of the file: included files in place, conditions decided, parameters replaced, loops
written out, comments gone. Passwords are in it, as they are in the file.

Exit status: 0 done, 1 the file has errors, 2 wrong usage.`,
		Example: "  kac build node1.conf -o plan.json\n  kac build --expand node.conf -i lb1",
		Args:    cli.Args(1, 1, "give one keepalived.conf"),
		RunE: func(_ *cobra.Command, args []string) error {
			if expand {
				return in.expand(std, args[0], out)
			}
			if out == "" {
				return errors.New("where to write the plan is missing: give it with -o FILE")
			}
			p, err := in.load(std, args[0])
			if err != nil {
				return err
			}
			return save(out, p)
		},
	}
	in.register(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the plan, or the expanded text, to this `file`, mode 0600")
	cmd.Flags().BoolVar(&expand, "expand", false, "print the file after includes, conditions, parameters and loops, passwords included")
	return cmd
}
