package compiler

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// lvsState is what the virtual servers of one text share.
type lvsState struct {
	// groups are the groups of virtual servers by name; groupNames lists them in their order.
	groups     map[string]*serviceGroup
	groupNames []string
	// blocks are the virtual servers of the text, ahead those that were read before their turn, without those
	// that had theirs; uses counts the virtual servers of each group.
	blocks []*syntax.Statement
	ahead  []*virtual
	uses   map[string]int
	// services are the kernel's services that are taken, with the statement that took them.
	services map[string]*syntax.Statement
	// others are the checks of ports that are not the service's.
	others []otherPort
	// read are the track_file and bfd_instance blocks that stand further up.
	read map[*syntax.Statement]bool
}

// serviceGroup is a virtual_server_group with the lines of its members.
type serviceGroup struct {
	from  *syntax.Statement
	plan  plan.VirtualServerGroup
	lines []*syntax.Statement
	// unset are the members that are marks without a family.
	unset []int
}

// beginLVS collects what may stand anywhere in the text. Groups may follow the virtual servers that use them.
func (c *compilation) beginLVS() {
	c.lvs = lvsState{
		groups: map[string]*serviceGroup{}, uses: map[string]int{}, read: map[*syntax.Statement]bool{},
	}
	for _, s := range c.tree.Body {
		if s.Dropped || s.Keyword == nil {
			continue
		}
		switch s.Keyword.Name {
		case kw.VirtualServer:
			c.lvs.blocks = append(c.lvs.blocks, s)
		case kw.VirtualServerGroup:
			c.groupBlock(s)
		}
	}
	c.lvs.services = make(map[string]*syntax.Statement, min(len(c.lvs.blocks), maxServices))
}

// endLVS puts the groups that are used into the plan, in the order of the text.
func (c *compilation) endLVS() {
	c.otherPorts()
	for _, n := range c.lvs.groupNames {
		if c.lvs.uses[n] > 0 {
			c.plan.VirtualServerGroups = append(c.plan.VirtualServerGroups, c.lvs.groups[n].plan)
		}
	}
}

// serviceGroup returns a group by its name, nil where there is none.
func (c *compilation) serviceGroup(name string) *plan.VirtualServerGroup {
	if g := c.lvs.groups[name]; g != nil {
		return &g.plan
	}
	return nil
}

// groupBlock reads a virtual_server_group. Of two with one name virtual servers get the first.
func (c *compilation) groupBlock(s *syntax.Statement) {
	n := name(s)
	if first := c.lvs.groups[n]; first != nil {
		c.report(diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: diag.Warning, Span: s.Args[0].Span,
			Message: fmt.Sprintf("%s %q is defined a second time; keepalived uses the first", kw.VirtualServerGroup, n),
			Help:    "give it another name, or put its lines into the first",
			Related: []diag.Note{{Message: "the first definition", Span: first.from.Args[0].Span}},
		})
		return
	}
	g := &serviceGroup{from: s, plan: plan.VirtualServerGroup{Origin: c.origin(s), Name: n}}
	c.lvs.groups[n] = g
	c.lvs.groupNames = append(c.lvs.groupNames, n)
	lost := false
	for _, entry := range s.Children() {
		if entry.Dropped || entry.Block != nil || !c.groupLine(g, entry) {
			lost = true
		}
	}
	four, six := familiesOf(&g.plan)
	switch {
	case len(g.plan.Members) == 0 && !lost:
		c.emptyGroup(s, "the group has no entry; keepalived removes it, with the virtual servers on it", "write \"ADDRESS PORT\" or \"fwmark N\" in the block")
	case four && six && len(g.unset) > 0:
		c.emptyGroup(s, "the group has addresses of both families and a mark without one; keepalived removes it, with the virtual servers on it",
			fmt.Sprintf("write the family behind the mark: \"%s N %s\"", kw.Fwmark, kw.Inet))
		g.plan.Members = nil
	}
	for _, i := range g.unset {
		if len(g.plan.Members) > 0 {
			g.plan.Members[i].IPv6 = six
		}
	}
	if four || six {
		g.unset = nil
	}
}

func (c *compilation) emptyGroup(s *syntax.Statement, message, help string) {
	c.drop(s, diag.Diagnostic{Rule: ruleInvalid, Severity: diag.Error, Span: s.Span, Message: message, Help: help})
}

