//go:build linux

package director

import (
	"net/netip"
	"slices"
)

// otherAddresses are the addresses of an interface that are not ours. Every instance on it asks for them at every
// change: what they ask is kept at hand. None are nil.
type otherAddresses struct {
	// order is the kernel's.
	order []netip.Prefix
	// count is how many prefixes each address has.
	count map[netip.Addr]int
	// first4 and first6 are the sources of adverts (reference vrrp 4.2).
	first4, first6 netip.Addr
}

// isSource reports whether adverts of a family may leave from an address: any in IPv4, one of the link in IPv6.
func isSource(a netip.Addr, ipv6 bool) bool {
	return a.Is6() == ipv6 && (!ipv6 || a.IsLinkLocalUnicast())
}

// add and remove report whether that changed anything.
func (f *otherAddresses) add(p netip.Prefix) bool {
	a := p.Addr()
	if f.count[a] > 0 && slices.Contains(f.order, p) {
		return false
	}
	f.order = append(f.order, p)
	f.count[a]++
	if !f.first4.IsValid() && isSource(a, false) {
		f.first4 = a
	}
	if !f.first6.IsValid() && isSource(a, true) {
		f.first6 = a
	}
	return true
}

func (f *otherAddresses) remove(p netip.Prefix) bool {
	a := p.Addr()
	if !f.has(a) {
		return false
	}
	i := slices.Index(f.order, p)
	if i < 0 {
		return false
	}
	f.order = slices.Delete(f.order, i, i+1)
	if f.count[a]--; f.count[a] == 0 {
		delete(f.count, a)
	}
	switch a {
	case f.first4:
		f.first4 = f.find(false)
	case f.first6:
		f.first6 = f.find(true)
	}
	return true
}

func (f *otherAddresses) find(ipv6 bool) netip.Addr {
	if i := slices.IndexFunc(f.order, func(p netip.Prefix) bool { return isSource(p.Addr(), ipv6) }); i >= 0 {
		return f.order[i].Addr()
	}
	return netip.Addr{}
}

// first is the first source of a family; not valid where there is none.
func (f *otherAddresses) first(ipv6 bool) netip.Addr {
	switch {
	case f == nil:
		return netip.Addr{}
	case ipv6:
		return f.first6
	}
	return f.first4
}

func (f *otherAddresses) has(a netip.Addr) bool { return f != nil && f.count[a] > 0 }

func (f *otherAddresses) none() bool { return f == nil || len(f.order) == 0 }
