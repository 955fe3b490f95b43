//go:build linux

package labcmd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ka/cmd/internal/cli"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/runtime/lab"
)

// initName is the hidden subcommand that is the first process of a node.
const initName = "lab-init"

// options are the flags.
type options struct {
	steps      map[verb]*[]string
	daemons    []string
	length     time.Duration
	lengthText string
	format     string
	runScripts bool
}

// New is the subcommand lab.
func New(std cli.IO) *cobra.Command {
	opt := options{steps: map[verb]*[]string{}}
	cmd := &cobra.Command{
		Use:   "lab [flags] NODE.conf...",
		Short: "run node files on one wire of their own, play failures, and tell who owned what",
		Long: `lab runs each file as a node in throwaway network namespaces on one wire: interfaces are named
as in the files, addresses are found for them, real servers have a listener in their place. It
prints what each node does and ends by itself. It needs no root where user namespaces are allowed.

Scripts and notifications never run: stand-ins record their words and succeed (--run-scripts runs
them). A node's name is its file's name without ".conf". Times count from the start: 5s, 1.5s, 1m.

Exit status: 0 the run is over, 1 a file has errors or a node failed, 2 wrong usage.`,
		Example: `  karun lab --kill lb1@5s --start lb1@12s lb1.conf lb2.conf
  karun lab --fail-script lb1:chk_nginx@6s --daemon lb2=keepalived lb1.conf lb2.conf`,
		Args: cli.Args(1, -1, "give the keepalived.conf of each node"),
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), std, opt, args) },
	}
	fl := cmd.Flags()
	for v, text := range map[verb]string{
		verbKill:  "end a node with SIGKILL to all of its processes: `NODE@5s`",
		verbStop:  "end a node with SIGTERM: `NODE@5s`",
		verbStart: "start a node again: `NODE@9s`",
		verbCut:   "cut a node off from the wire, its interface staying up: `NODE@5s`",
		verbJoin:  "join a node to the wire again: `NODE@9s`",
		verbFail:  "let a vrrp_script fail: `NODE:SCRIPT@5s`",
		verbHeal:  "let a vrrp_script succeed again: `NODE:SCRIPT@12s`",
	} {
		opt.steps[v] = fl.StringArray(string(v), nil, text)
	}
	fl.StringArrayVar(&opt.daemons, "daemon", nil, "run a node by another daemon: `NODE=keepalived`")
	fl.StringVar(&opt.lengthText, "for", "", "how long the run takes: `15s`; as long as its steps need unless given")
	fl.StringVar(&opt.format, "format", "text", "print the timeline as `text|json`")
	fl.BoolVar(&opt.runScripts, "run-scripts", false, "run the files' scripts and notifications, on this machine")
	return cmd
}

// NewInit is the hidden subcommand that the lab starts in each node.
func NewInit(std cli.IO) *cobra.Command {
	return &cobra.Command{
		Use: initName, Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if status := lab.Init(args, std.Stderr); status != 0 {
				return cli.Exit(status, nil)
			}
			return nil
		},
	}
}

// run reads the files, checks the flags against them, and plays.
func run(ctx context.Context, std cli.IO, opt options, paths []string) error {
	if err := cli.OneOf("format", opt.format, "text", "json"); err != nil {
		return err
	}
	nodes, err := loadNodes(std, paths)
	if err != nil {
		return err
	}
	steps, err := opt.check(nodes)
	if err != nil {
		return err
	}
	if list := compileNodes(nodes); list.HasErrors() {
		list.Sort()
		if err := diag.WriteText(std.Stderr, list, diag.TextOptions{}); err != nil {
			return err
		}
		return cli.Exit(cli.ExitFindings, nil)
	}
	if err := checkScripts(nodes, steps, opt.runScripts); err != nil {
		return err
	}
	if !lab.Inside(std.Getenv) {
		argv := append([]string{"/proc/self/exe"}, os.Args[1:]...)
		status, err := lab.Enter(ctx, argv, lab.Streams{Stdin: std.Stdin, Stdout: std.Stdout, Stderr: std.Stderr})
		if err != nil {
			return cli.Exit(cli.ExitFindings, fmt.Errorf("%w; run the lab as root", err))
		}
		if status != 0 {
			return cli.Exit(status, nil)
		}
		return nil
	}
	if err := perform(ctx, std, opt, nodes, steps); err != nil {
		return cli.Exit(cli.ExitFindings, err)
	}
	return nil
}

