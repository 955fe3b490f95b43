package plan

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"time"
)

type jsonCheck struct {
	Origin             origin       `json:"origin"`
	Kind               string       `json:"kind" jsonschema:"keyword of the checker: TCP_CHECK, HTTP_GET and so on"`
	Target             addrPortText `json:"target,omitempty" jsonschema:"absent for a program, a file or BFD"`
	Source             addrText     `json:"source,omitempty"`
	SourcePort         int          `json:"source_port,omitempty"`
	Interface          text         `json:"interface,omitempty"`
	FirewallMark       int64        `json:"fwmark,omitempty"`
	ConnectTimeoutUs   int64        `json:"connect_timeout_us"`
	Retry              int64        `json:"retry"`
	DelayBeforeRetryUs int64        `json:"delay_before_retry_us"`
	DelayLoopUs        int64        `json:"delay_loop_us"`
	WarmupUs           int64        `json:"warmup_us"`
	Alpha              bool         `json:"alpha,omitempty"`
	LogAllFailures     bool         `json:"log_all_failures,omitempty"`

	HTTP *jsonHTTP `json:"http,omitempty" jsonschema:"HTTP_GET and SSL_GET"`
	SMTP *jsonSMTP `json:"smtp,omitempty" jsonschema:"SMTP_CHECK"`
	DNS  *jsonDNS  `json:"dns,omitempty" jsonschema:"DNS_CHECK"`
	UDP  *jsonUDP  `json:"udp,omitempty" jsonschema:"UDP_CHECK"`
	Misc *jsonMisc `json:"misc,omitempty" jsonschema:"MISC_CHECK"`
	File *jsonFile `json:"file,omitempty" jsonschema:"FILE_CHECK"`
	BFD  *jsonBFD  `json:"bfd,omitempty" jsonschema:"BFD_CHECK"`
}

type jsonHTTP struct {
	Protocol     string    `json:"protocol" jsonschema:"1.0, 1.1 or 1.0C"`
	FastRecovery bool      `json:"fast_recovery,omitempty"`
	URLs         []jsonURL `json:"urls"`
}

type jsonURL struct {
	Origin       origin       `json:"origin"`
	Path         text         `json:"path"`
	Host         text         `json:"host,omitempty" jsonschema:"absent: address and port"`
	ServerName   text         `json:"server_name,omitempty" jsonschema:"SNI"`
	TLSCompliant bool         `json:"tls_compliant,omitempty"`
	Codes        []jsonCodes  `json:"status_codes"`
	Digest       string       `json:"digest,omitempty" jsonschema:"MD5 of the body"`
	Pattern      *jsonPattern `json:"pattern,omitempty"`
}

type jsonCodes struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

type jsonPattern struct {
	Expression text   `json:"expression" jsonschema:"PCRE2"`
	Inverted   bool   `json:"inverted,omitempty"`
	Options    []text `json:"options,omitempty"`
	MinOffset  uint64 `json:"min_offset,omitempty"`
	MaxOffset  uint64 `json:"max_offset,omitempty" jsonschema:"absent: no bound"`
	StackStart uint64 `json:"stack_start,omitempty"`
	StackMax   uint64 `json:"stack_max,omitempty"`
}

type jsonSMTP struct {
	HeloName text `json:"helo_name"`
}

type jsonDNS struct {
	Type string `json:"type"`
	Name text   `json:"name"`
}

type jsonUDP struct {
	Payload       string `json:"payload,omitempty" jsonschema:"hexadecimal digits; absent: keepalived's own text"`
	RequireReply  bool   `json:"require_reply,omitempty"`
	Reply         string `json:"reply,omitempty" jsonschema:"hexadecimal digits, x for any"`
	MinReplyBytes int    `json:"min_reply_bytes,omitempty"`
	MaxReplyBytes int    `json:"max_reply_bytes"`
}

type jsonMisc struct {
	Command   jsonCommand `json:"command"`
	TimeoutUs int64       `json:"timeout_us"`
	Dynamic   bool        `json:"dynamic,omitempty"`
}

type jsonFile struct {
	TrackFile text `json:"track_file"`
	Weight    int  `json:"weight"`
	Reverse   bool `json:"reverse,omitempty"`
}

type jsonBFD struct {
	Name text `json:"name"`
}

