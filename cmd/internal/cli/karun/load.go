//go:build linux

package karun

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"ka/cmd/internal/cli"
	"ka/compiler"
	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/source"
)

// load gives the plan of a plan.json, or of a keepalived.conf that is compiled here.
func load(std cli.IO, f flags, name string) (*plan.Plan, error) {
	file, err := cli.LoadFile(std, name)
	if err != nil {
		return nil, cli.Exit(cli.ExitFindings, err)
	}
	if isPlan(file) {
		return decode(std, file)
	}
	return compile(std, f, file)
}

// isPlan tells a plan from a configuration: by the name, or by a brace in front, with which no
// configuration begins.
func isPlan(f *source.File) bool {
	return filepath.Ext(f.Name) == ".json" || bytes.HasPrefix(bytes.TrimLeft(f.Data, " \t\r\n"), []byte("{"))
}

func decode(std cli.IO, f *source.File) (*plan.Plan, error) {
	p, err := plan.Decode(f.Data)
	if err == nil {
		return p, nil
	}
	return nil, refuse(std.Stderr, []string{fmt.Sprintf("%s: %v", f.Name, err)},
		fmt.Sprintf("build it again with this release: kac build FILE -o %s", f.Name))
}

// compile compiles a configuration. Its errors are printed, and end karun with status 1.
func compile(std cli.IO, f flags, file *source.File) (*plan.Plan, error) {
	node := cli.ParseNode(std, file, f.text)
	opt := compiler.Options{AsKeepalived: f.asKeepalived}
	p, list := compiler.Compile(node.Tree, node.Environment(), opt)
	list = append(node.Diags, list...)
	list.Sort()
	// Warnings are kalint's: a director at its start has other things to say.
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
	if compiler.Refused(list, opt) {
		if err := diag.WriteText(std.Stderr, list, diag.TextOptions{}); err != nil {
			return nil, err
		}
		return nil, cli.Exit(cli.ExitFindings, nil)
	}
	return p, nil
}

// dryRun prints what would be done.
func dryRun(w io.Writer, p *plan.Plan) error {
	if err := cli.WritePhases(w, effect.Phases(p, effect.Facts{})); err != nil {
		return cli.Exit(cli.ExitFindings, err)
	}
	return nil
}
