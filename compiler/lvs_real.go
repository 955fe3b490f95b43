package compiler

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// realServers compiles the real servers of v.
func (v *virtual) realServers() {
	blocks := check.FindAll(v.body, kw.RealServer)
	v.servers = make(map[netip.AddrPort]server, len(blocks))
	v.out.RealServers = make([]plan.RealServer, 0, len(blocks))
	for _, s := range blocks {
		v.realServer(s)
	}
}

// realServer compiles a real_server into v.
func (v *virtual) realServer(s *syntax.Statement) {
	body := s.Children()
	v.visit(body)
	written, ok := serverAddress(s)
	if !ok {
		return
	}
	if check.Find(body, kw.LVSMethod) == nil {
		v.unmethodical++
	}
	rs := plan.RealServer{
		Origin: v.origin(s), Address: written, Weight: uint32(check.UintArg(body, kw.Weight, v.weight)),
		UpperThreshold: uint32(check.UintArg(body, kw.Uthreshold, 0)), LowerThreshold: uint32(check.UintArg(body, kw.Lthreshold, 0)),
		Inhibit:    boolArg(body, kw.InhibitOnFailure, v.inhibit),
		NotifyUp:   v.script(body, kw.NotifyUp),
		NotifyDown: v.script(body, kw.NotifyDown),
		SMTPAlert:  v.alerts(body, v.globals.realServerAlerts),
	}
	rs.SNMPName, _, _ = check.Value(body, kw.SNMPName)
	rs.Method, rs.Tunnel = v.forwarding(body, kw.LVSMethod, v.out.Method, v.out.Tunnel)
	if v.listed(s, written) || v.foreign(s, written, rs.Method) {
		return
	}
	v.servers[written] = server{from: s, counts: true, inhibited: rs.Inhibit}
	rs.Address = v.destination(s, written, rs.Method)
	v.out.RealServers = append(v.out.RealServers, rs)
	v.checks(s, &v.out.RealServers[len(v.out.RealServers)-1], v.target(written))
}

// listed reports a real server that the virtual server has already, and notes a new one.
func (v *virtual) listed(s *syntax.Statement, written netip.AddrPort) bool {
	first, listed := v.servers[written]
	if !listed {
		v.servers[written] = server{from: s}
		return false
	}
	v.drop(s, diag.Diagnostic{
		Rule: ruleDuplicateReal, Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%s %s is listed a second time; keepalived removes this one", kw.RealServer, written),
		Help:    "remove the block",
		Related: []diag.Note{{Message: "the first one", Span: first.from.Span}},
	})
	return true
}

// foreign reports a server of another family than the virtual server, which only a tunnel can reach. The
// first server that no tunnel reaches settles the family of a mark.
func (v *virtual) foreign(s *syntax.Statement, address netip.AddrPort, method plan.Method) bool {
	six := address.Addr().Is6()
	switch {
	case method == plan.TUN:
		return false
	case !v.hasFamily:
		v.hasFamily, v.ipv6 = true, six
		return false
	case six == v.ipv6:
		return false
	}
	d := diag.Diagnostic{
		Rule: ruleFamilyMix, Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%s %s is of another family than its virtual server; keepalived drops it", s.Keyword.Name, address.Addr()),
		Help:    "write an address of the same family",
	}
	if s.Keyword.Name == kw.SorryServer {
		d.Rule = ruleSorry
	}
	v.drop(s, d)
	return true
}

// target is where the checks of a server connect to: its own port, or that of the virtual server.
func (v *virtual) target(written netip.AddrPort) netip.AddrPort {
	if written.Port() == 0 && v.out.Address.IsValid() {
		return netip.AddrPortFrom(written.Addr(), v.out.Address.Port())
	}
	return written
}

// destination is the address that the kernel gets. With DR and TUN packets reach the server as they are:
// the port is the service's, and a mark has none. In a group it is each member's, and the plan says 0.
func (v *virtual) destination(s *syntax.Statement, written netip.AddrPort, method plan.Method) netip.AddrPort {
	if method == plan.NAT {
		return v.target(written)
	}
	port, what := v.out.Address.Port(), fmt.Sprintf("the virtual server has port %d", v.out.Address.Port())
	differs := written.Port() != port
	switch {
	case v.out.FirewallMark != 0:
		what = "a firewall mark has none"
	case v.members != nil:
		what, differs = v.membersDiffer(written.Port())
	}
	if differs && written.Port() != 0 {
		v.report(diag.Diagnostic{
			Rule: rulePortRewritten, Severity: diag.Warning, Span: s.Args[1].Span,
			Message: fmt.Sprintf("with %s packets keep their port: %s, keepalived does not use %d", method, what, written.Port()),
			Help:    "remove the port, or write that of the virtual server",
		})
	}
	return netip.AddrPortFrom(written.Addr(), port)
}

