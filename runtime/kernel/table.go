//go:build linux

package kernel

import (
	"errors"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// The names of keepalived's sets and chains: a table looks alike whoever made it (reference vrrp 12).
const (
	chainIn       = "in"
	chainOut      = "out"
	chainInLocal  = "in_link_local"
	chainOutLocal = "out_link_local"

	setAddresses      = "vips"
	setLinkLocal      = "vips_link_local"
	setLinkLocalNames = "vips_link_local_name"
	setDiscovery      = "neighbor-discovery"
	setReports        = "mld-report"
	setParents        = "parent_link_local"
	setVMACs          = "vmac_set"
	mapVMACs          = "vmac_map"
)

// Where fields stand in the headers, and what stands there.
const (
	protocolIPv4           = 9
	sourceIPv4, targetIPv4 = 12, 16
	nextHeaderIPv6         = 6
	sourceIPv6, targetIPv6 = 8, 24

	icmpRouterSolicit    = 133
	icmpNeighbourSolicit = 135
	icmpNeighbourAdvert  = 136
	icmpListenerReport   = 131
	icmpListenerReportV2 = 143
)

// metaOutputKind is the kind of the interface that a packet leaves by (NFT_META_OIFKIND).
const metaOutputKind = expr.MetaKey(27)

// tableBuilder adds the parts of a table to a transaction.
type tableBuilder struct {
	c     *nftables.Conn
	t     effect.Table
	table *nftables.Table
	err   error
}

// set describes a set by its name.
func (b *tableBuilder) set(name string) *nftables.Set {
	s := &nftables.Set{Table: b.table, Name: name, KeyType: nftables.TypeIPAddr}
	index := func(by nftables.SetDatatype) {
		s.KeyType = nftables.MustConcatSetType(nftables.TypeIP6Addr, by)
	}
	switch name {
	case setAddresses:
		if b.t.IPv6 {
			s.KeyType = nftables.TypeIP6Addr
		}
	case setLinkLocal:
		index(nftables.TypeIFIndex)
	case setLinkLocalNames:
		index(nftables.TypeIFName)
	case setParents:
		if index(nftables.TypeIFName); b.t.ByIndex {
			index(nftables.TypeIFIndex)
		}
	case setReports, setDiscovery:
		s.KeyType, s.Constant = nftables.TypeICMP6Type, true
	case setVMACs:
		s.KeyType, s.KeyByteOrder = nftables.TypeIFIndex, binaryutil.NativeEndian
	case mapVMACs:
		// nft(8) shows the values as numbers: the library cannot say in what byte order they are.
		s.KeyType, s.DataType, s.IsMap, s.KeyByteOrder = nftables.TypeIFIndex, nftables.TypeIFIndex, true, binaryutil.NativeEndian
	}
	return s
}

// addressSets are the sets that addresses are in.
func (b *tableBuilder) addressSets() []*nftables.Set {
	out := []*nftables.Set{b.set(setAddresses)}
	if b.t.LinkLocal {
		out = append(out, b.set(setLinkLocal))
	}
	if b.t.LinkLocalNames {
		out = append(out, b.set(setLinkLocalNames))
	}
	return out
}

// vmacSets are the sets about VMACs.
func (b *tableBuilder) vmacSets() []*nftables.Set {
	if len(b.t.VMACs) == 0 {
		return nil
	}
	out := []*nftables.Set{b.set(mapVMACs)}
	if b.t.IPv6 {
		out = append(out, b.set(setVMACs), b.set(setParents))
	}
	return out
}

func (b *tableBuilder) addSet(s *nftables.Set, types ...byte) {
	var elements []nftables.SetElement
	for _, t := range types {
		elements = append(elements, nftables.SetElement{Key: []byte{t}})
	}
	b.err = errors.Join(b.err, b.c.AddSet(s, elements))
}

// chain adds a chain at a hook; nil makes one that others go to.
func (b *tableBuilder) chain(name string, hook *nftables.ChainHook) *nftables.Chain {
	c := &nftables.Chain{Name: name, Table: b.table}
	if hook != nil {
		accept := nftables.ChainPolicyAccept
		c.Type, c.Hooknum, c.Policy = nftables.ChainTypeFilter, hook, &accept
		c.Priority = nftables.ChainPriorityRef(nftables.ChainPriority(b.t.Priority))
	}
	return b.c.AddChain(c)
}

// rule adds a rule; its last expression is what it does, and what counts goes before it.
func (b *tableBuilder) rule(chain *nftables.Chain, parts ...[]expr.Any) {
	var all []expr.Any
	for _, p := range parts {
		all = append(all, p...)
	}
	if last := len(all) - 1; b.t.Counters {
		all = append(all[:last:last], &expr.Counter{}, all[last])
	}
	b.c.AddRule(&nftables.Rule{Table: b.table, Chain: chain, Exprs: all})
}

// build adds the whole table in keepalived's order.
func (b *tableBuilder) build() {
	if b.t.IPv6 {
		b.addSet(b.set(setParents))
	}
	if len(b.t.VMACs) > 0 {
		for _, s := range b.vmacSets() {
			if s.Name != setParents {
				b.addSet(s)
			}
		}
		if b.t.IPv6 {
			b.addSet(b.set(setReports), icmpListenerReport, icmpListenerReportV2)
		}
	}
	out := b.chain(chainOut, nftables.ChainHookOutput)
	if b.t.IPv6 {
		// What the kernel says of the copied address from the VMAC would move it.
		load := expr.MetaKeyOIFNAME
		if b.t.ByIndex {
			load = expr.MetaKeyOIF
		}
		b.rule(out, isICMPv6(icmpNeighbourAdvert), leavesByMACVLAN(2), payload(1, expr.PayloadBaseNetworkHeader, sourceIPv6, 16),
			[]expr.Any{&expr.Meta{Key: load, Register: 2}}, lookup(setParents), verdict(expr.VerdictDrop, ""))
	}
	if len(b.t.VMACs) > 0 {
		b.moveReports(out)
	}
	if b.t.Drops {
		b.drop(out)
	}
}

// moveReports sends reports about multicast groups out of the base in place of the VMAC, and drops what else
// would teach switches the virtual MAC.
func (b *tableBuilder) moveReports(out *nftables.Chain) {
	first := append(payload(1, expr.PayloadBaseNetworkHeader, protocolIPv4, 1), equal(1, unix.IPPROTO_IGMP))
	target := payload(1, expr.PayloadBaseNetworkHeader, targetIPv4, 4)
	if b.t.IPv6 {
		first = append(icmpv6Type(), lookup(setReports)...)
		target = payload(1, expr.PayloadBaseNetworkHeader, targetIPv6, 16)
	}
	b.rule(out, first, target, leavesByMACVLAN(2), []expr.Any{
		&expr.Meta{Key: expr.MetaKeyOIF, Register: 2},
		&expr.Lookup{SourceRegister: 2, DestRegister: 2, IsDestRegSet: true, SetName: mapVMACs},
		&expr.Dup{RegAddr: 1, RegDev: 2, IsRegDevSet: true},
	}, verdict(expr.VerdictDrop, ""))
	if b.t.IPv6 {
		b.rule(out, isICMPv6(icmpRouterSolicit), leavesByMACVLAN(2),
			[]expr.Any{&expr.Meta{Key: expr.MetaKeyOIF, Register: 2}, &expr.Lookup{SourceRegister: 2, SetName: setVMACs}}, verdict(expr.VerdictDrop, ""))
	}
}

// drop drops what is sent to and from the addresses, but for neighbour discovery.
func (b *tableBuilder) drop(out *nftables.Chain) {
	sets := b.addressSets()
	b.addSet(sets[0])
	size, source, target := uint32(4), uint32(sourceIPv4), uint32(targetIPv4)
	if b.t.IPv6 {
		size, source, target = 16, sourceIPv6, targetIPv6
		b.addSet(b.set(setDiscovery), icmpNeighbourSolicit, icmpNeighbourAdvert)
	}
	for _, s := range sets[1:] {
		b.addSet(s)
	}
	in := b.chain(chainIn, nftables.ChainHookInput)
	var local [2]*nftables.Chain
	if len(sets) > 1 {
		local = [2]*nftables.Chain{b.chain(chainInLocal, nil), b.chain(chainOutLocal, nil)}
	}
	for i, way := range []struct {
		chain  *nftables.Chain
		offset uint32
		to     string
	}{{out, source, chainOutLocal}, {in, target, chainInLocal}} {
		address := payload(1, expr.PayloadBaseNetworkHeader, way.offset, size)
		if b.t.IPv6 {
			// 1 byte of the IPv6 header is enough here, as in keepalived's rule.
			protocol := append(payload(1, expr.PayloadBaseNetworkHeader, nextHeaderIPv6, 1), equal(1, unix.IPPROTO_ICMPV6))
			b.rule(way.chain, protocol, payload(1, expr.PayloadBaseTransportHeader, 0, 1), lookup(setDiscovery), verdict(expr.VerdictAccept, ""))
		}
		if local[i] != nil {
			prefix := make([]byte, 16)
			prefix[0], prefix[1] = 0xfe, 0x80
			mask := make([]byte, 16)
			mask[0], mask[1] = 0xff, 0xc0
			b.rule(way.chain, address, []expr.Any{
				&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 16, Mask: mask, Xor: make([]byte, 16)},
				&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: prefix},
			}, verdict(expr.VerdictGoto, way.to))
		}
		b.rule(way.chain, address, lookup(setAddresses), verdict(expr.VerdictDrop, ""))
	}
	if len(sets) > 1 {
		b.dropLocal(local[0], targetIPv6, expr.MetaKeyIIF, expr.MetaKeyIIFNAME)
		b.dropLocal(local[1], sourceIPv6, expr.MetaKeyOIF, expr.MetaKeyOIFNAME)
	}
}

