//go:build linux

package notify

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// smtpServer is a mail server for one conversation; answer gives what it says to a line, "" is 250.
func smtpServer(t *testing.T, answer func(line string) string) (address string, said func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var lines strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "220 test\r\n")
		in, data := bufio.NewScanner(c), false
		for in.Scan() {
			line := in.Text()
			lines.WriteString(line + "\n")
			out := answer(line)
			switch {
			case data && line != ".":
				continue
			case out != "":
			case line == "DATA":
				data, out = true, "354 go on"
			case line == "QUIT":
				out = "221 bye"
			default:
				data, out = false, "250 ok"
			}
			fmt.Fprint(c, out+"\r\n")
		}
	}()
	return l.Addr().String(), func() string { _ = l.Close(); <-done; return lines.String() }
}

// onlyHELO refuses EHLO, as the oldest servers do.
func onlyHELO(line string) string {
	if strings.HasPrefix(line, "EHLO") {
		return "500 what"
	}
	return ""
}

// TestMail: the conversation and the message are those of a real keepalived 2.4.3, EHLO aside.
func TestMail(t *testing.T) {
	address, said := smtpServer(t, onlyHELO)
	e, ok := NewEnvelope(&plan.Mail{Server: address, Recipients: []string{"a@b.c", "Name X <d@e.f>"}, ConnectTimeout: 5 * time.Second}, "root", "vm")
	if !ok {
		t.Fatal("no mail")
	}
	m, ok := MailAbout(Event{Name: "V1", Kind: Master}, "R1")
	if !ok {
		t.Fatal("no message")
	}
	refused, err := e.Send(t.Context(), m, time.Date(2026, 11, 21, 16, 32, 33, 0, time.UTC))
	if err != nil || refused != nil {
		t.Errorf("%v, refused %v", err, refused)
	}
	const want = `EHLO vm
HELO vm
MAIL FROM:<root@vm>
RCPT TO:<a@b.c>
RCPT TO:<d@e.f>
DATA
Date: Sat, 21 Nov 2026 16:32:33 +0000
From: root@vm
Subject: [R1] VRRP Instance V1 - Entering MASTER state
X-Mailer: Keepalived
To: a@b.c,
 Name X <d@e.f>

=> VRRP Instance is now owning VRRP VIPs <=

.
QUIT
`
	if got := said(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestMailRefused: one recipient who is refused is no reason to tell nobody.
func TestMailRefused(t *testing.T) {
	for _, tt := range []struct {
		refuse  string
		refused int
		err     string
	}{
		{"RCPT TO:<a@b.c>", 1, ""},
		{"RCPT", 0, "no such user"},
		{"MAIL", 0, "MAIL: 550"},
		{".", 0, "550"},
	} {
		address, said := smtpServer(t, func(line string) string {
			if strings.HasPrefix(line, tt.refuse) {
				return "550 no such user"
			}
			return onlyHELO(line)
		})
		e := Envelope{Server: address, HELO: "vm", From: "x@y", To: []string{"a@b.c", "d@e.f"}, Timeout: 5 * time.Second}
		refused, err := e.Send(t.Context(), Message{"s", "b"}, time.Now())
		if len(refused) != tt.refused || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: refused %v, error %v", tt.refuse, refused, err)
		}
		said()
	}
}

// TestMailIsBounded: a server that is silent, drips or talks without end holds nobody up.
func TestMailIsBounded(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"silent":  func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) },
		"endless": func(c net.Conn) { writeAll(c, strings.Repeat("220-x\r\n", 1000)) },
		"no line": func(c net.Conn) { writeAll(c, strings.Repeat("x", 1000)) },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				if c, err := l.Accept(); err == nil {
					serve(c)
					_ = c.Close()
				}
			}()
			e := Envelope{Server: l.Addr().String(), HELO: "vm", From: "x@y", To: []string{"a@b.c"}, Timeout: 50 * time.Millisecond}
			if _, err := e.Send(context.Background(), Message{"s", "b"}, time.Now()); err == nil {
				t.Error("sent")
			}
		})
	}
}

// writeAll writes the same again until the other end has gone.
func writeAll(c net.Conn, text string) {
	for {
		if _, err := c.Write([]byte(text)); err != nil {
			return
		}
	}
}

// TestMailFilter: only changes, and no faults where none are wanted; a fault that was not mailed is not
// remembered.
func TestMailFilter(t *testing.T) {
	f := MailFilter{NoFaults: true}
	var got []string
	for _, k := range []Kind{Backup, BackupPriority, Fault, Backup, Master, HeardLower, Master, Stop} {
		if f.Wants(Event{Name: "V1", Kind: k}) {
			got = append(got, string(k))
		}
	}
	if s := strings.Join(got, " "); s != "BACKUP MASTER STOP" {
		t.Errorf("mails %s", s)
	}
	if !f.Wants(Event{Group: true, Name: "V1", Kind: Stop}) {
		t.Error("a group is its instance")
	}
}

// TestMessages: all subjects and bodies (reference vrrp 8).
func TestMessages(t *testing.T) {
	var b strings.Builder
	for _, group := range []bool{false, true} {
		for _, k := range []Kind{Master, Backup, Fault, Stop, Deleted, HeardLower} {
			if m, ok := MailAbout(Event{Group: group, Name: "N", Kind: k}, "R"); ok {
				fmt.Fprintf(&b, "%s | %s\n", m.Subject, m.Body)
			}
		}
	}
	const want = `[R] VRRP Instance N - Entering MASTER state | => VRRP Instance is now owning VRRP VIPs <=
[R] VRRP Instance N - Entering BACKUP state | => VRRP Instance is no longer owning VRRP VIPs <=
[R] VRRP Instance N - Entering FAULT state | => VRRP Instance is no longer owning VRRP VIPs <=
[R] VRRP Instance N - Stopping | => VRRP Instance stopping <=
[R] VRRP Instance N - Deleted | => VRRP Deleted at reload <=
[R] VRRP Group N - Entering MASTER state | => All VRRP group instances are now in MASTER state <=
[R] VRRP Group N - Entering BACKUP state | => All VRRP group instances are now in BACKUP state <=
[R] VRRP Group N - Entering FAULT state | => All VRRP group instances are now in FAULT state <=
[R] VRRP Group N - Stopping | => All VRRP group instances are now stopping <=
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
	e := Envelope{From: "a\r\nBcc: x@y", To: []string{"b\nc <d@e>"}}
	if data := string(e.data(Message{"s\ns", "b"}, time.Now())); strings.Contains(data, "\nBcc") || strings.Contains(data, "\nc <") || strings.Contains(data, "\ns") {
		t.Errorf("a value makes a line of its own:\n%s", data)
	}
}