// membersDiffer says which member of the group has another port.
func (v *virtual) membersDiffer(port uint16) (what string, differs bool) {
	for i := range v.members.Members {
		switch m := &v.members.Members[i]; {
		case m.FirewallMark != 0:
			return "the group has a firewall mark, which has none", true
		case m.Port != port:
			return fmt.Sprintf("the group has port %d", m.Port), true
		}
	}
	return "", false
}

// sorry reads the server of last resort. The words about it count behind it only; a second one replaces it.
func (v *virtual) sorry() {
	var method *syntax.Statement
	for _, s := range v.body {
		if s.Dropped || s.Keyword == nil {
			continue
		}
		switch s.Keyword.Name {
		case kw.SorryServer:
			written, ok := serverAddress(s)
			if !ok {
				continue
			}
			v.out.Sorry = &plan.SorryServer{Origin: v.origin(s), Address: written, Method: v.out.Method, Tunnel: v.out.Tunnel}
			v.sorryFrom, method = s, nil
		case kw.SorryServerInhibit, kw.SorryServerLVSMethod:
			if v.out.Sorry == nil {
				v.drop(s, diag.Diagnostic{
					Rule: ruleOrder, Severity: diag.Error, Span: s.Head.Span,
					Message: fmt.Sprintf("%q counts only behind %q; keepalived ignores it here", s.Head.Text, kw.SorryServer),
					Help:    fmt.Sprintf("write it below %q", kw.SorryServer),
				})
				continue
			}
			if s.Keyword.Name == kw.SorryServerInhibit {
				v.out.Sorry.Inhibit = true
				continue
			}
			if m, t, ok := v.methodLine(s); ok {
				v.out.Sorry.Method, v.out.Sorry.Tunnel, method = m, t, s
			}
		}
	}
	if sorry := v.out.Sorry; sorry != nil {
		if method == nil {
			v.unmethodical++
		}
		v.sorryAddress(sorry)
	}
}

// sorryAddress resolves the sorry server's address, and compares it with the real servers.
func (v *virtual) sorryAddress(sorry *plan.SorryServer) {
	written := sorry.Address
	if v.foreign(v.sorryFrom, written, sorry.Method) {
		v.out.Sorry = nil
		return
	}
	sorry.Address = v.destination(v.sorryFrom, written, sorry.Method)
	same := v.servers[written]
	if !same.counts || same.inhibited == sorry.Inhibit {
		return
	}
	sorry.Inhibit = same.inhibited
	word := map[bool]string{false: "without", true: "with"}
	v.report(diag.Diagnostic{
		Rule: ruleSorry, Severity: diag.Warning, Span: v.sorryFrom.Span,
		Message: fmt.Sprintf("the sorry server is a real server too, %s %s there and %s %s here; keepalived follows the real server",
			word[sorry.Inhibit], kw.InhibitOnFailure, word[!sorry.Inhibit], kw.SorryServerInhibit),
		Help: fmt.Sprintf("write both words or neither, or take a server of its own as %s", kw.SorryServer),
	})
}

// afterwards does what keepalived does when the block is read: the family of a mark, the method that is
// missing, the quorum.
func (v *virtual) afterwards() {
	if !v.hasFamily {
		// Only tunnels: the family that all servers have.
		v.ipv6 = !slices.ContainsFunc(v.out.RealServers, func(rs plan.RealServer) bool { return rs.Address.Addr().Is4() })
	}
	if v.out.FirewallMark != 0 {
		v.out.IPv6 = v.ipv6
	}
	if v.members != nil {
		g := v.lvs.groups[v.members.Name]
		for _, i := range g.unset {
			g.plan.Members[i].IPv6 = v.ipv6
		}
		g.unset = nil
		v.otherFamily()
	}
	if v.unmethodical > 0 && check.Find(v.body, kw.LVSMethod) == nil {
		v.silent("method-missing", kw.LVSMethod, "no forwarding method is set; keepalived uses NAT",
			fmt.Sprintf("write \"%s NAT\", or another method, in the block", kw.LVSMethod))
	}
	v.quorum()
}

// otherFamily reports the part of a group that the servers cannot serve: the kernel takes a server of
// another family than the service only through a tunnel.
func (v *virtual) otherFamily() {
	plain := slices.ContainsFunc(v.out.RealServers, func(rs plan.RealServer) bool { return rs.Method != plan.TUN })
	for i, m := range v.members.Members {
		if six := m.First.Is6() || m.IPv6; plain && six != v.ipv6 {
			line := v.lvs.groups[v.members.Name].lines[i]
			v.report(diag.Diagnostic{
				Rule: ruleFamilyMix, Severity: diag.Warning, Span: v.from.Args[1].Span,
				Message: fmt.Sprintf("%s %q has entries of both families, and only a tunnel reaches a server of the other one: some entries stay without servers", kw.VirtualServerGroup, v.members.Name),
				Help:    "make a group and a virtual server for each family",
				Related: []diag.Note{{Message: "an entry of the other family", Span: line.Span}},
			})
			return
		}
	}
}

