//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// chains are those that keepalived makes: a table with others is somebody else's.
var chains = []string{chainIn, chainOut, chainInLocal, chainOutLocal}

// nft opens a connection to nftables of the handle's namespace, with bounded waits.
func (h *Handle) nft() (*nftables.Conn, error) {
	options := []nftables.ConnOption{nftables.WithSockOptions(func(c *netlink.Conn) error {
		return c.SetDeadline(time.Now().Add(answerTimeout))
	})}
	here, err := h.inOwn()
	if err != nil {
		return nil, err
	}
	if !here {
		options = append(options, nftables.WithNetNSFd(int(h.ns)))
	}
	return nftables.New(options...)
}

// inOwn reports whether the thread is in the handle's namespace: entering one takes rights that staying in it
// does not.
func (h *Handle) inOwn() (bool, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return false, err
	}
	defer here.Close()
	return here.Equal(h.ns), nil
}

// Tables gives those of the wanted tables that exist.
func (h *Handle) Tables(wanted []effect.Table) ([]effect.Table, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	c, err := h.nft()
	if err != nil {
		return nil, err
	}
	var out []effect.Table
	for _, f := range []nftables.TableFamily{nftables.TableFamilyIPv4, nftables.TableFamilyIPv6} {
		tables, err := c.ListTablesOfFamily(f)
		if err != nil {
			return nil, fmt.Errorf("read the tables of nftables: %w", err)
		}
		all, err := c.ListChainsOfTableFamily(f)
		if err != nil {
			return nil, fmt.Errorf("read the chains of nftables: %w", err)
		}
		for _, w := range wanted {
			if tableFamily(w.IPv6) != f || !slices.ContainsFunc(tables, func(t *nftables.Table) bool { return t.Name == w.Name }) {
				continue
			}
			if slices.ContainsFunc(out, func(t effect.Table) bool { return t.Key() == w.Key() }) {
				continue
			}
			w.Foreign = slices.ContainsFunc(all, func(c *nftables.Chain) bool { return c.Table.Name == w.Name && !slices.Contains(chains, c.Name) })
			out = append(out, w)
		}
	}
	return out, nil
}

func tableFamily(v6 bool) nftables.TableFamily {
	if v6 {
		return nftables.TableFamilyIPv6
	}
	return nftables.TableFamilyIPv4
}

// applyTable makes a table, with the VMACs as they are now, or removes it.
func (h *Handle) applyTable(change effect.Change) error {
	t, _ := change.Object().(effect.Table)
	c, err := h.nft()
	if err != nil {
		return fmt.Errorf("%s: %w", change, err)
	}
	there, err := h.Tables([]effect.Table{t})
	if err != nil {
		return fmt.Errorf("%s: %w", change, err)
	}
	if len(there) > 0 && there[0].Foreign {
		return fmt.Errorf("%s: a table of this name holds what is not keepalived's: give it another name", change)
	}
	var kept map[string][]nftables.SetElement
	if len(there) > 0 {
		if change.Op == effect.Update {
			kept = addressesOf(c, t)
		}
		c.DelTable(&nftables.Table{Name: t.Name, Family: tableFamily(t.IPv6)})
	}
	if change.Op == effect.Remove && len(there) == 0 {
		return nil
	}
	if change.Op != effect.Remove {
		b := &tableBuilder{c: c, t: t, table: c.AddTable(&nftables.Table{Name: t.Name, Family: tableFamily(t.IPv6)})}
		b.build()
		for _, s := range b.addressSets() {
			if t.Drops && len(kept[s.Name]) > 0 {
				b.err = errors.Join(b.err, c.SetAddElements(s, kept[s.Name]))
			}
		}
		elements, err := h.vmacElements(b)
		if err = errors.Join(b.err, err, elements()); err != nil {
			return fmt.Errorf("%s: %w", change, err)
		}
	}
	if err := c.Flush(); err != nil {
		return fmt.Errorf("%s: %w", change, err)
	}
	return nil
}

// addressesOf reads the addresses of a table that is made anew: those of masters stay in it.
func addressesOf(c *nftables.Conn, t effect.Table) map[string][]nftables.SetElement {
	out := make(map[string][]nftables.SetElement)
	table := &nftables.Table{Name: t.Name, Family: tableFamily(t.IPv6)}
	for _, name := range []string{setAddresses, setLinkLocal, setLinkLocalNames} {
		s, err := c.GetSetByName(table, name)
		if err != nil {
			continue // it has none
		}
		if elements, err := c.GetSetElements(s); err == nil {
			out[name] = elements
		}
	}
	return out
}

// RefreshTable puts the VMACs as they are now into a table that exists: one was made anew.
func (h *Handle) RefreshTable(t effect.Table) error {
	c, err := h.nft()
	if err != nil {
		return err
	}
	b := &tableBuilder{c: c, t: t, table: &nftables.Table{Name: t.Name, Family: tableFamily(t.IPv6)}}
	for _, s := range b.vmacSets() {
		c.FlushSet(s)
	}
	elements, err := h.vmacElements(b)
	if err = errors.Join(err, elements()); err != nil {
		return err
	}
	return c.Flush()
}

