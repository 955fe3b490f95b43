//go:build linux

package director

import (
	"time"

	"ka/compiler/plan"
)

// reload goes on with a new plan, behind the events that wait: what they ask for is that of the old one.
// FIFOs and the mail server that are the same stay open. ours are the FIFOs that karun makes.
func (n *notifier) reload(p *plan.Plan, ours []string) {
	n.calls <- func() {
		old := n.plan
		n.load(p)
		if !same(eventFIFOs(old), eventFIFOs(p)) {
			n.replaceFIFOs(p, ours)
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
