package kac

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/ipvs"
	"ka/runtime/kernel"
)

// live reads the kernel, its IPVS table only if p has services, and gives p with this machine's numbers in
// place of names; notes say what of it could not be read.
func live(p *plan.Plan) (here *plan.Plan, have []effect.Object, notes []string, err error) {
	k, err := kernel.Open()
	if err != nil {
		return nil, nil, nil, err
	}
	defer k.Close()
	facts, err := k.Facts(nil)
	if err != nil {
		return nil, nil, nil, err
	}
	here = plan.Resolve(p, kernel.PlanNames(p, facts))
	if have, err = k.Snapshot(); err != nil {
		return nil, nil, nil, err
	}
	var wanted []effect.Table
	for _, w := range effect.All(here) {
		switch o := w.Object.(type) {
		case effect.Sysctl:
			if now, err := kernel.ReadSysctl(o.Path); err == nil {
				have = append(have, effect.Sysctl{Path: o.Path, Value: now})
			}
		case effect.Table:
			wanted = append(wanted, o)
		}
	}
	tables, notes := liveTables(k, wanted)
	have = append(have, tables...)
	if len(p.VirtualServers) == 0 {
		return here, have, notes, nil
	}
	services, more, err := liveServices()
	return here, append(have, services...), append(notes, more...), err
}

// liveTables reads which of the tables of nftables exist.
func liveTables(k *kernel.Handle, wanted []effect.Table) (have []effect.Object, notes []string) {
	tables, err := k.Tables(wanted)
	if err != nil {
		return nil, []string{fmt.Sprintf("%v: its tables are shown as planned", err)}
	}
	for _, t := range tables {
		if t.Foreign {
			notes = append(notes, t.Key()+" of nftables holds what is not keepalived's: karun will not start")
			continue
		}
		have = append(have, t)
	}
	return have, notes
}

func liveServices() (have []effect.Object, notes []string, err error) {
	t, err := ipvs.Open()
	switch {
	case errors.Is(err, ipvs.ErrNoIPVS):
		return nil, []string{"this kernel has no IPVS: virtual servers are shown as planned"}, nil
	case errors.Is(err, unix.EPERM):
		return nil, []string{"the IPVS table cannot be read without CAP_NET_ADMIN: virtual servers are shown as planned"}, nil
	case err != nil:
		return nil, []string{fmt.Sprintf("the IPVS table cannot be read: %v: virtual servers are shown as planned", err)}, nil
	}
	defer t.Close()
	have, err = t.Snapshot()
	return have, nil, err
}
