package kac

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// serverView is a virtual server in words: what of it the kernel's objects do not show.
type serverView struct {
	Name        string     `json:"name"`
	Settings    []string   `json:"settings"`
	RealServers []realView `json:"real_servers"`
	Origin      string     `json:"origin"`
}

type realView struct {
	Address  string   `json:"address"`
	Settings []string `json:"settings"`
	// Checks are one sentence each.
	Checks []string `json:"checks"`
	Origin string   `json:"origin"`
}

// facts collects the settings that are set.
type facts []string

func (f *facts) flag(on bool, text string) {
	if on {
		*f = append(*f, text)
	}
}

func (f *facts) text(format, value string) {
	if value != "" {
		*f = append(*f, fmt.Sprintf(format, value))
	}
}

func (f *facts) number(format string, n uint64) {
	if n != 0 {
		*f = append(*f, fmt.Sprintf(format, n))
	}
}

func (f *facts) command(p *plan.Plan, what string, c *plan.Command) {
	if c != nil {
		*f = append(*f, fmt.Sprintf("%s: %s%s", what, words(c.Argv), as(user(p, c))))
	}
}

// mailed says what is mailed other than the node's settings have it; without those nothing is.
func (f *facts) mailed(p *plan.Plan, on bool, usual func(*plan.Mail) bool, what string) {
	m := p.Global.Mail
	f.flag(m != nil && on && !usual(m), what+" are mailed")
	f.flag(m != nil && !on && usual(m), what+" are not mailed")
}

func newServerViews(p *plan.Plan) []serverView {
	out := []serverView{}
	if t := p.TLS; t != nil {
		f := facts{}
		f.text("authority %s", t.CA)
		f.text("certificate %s", t.Certificate)
		f.text("key %s", t.Key)
		f.flag(t.Password != "", "with a password")
		out = append(out, serverView{Name: kw.SSL, Settings: f, RealServers: []realView{}, Origin: at(t.Origin)})
	}
	for i := range p.VirtualServers {
		out = append(out, newServerView(p, &p.VirtualServers[i]))
	}
	return out
}

func newServerView(p *plan.Plan, vs *plan.VirtualServer) serverView {
	f := facts{balancing(vs)}
	f = append(f, memberFacts(p, vs)...)
	f = append(f, quorumFacts(vs)...)
	f.flag(vs.Alpha && vs.Sorry == nil, "real servers begin as down: each comes in with its first success")
	f.flag(vs.Alpha && vs.Sorry != nil, "real servers begin as down: until they make the quorum the sorry server answers")
	f.flag(vs.Omega, "a stop is notified of")
	f.flag(vs.HASuspend, "checked only while its address is here")
	f.mailed(p, vs.SMTPAlert, func(m *plan.Mail) bool { return m.VirtualServerAlerts }, "changes of the quorum")
	f.text("SNMP name %s", vs.SNMPName)
	f.command(p, "quorum up", vs.QuorumUp)
	f.command(p, "quorum down", vs.QuorumDown)
	if s := vs.Sorry; s != nil {
		text := fmt.Sprintf("sorry server %s by %s, in place of all others while the quorum is lost", endpoint(s.Address), forwarding(s.Method, s.Tunnel))
		if s.Inhibit {
			text += ", in the table with weight 0 while it is not needed"
		}
		f = append(f, text)
	}
	out := serverView{Name: vs.Name(), Settings: f, RealServers: []realView{}, Origin: at(vs.Origin)}
	for i := range vs.RealServers {
		out.RealServers = append(out.RealServers, newRealView(p, vs, &vs.RealServers[i]))
	}
	return out
}

