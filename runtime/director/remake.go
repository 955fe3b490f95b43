//go:build linux

package director

import (
	"errors"
	"net"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// An interface of karun's goes when somebody removes it, and with the interface below it; that one may come
// back, as another one with the settings of a new one (reference vrrp 11). The vrrp process sees it, and the
// supervisor makes what is missing, beside its loop: as a reload does, and one after the other.

// askForLinks asks the supervisor for the interfaces that are missing, or in another VRF than their base, and whose
// base is there: behind a change of the named interface, or of any (""). A macvlan follows the MTU of its base down,
// but not up: one that is too small for IPv6 behind it is asked for too.
func (v *vrrpProcess) askForLinks(about string) {
	if v.stopping || !v.ready {
		return
	}
	for name, base := range v.made {
		if about != "" && about != name && about != base {
			continue
		}
		own, there := v.mirror.links[name]
		if below, can := v.mirror.links[base]; can && (!there || own.VRF() != below.VRF() || below.HasIPv6() && !own.HasIPv6()) {
			v.link.send(message{Type: msgLinkGone, Text: name})
		}
	}
}

// remake makes an interface again, and what goes with it.
func (s *supervisor) remake(name string) {
	if s.stopping {
		return
	}
	p := s.plan
	s.helpers.Go(func() {
		err := s.journalFile.with(func(current *journal) error { return s.remakeNow(p, name, current) })
		if err != nil && !errors.Is(err, errStopping) {
			s.log.Error("kernel", "error", err.Error())
		}
	})
}

func (s *supervisor) remakeNow(p *plan.Plan, name string, current *journal) error {
	i := slices.IndexFunc(current.Links, func(l effect.Link) bool { return l.Name == name })
	if i < 0 {
		return nil // a reload has taken it away
	}
	if there, err := net.InterfaceByName(name); err == nil {
		if there.Flags&net.FlagUp == 0 {
			return nil // whoever has switched it off may have a reason
		}
		// It lacks an address or IPv6, its base has gone to another VRF, or it was asked for twice: what it has stays.
		return s.kernel.Apply(effect.Change{Op: effect.Add, Want: current.Links[i], Reason: reasonMissing})
	}
	_, settings, err := preparation(p, current, reasonMissing)
	if err != nil {
		return err
	}
	if more := newSettings(current, settings); len(more) > 0 {
		next := *current
		next.Sysctls = slices.Concat(current.Sysctls, more)
		if err := s.journalFile.write(&next, s.opt.RunDir); err != nil {
			return err
		}
	}
	l := current.Links[i]
	var failed []error
	for _, o := range settings {
		failed = append(failed, s.kernel.Apply(effect.Change{Op: effect.Add, Want: o, Reason: reasonMissing}))
	}
	switch err := s.kernel.Apply(effect.Change{Op: effect.Add, Want: l, Reason: reasonMissing}); {
	case errors.Is(err, unix.ENODEV):
		return nil // with its base, whose return asks again
	case err != nil:
		failed = append(failed, err)
	default:
		s.log.Warn("put back, it was missing", "object", l.String())
	}
	for _, t := range current.Tables {
		failed = append(failed, s.kernel.RefreshTable(t))
	}
	return errors.Join(append(failed, s.kernel.RaiseLink(l))...)
}

// newSettings are those that the journal does not name: what it says of the others was before karun.
func newSettings(j *journal, settings []effect.Sysctl) []effect.Sysctl {
	return slices.DeleteFunc(slices.Clone(settings), func(o effect.Sysctl) bool {
		return slices.ContainsFunc(j.Sysctls, func(x effect.Sysctl) bool { return x.Path == o.Path })
	})
}

// watchTables makes tables of nftables again that somebody has deleted, as a service does that loads its rules
// behind "flush ruleset". It begins with the first plan that has tables.
func (s *supervisor) watchTables() {
	if s.watchingTables || len(tablesOf(s.plan)) == 0 {
		return
	}
	gone, err := s.kernel.WatchTables(s.helpCtx)
	if err != nil {
		s.log.Warn("kernel", "error", err.Error())
		return
	}
	s.watchingTables = true
	s.helpers.Go(func() {
		var pace repairs
		for range gone {
			select {
			case <-time.After(pace.next(monotonic())):
			case <-s.helpCtx.Done():
				return
			}
			s.putTablesBack()
		}
	})
}

// putTablesBack makes missing tables. The vrrp process then puts the addresses of masters into them.
func (s *supervisor) putTablesBack() {
	var made []effect.Table
	err := s.journalFile.with(func(current *journal) (err error) {
		made, err = s.remakeTables(current)
		return err
	})
	if err != nil && !errors.Is(err, errStopping) {
		s.log.Error("kernel", "error", err.Error())
	}
	// Not with the journal: the supervisor's loop waits for that at its end, and takes nothing more.
	for _, t := range made {
		s.post(func() {
			for _, c := range s.children {
				if c.role == roleVRRP {
					s.send(c, message{Type: msgTableMade, Text: t.Key()})
				}
			}
		})
	}
}

// remakeTables makes those that the journal names and that are missing.
func (s *supervisor) remakeTables(current *journal) (made []effect.Table, err error) {
	there, err := s.kernel.Tables(current.Tables)
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, t := range current.Tables {
		if slices.ContainsFunc(there, func(x effect.Table) bool { return x.Key() == t.Key() }) {
			continue
		}
		if err := s.kernel.Apply(effect.Change{Op: effect.Add, Want: t, Reason: reasonMissing}); err != nil {
			failed = append(failed, err)
			continue
		}
		s.log.Warn("put back, it was missing", "object", t.String())
		made = append(made, t)
	}
	return made, errors.Join(failed...)
}

// fillTable puts the addresses of masters into a table that was made again.
func (v *vrrpProcess) fillTable(key string) {
	for _, inst := range v.instances {
		if len(inst.uses) == 0 || v.stopping {
			continue
		}
		var list []effect.Change
		for _, c := range inst.enter {
			if d, ok := c.Object().(effect.Dropped); ok && (effect.Table{IPv6: d.IPv6, Name: d.Table}).Key() == key {
				list = append(list, c)
			}
		}
		v.queueList(inst, list)
	}
}
