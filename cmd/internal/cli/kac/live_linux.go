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
	for _, w := range effect.All(here) {
		if s, ok := w.Object.(effect.Sysctl); ok {
			if now, err := kernel.ReadSysctl(s.Path); err == nil {
				have = append(have, effect.Sysctl{Path: s.Path, Value: now})
			}
		}
	}
	if len(p.VirtualServers) == 0 {
		return here, have, nil, nil
	}
	services, notes, err := liveServices()
	return here, append(have, services...), notes, err
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
