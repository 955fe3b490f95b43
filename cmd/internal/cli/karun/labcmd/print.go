//go:build linux

package labcmd

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
)

// printer writes the timeline as text, a line an entry, as they come.
type printer struct {
	w io.Writer
	// width is that of the longest node name.
	width int
}

// entry writes a line; what only programs want is left out.
func (p *printer) entry(x entry) {
	text := describe(x)
	if text == "" {
		return
	}
	subject := x.Instance
	fmt.Fprintf(p.w, "t=%-6s %-*s  %-6s %s\n", fmt.Sprintf("%.1fs", x.T), p.width, x.Node, subject, text)
}

// describe is the text of an entry, "" for one that people need not see.
func describe(x entry) string {
	switch x.Kind {
	case "start":
		return x.Daemon + " starts"
	case "end":
		return fmt.Sprintf("has ended, status %d", *x.Status)
	case string(verbKill):
		return "killed: SIGKILL to all of its processes at once"
	case string(verbStop):
		return "told to stop: SIGTERM"
	case string(verbCut):
		return "cut off from the wire"
	case string(verbJoin):
		return "joined to the wire again"
	case string(verbFail):
		return "script " + x.Script + " fails from now on"
	case string(verbHeal):
		return "script " + x.Script + " succeeds from now on"
	case "transition":
		return x.From + " → " + x.To + because(x.Cause)
	case "priority":
		return fmt.Sprintf("priority %d → %d", x.fromPriority, x.toPriority) + because(x.Cause)
	case "script":
		return "script " + x.Script + map[bool]string{true: " is up", false: " is down"}[*x.Up] + because(x.Cause)
	case "run":
		return describeRun(x)
	case "address":
		return x.Op + " " + x.Address + " on " + x.Interface
	case "announce":
		return fmt.Sprintf("announces %s by %d gratuitous ARP", x.Address, x.Count)
	case "advert":
		if *x.Priority == 0 {
			return fmt.Sprintf("sends priority 0 for virtual router %d", x.VRID)
		}
		return ""
	case "ignored":
		from := ""
		if x.Source != "" {
			from = " of " + x.Source
		}
		return "ignores adverts" + from + because(x.Cause)
	case "message":
		return "says: " + x.Text
	}
	return ""
}

func describeRun(x entry) string {
	words := strings.Join(x.Argv, " ")
	if x.Script != "" {
		return "script " + x.Script + " runs: " + words
	}
	return "notifies: " + words
}

func because(cause string) string {
	if cause == "" {
		return ""
	}
	return "  (" + cause + ")"
}

// header says what is on the wire.
func (p *printer) header(nodes []*labNode, top *topology, runScripts, balanced bool) {
	for _, n := range nodes {
		fmt.Fprintf(p.w, "%-*s  %s runs %s on %s\n", p.width, n.name, n.daemon, n.file, strings.Join(interfacesOf(top, nodes, n), ", "))
	}
	var servers []string
	for _, w := range top.wires {
		for _, s := range w.servers {
			for _, port := range s.ports {
				servers = append(servers, netip.AddrPortFrom(s.address.Addr(), port).String())
			}
		}
	}
	if len(servers) > 0 {
		fmt.Fprintf(p.w, "stand-ins of real servers listen on %s\n", shorten(servers))
	}
	if !balanced {
		if services := servicesOf(nodes); len(services) > 0 {
			fmt.Fprintln(p.w, "this kernel has no IPVS, or the lab no right to it: services are planned, not run")
			for _, s := range services {
				fmt.Fprintln(p.w, "  "+s)
			}
		}
	}
	if runScripts {
		fmt.Fprintln(p.w, "scripts and notifications run as written")
	} else if slices.ContainsFunc(nodes, func(n *labNode) bool { return hasCommands(n.plan) }) {
		fmt.Fprintln(p.w, "scripts and notifications are stand-ins: they succeed and record their words")
	}
	fmt.Fprintln(p.w)
}

// shorten joins a list and leaves out the middle of a long one.
func shorten(list []string) string {
	const most = 6
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, ", ")
}

