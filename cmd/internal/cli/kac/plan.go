package kac

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/compiler/effect"
	"ka/compiler/plan"
)

// The words of --against beside a file.
const (
	againstLive = "live"
	againstNone = "none"
)

// planFlags are the flags of kac plan.
type planFlags struct {
	input
	against  string
	output   string
	format   string
	detailed bool
}

func planCommand(std cli.IO) *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [flags] [FILE|PLAN]",
		Short: "show what a configuration will do, and what it will change here",
		Long: `plan shows what is special about each instance, who belongs together, what is watched, the virtual
servers with their checks, and the settings of the node; what exists from the start, what is added and
removed when an instance becomes MASTER, BACKUP or FAULT and at the stop, which scripts run with which
words, what the failure of each script does to the priority, and what the machine must have. karun
applies the very same changes. The end lists what karun of this release does not execute.

Without a FILE it reads ` + standardFile + `.

Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 internal failure; with
--detailed-exitcode 0 no change, 1 an error, 2 changes.`,
		Example: "  kac plan node1.conf\n  kac plan --against running.json -o plan.json node1.conf",
		Args:    cli.Args(0, 1, "give one keepalived.conf or plan.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			err := f.run(std, args)
			var exit *cli.ExitError
			if err != nil && f.detailed && !errors.As(err, &exit) {
				return failed(err) // 2 says that there are changes
			}
			return err
		},
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.against, "against", "", "compare with `live|none|FILE`: the running kernel, nothing, or another configuration or plan (default live where the kernel can be read)")
	fl.StringVarP(&f.output, "output", "o", "", "also write the plan to this `file`, mode 0600")
	fl.StringVar(&f.format, "format", "text", "text or json")
	fl.BoolVar(&f.detailed, "detailed-exitcode", false, "exit 0 without a change, 1 with an error, 2 with changes")
	return cmd
}

func (f *planFlags) run(std cli.IO, args []string) error {
	if err := cli.OneOf("format", f.format, "text", "json"); err != nil {
		return err
	}
	name := standardFile
	if len(args) > 0 {
		name = args[0]
	}
	p, err := f.load(std, name)
	if err != nil {
		return err
	}
	v := newView(p)
	if err := f.compare(std, v); err != nil {
		return err
	}
	if err := v.write(std, f.format); err != nil {
		return failed(err)
	}
	if f.output != "" {
		if err := save(f.output, p); err != nil {
			return err
		}
	}
	if f.detailed && v.changes() {
		return cli.Exit(cli.ExitUsage, nil) // 2, as asked for
	}
	return nil
}

// changes reports whether starting would change something, as far as it was compared.
func (v *view) changes() bool {
	if v.Against != nil {
		return len(v.Against.Changes) > 0
	}
	return slices.ContainsFunc(v.Phases, func(ph phaseView) bool { return len(ph.Changes) > 0 })
}

// compare fills in what changes against something.
func (f *planFlags) compare(std cli.IO, v *view) error {
	switch f.against {
	case againstNone:
		return nil
	case againstLive, "":
		here, have, notes, err := live(v.plan)
		if err != nil && f.against == "" {
			fmt.Fprintf(std.Stderr, "note: nothing to compare with: %v\n", err)
			return nil
		}
		if err != nil {
			return failed(err)
		}
		v.againstLive(here, have, notes)
		return nil
	}
	old, err := f.load(std, f.against)
	if err != nil {
		return err
	}
	v.againstPlan(f.against, old)
	return nil
}

// againstLive compares what exists from the start with what the kernel has; here is the plan with the
// machine's numbers. What only a master has is
// not compared: whether karun becomes master is not known yet.
func (v *view) againstLive(here *plan.Plan, have []effect.Object, notes []string) {
	want := effect.Desired(here, effect.Facts{}, effect.AtStart(here))
	changes := effect.Diff(effect.Owned(have, want), want, "karun starts")
	all := effect.All(here)
	wanted := make(map[string]bool, len(want))
	for _, w := range want {
		wanted[w.Key()] = true
	}
	for _, o := range effect.Owned(have, all) {
		if !wanted[o.Key()] {
			notes = append(notes, o.String()+" is there already")
		}
	}
	v.Against = &againstView{Source: againstLive, Changes: changeViews(changes), Notes: append([]string{}, notes...)}
}

// againstPlan compares everything that the two may ever add.
func (v *view) againstPlan(source string, old *plan.Plan) {
	var have []effect.Object
	for _, w := range effect.All(old) {
		have = append(have, w)
	}
	changes := effect.Diff(have, effect.All(v.plan), "differs from "+source)
	v.Against = &againstView{Source: source, Changes: changeViews(changes), Notes: []string{}}
}

// write prints the preview.
func (v *view) write(std cli.IO, format string) error {
	if format == "text" {
		return v.writeText(std.Stdout)
	}
	enc := json.NewEncoder(std.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func showCommand(std cli.IO) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show [flags] PLAN",
		Short: "show a plan, secrets masked",
		Long: `show prints what a plan.json will do. With --format json it prints the plan itself, with stars in
place of the passwords.`,
		Args: cli.Args(1, 1, "give one plan.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := cli.OneOf("format", format, "text", "json"); err != nil {
				return err
			}
			f, err := cli.LoadFile(std, args[0])
			if err != nil {
				return failed(err)
			}
			if !cli.IsPlan(f) {
				return failed(fmt.Errorf("%s is a configuration: see it with %q", f.Name, "kac plan "+args[0]))
			}
			p, err := decode(f)
			if err != nil {
				return err
			}
			return show(std, p, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func show(std cli.IO, p *plan.Plan, format string) error {
	if format == "text" {
		return failed(newView(p).writeText(std.Stdout))
	}
	mask(p)
	data, err := plan.Encode(p)
	if err != nil {
		return failed(err)
	}
	_, err = std.Stdout.Write(data)
	return failed(err)
}

// stars stand in place of a secret; a key has at least 32 bytes.
const stars = "********************************"

// mask puts stars in place of the secrets of a plan.
func mask(p *plan.Plan) {
	hide := func(secret *string, length int) {
		if *secret != "" {
			*secret = stars[:length]
		}
	}
	for i := range p.Instances {
		in := &p.Instances[i]
		hide(&in.Auth.Password, 8)
		if in.HMAC != nil {
			for j := range in.HMAC.Keys {
				hide(&in.HMAC.Keys[j].Secret, len(stars))
			}
		}
	}
	if p.TLS != nil {
		hide(&p.TLS.Password, 8)
	}
}