// EmptyTable takes all addresses out of a table that exists: nobody has them any more.
func (h *Handle) EmptyTable(t effect.Table) error {
	if !t.Drops {
		return nil
	}
	c, err := h.nft()
	if err != nil {
		return err
	}
	b := &tableBuilder{c: c, t: t, table: &nftables.Table{Name: t.Name, Family: tableFamily(t.IPv6)}}
	for _, s := range b.addressSets() {
		c.FlushSet(s)
	}
	return c.Flush()
}

// vmacElements works out the elements about the VMACs of a table; the function adds them.
func (h *Handle) vmacElements(b *tableBuilder) (func() error, error) {
	nothing := func() error { return nil }
	if len(b.t.VMACs) == 0 {
		return nothing, nil
	}
	objects, links, err := dumpAll(h.socket, nil)
	if err != nil {
		return nothing, err
	}
	var moved, indexes, parents []nftables.SetElement
	for _, v := range b.t.VMACs {
		l, base := findLink(links, v.Name), findLink(links, v.Base)
		if l == nil || base == nil {
			continue // it comes back, and this is done again
		}
		index := binary.NativeEndian.AppendUint32(nil, uint32(l.Index))
		moved = append(moved, nftables.SetElement{Key: index, Val: binary.NativeEndian.AppendUint32(nil, uint32(base.Index))})
		indexes = append(indexes, nftables.SetElement{Key: index})
		if address, ok := copiedLinkLocal(objects, v); ok {
			parents = append(parents, nftables.SetElement{Key: b.withInterface(address, *l, !b.t.ByIndex)})
		}
	}
	return func() error {
		err := b.c.SetAddElements(b.set(mapVMACs), moved)
		if b.t.IPv6 {
			err = errors.Join(err, b.c.SetAddElements(b.set(setVMACs), indexes))
			if len(parents) > 0 {
				err = errors.Join(err, b.c.SetAddElements(b.set(setParents), parents))
			}
		}
		return err
	}, nil
}

// copiedLinkLocal is the link-local address that a VMAC has from its base; it may have others, a master's.
func copiedLinkLocal(objects []effect.Object, v effect.TableVMAC) (netip.Addr, bool) {
	for _, o := range objects {
		a, ok := o.(effect.Address)
		if ip := a.Prefix.Addr(); ok && a.Interface == v.Name && ip.Is6() && ip.IsLinkLocalUnicast() && linkLocalHas(objects, v.Base, ip) {
			return ip, true
		}
	}
	return netip.Addr{}, false
}

func linkLocalHas(objects []effect.Object, name string, address netip.Addr) bool {
	return slices.ContainsFunc(objects, func(o effect.Object) bool {
		a, ok := o.(effect.Address)
		return ok && a.Interface == name && a.Prefix.Addr() == address
	})
}

// applyDropped adds and removes addresses of tables, all in one transaction.
func (h *Handle) applyDropped(changes []effect.Change) error {
	c, err := h.nft()
	if err != nil {
		return err
	}
	indexes := make(map[string]int)
	var failed []error
	for _, change := range changes {
		d, _ := change.Object().(effect.Dropped)
		b := &tableBuilder{t: effect.Table{IPv6: d.IPv6, Name: d.Table}, table: &nftables.Table{Name: d.Table, Family: tableFamily(d.IPv6)}}
		key := d.Address.AsSlice()
		if d.Interface != "" {
			i, err := h.index(d.Interface, indexes)
			if err != nil && !d.ByName {
				if change.Op != effect.Remove {
					failed = append(failed, fmt.Errorf("%s: %w", change, err))
				}
				continue
			}
			key = b.withInterface(d.Address, Link{Name: d.Interface, Index: i}, d.ByName)
		}
		element := []nftables.SetElement{{Key: key}}
		if change.Op == effect.Remove {
			err = c.SetDeleteElements(b.set(d.Set()), element)
		} else {
			err = c.SetAddElements(b.set(d.Set()), element)
		}
		failed = append(failed, err)
	}
	err = c.Flush()
	if errors.Is(err, unix.ENOENT) && len(changes) == 1 && changes[0].Op == effect.Remove {
		err = nil // it is gone
	}
	if err != nil {
		err = fmt.Errorf("%s and %d more: %w", changes[0], len(changes)-1, err)
	}
	return errors.Join(append(failed, err)...)
}

// HasNFT reports an error where the kernel has no nftables, or this process no right to them.
func (h *Handle) HasNFT() error {
	c, err := h.nft()
	if err == nil {
		_, err = c.ListTablesOfFamily(nftables.TableFamilyIPv4)
	}
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	return nil
}

// withInterface is the key of a link-local address on an interface, by name or by index.
func (b *tableBuilder) withInterface(address netip.Addr, l Link, byName bool) []byte {
	key := address.AsSlice()
	if byName {
		return append(key, interfaceName(l.Name)...)
	}
	return binary.NativeEndian.AppendUint32(key, uint32(l.Index))
}

// interfaceName is a name as the kernel compares it.
func interfaceName(name string) []byte {
	out := make([]byte, unix.IFNAMSIZ)
	copy(out, name)
	return out
}
