package kac

import (
	"fmt"
	"io"
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
	f := facts{}
	f.flag(vs.Quorum > 1, fmt.Sprintf("needs a weight of %d in healthy servers", vs.Quorum))
	f.number("hysteresis %d", uint64(vs.Hysteresis))
	f.flag(vs.Alpha, "servers begin as down")
	f.flag(vs.Omega, "a stop is notified of")
	f.flag(vs.HASuspend, "checked only while its address is here")
	f.flag(vs.SMTPAlert, "changes of the quorum are mailed")
	f.text("SNMP name %s", vs.SNMPName)
	f.command(p, "quorum up", vs.QuorumUp)
	f.command(p, "quorum down", vs.QuorumDown)
	if s := vs.Sorry; s != nil {
		text := fmt.Sprintf("sorry server %s by %s", s.Address, forwarding(s.Method, s.Tunnel))
		if s.Inhibit {
			text += ", in the table with weight 0 while it is not needed"
		}
		f = append(f, text)
	}
	out := serverView{Name: vs.Name(), Settings: f, RealServers: []realView{}, Origin: at(vs.Origin)}
	for i := range vs.RealServers {
		out.RealServers = append(out.RealServers, newRealView(p, &vs.RealServers[i]))
	}
	return out
}

func newRealView(p *plan.Plan, rs *plan.RealServer) realView {
	f := facts{}
	f.flag(rs.Inhibit, "stays with weight 0 while it is down")
	f.flag(rs.SMTPAlert, "changes are mailed")
	f.text("SNMP name %s", rs.SNMPName)
	f.command(p, "up", rs.NotifyUp)
	f.command(p, "down", rs.NotifyDown)
	out := realView{Address: rs.Address.String(), Settings: f, Checks: []string{}, Origin: at(rs.Origin)}
	for i := range rs.Checks {
		out.Checks = append(out.Checks, checkText(p, &rs.Checks[i]))
	}
	return out
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
func checkText(p *plan.Plan, c *plan.Check) string {
	f := facts{string(c.Kind)}
	if c.Target.IsValid() {
		f[0] += " of " + c.Target.String()
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
	f.flag(c.Alpha, "begins as down")
	f.flag(c.LogAllFailures, "logs every failure")
	return strings.Join(f, ", ")
}

// checkSettings are the settings that belong to one kind of check.
func checkSettings(p *plan.Plan, c *plan.Check) facts {
	var f facts
	switch {
	case c.HTTP != nil:
		f = append(f, "HTTP "+c.HTTP.Protocol)
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
		f.flag(c.UDP.RequireReply, fmt.Sprintf("wants an answer of %d to %d bytes", c.UDP.MinReplyBytes, c.UDP.MaxReplyBytes))
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
	f = append(f, "status "+strings.Join(codes, " "))
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

// writeServers prints the virtual servers, and the groups that they are on.
func (v *view) writeServers(w io.Writer) {
	if len(v.VirtualServers) > 0 {
		fmt.Fprintln(w, "\nvirtual servers:")
	}
	for _, vs := range v.VirtualServers {
		fmt.Fprintf(w, "  %s\n", vs.Name)
		for _, s := range vs.Settings {
			fmt.Fprintf(w, "    %s\n", s)
		}
		for _, rs := range vs.RealServers {
			fmt.Fprintf(w, "    real server %s\n", rs.Address)
			for _, s := range rs.Settings {
				fmt.Fprintf(w, "      %s\n", s)
			}
			for _, s := range rs.Checks {
				fmt.Fprintf(w, "      %s\n", s)
			}
			if len(rs.Checks) == 0 {
				fmt.Fprintln(w, "      no check: always up")
			}
		}
	}
}