// familiesOf says which families the addresses of a group are of; marks with a family do not count.
func familiesOf(g *plan.VirtualServerGroup) (four, six bool) {
	for i := range g.Members {
		if a := g.Members[i].First; a.IsValid() {
			four, six = four || a.Is4(), six || a.Is6()
		}
	}
	return four, six
}

// groupLine reads one entry of a group. It reports false where keepalived drops the entry.
func (c *compilation) groupLine(g *serviceGroup, entry *syntax.Statement) bool {
	m := plan.GroupMember{Origin: c.origin(entry)}
	d := diag.Diagnostic{Rule: ruleInvalid, Severity: diag.Error, Span: entry.Head.Span}
	var problem string
	if entry.Head.Text == kw.Fwmark {
		problem = c.markLine(g, &m, entry, &d)
	} else {
		problem = addressLine(&m, entry, &d)
	}
	if problem != "" {
		d.Message = problem + "; keepalived drops the entry"
		c.drop(entry, d)
		return false
	}
	if m.FirewallMark == 0 && m.AddressCount() == 0 {
		c.report(diag.Diagnostic{
			Rule: ruleNotCompiled, Severity: diag.Error, Span: entry.Head.Span,
			Message: fmt.Sprintf("%q is more than %d addresses, each of them a service of its own in the kernel", entry.Head.Text, plan.MaxGroupAddresses),
			Help:    "use a firewall mark for that many addresses",
		})
		return false
	}
	g.plan.Members = append(g.plan.Members, m)
	g.lines = append(g.lines, entry)
	return true
}

// markLine reads "fwmark N [inet|inet6]".
func (c *compilation) markLine(g *serviceGroup, m *plan.GroupMember, entry *syntax.Statement, d *diag.Diagnostic) string {
	w, ok := entry.Arg(0)
	if !ok {
		d.Rule, d.Help = ruleMissingArgument, "write a mark from 1 to 4294967295; keepalived ends at this line with status 2"
		return fmt.Sprintf("%q needs a mark", kw.Fwmark)
	}
	d.Span, d.Help = w.Span, "write a mark from 1 to 4294967295"
	n, ok := schema.ParseUint(w.Text)
	if !ok || n == 0 || n > math.MaxUint32 {
		return fmt.Sprintf("%q is no firewall mark", w.Text)
	}
	m.FirewallMark = uint32(n)
	family, ok := entry.Arg(1)
	switch {
	case !ok:
		g.unset = append(g.unset, len(g.plan.Members))
	case family.Text == kw.Inet6:
		m.IPv6 = true
	case family.Text != kw.Inet:
		d.Span, d.Help = family.Span, fmt.Sprintf("write %q or %q, or nothing", kw.Inet, kw.Inet6)
		return fmt.Sprintf("%q is no address family", family.Text)
	}
	return ""
}

// addressLine reads "ADDRESS[-LAST|-LASTPART|/LENGTH] [PORT]".
func addressLine(m *plan.GroupMember, entry *syntax.Statement, d *diag.Diagnostic) string {
	text := entry.Head.Text
	if port, ok := entry.Arg(0); ok {
		n, good := schema.ParseUint(port.Text)
		if !good || n > math.MaxUint16 {
			d.Span, d.Help = port.Span, "write a port from 1 to 65535"
			return fmt.Sprintf("%q is no port", port.Text)
		}
		m.Port = uint16(n)
	}
	d.Help = "write ADDRESS, ADDRESS-LAST or ADDRESS/LENGTH"
	start, end, ranged := strings.Cut(text, "-")
	base, length, prefixed := strings.Cut(text, "/")
	switch {
	case ranged:
		base = start
	case !prefixed:
		base = text
	}
	first, ok := schema.ParseAddress(base)
	if !ok {
		return fmt.Sprintf("%q is no IP address", base)
	}
	m.First, m.Last = first, first
	switch {
	case ranged:
		return rangeEnd(m, end, d)
	case prefixed:
		return prefixEnd(m, length, d)
	}
	return ""
}

