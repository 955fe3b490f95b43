package kac

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

// fmtFlags are the flags of kac fmt.
type fmtFlags struct {
	write, check, diff bool
}

func fmtCommand(std cli.IO) *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [-w|--check|--diff] FILE...",
		Short: "format configurations without changing their meaning",
		Long: `fmt indents blocks, ends lines where their text ends, and makes one of several blank lines. Comments
and every line that keepalived reads stay as they are; what stands between braces that do not balance
is left alone. Without a flag the formatted text is printed.

Exit status: 0 done, 1 a file has errors, or with --check is not formatted; 2 wrong usage.`,
		Args: cli.Args(1, -1, "give the files to format"),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(std, args) },
	}
	fl := cmd.Flags()
	fl.BoolVarP(&f.write, "write", "w", false, "write the files instead of printing them")
	fl.BoolVar(&f.check, "check", false, "list the files that are not formatted")
	fl.BoolVar(&f.diff, "diff", false, "show what would change, secrets masked")
	cmd.MarkFlagsMutuallyExclusive("write", "check", "diff")
	return cmd
}

func (f fmtFlags) run(std cli.IO, args []string) error {
	if f.write && slices.Contains(args, cli.Stdin) {
		return errors.New("-w cannot write standard input: name a file, or leave -w out")
	}
	bad := false
	for _, name := range args {
		file, err := cli.LoadFile(std, name)
		if err != nil {
			return failed(err)
		}
		ok, err := f.file(std, file)
		if err != nil {
			return failed(err)
		}
		bad = bad || !ok
	}
	if bad {
		return cli.Exit(cli.ExitFindings, nil)
	}
	return nil
}

// file formats one file. It is not ok where it has errors, or with --check where it is not formatted.
func (f fmtFlags) file(std cli.IO, file *source.File) (ok bool, err error) {
	out, list := lang.Format(file)
	if !lang.SameLines(file, source.New(file.Name, out)) {
		return false, fmt.Errorf("%s: formatting it would change what keepalived reads: it stays as it is; please report this", file.Name)
	}
	if err := diag.WriteText(std.Stderr, list, diag.TextOptions{Color: wantsColor(std, std.Stderr)}); err != nil {
		return false, err
	}
	ok = !list.HasErrors()
	same := bytes.Equal(out, file.Data)
	switch {
	case f.check:
		if !same {
			_, err = fmt.Fprintln(std.Stdout, file.Name)
		}
		return ok && same, err
	case f.diff:
		if !same {
			_, err = std.Stdout.Write(maskedDiff(diff.Diff(file.Name, file.Data, file.Name+" (formatted)", out)))
		}
	case f.write:
		if !same {
			err = cli.ReplaceFile(file.Name, file.Data, out)
		}
	default:
		_, err = std.Stdout.Write(out)
	}
	return ok, err
}

// maskedDiff hides secrets behind the marks of a diff's lines.
func maskedDiff(text []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(line[:1])
		body, end := strings.CutSuffix(line[1:], "\n")
		b.WriteString(masked(body))
		if end {
			b.WriteString("\n")
		}
	}
	return []byte(b.String())
}
