//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/internal/nlattr"
)

// scopeNowhere in the removal of a route matches every scope.
const scopeNowhere = 255

// nextHopHeader is the size of a struct rtnexthop.
const nextHopHeader = 8

// metricLock is the metric that says which others are locked (RTAX_LOCK).
const metricLock = 1

// The attributes of tunnels (linux/lwtunnel.h): those of IPv4 and IPv6 have the same numbers.
const (
	encapID, encapDst, encapSrc, encapTTL, encapTOS, encapFlags = 1, 2, 3, 4, 5, 6

	encapLabels  = 1
	encapLocator = 1
)

// index is how an encoder finds the number of an interface; 0 for the name "".
type index func(name string) int

// encodeRoute adds the body of an RTM_NEWROUTE or RTM_DELROUTE to req.
func encodeRoute(req *nl.NetlinkRequest, r effect.Route, index index) {
	table := uint8(unix.RT_TABLE_UNSPEC)
	if r.Table < 256 {
		table = uint8(r.Table)
	}
	scope := r.Scope
	if req.Type == unix.RTM_DELROUTE {
		scope = scopeNowhere
	}
	head := unix.RtMsg{
		Family: family(r.Destination.Addr()), Dst_len: uint8(r.Destination.Bits()), Table: table, Tos: r.TOS,
		Protocol: r.Protocol, Scope: scope, Type: max(r.Type, unix.RTN_UNICAST),
	}
	if r.OnLink {
		head.Flags = nexthopFlagOnlink
	}
	if r.From.IsValid() {
		head.Src_len = uint8(r.From.Bits())
	}
	req.AddData(&nl.RtMsg{RtMsg: head})
	add := func(kind int, value []byte) { req.AddData(nl.NewRtAttr(kind, value)) }
	number := func(kind int, n uint32) {
		if n != 0 {
			add(kind, nl.Uint32Attr(n))
		}
	}
	if r.Destination.Bits() > 0 {
		add(unix.RTA_DST, r.Destination.Addr().AsSlice())
	}
	if r.From.IsValid() {
		add(unix.RTA_SRC, r.From.Addr().AsSlice())
	}
	for _, a := range hopAttrs(head.Family, r.Gateway, r.Realms, r.Encap) {
		req.AddData(a)
	}
	number(unix.RTA_OIF, uint32(index(r.Interface)))
	if r.Source.IsValid() {
		add(unix.RTA_PREFSRC, r.Source.AsSlice())
	}
	number(unix.RTA_PRIORITY, r.Metric)
	if r.Table >= 256 {
		number(unix.RTA_TABLE, r.Table)
	}
	number(unix.RTA_EXPIRES, r.ExpiresSeconds)
	if r.Preference != 0 {
		add(unix.RTA_PREF, []byte{r.Preference})
	}
	if r.TTLPropagate != 0 {
		add(unix.RTA_TTL_PROPAGATE, []byte{2 - min(r.TTLPropagate, 2)})
	}
	if len(r.Metrics) > 0 {
		req.AddData(encodeMetrics(r.Metrics))
	}
	if len(r.NextHops) > 0 {
		add(unix.RTA_MULTIPATH, encodeHops(head.Family, r.NextHops, index))
	}
}

// hopAttrs are the attributes that a route and a next hop of several have alike.
func hopAttrs(fam uint8, gateway netip.Addr, realms uint32, encap *effect.Encap) []*nl.RtAttr {
	var out []*nl.RtAttr
	switch {
	case !gateway.IsValid():
	case family(gateway) == fam:
		out = append(out, nl.NewRtAttr(unix.RTA_GATEWAY, gateway.AsSlice()))
	default:
		via := binary.NativeEndian.AppendUint16(nil, uint16(family(gateway)))
		out = append(out, nl.NewRtAttr(unix.RTA_VIA, append(via, gateway.AsSlice()...)))
	}
	if realms != 0 {
		out = append(out, nl.NewRtAttr(unix.RTA_FLOW, nl.Uint32Attr(realms)))
	}
	if encap != nil {
		out = append(out, encodeEncap(encap), nl.NewRtAttr(unix.RTA_ENCAP_TYPE, nl.Uint16Attr(uint16(encap.Kind))))
	}
	return out
}