// dropLocal drops link-local addresses on their interfaces.
func (b *tableBuilder) dropLocal(chain *nftables.Chain, offset uint32, byIndex, byName expr.MetaKey) {
	for _, k := range []struct {
		set  string
		key  expr.MetaKey
		used bool
	}{{setLinkLocal, byIndex, b.t.LinkLocal}, {setLinkLocalNames, byName, b.t.LinkLocalNames}} {
		if k.used {
			b.rule(chain, payload(1, expr.PayloadBaseNetworkHeader, offset, 16), []expr.Any{&expr.Meta{Key: k.key, Register: 2}}, lookup(k.set), verdict(expr.VerdictDrop, ""))
		}
	}
}

func payload(register uint32, base expr.PayloadBase, offset, size uint32) []expr.Any {
	return []expr.Any{&expr.Payload{DestRegister: register, Base: base, Offset: offset, Len: size}}
}

func equal(register uint32, value byte) expr.Any {
	return &expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: []byte{value}}
}

func lookup(set string) []expr.Any {
	return []expr.Any{&expr.Lookup{SourceRegister: 1, SetName: set}}
}

func verdict(kind expr.VerdictKind, chain string) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: kind, Chain: chain}}
}

// icmpv6Type loads the type of an ICMPv6 message into register 1.
func icmpv6Type() []expr.Any {
	return append([]expr.Any{&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, equal(1, unix.IPPROTO_ICMPV6)},
		payload(1, expr.PayloadBaseTransportHeader, 0, 1)...)
}

func isICMPv6(kind byte) []expr.Any { return append(icmpv6Type(), equal(1, kind)) }

func leavesByMACVLAN(register uint32) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: metaOutputKind, Register: register},
		&expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: interfaceName(kindMACVLAN)},
	}
}