func toCheck(c *Check) jsonCheck {
	out := jsonCheck{
		Origin: toOrigin(c.Origin), Kind: string(c.Kind), Target: toAddrPort(c.Target),
		Source: toAddr(c.Source), SourcePort: int(c.SourcePort), Interface: text(c.Interface), FirewallMark: int64(c.FirewallMark),
		ConnectTimeoutUs: c.ConnectTimeout.Microseconds(), Retry: int64(c.Retry),
		DelayBeforeRetryUs: c.DelayBeforeRetry.Microseconds(), DelayLoopUs: c.DelayLoop.Microseconds(),
		WarmupUs: c.Warmup.Microseconds(), Alpha: c.Alpha, LogAllFailures: c.LogAllFailures,
	}
	switch {
	case c.HTTP != nil:
		out.HTTP = &jsonHTTP{Protocol: c.HTTP.Protocol, FastRecovery: c.HTTP.FastRecovery, URLs: each(c.HTTP.URLs, toURL)}
	case c.SMTP != nil:
		out.SMTP = &jsonSMTP{HeloName: text(c.SMTP.HeloName)}
	case c.DNS != nil:
		out.DNS = &jsonDNS{Type: c.DNS.Type, Name: text(c.DNS.Name)}
	case c.UDP != nil:
		out.UDP = &jsonUDP{
			Payload: hex.EncodeToString(c.UDP.Payload), RequireReply: c.UDP.RequireReply, Reply: c.UDP.Reply,
			MinReplyBytes: int(c.UDP.MinReplyBytes), MaxReplyBytes: int(c.UDP.MaxReplyBytes),
		}
	case c.Misc != nil:
		out.Misc = &jsonMisc{Command: *toCommand(&c.Misc.Command), TimeoutUs: c.Misc.Timeout.Microseconds(), Dynamic: c.Misc.Dynamic}
	case c.File != nil:
		out.File = &jsonFile{TrackFile: text(c.File.TrackFile), Weight: c.File.Weight, Reverse: c.File.Reverse}
	case c.BFD != nil:
		out.BFD = &jsonBFD{Name: text(c.BFD.Name)}
	}
	return out
}

func toURL(u *URL) jsonURL {
	out := jsonURL{
		Origin: toOrigin(u.Origin), Path: text(u.Path), Host: text(u.Host), ServerName: text(u.ServerName),
		TLSCompliant: u.TLSCompliant, Digest: u.Digest,
		Codes: each(u.Codes, func(c *CodeRange) jsonCodes { return jsonCodes{int(c.First), int(c.Last)} }),
	}
	if p := u.Pattern; p != nil {
		out.Pattern = &jsonPattern{
			Expression: text(p.Expression), Inverted: p.Inverted, MinOffset: p.MinOffset, MaxOffset: p.MaxOffset,
			StackStart: p.StackStart, StackMax: p.StackMax,
		}
		if len(p.Options) > 0 {
			out.Pattern.Options = texts(p.Options)
		}
	}
	return out
}

// checkKinds are the checkers that this release reads.
var checkKinds = []CheckKind{
	TCPCheck, HTTPGet, SSLGet, SMTPCheck, DNSCheck, UDPCheck, PingCheck, MiscCheck, FileCheck, BFDCheck,
}

func (r *reader) check(path string, c *jsonCheck) Check {
	out := Check{
		Origin: r.origin(path+".origin", c.Origin), Kind: CheckKind(c.Kind),
		Source: r.addr(path+".source", c.Source, false), SourcePort: r.port(path+".source_port", c.SourcePort),
		Interface: r.iface(path+".interface", c.Interface, false), FirewallMark: r.uint32(path+".fwmark", c.FirewallMark),
		ConnectTimeout:   r.duration(path+".connect_timeout_us", c.ConnectTimeoutUs, time.Microsecond),
		Retry:            r.uint32(path+".retry", c.Retry),
		DelayBeforeRetry: r.duration(path+".delay_before_retry_us", c.DelayBeforeRetryUs, time.Microsecond),
		DelayLoop:        r.duration(path+".delay_loop_us", c.DelayLoopUs, time.Microsecond),
		Warmup:           r.duration(path+".warmup_us", c.WarmupUs, time.Microsecond),
		Alpha:            c.Alpha, LogAllFailures: c.LogAllFailures,
	}
	if !slices.Contains(checkKinds, out.Kind) {
		r.fail(path+".kind", "this release has no checker %q", c.Kind)
		return out
	}
	if c.Target != "" || !out.Kind.local() {
		out.Target = r.addrPort(path+".target", c.Target)
	}
	r.settings(path, c, &out)
	return out
}

// local says that a checker connects to nothing.
func (k CheckKind) local() bool { return k == MiscCheck || k == FileCheck || k == BFDCheck }

