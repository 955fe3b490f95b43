//go:build linux

package labcmd

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ka/cmd/internal/cli"
	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/runtime/lab/node"
)

// labNode is a node of the run.
type labNode struct {
	name, file string
	// daemon is "karun" or "keepalived".
	daemon string
	source cli.Node
	plan   *plan.Plan
	// services are the plan's virtual servers, also where they are not run.
	services []plan.VirtualServer

	running *node.Node
	run     node.Daemon
}

const (
	daemonKarun      = "karun"
	daemonKeepalived = "keepalived"
)

// loadNodes reads and compiles the files. A file with an error is refused, with all of its findings.
func loadNodes(std cli.IO, paths []string) ([]*labNode, error) {
	if slices.Contains(paths, cli.Stdin) {
		return nil, fmt.Errorf("the lab reads no standard input: name files")
	}
	loaded, err := cli.LoadNodes(std, paths, nil)
	if err != nil {
		return nil, cli.Exit(cli.ExitFindings, err)
	}
	nodes := make([]*labNode, 0, len(loaded))
	for _, l := range loaded {
		nodes = append(nodes, &labNode{name: strings.TrimSuffix(l.Name, ".conf"), file: l.File.Name, daemon: daemonKarun, source: l})
	}
	for i, n := range nodes {
		if slices.ContainsFunc(nodes[:i], func(o *labNode) bool { return o.name == n.name }) {
			return nil, fmt.Errorf("two nodes have the name %q: rename one of the files", n.name)
		}
	}
	return nodes, nil
}

// compileNodes makes the plans. For keepalived only what it cannot read stops the run: what this
// release cannot compile, keepalived still runs.
func compileNodes(nodes []*labNode) diag.List {
	var found diag.List
	for _, n := range nodes {
		env := n.source.Environment()
		env.Node = n.name
		p, list := compiler.Compile(n.source.Tree, env, compiler.Options{})
		n.plan, n.services = p, p.VirtualServers
		if n.daemon == daemonKarun {
			list = append(n.source.Diags[:len(n.source.Diags):len(n.source.Diags)], list...)
		} else {
			list = n.source.Diags
		}
		if compiler.Refused(list, compiler.Options{}) {
			found = append(found, list...)
		}
	}
	return found
}

// contain takes out of the plan what reaches beyond the lab: pipes in the machine's folders, another network
// namespace, mail, and the machine's processors.
func (n *labNode) contain() {
	g := &n.plan.Global
	g.FIFOs, g.Run, g.Mail, g.Processes = nil, nil, nil, nil
	n.plan.Trackables.Files = slices.Clone(n.plan.Trackables.Files)
	for i := range n.plan.Trackables.Files {
		n.plan.Trackables.Files[i].Init = nil
	}
}

// substitute puts stand-ins in place of all commands of the plan, and takes out of its needs what was
// for the commands.
func (n *labNode) substitute() {
	replace := func(c *plan.Command, purpose node.Purpose) {
		if c == nil || len(c.Argv) == 0 {
			return
		}
		c.Argv = n.running.StandIn(purpose, c.Argv)
		c.User, c.Group = "", ""
	}
	n.plan.EachCommand(func(o plan.CommandOwner, c *plan.Command) {
		replace(c, node.Purpose{Script: o.Script, Instance: cmp.Or(o.Instance, o.Group)})
	})
	n.plan.Global.ScriptUser, n.plan.Global.ScriptGroup = "", ""
	n.dropNeeds(plan.NeedUser, plan.NeedGroup, plan.NeedExecutable)
}

// dropServices takes the virtual servers out of the plan: the kernel has no IPVS.
func (n *labNode) dropServices() {
	n.plan.VirtualServers = nil
	n.dropNeeds(plan.NeedIPVS, plan.NeedScheduler)
}

func (n *labNode) dropNeeds(kinds ...plan.NeedKind) {
	n.plan.Needs = slices.DeleteFunc(n.plan.Needs, func(need plan.Need) bool { return slices.Contains(kinds, need.Kind) })
}

// hasScript reports whether the plan runs a script of this name, and which there are.
func (n *labNode) hasScript(name string) (ok bool, names []string) {
	for _, s := range n.plan.Scripts {
		names = append(names, s.Name)
		ok = ok || s.Name == name
	}
	return ok, names
}

// prepare readies what the node's daemon runs: once, so that a second start is like the first.
func (n *labNode) prepare(runScripts bool) error {
	if n.daemon == daemonKeepalived {
		path, err := findKeepalived()
		if err != nil {
			return err
		}
		n.run = node.Keepalived(path, keepalivedConf(n.source.Tree, n.plan, n.running, runScripts))
		return nil
	}
	n.contain()
	if !runScripts {
		n.substitute()
	}
	data, err := plan.Encode(n.plan)
	if err != nil {
		return err
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	n.run = node.Karun(path, data, false)
	return nil
}

// findKeepalived looks in the system directories as well as in PATH.
func findKeepalived() (string, error) {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin", "/usr/local/sbin") {
		path := filepath.Join(dir, daemonKeepalived)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("keepalived is not installed on this machine")
}