// check reads the flags that name nodes.
func (opt *options) check(nodes []*labNode) ([]step, error) {
	var names []string
	for _, n := range nodes {
		names = append(names, n.name)
	}
	for _, d := range opt.daemons {
		name, daemon, ok := strings.Cut(d, "=")
		if !ok || daemon != daemonKarun && daemon != daemonKeepalived {
			return nil, fmt.Errorf("wrong value %q for --daemon; write NODE=keepalived or NODE=karun", d)
		}
		name, err := findNode(name, names)
		if err != nil {
			return nil, fmt.Errorf("--daemon %s: %w", d, err)
		}
		nodes[slices.Index(names, name)].daemon = daemon
	}
	var steps []step
	for _, v := range []verb{verbHeal, verbFail, verbKill, verbStop, verbStart, verbCut, verbJoin} {
		for _, arg := range *opt.steps[v] {
			s, err := parseStep(v, arg, names)
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		}
	}
	if opt.lengthText != "" {
		d, err := parseTime(opt.lengthText)
		if err != nil || d == 0 {
			return nil, fmt.Errorf("wrong time %q in --for; write a time like 15s", opt.lengthText)
		}
		opt.length = d
	}
	sortSteps(steps)
	length, err := runLength(opt.length, steps)
	opt.length = length
	return steps, err
}

// checkScripts finds scripts that no plan runs.
func checkScripts(nodes []*labNode, steps []step, runScripts bool) error {
	for _, s := range steps {
		if s.script == "" {
			continue
		}
		if runScripts {
			return fmt.Errorf("--%s needs stand-ins: leave out --run-scripts", s.verb)
		}
		n := nodes[slices.IndexFunc(nodes, func(n *labNode) bool { return n.name == s.node })]
		if ok, names := n.hasScript(s.script); !ok {
			has := "it tracks no script"
			if len(names) > 0 {
				has = "its scripts are " + strings.Join(names, ", ")
			}
			return fmt.Errorf("--%s: node %q has no script %q; %s", s.verb, s.node, s.script, has)
		}
	}
	return nil
}

// perform makes the lab, plays, and prints.
func perform(ctx context.Context, std cli.IO, opt options, nodes []*labNode, steps []step) (err error) {
	var plans []*plan.Plan
	for _, n := range nodes {
		plans = append(plans, n.plan)
	}
	top, err := planNetwork(plans)
	if err != nil {
		return err
	}
	p := &printer{w: std.Stdout}
	for _, n := range nodes {
		p.width = max(p.width, len(n.name))
	}
	var events []entry
	tell := func(x entry) { events = append(events, x) }
	if opt.format == "text" {
		tell = p.entry
	}
	tale := newStory(time.Time{}, virtualAddresses(plans), tell)
	st, err := newStage(nodes, top, tale.add)
	if err != nil {
		return fmt.Errorf("make the lab: %w", err)
	}
	defer func() { err = errors.Join(err, st.close()) }()
	balanced := st.hasIPVS()
	if opt.format == "text" {
		p.header(nodes, top, opt.runScripts, balanced)
	}
	for _, n := range nodes {
		if !balanced {
			n.dropServices()
		}
		if err := n.prepare(opt.runScripts); err != nil {
			return err
		}
	}
	end, err := st.tell(ctx, tale, steps, opt.length)
	if err != nil {
		return err
	}
	if opt.format == "text" {
		p.summary(tale.own, end)
	} else if err := writeReport(std.Stdout, nodes, top, events, tale.own, end, balanced); err != nil {
		return err
	}
	if len(tale.failed) > 0 {
		return fmt.Errorf("%s ended without being told to", strings.Join(tale.failed, ", "))
	}
	return nil
}

// tell plays the schedule while the story is told, and returns how long it took.
func (s *stage) tell(ctx context.Context, tale *story, steps []step, length time.Duration) (time.Duration, error) {
	if err := s.startAll(ctx); err != nil {
		return 0, err
	}
	tale.start = time.Now()
	played := make(chan error, 1)
	go func() { played <- s.play(ctx, tale.start, steps, length) }()
	tick := time.NewTicker(settle / 5)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			tale.flush(time.Now().Add(-settle))
		case err := <-played:
			end := time.Now()
			time.Sleep(settle) // for what is under way
			tale.flush(end)
			return end.Sub(tale.start), err
		}
	}
}

// virtualAddresses are the addresses that masters carry.
func virtualAddresses(plans []*plan.Plan) map[netip.Addr]bool {
	vips := map[netip.Addr]bool{}
	for _, p := range plans {
		for _, inst := range p.Instances {
			for _, a := range slices.Concat(inst.VIPs, inst.Excluded) {
				vips[a.Prefix.Addr()] = true
			}
		}
	}
	return vips
}
