//go:build linux

package director

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
)

// listenOn listens on a port of a host's loopback interface.
func (w *wire) listenOn(host, address string) net.Listener {
	w.T.Helper()
	type result struct {
		l   net.Listener
		err error
	}
	out := make(chan result)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends in that namespace
		f, err := os.Open("/var/run/netns/" + w.Namespace(host))
		if err == nil {
			defer f.Close()
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
		}
		var l net.Listener
		if err == nil {
			l, err = net.Listen("tcp", address)
		}
		out <- result{l, err}
	}()
	r := <-out
	if r.err != nil {
		w.T.Fatal(r.err)
	}
	w.T.Cleanup(func() { _ = r.l.Close() })
	return r.l
}

// mailbox is a mail server that keeps what it is told, a string a conversation.
type mailbox struct {
	mu    sync.Mutex
	mails []string
}

func (m *mailbox) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

func (m *mailbox) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go m.converse(c)
	}
}

// converse keeps all lines but those in which a program may differ from another: the greeting and the date.
func (m *mailbox) converse(c net.Conn) {
	defer c.Close()
	var lines strings.Builder
	fmt.Fprint(c, "220 test\r\n")
	in, data := bufio.NewScanner(c), false
	for in.Scan() {
		line := in.Text()
		if !strings.HasPrefix(line, "EHLO ") && !strings.HasPrefix(line, "HELO ") && !strings.HasPrefix(line, "Date: ") {
			lines.WriteString(line + "\n")
		}
		answer := "250 ok"
		switch {
		case data && line != ".":
			continue
		case strings.HasPrefix(line, "EHLO "):
			answer = "500 what"
		case line == "DATA":
			data, answer = true, "354 go on"
		case line == "QUIT":
			answer = "221 bye"
		default:
			data = false
		}
		fmt.Fprint(c, answer+"\r\n")
	}
	m.mu.Lock()
	m.mails = append(m.mails, lines.String())
	m.mu.Unlock()
}

const mailConf = `
global_defs {
  router_id LVS_1
  notification_email { a@example.org }
  notification_email_from director@example.org
  smtp_server 127.0.0.1 2525
  smtp_helo_name director.example.org
  smtp_alert
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 52
  priority 100
  virtual_ipaddress { 10.77.0.200/24 }
}
`

// TestMailLikeKeepalived holds karun's mails to those of Debian's keepalived, with one recipient: 2.2.7 writes
// several otherwise than 2.4.3, whose mails are those of the unit test.
func TestMailLikeKeepalived(t *testing.T) {
	w := newWire(t)
	boxes := map[string]*mailbox{"a": {}, "b": {}}
	for host, box := range boxes {
		go box.serve(w.listenOn(host, "127.0.0.1:2525"))
	}
	p := testPlan(100)
	p.Global.RouterID = "LVS_1"
	p.Instances[0].Notify.Mail = true
	p.Global.Mail = &plan.Mail{
		Server: "127.0.0.1:2525", From: "director@example.org", HELO: "director.example.org", ConnectTimeout: 30 * time.Second, VRRPAlerts: true,
		Recipients: []string{"a@example.org"},
	}
	k := w.start("a", p, "")
	stop := w.keepalived("b", mailConf)
	for host, box := range boxes {
		until(t, "two mails of "+host, func() bool { return len(box.all()) >= 2 })
	}
	a, b := boxes["a"].all()[:2], boxes["b"].all()[:2]
	if !slices.Equal(a, b) || !strings.Contains(a[1], "Entering MASTER state") {
		t.Errorf("karun\n%s\nkeepalived\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	stop()
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	// keepalived has ended before it could send this one.
	if all := boxes["a"].all(); len(all) != 3 || !strings.Contains(all[2], "VI_1 - Stopping\n") {
		t.Errorf("mails %s", strings.Join(all, "\n"))
	}
}

// TestMailServerIsSilent: a mail server that never answers is no matter for the instance, and none for the
// stop.
func TestMailServerIsSilent(t *testing.T) {
	w := newWire(t)
	w.listenOn("a", "127.0.0.1:2525")
	p := testPlan(100)
	p.Instances[0].Notify.Mail = true
	p.Global.Mail = &plan.Mail{Server: "127.0.0.1:2525", From: "x@y", HELO: "x", ConnectTimeout: time.Hour, Recipients: []string{"a@b"}}
	k := w.start("a", p, "")
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	k.logged(`"msg":"mail-failed"`, "Entering BACKUP")
}
