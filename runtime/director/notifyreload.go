//go:build linux

package director

import (
	"time"

	"ka/compiler/plan"
)

// newest is a plan that the notifier is to go on with, and the FIFOs that karun makes.
type newest struct {
	plan *plan.Plan
	ours []string
}

// reload goes on with a new plan, behind the events that wait: what they ask for is that of the old one. It does
// not wait: where many plans do, because a program cannot be started, the first one's turn is that of the last one.
func (n *notifier) reload(p *plan.Plan, ours []string) {
	n.mu.Lock()
	n.newest = &newest{p, ours}
	n.mu.Unlock()
	select {
	case n.calls <- n.takeNewest:
	default:
	}
}

// takeNewest takes the plan of a reload. FIFOs and the mail server that are the same stay open.
func (n *notifier) takeNewest() {
	n.mu.Lock()
	next := n.newest
	n.newest = nil
	n.mu.Unlock()
	if next == nil {
		return // it was taken before
	}
	old, p := n.plan, next.plan
	n.load(p)
	if !same(eventFIFOs(old), eventFIFOs(p)) {
		n.replaceFIFOs(p, next.ours)
	}
	if !same(old.Global.Mail, p.Global.Mail) || old.Global.RouterID != p.Global.RouterID {
		if n.mailer != nil {
			n.mailer.close() // behind the last mail
		}
		m := newMailer(n.ctx, p, n.log)
		n.mu.Lock()
		n.mailer = m
		n.mu.Unlock()
	}
}

// replaceFIFOs opens those of a new plan in place of the old ones, whose readers find the end and have a
// second for it.
func (n *notifier) replaceFIFOs(p *plan.Plan, ours []string) {
	old := n.fifos
	old.close(false)
	n.fifos = openFIFOs(p, ours, n.s.launcher, n.log)
	n.s.helpers.Go(func() {
		defer old.end()
		late := time.AfterFunc(stopScripts, old.end)
		defer late.Stop()
		old.readers.Wait()
	})
}