func encodeMetrics(metrics []effect.RouteMetric) *nl.RtAttr {
	nest := nl.NewRtAttr(unix.RTA_METRICS, nil)
	locked := uint32(0)
	for _, m := range metrics {
		if m.Kind == effect.MetricCongestion {
			nest.AddRtAttr(int(m.Kind), nl.ZeroTerminated(m.Text))
		} else {
			nest.AddRtAttr(int(m.Kind), nl.Uint32Attr(m.Value))
		}
		if m.Locked {
			locked |= 1 << m.Kind
		}
	}
	if locked != 0 {
		nest.AddRtAttr(metricLock, nl.Uint32Attr(locked))
	}
	return nest
}

func encodeHops(fam uint8, hops []effect.NextHop, index index) []byte {
	var out []byte
	for _, h := range hops {
		var body []byte
		for _, a := range hopAttrs(fam, h.Gateway, h.Realms, h.Encap) {
			body = append(body, a.Serialize()...)
		}
		var flags uint8
		if h.OnLink {
			flags = nexthopFlagOnlink
		}
		out = binary.NativeEndian.AppendUint16(out, uint16(nextHopHeader+len(body)))
		out = append(out, flags, uint8(max(h.Weight, 1)-1))
		out = binary.NativeEndian.AppendUint32(out, uint32(index(h.Interface)))
		out = append(out, body...)
	}
	return out
}

func encodeEncap(e *effect.Encap) *nl.RtAttr {
	nest := nl.NewRtAttr(unix.RTA_ENCAP|unix.NLA_F_NESTED, nil)
	switch e.Kind {
	case effect.EncapMPLS:
		var labels []byte
		for i, l := range e.Labels {
			entry := l << 12
			if i == len(e.Labels)-1 {
				entry |= 1 << 8 // the bottom of the stack
			}
			labels = binary.BigEndian.AppendUint32(labels, entry)
		}
		nest.AddRtAttr(encapLabels, labels)
	case effect.EncapILA:
		nest.AddRtAttr(encapLocator, binary.BigEndian.AppendUint64(nil, e.Locator))
	case effect.EncapIP, effect.EncapIP6:
		if e.ID != 0 {
			nest.AddRtAttr(encapID, binary.BigEndian.AppendUint64(nil, e.ID))
		}
		if e.Destination.IsValid() {
			nest.AddRtAttr(encapDst, e.Destination.AsSlice())
		}
		if e.Source.IsValid() {
			nest.AddRtAttr(encapSrc, e.Source.AsSlice())
		}
		if e.TOS != 0 {
			nest.AddRtAttr(encapTOS, []byte{e.TOS})
		}
		if e.TTL != 0 {
			nest.AddRtAttr(encapTTL, []byte{e.TTL})
		}
		if e.Flags != 0 {
			nest.AddRtAttr(encapFlags, nl.Uint16Attr(e.Flags))
		}
	}
	return nest
}

// decodeRoutes reads the body of an RTM_NEWROUTE or RTM_DELROUTE. An IPv6 route with several next hops is given
// in all of its forms, the whole one first.
func decodeRoutes(b []byte, name func(int) string) ([]effect.Route, error) {
	r, err := decodeRoute(b, name)
	if err != nil {
		return nil, err
	}
	return append([]effect.Route{r}, r.Singles()...), nil
}

// destinationOf is the destination of a route, without a look at the rest; not valid where it cannot be read.
func destinationOf(b []byte) (out netip.Prefix) {
	if len(b) < routeHeader {
		return out
	}
	address := netip.IPv4Unspecified()
	if b[0] == unix.AF_INET6 {
		address = netip.IPv6Unspecified()
	}
	_ = nlattr.Each(b[routeHeader:], func(kind uint16, v []byte) (err error) {
		if kind == unix.RTA_DST {
			address, err = nlattr.Addr(v)
		}
		return err
	})
	return netip.PrefixFrom(address, int(b[1]))
}