// settings reads the part of a check that is its kind's alone; another kind's part is an error.
func (r *reader) settings(path string, c *jsonCheck, out *Check) {
	for _, part := range []struct {
		name  string
		there bool
		kinds []CheckKind
		read  func(path string)
	}{
		{".http", c.HTTP != nil, []CheckKind{HTTPGet, SSLGet}, func(path string) { out.HTTP = r.http(path, c.HTTP) }},
		{".smtp", c.SMTP != nil, []CheckKind{SMTPCheck}, func(path string) {
			out.SMTP = &SMTPSettings{HeloName: r.word(path+".helo_name", c.SMTP.HeloName)}
		}},
		{".dns", c.DNS != nil, []CheckKind{DNSCheck}, func(path string) {
			out.DNS = &DNSSettings{Type: r.must(path+".type", c.DNS.Type), Name: r.name(path+".name", c.DNS.Name)}
		}},
		{".udp", c.UDP != nil, []CheckKind{UDPCheck}, func(path string) { out.UDP = r.udp(path, c.UDP) }},
		{".misc", c.Misc != nil, []CheckKind{MiscCheck}, func(path string) {
			out.Misc = &MiscSettings{Timeout: r.duration(path+".timeout_us", c.Misc.TimeoutUs, time.Microsecond), Dynamic: c.Misc.Dynamic}
			if cmd := r.command(path+".command", &c.Misc.Command); cmd != nil {
				out.Misc.Command = *cmd
			}
		}},
		{".file", c.File != nil, []CheckKind{FileCheck}, func(path string) {
			out.File = &FileSettings{TrackFile: r.name(path+".track_file", c.File.TrackFile), Weight: r.weight(path+".weight", c.File.Weight), Reverse: c.File.Reverse}
		}},
		{".bfd", c.BFD != nil, []CheckKind{BFDCheck}, func(path string) { out.BFD = &BFDSettings{Name: r.name(path+".name", c.BFD.Name)} }},
	} {
		switch {
		case part.there != slices.Contains(part.kinds, out.Kind):
			r.fail(path+part.name, "does not fit a %s", out.Kind)
		case part.there:
			part.read(path + part.name)
		}
	}
}

func (r *reader) http(path string, h *jsonHTTP) *HTTPSettings {
	if !slices.Contains([]string{HTTP10, HTTP11, HTTP10Close}, h.Protocol) {
		r.fail(path+".protocol", "%q is not 1.0, 1.1 or 1.0C", h.Protocol)
	}
	out := &HTTPSettings{Protocol: h.Protocol, FastRecovery: h.FastRecovery, URLs: read(r, path+".urls", h.URLs, maxEntries, r.url)}
	if len(out.URLs) == 0 {
		r.fail(path+".urls", "no page")
	}
	return out
}

func (r *reader) url(path string, u *jsonURL) URL {
	out := URL{
		Origin: r.origin(path+".origin", u.Origin), Path: r.word(path+".path", u.Path), Host: r.word(path+".host", u.Host),
		ServerName: r.word(path+".server_name", u.ServerName), TLSCompliant: u.TLSCompliant, Digest: u.Digest,
		Codes: read(r, path+".status_codes", u.Codes, maxEntries, func(path string, c *jsonCodes) CodeRange {
			first := r.number(path+".first", int64(c.First), 100, 599)
			return CodeRange{uint16(first), uint16(r.number(path+".last", int64(c.Last), first, 599))}
		}),
	}
	if _, err := hex.DecodeString(u.Digest); err != nil || len(u.Digest) != 0 && len(u.Digest) != 32 {
		r.fail(path+".digest", "%q is no MD5", u.Digest)
	}
	if p := u.Pattern; p != nil {
		path += ".pattern"
		out.Pattern = &Pattern{
			Expression: r.word(path+".expression", p.Expression), Inverted: p.Inverted,
			Options:   r.words(path+".options", p.Options, maxWords),
			MinOffset: p.MinOffset, MaxOffset: p.MaxOffset, StackStart: p.StackStart, StackMax: p.StackMax,
		}
	}
	return out
}

func (r *reader) udp(path string, u *jsonUDP) *UDPSettings {
	out := &UDPSettings{
		RequireReply: u.RequireReply, Reply: u.Reply,
		MinReplyBytes: uint16(r.number(path+".min_reply_bytes", int64(u.MinReplyBytes), 0, math.MaxUint16)),
		MaxReplyBytes: uint16(r.number(path+".max_reply_bytes", int64(u.MaxReplyBytes), 0, math.MaxUint16)),
	}
	if u.Payload != "" {
		payload, err := hex.DecodeString(u.Payload)
		if err != nil {
			r.fail(path+".payload", "no hexadecimal digits")
		}
		out.Payload = payload
	}
	if strings.Trim(u.Reply, "0123456789abcdefx") != "" || len(u.Reply)%2 != 0 {
		r.fail(path+".reply", "%q is not hexadecimal digits and x", u.Reply)
	}
	return out
}
