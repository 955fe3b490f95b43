package kac

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/ipvs"
	"ka/runtime/kernel"
)

// live reads the kernel, its IPVS table only if services are of interest; notes say what of it could not
// be read.
func live(services bool) (have []effect.Object, notes []string, err error) {
	k, err := kernel.Open()
	if err != nil {
		return nil, nil, err
	}
	defer k.Close()
	if have, err = k.Snapshot(); err != nil {
		return nil, nil, err
	}
	if !services {
		return have, nil, nil
	}
	t, err := ipvs.Open()
	switch {
	case errors.Is(err, ipvs.ErrNoIPVS):
		return have, []string{"this kernel has no IPVS: virtual servers are shown as planned"}, nil
	case errors.Is(err, unix.EPERM):
		return have, []string{"the IPVS table cannot be read without CAP_NET_ADMIN: virtual servers are shown as planned"}, nil
	case err != nil:
		return have, []string{fmt.Sprintf("the IPVS table cannot be read: %v: virtual servers are shown as planned", err)}, nil
	}
	defer t.Close()
	table, err := t.Snapshot()
	return append(have, table...), nil, err
}
