package plan

import (
	"net/netip"
	"time"

	"ka/lang/schema/kw"
)

// CheckKind names a health checker by its keyword.
type CheckKind string

// The health checkers (reference ipvs 4).
const (
	// TCPCheck connects, and that is all.
	TCPCheck CheckKind = kw.TCPCheck
	// HTTPGet fetches pages, SSLGet does so over TLS.
	HTTPGet CheckKind = kw.HTTPGet
	SSLGet  CheckKind = kw.SSLGet
	// SMTPCheck has a short talk with a mail server.
	SMTPCheck CheckKind = kw.SMTPCheck
	// DNSCheck asks one question.
	DNSCheck CheckKind = kw.DNSCheck
	// UDPCheck sends a datagram, PingCheck an echo request.
	UDPCheck  CheckKind = kw.UDPCheck
	PingCheck CheckKind = kw.PingCheck
	// MiscCheck runs a program.
	MiscCheck CheckKind = kw.MiscCheck
	// FileCheck follows a number in a file, BFDCheck the state of a BFD session.
	FileCheck CheckKind = kw.FileCheck
	BFDCheck  CheckKind = kw.BFDCheck
)

// Check is one health check of a real server, every default resolved. What does not belong to its Kind
// is zero.
type Check struct {
	Origin Origin
	Kind   CheckKind
	// Target is what is connected to; not valid for a program, a file or BFD.
	Target netip.AddrPort
	// Source and SourcePort are where the connection comes from: not valid and 0 leave it to the kernel.
	Source     netip.Addr
	SourcePort uint16
	// Interface is what the socket is bound to; "" for none.
	Interface string
	// FirewallMark is set on what is sent; 0 for none.
	FirewallMark   uint32
	ConnectTimeout time.Duration
	// Retry is how many further tries a failure has, each after DelayBeforeRetry.
	Retry            uint32
	DelayBeforeRetry time.Duration
	// DelayLoop is the time between checks, Warmup the bound of the random delay of the first.
	DelayLoop, Warmup time.Duration
	// Alpha takes the server as down until the first success; LogAllFailures logs tries that do not count.
	Alpha, LogAllFailures bool

	// One of these is set, by Kind; none for TCP_CHECK and PING_CHECK.
	HTTP *HTTPSettings
	SMTP *SMTPSettings
	DNS  *DNSSettings
	UDP  *UDPSettings
	Misc *MiscSettings
	File *FileSettings
	BFD  *BFDSettings
}

// The protocols of HTTP_GET and SSL_GET. HTTP10Close is 1.0 with "Connection: close".
const (
	HTTP10      = "1.0"
	HTTP11      = "1.1"
	HTTP10Close = "1.0C"
)

// HTTPSettings are the settings of HTTP_GET and SSL_GET.
type HTTPSettings struct {
	// Protocol is HTTP10, HTTP11 or HTTP10Close.
	Protocol string
	// FastRecovery fetches the next page at once while the server is down.
	FastRecovery bool
	URLs         []URL
}

// URL is one page that must be as expected; all criteria must hold.
type URL struct {
	Origin Origin
	Path   string
	// Host is the name in the Host header; "" for the address and port.
	Host string
	// ServerName is the name that TLS asks for (SNI); "" for none.
	ServerName string
	// TLSCompliant ends TLS as its standard says.
	TLSCompliant bool
	// Codes are the status codes that are right, 200 to 299 unless given.
	Codes []CodeRange
	// Digest is the MD5 of the body in 32 hexadecimal digits; "" for any.
	Digest string
	// Pattern is what the body must match; nil for anything.
	Pattern *Pattern
}

// CodeRange is a range of HTTP status codes, both ends included.
type CodeRange struct{ First, Last uint16 }

// Pattern is a PCRE2 pattern on a body.
type Pattern struct {
	Expression string
	// Inverted wants no match.
	Inverted bool
	// Options are keepalived's names, in the order of the text, each once.
	Options []string
	// MinOffset and MaxOffset bound where a match begins, in bytes; MaxOffset 0 is no bound.
	MinOffset, MaxOffset uint64
	// StackStart and StackMax are the JIT stack, in bytes; 0 for the library's.
	StackStart, StackMax uint64
}

// SMTPSettings are the settings of SMTP_CHECK.
type SMTPSettings struct {
	// HeloName is said in HELO.
	HeloName string
}

// DNSSettings are the settings of DNS_CHECK.
type DNSSettings struct {
	// Type is the record type in capitals, Name the name asked for ("." is the root).
	Type, Name string
}

// UDPSettings are the settings of UDP_CHECK.
type UDPSettings struct {
	// Payload is what is sent; nil for keepalived's own text.
	Payload []byte
	// RequireReply wants an answer. Reply is what it begins with, as hexadecimal digits in which x
	// stands for any; "" for anything.
	RequireReply bool
	Reply        string
	// MinReplyBytes and MaxReplyBytes bound the answer.
	MinReplyBytes, MaxReplyBytes uint16
}

// MiscSettings are the settings of MISC_CHECK.
type MiscSettings struct {
	Command Command
	// Timeout is how long a run may take.
	Timeout time.Duration
	// Dynamic takes the weight from the exit status.
	Dynamic bool
}

// FileSettings are the settings of FILE_CHECK.
type FileSettings struct {
	// TrackFile is the name of a track_file. Its number, times Weight, is added to the server's weight;
	// with Weight 0 a number other than 0 takes the server down.
	TrackFile string
	Weight    int
	Reverse   bool
}

// BFDSettings are the settings of BFD_CHECK.
type BFDSettings struct {
	// Name is the name of a bfd_instance.
	Name string
}
