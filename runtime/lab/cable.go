//go:build linux

package lab

import (
	"fmt"

	"github.com/vishvananda/netlink"
)

// Cut parts the host from its wires without a word, as when a switch in the middle fails: its
// interfaces stay up. (The state of a bridge port would be set faster, but the kernel sets it back
// when the news of a carrier reaches it, up to a second later.)
func (h *Host) Cut() error { return h.eachPort(cut) }

// Join undoes Cut.
func (h *Host) Join() error { return h.eachPort(join) }

func (h *Host) eachPort(f func(port) error) error {
	return h.lab.thread.in(h.lab.fabric, func() error {
		for _, p := range h.ports {
			if err := f(p); err != nil {
				return fmt.Errorf("port of %s: %w", h.Name, err)
			}
		}
		return nil
	})
}

func cut(p port) error {
	link, err := netlink.LinkByIndex(p.index)
	if err != nil {
		return err
	}
	return netlink.LinkSetNoMaster(link)
}

func join(p port) error {
	link, err := netlink.LinkByIndex(p.index)
	if err != nil {
		return err
	}
	bridge, err := netlink.LinkByName(p.bridge)
	if err != nil {
		return err
	}
	return netlink.LinkSetMasterByIndex(link, bridge.Attrs().Index)
}

// Unplug takes the carrier from the host's interfaces, as when a cable is pulled out of them.
func (h *Host) Unplug() error { return h.setCarrier(netlink.LinkSetDown) }

// Plug undoes Unplug.
func (h *Host) Plug() error { return h.setCarrier(netlink.LinkSetUp) }

func (h *Host) setCarrier(set func(netlink.Link) error) error {
	return h.eachPort(func(p port) error {
		link, err := netlink.LinkByIndex(p.index)
		if err != nil {
			return err
		}
		return set(link)
	})
}