// quorum reads the quorum. keepalived lowers it to the weight of all real servers, and keeps the
// hysteresis below it.
func (v *virtual) quorum() {
	quorum, from, _ := check.Value(v.body, kw.Quorum)
	v.out.Quorum = uint32(check.UintArg(v.body, kw.Quorum, defaultQuorum))
	v.out.Hysteresis = uint32(check.UintArg(v.body, kw.Hysteresis, 0))
	var total uint64
	for i := range v.out.RealServers {
		total += uint64(v.out.RealServers[i].Weight)
	}
	place := v.from.Span
	if from != nil {
		place = from.Span
	}
	switch {
	case total == 0:
		// keepalived counts the quorum down to 0 and the hysteresis below that: it is never reached.
		v.report(diag.Diagnostic{
			Rule: ruleQuorum, Severity: diag.Warning, Span: place,
			Message: "all real servers have weight 0: the virtual server never has its quorum",
			Help:    "give a real server a weight above 0",
		})
	case uint64(v.out.Quorum) > total:
		v.out.Quorum = uint32(min(total, math.MaxUint32))
		v.report(diag.Diagnostic{
			Rule: ruleQuorum, Severity: diag.Warning, Span: place,
			Message: fmt.Sprintf("quorum %s is more than the weight of all real servers, %d; keepalived lowers it to %d, and the service then survives %s",
				quorum, total, v.out.Quorum, failures(v.survives())),
			Help: fmt.Sprintf("write a quorum of at most %d; it counts weights, not servers", total),
		})
	}
	if v.out.Hysteresis < v.out.Quorum {
		return
	}
	v.out.Hysteresis = v.out.Quorum - 1
	h := check.Find(v.body, kw.Hysteresis)
	if h == nil || total == 0 {
		return
	}
	v.report(diag.Diagnostic{
		Rule: ruleQuorum, Severity: diag.Warning, Span: h.Span,
		Message: fmt.Sprintf("the hysteresis is not below the quorum of %d; keepalived lowers it to %d", v.out.Quorum, v.out.Hysteresis),
		Help:    fmt.Sprintf("write a hysteresis of at most %d", v.out.Hysteresis),
	})
}

// survives counts the failures that leave the quorum, the heaviest servers failing first.
func (v *virtual) survives() int {
	var weights []uint64
	var left uint64
	for i := range v.out.RealServers {
		weights = append(weights, uint64(v.out.RealServers[i].Weight))
		left += weights[i]
	}
	slices.Sort(weights)
	slices.Reverse(weights)
	need := uint64(v.out.Quorum - min(v.out.Hysteresis, v.out.Quorum-1))
	for n, w := range weights {
		if left -= w; left < need {
			return n
		}
	}
	return len(weights)
}

func failures(n int) string {
	switch n {
	case 0:
		return "no failure"
	case 1:
		return "one failure"
	}
	return fmt.Sprintf("%d failures", n)
}

// noRealServer reports a virtual server without real servers, unless a line that should have been one is
// reported already.
func (c *compilation) noRealServer(s *syntax.Statement) {
	d := diag.Diagnostic{
		Rule: ruleNoRealServer, Severity: diag.Error, Span: s.Span,
		Message: "the virtual server has no real server; keepalived drops it",
		Help:    fmt.Sprintf("write \"%s ADDRESS PORT { }\" in the block", kw.RealServer),
	}
	for _, line := range s.Children() {
		meant := line.Keyword == nil && line.Block != nil
		if line.Keyword != nil && line.Keyword.Name == kw.RealServer || line.Dropped && meant {
			c.leaveOut(s, "no real server is left ["+ruleNoRealServer+"]")
			return
		}
	}
	c.drop(s, d)
}

// noCheck reports a real server without any health check, which is up whatever happens.
func (v *virtual) noCheck(s *syntax.Statement) {
	v.report(diag.Diagnostic{
		Rule: ruleNoCheck, Severity: diag.Warning, Span: s.Span,
		Message: "the real server has no health check: it gets connections even when it is dead",
		Help:    fmt.Sprintf("write \"%s { }\" in the block, or another check", kw.TCPCheck),
	})
}

// The defaults of checks where nothing is written (reference ipvs 3).
const (
	defaultDelayLoop      = 60 * time.Second
	defaultConnectTimeout = 5 * time.Second
)