func decodeRoute(b []byte, name func(int) string) (effect.Route, error) {
	if len(b) < routeHeader {
		return effect.Route{}, nlattr.ErrShort
	}
	family, bits, fromBits := b[0], int(b[1]), int(b[2])
	if family != unix.AF_INET && family != unix.AF_INET6 {
		return effect.Route{}, errNotOurs
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	if flags&routeFlagCloned != 0 {
		return effect.Route{}, errNotOurs
	}
	r := effect.Route{TOS: b[3], Table: uint32(b[4]), Protocol: b[5], Scope: b[6], Type: b[7], OnLink: flags&nexthopFlagOnlink != 0}
	destination, from := netip.IPv4Unspecified(), netip.Addr{}
	if family == unix.AF_INET6 {
		destination = netip.IPv6Unspecified()
	}
	d := routeDecoder{r: &r, name: name}
	err := nlattr.Each(b[routeHeader:], func(kind uint16, v []byte) (err error) {
		switch kind {
		case unix.RTA_DST:
			destination, err = nlattr.Addr(v)
		case unix.RTA_SRC:
			from, err = nlattr.Addr(v)
		default:
			err = d.attr(kind, v)
		}
		return err
	})
	if err == nil {
		r.Encap, err = d.hop.encapsulation()
	}
	if err != nil {
		return effect.Route{}, err
	}
	if r.Table == unix.RT_TABLE_LOCAL && r.Protocol == unix.RTPROT_KERNEL {
		return effect.Route{}, errNotOurs
	}
	r.Gateway, r.Realms = d.hop.gateway, d.hop.realms
	r.Destination = netip.PrefixFrom(destination, bits)
	if fromBits > 0 {
		r.From = netip.PrefixFrom(from, fromBits)
	}
	if !r.Destination.IsValid() || fromBits > 0 && !r.From.IsValid() {
		return effect.Route{}, nlattr.ErrShort
	}
	return r, nil
}

// routeDecoder fills in a route.
type routeDecoder struct {
	r    *effect.Route
	name func(int) string
	hop  hopDecoder
}

func (d *routeDecoder) attr(kind uint16, v []byte) (err error) {
	r := d.r
	if known, err := d.hop.attr(kind, v); known || err != nil {
		return err
	}
	switch kind {
	case unix.RTA_PREFSRC:
		r.Source, err = nlattr.Addr(v)
	case unix.RTA_OIF:
		var index uint32
		index, err = nlattr.Uint32(v)
		r.Interface = d.name(int(index))
	case unix.RTA_PRIORITY:
		r.Metric, err = nlattr.Uint32(v)
	case unix.RTA_TABLE:
		r.Table, err = nlattr.Uint32(v)
	case unix.RTA_PREF:
		r.Preference, err = nlattr.Uint8(v)
	case unix.RTA_METRICS:
		r.Metrics, err = decodeMetrics(v)
	case unix.RTA_MULTIPATH:
		r.NextHops, err = decodeHops(v, d.name)
	case unix.RTA_CACHEINFO, unix.RTA_EXPIRES, unix.RTA_TTL_PROPAGATE:
		// Ages and counters; what is written and not compared.
	default:
		r.Unknown = append(r.Unknown, fmt.Sprintf("RTA %d", kind))
	}
	return err
}

// hopDecoder collects the attributes that a route and a next hop of several have alike. The type of a tunnel
// may stand before or behind the tunnel itself.
type hopDecoder struct {
	gateway netip.Addr
	realms  uint32
	kind    uint16
	encap   []byte
}

func (d *hopDecoder) attr(kind uint16, v []byte) (known bool, err error) {
	switch kind {
	case unix.RTA_GATEWAY:
		d.gateway, err = nlattr.Addr(v)
	case unix.RTA_VIA:
		if len(v) < 2 {
			return true, nlattr.ErrShort
		}
		d.gateway, err = nlattr.Addr(v[2:])
	case unix.RTA_FLOW:
		d.realms, err = nlattr.Uint32(v)
	case unix.RTA_ENCAP_TYPE:
		d.kind, err = nlattr.Uint16(v)
	case unix.RTA_ENCAP:
		d.encap = v
	default:
		return false, nil
	}
	return true, err
}

// encapsulation reads the tunnel; nil where there is none.
func (d *hopDecoder) encapsulation() (*effect.Encap, error) {
	if d.kind == 0 {
		return nil, nil
	}
	e := &effect.Encap{Kind: effect.EncapKind(d.kind)}
	err := nlattr.Each(d.encap, func(kind uint16, v []byte) error { return decodeEncapAttr(e, kind, v) })
	for _, end := range []*netip.Addr{&e.Destination, &e.Source} {
		if end.IsUnspecified() {
			*end = netip.Addr{}
		}
	}
	return e, err
}

func decodeEncapAttr(e *effect.Encap, kind uint16, v []byte) (err error) {
	switch {
	case e.Kind == effect.EncapMPLS && kind == encapLabels:
		for ; len(v) >= 4; v = v[4:] {
			e.Labels = append(e.Labels, binary.BigEndian.Uint32(v)>>12)
		}
	case e.Kind == effect.EncapILA && kind == encapLocator && len(v) >= 8:
		e.Locator = binary.BigEndian.Uint64(v)
	case e.Kind != effect.EncapIP && e.Kind != effect.EncapIP6:
	case kind == encapID && len(v) >= 8:
		e.ID = binary.BigEndian.Uint64(v)
	case kind == encapDst:
		e.Destination, err = nlattr.Addr(v)
	case kind == encapSrc:
		e.Source, err = nlattr.Addr(v)
	case kind == encapTTL:
		e.TTL, err = nlattr.Uint8(v)
	case kind == encapTOS:
		e.TOS, err = nlattr.Uint8(v)
	case kind == encapFlags:
		e.Flags, err = nlattr.Uint16(v)
	}
	return err
}

// decodeMetrics reads the metrics in the order of their kinds.
func decodeMetrics(b []byte) ([]effect.RouteMetric, error) {
	var metrics [32]*effect.RouteMetric
	locked := uint32(0)
	err := nlattr.Each(b, func(kind uint16, v []byte) (err error) {
		switch {
		case kind == metricLock:
			locked, err = nlattr.Uint32(v)
		case int(kind) >= len(metrics):
			err = fmt.Errorf("metric %d", kind)
		case kind == effect.MetricCongestion:
			metrics[kind] = &effect.RouteMetric{Kind: uint8(kind), Text: nlattr.String(v)}
		default:
			metrics[kind] = &effect.RouteMetric{Kind: uint8(kind)}
			metrics[kind].Value, err = nlattr.Uint32(v)
		}
		return err
	})
	var out []effect.RouteMetric
	for kind, m := range metrics {
		if m != nil {
			m.Locked = locked&(1<<kind) != 0
			out = append(out, *m)
		}
	}
	return out, err
}

func decodeHops(b []byte, name func(int) string) ([]effect.NextHop, error) {
	var out []effect.NextHop
	for len(b) >= nextHopHeader {
		size := int(binary.NativeEndian.Uint16(b))
		if size < nextHopHeader || size > len(b) {
			return nil, nlattr.ErrShort
		}
		h := effect.NextHop{Interface: name(int(binary.NativeEndian.Uint32(b[4:]))), Weight: int(b[3]) + 1, OnLink: b[2]&nexthopFlagOnlink != 0}
		var d hopDecoder
		err := nlattr.Each(b[nextHopHeader:size], func(kind uint16, v []byte) error {
			_, err := d.attr(kind, v)
			return err
		})
		if err == nil {
			h.Encap, err = d.encapsulation()
		}
		if err != nil {
			return nil, err
		}
		h.Gateway, h.Realms = d.gateway, d.realms
		out = append(out, h)
		b = b[min((size+3)&^3, len(b)):]
	}
	return out, nil
}