func newRealView(p *plan.Plan, vs *plan.VirtualServer, rs *plan.RealServer) realView {
	f := facts{}
	f.flag(rs.Weight != 1, fmt.Sprintf("weight %d", rs.Weight))
	f.flag(rs.Method != vs.Method || rs.Tunnel != vs.Tunnel, "by "+forwarding(rs.Method, rs.Tunnel))
	f.number("at most %d connections", uint64(rs.UpperThreshold))
	f.number("open again below %d", uint64(rs.LowerThreshold))
	f.flag(rs.Inhibit, "stays with weight 0 while it is down")
	f.mailed(p, rs.SMTPAlert, func(m *plan.Mail) bool { return m.RealServerAlerts }, "changes")
	f.text("SNMP name %s", rs.SNMPName)
	f.command(p, "up", rs.NotifyUp)
	f.command(p, "down", rs.NotifyDown)
	out := realView{Address: endpoint(rs.Address), Settings: f, Checks: []string{}, Origin: at(rs.Origin)}
	for i := range rs.Checks {
		out.Checks = append(out.Checks, checkText(p, vs, rs, &rs.Checks[i]))
	}
	return out
}

// balancing says how a virtual server gives its connections away.
func balancing(vs *plan.VirtualServer) string {
	f := facts{vs.Scheduler, forwarding(vs.Method, vs.Tunnel)}
	f.flag(vs.OnePacket, "every packet by itself")
	if vs.Persistence > 0 {
		text := "a client stays for " + span(vs.Persistence)
		if vs.PersistenceNetmask.IsValid() {
			text += " with its network " + vs.PersistenceNetmask.String()
		}
		f = append(f, text)
		f.text("told apart by %s", vs.PersistenceEngine)
	}
	return strings.Join(f, ", ")
}

// memberFacts lists where a virtual server of a group is.
func memberFacts(p *plan.Plan, vs *plan.VirtualServer) facts {
	f := facts{}
	for i := range p.VirtualServerGroups {
		g := &p.VirtualServerGroups[i]
		if g.Name != vs.Group {
			continue
		}
		for j := range g.Members {
			switch m := &g.Members[j]; {
			case m.FirewallMark != 0 && m.IPv6:
				f = append(f, fmt.Sprintf("fwmark %d inet6", m.FirewallMark))
			case m.FirewallMark != 0:
				f = append(f, fmt.Sprintf("fwmark %d", m.FirewallMark))
			case m.First != m.Last:
				f = append(f, fmt.Sprintf("%s to %s port %d", m.First, m.Last, m.Port))
			default:
				f = append(f, netip.AddrPortFrom(m.First, m.Port).String())
			}
		}
	}
	if len(f) == 0 {
		return nil
	}
	return facts{"on " + strings.Join(f, ", ")}
}

// quorumFacts says what the quorum means: the weight that loses it, the one that gains it, and how many
// servers of one weight may go.
func quorumFacts(vs *plan.VirtualServer) facts {
	if vs.Quorum <= 1 && vs.Hysteresis == 0 {
		return nil
	}
	text := fmt.Sprintf("quorum %d", vs.Quorum)
	if vs.Hysteresis > 0 {
		text += fmt.Sprintf(" with hysteresis %d: lost below a weight of %d, gained from %d on", vs.Hysteresis, vs.Quorum-vs.Hysteresis, vs.Quorum+vs.Hysteresis)
	}
	var total uint64
	for i := range vs.RealServers {
		total += uint64(vs.RealServers[i].Weight)
	}
	text += fmt.Sprintf("; the real servers have %d together", total)
	if vs.Sorry == nil {
		text += ", and stay in where it is lost"
	}
	return facts{text}
}

// endpoint leaves out the port that a server does not have of itself.
func endpoint(a netip.AddrPort) string {
	if a.Port() == 0 {
		return a.Addr().String()
	}
	return a.String()
}

// forwarding is a method with its tunnel: "NAT", "TUN gue port 6080 csum".
func forwarding(m plan.Method, t plan.Tunnel) string {
	out := m.String()
	if m == plan.TUN {
		out += " " + t.Type.String()
		if t.Port != 0 {
			out += fmt.Sprintf(" port %d", t.Port)
		}
		if t.Checksum != plan.TunnelNoChecksum {
			out += " " + t.Checksum.String()
		}
	}
	return out
}