// interfacesOf lists a node's interfaces with their addresses.
func interfacesOf(top *topology, nodes []*labNode, n *labNode) []string {
	var out []string
	for _, w := range top.wires {
		for _, m := range w.members {
			if nodes[m.node] != n {
				continue
			}
			text := m.name
			for _, a := range m.addresses {
				text += " " + a.String()
			}
			out = append(out, text)
		}
	}
	return out
}

// servicesOf lists the virtual servers of all nodes, each once.
func servicesOf(nodes []*labNode) []string {
	var out []string
	for _, n := range nodes {
		for _, vs := range n.services {
			var servers []string
			for _, rs := range vs.RealServers {
				servers = append(servers, rs.Address.String())
			}
			text := fmt.Sprintf("%s %s %s to %s", vs.Name(), vs.Scheduler, vs.Method, shorten(servers))
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

func hasCommands(p *plan.Plan) bool {
	return len(p.Scripts) > 0 || slices.ContainsFunc(p.Instances, func(i plan.Instance) bool {
		return i.Notify != plan.Notify{}
	})
}

// summary tells who owned each address; addresses with one fate are told together.
func (p *printer) summary(o *ownership, end time.Duration) {
	var fates []string
	members := map[string][]string{}
	for _, vip := range o.addresses() {
		fate := tellPeriods(o.periods(vip, end))
		if members[fate] == nil {
			fates = append(fates, fate)
		}
		members[fate] = append(members[fate], vip.String())
	}
	for _, fate := range fates {
		fmt.Fprintf(p.w, "\nwho owned %s\n%s", shorten(members[fate]), fate)
	}
}

// tellPeriods writes periods, a line each, and the longest times with no owner and with two.
func tellPeriods(list []period) string {
	var b strings.Builder
	var nobody, several, start time.Duration
	for i, p := range list {
		who := strings.Join(p.Owners, " and ")
		if len(p.Owners) == 0 {
			who = "nobody"
		}
		if len(p.LeftBehind) > 0 {
			who += ", left behind on " + strings.Join(p.LeftBehind, ", ")
		}
		fmt.Fprintf(&b, "  %6s – %-6s %s\n", fmt.Sprintf("%.1fs", p.from.Seconds()), fmt.Sprintf("%.1fs", p.to.Seconds()), who)
		switch {
		case len(p.Owners) == 0 && i == 0:
			start = p.to
		case len(p.Owners) == 0:
			nobody += p.to - p.from
		case len(p.Owners) > 1:
			several += p.to - p.from
		}
	}
	fmt.Fprintf(&b, "  %.1fs until the first owner; nobody for %.1fs after that, two owners for %.1fs\n", start.Seconds(), nobody.Seconds(), several.Seconds())
	return b.String()
}

// report is the output for programs.
type report struct {
	Version  int           `json:"version"`
	Duration float64       `json:"duration"`
	Nodes    []reportNode  `json:"nodes"`
	Events   []entry       `json:"events"`
	Owners   []reportOwner `json:"owners"`
	// Services are the virtual servers that are planned and not run.
	Services []string `json:"services_not_run,omitempty"`
}

type reportNode struct {
	Name       string   `json:"name"`
	File       string   `json:"file"`
	Daemon     string   `json:"daemon"`
	Interfaces []string `json:"interfaces"`
}

type reportOwner struct {
	Address string   `json:"address"`
	Periods []period `json:"periods"`
}

// writeReport writes the whole run as JSON.
func writeReport(w io.Writer, nodes []*labNode, top *topology, events []entry, o *ownership, end time.Duration, balanced bool) error {
	r := report{Version: 1, Duration: seconds(end), Events: events}
	if r.Events == nil {
		r.Events = []entry{}
	}
	for _, n := range nodes {
		r.Nodes = append(r.Nodes, reportNode{n.name, n.file, n.daemon, interfacesOf(top, nodes, n)})
	}
	for _, vip := range o.addresses() {
		r.Owners = append(r.Owners, reportOwner{vip.String(), o.periods(vip, end)})
	}
	if !balanced {
		r.Services = servicesOf(nodes)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
