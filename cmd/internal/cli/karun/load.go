//go:build linux

package karun

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"ka/cmd/internal/cli"
	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/runtime/director"
)

// loadError says why there is no plan. Nothing was touched.
type loadError struct {
	// reasons are short messages, text is what is printed in their place at a start; "" is the reasons.
	reasons []string
	text    string
	// refused: the plan is damaged or of another version; help says what to do.
	refused bool
	help    string
}

// Error gives all reasons, a line each.
func (e *loadError) Error() string { return strings.Join(e.reasons, "\n") }

// exit says it all to the user, and gives the error that ends karun.
func (e *loadError) exit(w io.Writer) error {
	switch {
	case e.refused:
		return refuse(w, e.reasons, e.help)
	case e.text != "":
		if _, err := io.WriteString(w, e.text); err != nil {
			return err
		}
		return cli.Exit(cli.ExitFindings, nil)
	}
	return cli.Exit(cli.ExitFindings, e)
}

// load gives the plan of a plan.json, or of a keepalived.conf that is compiled here; its error is a
// *loadError.
func load(std cli.IO, f flags, name string) (*plan.Plan, error) {
	file, err := cli.LoadFile(std, name)
	if err != nil {
		return nil, &loadError{reasons: []string{err.Error()}}
	}
	if cli.IsPlan(file) {
		p, help, err := cli.DecodePlan(file)
		if err != nil {
			return nil, &loadError{reasons: []string{err.Error()}, refused: true, help: help}
		}
		return p, nil
	}
	return compile(std, f, file)
}

// reloader gives what reads the plan again, from the same file wherever karun stands by then.
func reloader(std cli.IO, f flags, name string) (func() (*plan.Plan, error), error) {
	if name == cli.Stdin {
		return func() (*plan.Plan, error) {
			return nil, errors.New("the plan came from standard input, which cannot be read again: restart karun")
		}, nil
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	return func() (*plan.Plan, error) {
		p, err := load(std, f, path)
		var failed *loadError
		switch {
		case errors.As(err, &failed) && failed.refused:
			return nil, &director.RefusedError{Reasons: failed.reasons}
		case err != nil:
			return nil, err
		}
		return p, nil
	}, nil
}

// compile compiles a configuration.
func compile(std cli.IO, f flags, file *source.File) (*plan.Plan, error) {
	p, list, refused := cli.Compile(std, file, f.text, f.asKeepalived)
	// Warnings are kalint's: a director at its start has other things to say.
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
	if refused {
		return nil, findings(list)
	}
	return p, nil
}

// findings makes an error of what is wrong with the text: the first lines are the reasons.
func findings(list diag.List) error {
	e := &loadError{}
	for _, d := range list {
		var b strings.Builder
		if err := diag.WriteText(&b, diag.List{d}, diag.TextOptions{}); err != nil {
			return err
		}
		first, _, _ := strings.Cut(b.String(), "\n")
		e.reasons = append(e.reasons, first)
	}
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		return err
	}
	e.text = b.String()
	return e
}

// dryRun prints what would be done.
func dryRun(w io.Writer, p *plan.Plan) error {
	if err := cli.WritePhases(w, effect.Phases(p, effect.Facts{})); err != nil {
		return cli.Exit(cli.ExitFindings, err)
	}
	return nil
}
