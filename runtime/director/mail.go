//go:build linux

package director

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/user"
	"strings"
	"sync/atomic"
	"time"

	"ka/compiler/plan"
	"ka/runtime/notify"
)

const (
	// maxMails bounds the mails that wait for a server.
	maxMails = 64
	// nameLimit is how long the machine's own name may be looked for.
	nameLimit = 5 * time.Second
)

// mailer sends mails one by one, from a goroutine of its own.
type mailer struct {
	log    *slog.Logger
	events chan notify.Event
	done   chan struct{}
	lost   atomic.Uint64
}

// newMailer starts the goroutine; nil where the plan sends no mail.
func newMailer(ctx context.Context, p *plan.Plan, log *slog.Logger) *mailer {
	if _, sends := notify.NewEnvelope(p.Global.Mail, "", ""); !sends {
		return nil
	}
	m := &mailer{log: log, events: make(chan notify.Event, maxMails), done: make(chan struct{})}
	go m.work(ctx, p.Global.Mail, p.Global.RouterID)
	return m
}

// send queues the mail about an event; it reports whether it is lost.
func (m *mailer) send(e notify.Event) (lost bool) {
	select {
	case m.events <- e:
		return false
	default:
		m.log.Error("mail-dropped", "of", e.Subject(), "state", string(e.Kind), "cause", "too many wait for the server")
		return true
	}
}

// close ends the goroutine behind the last mail.
func (m *mailer) close() { close(m.events) }

func (m *mailer) work(ctx context.Context, settings *plan.Mail, routerID string) {
	defer close(m.done)
	var envelope notify.Envelope
	for {
		select {
		case e, more := <-m.events:
			if !more || ctx.Err() != nil {
				return
			}
			if envelope.Server == "" {
				local := localName(ctx)
				envelope, _ = notify.NewEnvelope(settings, userName(), local)
				if routerID == "" {
					routerID = local
				}
			}
			m.sendNow(ctx, envelope, routerID, e)
		case <-ctx.Done():
			return
		}
	}
}

func (m *mailer) sendNow(ctx context.Context, envelope notify.Envelope, routerID string, e notify.Event) {
	message, _ := notify.MailAbout(e, routerID)
	refused, err := envelope.Send(ctx, message, time.Now())
	for _, r := range refused {
		m.log.Warn("mail-refused", "server", envelope.Server, "error", r.Error())
	}
	if err != nil {
		m.lost.Add(1)
		m.log.Error("mail-failed", "server", envelope.Server, "subject", message.Subject, "error", err.Error())
		return
	}
	m.log.Info("mail", "server", envelope.Server, "subject", message.Subject)
}

// localName is the machine's name as keepalived has it: whole, where somebody knows it.
func localName(ctx context.Context) string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, nameLimit)
	defer cancel()
	if whole, err := net.DefaultResolver.LookupCNAME(ctx, name); err == nil {
		return strings.TrimSuffix(whole, ".")
	}
	return name
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "root"
}
