//go:build linux

package director

import (
	"context"
	"slices"

	"ka/compiler/effect"
	"ka/runtime/control"
)

// newChecksPlan is a new plan as it was read beside the loop.
type newChecksPlan struct {
	err     error
	kept    map[string]bool
	servers []*virtualServer
}

// readChecksPlan reads a new plan; no check of it runs yet.
func readChecksPlan(file int) newChecksPlan {
	p, s, err := readSetup(file)
	if err != nil {
		return newChecksPlan{err: err}
	}
	n := newChecksPlan{kept: keptKeys(s)}
	for i := range p.VirtualServers {
		n.servers = append(n.servers, newVirtualServer(p, i))
	}
	return n
}

// begin gives a real server the checks of its plan. Those that are the same run on; one of the same kind
// and target begins anew with the verdict of the one before; those that are left end.
func (rs *realServer) begin(before []*runningCheck) {
	rs.checks = nil
	taken := make(map[*runningCheck]bool)
	find := func(fits func(*runningCheck) bool) *runningCheck {
		for _, b := range before {
			if !taken[b] && fits(b) {
				taken[b] = true
				return b
			}
		}
		return nil
	}
	for _, check := range rs.plan.Checks {
		if b := find(func(b *runningCheck) bool { return same(b.plan, check) }); b != nil {
			rs.checks = append(rs.checks, b)
			continue
		}
		now := &runningCheck{plan: check}
		if b := find(func(b *runningCheck) bool { return b.plan.Kind == check.Kind && b.plan.Target == check.Target }); b != nil {
			now.failed = b.failed
			b.cancel()
		}
		rs.checks = append(rs.checks, now)
	}
	endChecks(slices.DeleteFunc(slices.Clone(before), func(b *runningCheck) bool { return taken[b] }))
}

func endChecks(list []*runningCheck) {
	for _, b := range list {
		b.cancel()
	}
}

// reload goes on with a new plan: what is the same is not touched, and what is known of a server stays.
func (c *checksProcess) reload(ctx context.Context, n newChecksPlan) {
	if n.err != nil {
		c.link.send(message{Type: msgReloaded, Reloaded: &control.Reload{Outcome: control.ReloadFailed, Reasons: []string{n.err.Error()}}})
		return
	}
	servers, changed, removed, count := c.compare(n)
	have, err := c.table.Snapshot()
	if err != nil {
		c.link.send(message{Type: msgReloaded, Reloaded: &control.Reload{Outcome: control.ReloadFailed, Reasons: []string{err.Error()}}})
		return
	}
	for _, v := range removed {
		v.become(&virtualServer{})
		c.remove(v, reasonReload)
	}
	c.kept, c.servers = n.kept, servers
	for _, v := range changed {
		if v.have == nil { // new: what is there already is brought in line
			c.update(v, effect.Owned(have, effect.All(&v.plan)), reasonReload)
		} else {
			c.update(v, objectsOf(v.have), reasonReload)
		}
	}
	c.startCheckers(ctx)
	c.link.send(message{Type: msgReloaded, Reloaded: &control.Reload{Outcome: control.ReloadDone, VirtualServers: count}})
}

// compare finds the virtual servers that stay by their names, and gives those that changed their new plan.
func (c *checksProcess) compare(n newChecksPlan) (servers, changed, removed []*virtualServer, count control.Changed) {
	before := make(map[string]*virtualServer, len(c.servers))
	for _, v := range c.servers {
		before[v.name] = v
	}
	for _, v := range n.servers {
		was := before[v.name]
		delete(before, v.name)
		switch {
		case was == nil:
			count.Added++
			for _, rs := range v.servers {
				rs.begin(nil)
			}
			changed = append(changed, v)
		case same(was.plan, v.plan):
			count.Unchanged++
			v = was
		default:
			count.Changed++
			was.become(v)
			v = was
			changed = append(changed, v)
		}
		servers = append(servers, v)
	}
	for _, v := range c.servers {
		if before[v.name] == v {
			removed = append(removed, v)
		}
	}
	count.Removed = len(removed)
	return servers, changed, removed, count
}

// become takes over the plan and the real servers of another one of the same name. A server that both have
// stays what it is known to be.
func (v *virtualServer) become(n *virtualServer) {
	before := make(map[string]*realServer, len(v.servers))
	for _, rs := range v.servers {
		before[rs.key] = rs
	}
	v.plan, v.servers = n.plan, nil
	for _, rs := range n.servers {
		if was := before[rs.key]; was != nil {
			delete(before, rs.key)
			was.plan = rs.plan
			was.begin(was.checks)
			rs = was
		} else {
			rs.begin(nil)
		}
		v.servers = append(v.servers, rs)
	}
	for _, was := range before {
		endChecks(was.checks)
		was.checks = nil
	}
}
