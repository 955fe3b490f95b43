//go:build linux

package lab

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The states of a bridge port (linux/if_bridge.h).
const (
	portDisabled   = 0
	portForwarding = 3
)

// Cut parts the host from its wires without a word: the bridge forwards nothing from or to it, while
// its interfaces stay up, as when a switch in the middle fails. It takes effect at once.
func (h *Host) Cut() error { return h.setPorts(portDisabled) }

// Join undoes Cut.
func (h *Host) Join() error { return h.setPorts(portForwarding) }

func (h *Host) setPorts(state uint8) error {
	l := h.lab
	return l.thread.in(l.fabric, func() error {
		for _, p := range h.ports {
			req := nl.NewNetlinkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK)
			msg := nl.NewIfInfomsg(unix.AF_BRIDGE)
			msg.Index = int32(p.index)
			req.AddData(msg)
			protinfo := nl.NewRtAttr(unix.IFLA_PROTINFO|unix.NLA_F_NESTED, nil)
			protinfo.AddRtAttr(nl.IFLA_BRPORT_STATE, []byte{state})
			req.AddData(protinfo)
			if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
				return fmt.Errorf("set bridge port of %s: %w", h.Name, err)
			}
		}
		return nil
	})
}

// Unplug takes the carrier from the host's interfaces, as when a cable is pulled out of them.
func (h *Host) Unplug() error { return h.setCarrier(netlink.LinkSetDown) }

// Plug undoes Unplug.
func (h *Host) Plug() error { return h.setCarrier(netlink.LinkSetUp) }

func (h *Host) setCarrier(set func(netlink.Link) error) error {
	l := h.lab
	return l.thread.in(l.fabric, func() error {
		for _, p := range h.ports {
			link, err := netlink.LinkByIndex(p.index)
			if err != nil {
				return fmt.Errorf("find port of %s: %w", h.Name, err)
			}
			if err := set(link); err != nil {
				return fmt.Errorf("set port of %s: %w", h.Name, err)
			}
		}
		return nil
	})
}
