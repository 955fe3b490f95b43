package notify

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"ka/compiler/plan"
)

// Message is a mail about an event, in keepalived's words (reference vrrp 8).
type Message struct{ Subject, Body string }

// MailAbout gives the mail about an event of a node; false where no mail is about it.
func MailAbout(e Event, routerID string) (Message, bool) {
	what, bodies := "VRRP Instance", map[Kind]string{
		Master: "VRRP Instance is now owning VRRP VIPs", Backup: "VRRP Instance is no longer owning VRRP VIPs",
		Fault: "VRRP Instance is no longer owning VRRP VIPs", Stop: "VRRP Instance stopping", Deleted: "VRRP Deleted at reload",
	}
	if e.Group {
		what, bodies = "VRRP Group", map[Kind]string{
			Master: "All VRRP group instances are now in MASTER state", Backup: "All VRRP group instances are now in BACKUP state",
			Fault: "All VRRP group instances are now in FAULT state", Stop: "All VRRP group instances are now stopping",
		}
	}
	body, ok := bodies[e.Kind]
	if !ok {
		return Message{}, false
	}
	event := map[Kind]string{Stop: "Stopping", Deleted: "Deleted"}[e.Kind]
	if event == "" {
		event = fmt.Sprintf("Entering %s state", e.Kind)
	}
	return Message{fmt.Sprintf("[%s] %s %s - %s", routerID, what, e.Name, event), "=> " + body + " <="}, true
}

// MailFilter decides which events mail is sent about: only changes, and no faults where none are wanted.
type MailFilter struct {
	// NoFaults leaves FAULT out (no_email_faults).
	NoFaults bool
	told     map[string]Kind
}

// Wants reports whether mail is sent about an event, and remembers it.
func (f *MailFilter) Wants(e Event) bool {
	if !e.state() || f.NoFaults && e.Kind == Fault || f.told[e.Subject()] == e.Kind {
		return false
	}
	if f.told == nil {
		f.told = make(map[string]Kind)
	}
	f.told[e.Subject()] = e.Kind
	return true
}

// Envelope says how mail is sent.
type Envelope struct {
	// Server is host:port.
	Server string
	// HELO is the name that the server is greeted with.
	HELO string
	// From and To are addresses as they are written: "name@host", or with a name in front of one in brackets.
	From string
	To   []string
	// Timeout bounds the connection and each answer.
	Timeout time.Duration
}

// NewEnvelope takes the settings of a plan; local is the machine's name, user who karun runs as. It
// returns false where the settings send no mail: without a server, or without anybody to send to.
func NewEnvelope(m *plan.Mail, user, local string) (Envelope, bool) {
	if m == nil || m.Server == "" || len(m.Recipients) == 0 {
		return Envelope{}, false
	}
	e := Envelope{Server: m.Server, HELO: m.HELO, From: m.From, To: m.Recipients, Timeout: max(m.ConnectTimeout, time.Second)}
	if e.HELO == "" {
		e.HELO = local
	}
	if e.From == "" {
		e.From = user + "@" + local
	}
	return e, true
}

// data is what follows the DATA command. It has the header of keepalived's mails to the letter, X-Mailer
// too: people sort their mail by it.
func (e Envelope) data(m Message, now time.Time) []byte {
	var b bytes.Buffer
	to := make([]string, len(e.To))
	for i, a := range e.To {
		to[i] = oneLine(a)
	}
	for _, h := range [][2]string{
		{"Date", now.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"From", oneLine(e.From)},
		{"Subject", oneLine(m.Subject)},
		{"X-Mailer", "Keepalived"},
		{"To", strings.Join(to, ",\r\n ")},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(&b, "\r\n%s\r\n\r\n", m.Body)
	return b.Bytes()
}

// bare is the address alone.
func bare(address string) string {
	address = oneLine(address)
	if i := strings.LastIndexByte(address, '<'); i >= 0 && strings.HasSuffix(address, ">") {
		return address[i+1 : len(address)-1]
	}
	return address
}