// rangeEnd reads what stands behind the "-": an address of the same family, or its last part (the last
// number of IPv4, the last four digits of IPv6), which must be greater than that of the start.
func rangeEnd(m *plan.GroupMember, end string, d *diag.Diagnostic) string {
	d.Help = fmt.Sprintf("write the end as an address above %s, or as its last part alone", m.First)
	if strings.ContainsAny(end, ".:") {
		last, ok := schema.ParseAddress(end)
		switch {
		case !ok:
			return fmt.Sprintf("the end %q of the range is no IP address", end)
		case last.Is4() != m.First.Is4():
			return fmt.Sprintf("the ends of the range %s-%s are of different families", m.First, end)
		case last.Less(m.First):
			return fmt.Sprintf("the end of the range %s-%s is below its start", m.First, end)
		}
		m.Last = last
		return ""
	}
	base, bits := 10, 8
	if m.First.Is6() {
		base, bits = 16, 16
	}
	n, err := strconv.ParseUint(end, base, 64)
	if err != nil || n >= 1<<bits {
		return fmt.Sprintf("the end %q of the range is no last part of an address", end)
	}
	raw := m.First.AsSlice()
	tail := raw[len(raw)-bits/8:]
	was := uint64(tail[0])
	if bits == 16 {
		was = uint64(binary.BigEndian.Uint16(tail))
	}
	if n <= was {
		return fmt.Sprintf("the end of the range %s-%s is not above its start", m.First, end)
	}
	for i := range tail {
		tail[i] = byte(n >> (8 * (len(tail) - 1 - i)))
	}
	m.Last, _ = netip.AddrFromSlice(raw)
	return ""
}

// prefixEnd reads a prefix length; the bits behind it must be 0.
func prefixEnd(m *plan.GroupMember, length string, d *diag.Diagnostic) string {
	n, ok := schema.ParseUint(length)
	if !ok || n == 0 || n > uint64(m.First.BitLen()) {
		d.Help = fmt.Sprintf("write a prefix length from 1 to %d", m.First.BitLen())
		return fmt.Sprintf("%q is no prefix length", length)
	}
	p := netip.PrefixFrom(m.First, int(n))
	if p.Masked().Addr() != m.First {
		d.Help = fmt.Sprintf("write %s", p.Masked())
		return fmt.Sprintf("%s has host bits behind its prefix length", p)
	}
	raw := m.First.AsSlice()
	for i := range raw {
		if keep := int(n) - 8*i; keep < 8 {
			raw[i] |= byte(0xff >> max(keep, 0))
		}
	}
	m.Last, _ = netip.AddrFromSlice(raw)
	return ""
}

// maxServices bounds the services that are looked at for doubles.
const maxServices = 1 << 20

// firstOfItsKind refuses a second service on the same protocol, address and port, or on the same mark.
// keepalived does not notice it, and what it then does depends on the order of its work. Virtual servers
// of one group may share its marks.
func (v *virtual) firstOfItsKind() bool {
	if v.members == nil {
		return v.take(v.out.Name())
	}
	for i := range v.members.Members {
		m := &v.members.Members[i]
		good := true
		m.Addresses(func(a netip.Addr) {
			one := plan.VirtualServer{Protocol: v.out.Protocol, Address: netip.AddrPortFrom(a, m.Port)}
			good = good && v.take(one.Name())
		})
		if !good {
			return false
		}
	}
	return true
}

// take claims one service for the virtual server.
func (v *virtual) take(service string) bool {
	first := v.lvs.services[service]
	if first == nil {
		if len(v.lvs.services) < maxServices {
			v.lvs.services[service] = v.from
		}
		return true
	}
	if first == v.from {
		return true
	}
	v.report(diag.Diagnostic{
		Rule: ruleDuplicateVirtual, Severity: diag.Error, Span: v.from.Span,
		Message: fmt.Sprintf("a second %s is on %s", kw.VirtualServer, service),
		Help:    "put all real servers into one block",
		Related: []diag.Note{{Message: "the first one", Span: first.Span}},
	})
	return false
}

// tls reads the SSL block; of several keepalived uses the last.
func (c *compilation) tls(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	out := &plan.TLS{Origin: c.origin(s)}
	out.Password, _, _ = check.Value(body, kw.Password)
	out.CA, _, _ = check.Value(body, kw.Ca)
	out.Certificate, _, _ = check.Value(body, kw.Certificate)
	out.Key, _, _ = check.Value(body, kw.Key)
	c.plan.TLS = out
}
