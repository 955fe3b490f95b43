//go:build linux

package ipvs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"

	moby "github.com/moby/ipvs"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// Apply makes one change about a service or a destination. What is so already is success: a service
// that is added although it exists is updated, one that is updated although it is gone is added (as
// keepalived does), and one that is removed may be gone.
func (h *Handle) Apply(c effect.Change) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	switch o := c.Object().(type) {
	case effect.Service:
		err = h.applyService(c.Op, o)
	case effect.Destination:
		err = h.applyDestination(c.Op, o)
	default:
		return fmt.Errorf("%s: not an IPVS service or destination", c)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%s: %w: run as root, or with CAP_NET_ADMIN", c, err)
	}
	return fmt.Errorf("%s: %w", c, err)
}

func (h *Handle) applyService(op effect.Op, o effect.Service) error {
	s, err := encodeService(o)
	if err != nil {
		return err
	}
	switch op {
	case effect.Remove:
		// The kernel has both for a service that is not there.
		if err = h.writer.DelService(s); errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			err = nil
		}
	case effect.Update:
		if err = h.writer.UpdateService(s); errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			err = h.writer.NewService(s)
		}
	default:
		if err = h.writer.NewService(s); errors.Is(err, unix.EEXIST) {
			err = h.writer.UpdateService(s)
		}
	}
	if errors.Is(err, unix.ENOENT) {
		err = fmt.Errorf("%w: the kernel has no scheduler %q: load it with \"modprobe ip_vs_%s\"", err, o.Scheduler, o.Scheduler)
	}
	return err
}

func (h *Handle) applyDestination(op effect.Op, o effect.Destination) error {
	if len(o.Unknown) > 0 {
		return fmt.Errorf("attributes that cannot be written: %v", o.Unknown)
	}
	var err error
	switch op {
	case effect.Remove:
		if err = h.writeDestination(cmdDelDest, o); errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			err = nil // it went, or its service did
		}
	case effect.Update:
		if err = h.writeDestination(cmdSetDest, o); errors.Is(err, unix.ENOENT) {
			err = h.writeDestination(cmdNewDest, o)
		}
	default:
		if err = h.writeDestination(cmdNewDest, o); errors.Is(err, unix.EEXIST) {
			err = h.writeDestination(cmdSetDest, o)
		}
	}
	if errors.Is(err, unix.ESRCH) {
		err = fmt.Errorf("%w: its service is not there", err)
	}
	return err
}

// identify gives the library's form of a service's identity.
func identify(id effect.ServiceID) *moby.Service {
	s := &moby.Service{AddressFamily: unix.AF_INET, FWMark: id.FirewallMark}
	if id.Is6() {
		s.AddressFamily = unix.AF_INET6
	}
	if id.FirewallMark == 0 {
		s.Protocol, s.Port = uint16(id.Protocol), id.Address.Port()
		s.Address = net.IP(id.Address.Addr().AsSlice())
	}
	return s
}

func encodeService(o effect.Service) (*moby.Service, error) {
	if len(o.Unknown) > 0 {
		return nil, fmt.Errorf("attributes that cannot be written: %v", o.Unknown)
	}
	s := identify(o.ServiceID)
	s.SchedName, s.Flags, s.Timeout, s.PEName = o.Scheduler, o.Flags, o.TimeoutSeconds, o.Engine
	s.Netmask = uint32(o.PrefixBits)
	if o.Netmask.Is4() {
		mask := o.Netmask.As4()
		s.Netmask = binary.NativeEndian.Uint32(mask[:]) // in network byte order in memory
	}
	return s, nil
}

// writeDestination writes through the library what it can express. It never sends the destination's
// family nor its tunnel, so that such ones go out by the own encoder.
func (h *Handle) writeDestination(command uint8, o effect.Destination) error {
	if o.Address.Addr().Is6() != o.Service.Is6() || o.TunnelType != 0 || o.TunnelPort != 0 || o.TunnelFlags != 0 {
		return h.request(command, serviceAttributes(o.Service), destinationAttributes(o))
	}
	s := identify(o.Service)
	d := &moby.Destination{
		Address: net.IP(o.Address.Addr().AsSlice()), Port: o.Address.Port(), Weight: int(o.Weight),
		ConnectionFlags: uint32(o.Method), UpperThreshold: o.UpperThreshold, LowerThreshold: o.LowerThreshold,
	}
	switch command {
	case cmdNewDest:
		return h.writer.NewDestination(s, d)
	case cmdSetDest:
		return h.writer.UpdateDestination(s, d)
	}
	return h.writer.DelDestination(s, d)
}