// checkText says in one sentence what a check does, and when.
func checkText(p *plan.Plan, vs *plan.VirtualServer, rs *plan.RealServer, c *plan.Check) string {
	f := facts{string(c.Kind)}
	switch {
	case !c.Target.IsValid():
	case c.Target.Addr() != rs.Address.Addr():
		f[0] += " of " + c.Target.String()
	case c.Kind != plan.PingCheck && c.Target.Port() != rs.Address.Port():
		f[0] += fmt.Sprintf(" of port %d", c.Target.Port())
	}
	if c.Source.IsValid() {
		f = append(f, "from "+c.Source.String())
	}
	f.number("from port %d", uint64(c.SourcePort))
	f.text("on %s", c.Interface)
	f.number("with mark %d", uint64(c.FirewallMark))
	f = append(f, checkSettings(p, c)...)
	if c.DelayLoop > 0 {
		f = append(f, fmt.Sprintf("every %s", span(c.DelayLoop)))
	}
	if c.ConnectTimeout > 0 {
		f = append(f, fmt.Sprintf("at most %s", span(c.ConnectTimeout)))
	}
	if c.Retry > 0 {
		f = append(f, fmt.Sprintf("down after %s, %s apart", count(int(c.Retry), "more try"), span(c.DelayBeforeRetry)))
	}
	f.flag(c.Warmup != c.DelayLoop, "first within "+span(c.Warmup))
	f.flag(c.Alpha && !vs.Alpha, "begins as down")
	f.flag(c.LogAllFailures, "logs every failure")
	return strings.Join(f, ", ")
}

// usualReplyBytes bounds an answer to UDP_CHECK.
const usualReplyBytes = 255

// checkSettings are the settings that belong to one kind of check.
func checkSettings(p *plan.Plan, c *plan.Check) facts {
	var f facts
	switch {
	case c.HTTP != nil:
		f.flag(c.HTTP.Protocol != plan.HTTP10, "HTTP "+c.HTTP.Protocol)
		f.flag(c.HTTP.FastRecovery, "fast recovery")
		for i := range c.HTTP.URLs {
			f = append(f, urlText(&c.HTTP.URLs[i]))
		}
	case c.SMTP != nil:
		f.text("says HELO %s", c.SMTP.HeloName)
	case c.DNS != nil:
		f = append(f, "asks for "+c.DNS.Type+" of "+c.DNS.Name)
	case c.UDP != nil:
		f.flag(len(c.UDP.Payload) > 0, fmt.Sprintf("sends %x", c.UDP.Payload))
		f.flag(c.UDP.RequireReply, "wants an answer")
		f.flag(c.UDP.RequireReply && (c.UDP.MinReplyBytes > 0 || c.UDP.MaxReplyBytes != usualReplyBytes),
			fmt.Sprintf("of %d to %d bytes", c.UDP.MinReplyBytes, c.UDP.MaxReplyBytes))
		f.text("that begins with %s", c.UDP.Reply)
	case c.Misc != nil:
		f.command(p, "runs", &c.Misc.Command)
		f = append(f, "at most "+span(c.Misc.Timeout))
		f.flag(c.Misc.Dynamic, "its exit status is the weight")
	case c.File != nil:
		f = append(f, fmt.Sprintf("%s, weight %d", c.File.TrackFile, c.File.Weight))
		f.flag(c.File.Reverse, "reversed")
	case c.BFD != nil:
		f = append(f, "session "+c.BFD.Name)
	}
	return f
}

// usualCodes are the status codes that are right where none is given.
var usualCodes = []plan.CodeRange{{First: 200, Last: 299}}

