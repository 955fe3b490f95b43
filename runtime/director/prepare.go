//go:build linux

package director

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
)

// This file is about what is there before the vrrp process starts and until it has ended: interfaces that
// karun makes, and settings of the kernel. The supervisor makes them: it may wait, and it survives the
// processes that use them.

// prepare makes the interfaces and settings that the plan wants. What the settings were is on disk before
// they change.
func (s *supervisor) prepare() error {
	changes, settings, err := preparation(s.plan, &journal{}, "karun starts")
	if err != nil {
		return err
	}
	s.journal.Sysctls = settings
	if err := s.journal.write(s.opt.RunDir); err != nil {
		return err
	}
	return s.applyPrepared(changes)
}

// prepareNew makes what a new plan wants besides what there is, before anybody runs it.
func (s *supervisor) prepareNew(c *candidate, current *journal) error {
	changes, settings, err := preparation(c.plan, current, "karun reloads")
	if err != nil {
		return err
	}
	c.journal.Sysctls = append(current.Sysctls[:len(current.Sysctls):len(current.Sysctls)], settings...)
	if err := s.journalFile.write(&c.journal, s.opt.RunDir); err != nil {
		return err
	}
	return s.applyPrepared(changes)
}

// preparation works out what is to be made for a plan beside what the journal names, settings first: the
// default for new interfaces would else overwrite what the interfaces get. The settings are those that change,
// with what they were.
func preparation(p *plan.Plan, current *journal, reason string) ([]effect.Change, []effect.Sysctl, error) {
	var have []effect.Object
	for _, l := range current.Links {
		have = append(have, l)
	}
	for _, t := range current.Tables {
		have = append(have, t)
	}
	wanted := slices.DeleteFunc(effect.Desired(p, effect.Facts{}, effect.State{Running: true}), func(w effect.Wanted) bool { return !w.Kind().Prepared() })
	var wishes []effect.Sysctl
	for _, w := range wanted {
		if o, ok := w.Object.(effect.Sysctl); ok {
			wishes = append(wishes, o)
		}
	}
	settings, err := kernel.ExpandSysctls(wishes)
	var out []effect.Change
	for _, o := range settings {
		out = append(out, effect.Change{Op: effect.Add, Want: o, Reason: reason})
	}
	for _, c := range effect.Diff(have, wanted, reason) {
		// What goes stays until the new plan runs.
		if c.Op == effect.Remove || c.Want.Kind() == effect.KindSysctl {
			continue
		}
		if t, ok := c.Want.(effect.Table); ok {
			c.Want = movingOld(t, current.Tables)
		}
		out = append(out, c)
	}
	return out, settings, err
}

// movingOld is a table that moves the reports of the VMACs that go, too: the last ones say that groups are
// left, and would show the virtual MAC to switches when somebody else has it. See [supervisor.settleTables].
func movingOld(t effect.Table, before []effect.Table) effect.Table {
	t.VMACs = slices.Clone(t.VMACs)
	for _, b := range before {
		for _, v := range b.VMACs {
			if b.Key() == t.Key() && !slices.ContainsFunc(t.VMACs, func(o effect.TableVMAC) bool { return o.Name == v.Name }) {
				t.VMACs = append(t.VMACs, v)
			}
		}
	}
	return t
}

// settleTables takes the VMACs that are gone out of the tables.
func (s *supervisor) settleTables(p *plan.Plan, gone []effect.Object) {
	if !slices.ContainsFunc(gone, func(o effect.Object) bool { return o.Kind() == effect.KindLink }) {
		return
	}
	for _, t := range tablesOf(p) {
		if err := s.kernel.RefreshTable(t); err != nil {
			s.log.Warn("kernel", "object", t.String(), "error", err.Error())
		}
	}
}

// applyPrepared makes what is to be prepared. Interfaces come up last.
func (s *supervisor) applyPrepared(changes []effect.Change) error {
	var made []effect.Link
	for _, c := range changes {
		err := s.kernel.Apply(c)
		if t, ok := c.Want.(effect.Table); ok && err != nil && !t.Drops {
			// Without it switches may learn the virtual MAC of a backup; the instances run all the same.
			s.log.Warn("kernel", "error", err.Error())
			continue
		}
		l, link := c.Want.(effect.Link)
		if link && errors.Is(err, unix.ENODEV) {
			s.log.Warn("not prepared", "object", l.String(), "cause", fmt.Sprintf("interface %q does not exist yet", l.Base))
			continue
		}
		if link {
			made = append(made, l)
		}
		var refused *kernel.SettingError
		if errors.As(err, &refused) {
			s.log.Warn("not permitted", "object", c.Want.String(), "error", refused.Error())
			continue
		}
		if err != nil {
			return err
		}
		s.log.Info("prepared", "object", c.Want.String())
	}
	for _, l := range made {
		if err := s.kernel.RaiseLink(l); err != nil {
			return err
		}
	}
	return nil
}