// urlText says what a page must be like.
func urlText(u *plan.URL) string {
	f := facts{"page " + u.Path}
	f.text("of host %s", u.Host)
	f.text("TLS name %s", u.ServerName)
	f.flag(u.TLSCompliant, "TLS ended in order")
	var codes []string
	for _, r := range u.Codes {
		text := fmt.Sprint(r.First)
		if r.Last != r.First {
			text += fmt.Sprintf("-%d", r.Last)
		}
		codes = append(codes, text)
	}
	if !slices.Equal(u.Codes, usualCodes) {
		f = append(f, "status "+strings.Join(codes, " "))
	}
	f.text("digest %s", u.Digest)
	if pat := u.Pattern; pat != nil {
		word := "matches"
		if pat.Inverted {
			word = "does not match"
		}
		f = append(f, fmt.Sprintf("%s %q", word, pat.Expression))
		f.text("options %s", strings.Join(pat.Options, " "))
		f.number("from byte %d", pat.MinOffset)
		f.number("to byte %d", pat.MaxOffset)
		f.number("stack of %d", pat.StackStart)
		f.number("to %d bytes", pat.StackMax)
	}
	return "(" + strings.Join(f, ", ") + ")"
}

// span writes a time as the other parts of the preview do.
func span(d time.Duration) string { return seconds(d.Seconds()) + "s" }

// writeServers prints the virtual servers. What all real servers of one have is said once.
func (v *view) writeServers(w io.Writer) {
	if len(v.VirtualServers) > 0 {
		fmt.Fprintln(w, "\nvirtual servers:")
	}
	for i := range v.VirtualServers {
		vs := &v.VirtualServers[i]
		fmt.Fprintf(w, "  %s\n", vs.Name)
		for _, s := range vs.Settings {
			fmt.Fprintf(w, "    %s\n", bounded(s))
		}
		common := vs.sameChecks()
		if common {
			for _, s := range checkLines(vs.RealServers[0].Checks) {
				fmt.Fprintf(w, "    each real server: %s\n", bounded(s))
			}
			if plain := vs.plain(); len(plain) > 0 {
				fmt.Fprintf(w, "    real servers %s\n", bounded(strings.Join(plain, ", ")))
			}
		}
		for j := range vs.RealServers {
			if j == maxShown {
				fmt.Fprintf(w, "    and %d more real servers\n", len(vs.RealServers)-j)
				break
			}
			if !common || len(vs.RealServers[j].Settings) > 0 {
				vs.RealServers[j].write(w, !common)
			}
		}
	}
}

// sameChecks reports whether several real servers have the same checks.
func (vs *serverView) sameChecks() bool {
	for i := range vs.RealServers {
		if !slices.Equal(vs.RealServers[i].Checks, vs.RealServers[0].Checks) {
			return false
		}
	}
	return len(vs.RealServers) > 1
}

// plain are the real servers without settings of their own.
func (vs *serverView) plain() []string {
	var out []string
	for i := range vs.RealServers {
		if len(vs.RealServers[i].Settings) == 0 {
			out = append(out, vs.RealServers[i].Address)
		}
	}
	return out
}

func (rs *realView) write(w io.Writer, checks bool) {
	fmt.Fprintf(w, "    real server %s\n", strings.Join(append([]string{rs.Address}, short(rs.Settings)...), ", "))
	for _, s := range rs.Settings {
		if !isShort(s) {
			fmt.Fprintf(w, "      %s\n", bounded(s))
		}
	}
	if checks {
		for _, s := range checkLines(rs.Checks) {
			fmt.Fprintf(w, "      %s\n", bounded(s))
		}
	}
}

// isShort tells a setting that stands on the line of its server from a command, which has its own.
func isShort(s string) bool { return !strings.Contains(s, ": ") }

func short(settings []string) []string {
	return slices.DeleteFunc(slices.Clone(settings), func(s string) bool { return !isShort(s) })
}

// checkLines says the same check once.
func checkLines(checks []string) []string {
	if len(checks) == 0 {
		return []string{"no check: always up"}
	}
	var out []string
	for i := 0; i < len(checks); {
		n := i + 1
		for n < len(checks) && checks[n] == checks[i] {
			n++
		}
		text := checks[i]
		if n-i > 1 {
			text += fmt.Sprintf(", %d times over", n-i)
		}
		out, i = append(out, text), n
	}
	return out
}