// unprepared are the interfaces, settings and tables that the journal names and a plan wants no more. Settings
// of interfaces that took over a value for all go with it.
func unprepared(p *plan.Plan, j *journal, have []effect.Object) []effect.Object {
	wanted := make(map[string]bool)
	spread := false
	for _, w := range effect.Desired(p, effect.Facts{}, effect.State{Running: true}) {
		wanted[w.Key()] = true
		o, ok := w.Object.(effect.Sysctl)
		spread = spread || ok && o.Spread
	}
	return slices.DeleteFunc(j.present(have), func(o effect.Object) bool {
		setting, ok := o.(effect.Sysctl)
		return !o.Kind().Prepared() || wanted[o.Key()] || ok && spread && setting.Name() == effect.ReversePath
	})
}

// tablesOf are the tables of nftables that a plan wants.
func tablesOf(p *plan.Plan) []effect.Table {
	var out []effect.Table
	for _, w := range effect.Desired(p, effect.Facts{}, effect.State{Running: true}) {
		if t, ok := w.Object.(effect.Table); ok {
			out = append(out, t)
		}
	}
	return out
}

// madeLinks are the names of the interfaces that karun makes for the plan, with those below them.
func madeLinks(p *plan.Plan) map[string]string {
	out := make(map[string]string)
	for i := range p.Instances {
		in := &p.Instances[i]
		if v := in.Link.VMAC; v != nil {
			out[v.Name] = in.Interface
		}
		if v := in.Link.IPVLAN; v != nil {
			out[v.Name] = in.Interface
		}
		for _, v := range in.Link.AddressVMACs {
			out[v.Name] = v.Base
		}
	}
	return out
}

// missingTables lists the instances whose addresses this machine cannot keep from accepting packets.
func missingTables(p *plan.Plan, m machine) []problem {
	var out []problem
	for i := range p.Instances {
		in := &p.Instances[i]
		if !in.Deviations.NoAccept {
			continue
		}
		if err := m.hasNFT(); err != nil {
			name := in.Name
			out = append(out, problem{at(in.Origin) + fmt.Sprintf("instance %q: its addresses shall accept nothing, and nftables does not work here: %v", name, err),
				func(p *plan.Plan) { keepInstances(p, func(i *plan.Instance) bool { return i.Name != name }) }})
		}
	}
	return out
}

// missingLinks lists the instances whose interfaces this machine cannot make.
func missingLinks(p *plan.Plan, m machine) []problem {
	var out []problem
	kinds := make(map[string]effect.LinkKind) // by base: the kernel puts one kind on it
	for i := range p.Instances {
		in := &p.Instances[i]
		kind, group, origin := effect.LinkKind(""), "", plan.Origin{}
		if v := in.Link.VMAC; v != nil {
			kind, group, origin = effect.MACVLAN, v.Group, v.Origin
		}
		if len(in.Link.AddressVMACs) > 0 && kind == "" {
			kind, origin = effect.MACVLAN, in.Link.AddressVMACs[0].Origin
		}
		if v := in.Link.IPVLAN; v != nil {
			kind, group, origin = effect.IPVLAN, v.Group, v.Origin
		}
		name := in.Name
		drop := func(p *plan.Plan) { keepInstances(p, func(i *plan.Instance) bool { return i.Name != name }) }
		if kind != "" && !m.hasLinkKind(kind) {
			out = append(out, problem{at(origin) + fmt.Sprintf("instance %q: this kernel has no interfaces of kind %s", name, kind), drop})
		}
		for _, base := range basesOf(in) {
			err := m.carries(base.name)
			if first := kinds[base.name]; err == nil && first != "" && first != base.kind {
				err = fmt.Errorf("is to have a %s already, and cannot have a %s beside it", first, base.kind)
			}
			if err != nil {
				out = append(out, problem{at(base.origin) + fmt.Sprintf("instance %q: interface %q %v", name, base.name, err), drop})
				continue
			}
			kinds[base.name] = base.kind
		}
		if _, err := strconv.ParseUint(group, 0, 32); err == nil || group == "" {
			continue
		}
		if _, ok := m.names.Groups[group]; !ok {
			out = append(out, problem{at(origin) + fmt.Sprintf("instance %q: interface group %q is in none of the files group of iproute2", name, group), drop})
		}
	}
	return out
}

// linkBase is an interface that one of karun's is to be on, and the place that asks for it.
type linkBase struct {
	name   string
	kind   effect.LinkKind
	origin plan.Origin
}

func basesOf(in *plan.Instance) []linkBase {
	var out []linkBase
	if v := in.Link.VMAC; v != nil {
		out = append(out, linkBase{in.Interface, effect.MACVLAN, v.Origin})
	}
	if v := in.Link.IPVLAN; v != nil {
		out = append(out, linkBase{in.Interface, effect.IPVLAN, v.Origin})
	}
	for _, v := range in.Link.AddressVMACs {
		out = append(out, linkBase{v.Base, effect.MACVLAN, v.Origin})
	}
	return out
}

// carries says why the kernel puts no VMAC or ipvlan on an interface. One that is not there yet may be any.
func carries(f effect.InterfaceFacts) error {
	switch {
	case f.Index == 0:
		return nil
	case f.NoEthernet:
		return errors.New("has no Ethernet header, and cannot have an interface of its own on it: remove the word, or name another interface")
	case f.Port:
		return errors.New("belongs to a bridge or a bond, and cannot have an interface of its own on it: name the bridge or bond")
	}
	return nil
}
