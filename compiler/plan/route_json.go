package plan

import (
	"math"
	"net/netip"
	"time"
)

func toRoute(r *Route) jsonRoute {
	return jsonRoute{
		Origin: toOrigin(r.Origin), Destination: toPrefix(r.Destination), Gateway: toAddr(r.Gateway),
		Source: toAddr(r.Source), Interface: text(r.Interface), Scope: int(r.Scope),
		Table: int64(r.Table), Metric: int64(r.Metric),
		TableName: text(r.TableName), Type: text(r.Type), From: toOptionalPrefix(r.From), TOS: int(r.TOS),
		Protocol: int(r.Protocol), OnLink: r.OnLink, Encap: toEncap(r.Encap), ExpiresS: int64(r.Expires / time.Second),
		Metrics: each(r.Metrics, func(m *RouteMetric) jsonMetric {
			return jsonMetric{text(m.Name), int64(m.Value), m.Time.Microseconds(), text(m.Text), m.Locked}
		}),
		Realms: toRealms(r.Realms), Preference: text(r.Preference), TTLPropagate: text(r.TTLPropagate),
		Add: text(r.Add), NextHops: each(r.NextHops, toNextHop), NoTrack: r.NoTrack,
		TrackGroup: text(r.TrackGroup), VRF: text(r.VRF),
	}
}

func toNextHop(h *NextHop) jsonNextHop {
	return jsonNextHop{
		Gateway: toAddr(h.Gateway), Interface: text(h.Interface), Weight: h.Weight, OnLink: h.OnLink,
		Realms: toRealms(h.Realms), Encap: toEncap(h.Encap),
	}
}

func toEncap(e *Encap) *jsonEncap {
	if e == nil {
		return nil
	}
	return &jsonEncap{
		Type: text(e.Type), ID: e.ID, Destination: toAddr(e.Destination), Source: toAddr(e.Source),
		TOS: int(e.TOS), TTL: int(e.TTL), Flags: int(e.Flags), Locator: e.Locator,
		Labels: each(e.Labels, func(l *uint32) int64 { return int64(*l) }),
	}
}

func toRealms(r *Realms) *jsonRealms {
	if r == nil {
		return nil
	}
	return &jsonRealms{From: int(r.From), To: int(r.To)}
}

func toOptionalPrefix(p netip.Prefix) prefixText {
	if !p.IsValid() {
		return ""
	}
	return toPrefix(p)
}

func (r *reader) optionalPrefix(path string, t prefixText) netip.Prefix {
	if t == "" {
		return netip.Prefix{}
	}
	return r.prefix(path, t)
}

func (r *reader) byte(path string, n int) uint8 {
	return uint8(r.number(path, int64(n), 0, math.MaxUint8))
}

func (r *reader) route(path string, in *jsonRoute) Route {
	lowest := int64(1)
	if in.TableName != "" || in.VRF != "" {
		lowest = 0
	}
	out := Route{
		Origin: r.origin(path+".origin", in.Origin), Destination: r.prefix(path+".destination", in.Destination),
		Gateway: r.addr(path+".gateway", in.Gateway, false), Source: r.addr(path+".source", in.Source, false),
		Interface: r.iface(path+".interface", in.Interface, false),
		Scope:     r.byte(path+".scope", in.Scope),
		Table:     uint32(r.number(path+".table", in.Table, lowest, math.MaxUint32)),
		Metric:    uint32(r.number(path+".metric", in.Metric, 0, math.MaxUint32)),
		TableName: r.word(path+".table_name", in.TableName), Type: r.word(path+".type", in.Type),
		From: r.optionalPrefix(path+".from", in.From), TOS: r.byte(path+".tos", in.TOS),
		Protocol: r.byte(path+".protocol", in.Protocol), OnLink: in.OnLink, Encap: r.encap(path+".encap", in.Encap),
		Expires: r.duration(path+".expires_s", in.ExpiresS, time.Second),
		Metrics: read(r, path+".metrics", in.Metrics, maxWords, r.metric), Realms: r.realms(path+".realms", in.Realms),
		Preference:   r.word(path+".preference", in.Preference),
		TTLPropagate: r.word(path+".ttl_propagate", in.TTLPropagate), Add: r.word(path+".add", in.Add),
		NextHops: read(r, path+".next_hops", in.NextHops, maxWords, r.nextHop), NoTrack: in.NoTrack,
		TrackGroup: r.word(path+".track_group", in.TrackGroup), VRF: r.iface(path+".vrf", in.VRF, false),
	}
	addresses := []netip.Addr{out.Gateway, out.Source, out.From.Addr()}
	for _, h := range out.NextHops {
		addresses = append(addresses, h.Gateway)
	}
	for _, a := range addresses {
		if a.IsValid() && a.Is4() != out.Destination.Addr().Is4() {
			r.fail(path, "addresses of both families")
		}
	}
	if out.Destination != out.Destination.Masked() {
		r.fail(path+".destination", "host bits are set")
	}
	return out
}

func (r *reader) metric(path string, m *jsonMetric) RouteMetric {
	return RouteMetric{
		Name: r.name(path+".name", m.Name), Value: uint32(r.number(path+".value", m.Value, 0, math.MaxUint32)),
		Time: r.duration(path+".time_us", m.TimeUs, time.Microsecond), Text: r.word(path+".text", m.Text), Locked: m.Locked,
	}
}

func (r *reader) nextHop(path string, h *jsonNextHop) NextHop {
	return NextHop{
		Gateway: r.addr(path+".gateway", h.Gateway, false), Interface: r.iface(path+".interface", h.Interface, false),
		Weight: int(r.number(path+".weight", int64(h.Weight), 1, 256)), OnLink: h.OnLink,
		Realms: r.realms(path+".realms", h.Realms), Encap: r.encap(path+".encap", h.Encap),
	}
}

func (r *reader) encap(path string, e *jsonEncap) *Encap {
	if e == nil {
		return nil
	}
	return &Encap{
		Type: r.name(path+".type", e.Type), ID: e.ID,
		Destination: r.addr(path+".destination", e.Destination, false), Source: r.addr(path+".source", e.Source, false),
		TOS: r.byte(path+".tos", e.TOS), TTL: r.byte(path+".ttl", e.TTL),
		Flags: uint16(r.number(path+".flags", int64(e.Flags), 0, math.MaxUint16)), Locator: e.Locator,
		Labels: read(r, path+".labels", e.Labels, maxWords, func(path string, l *int64) uint32 {
			return uint32(r.number(path, *l, 0, 1<<20-1))
		}),
	}
}

func (r *reader) realms(path string, x *jsonRealms) *Realms {
	if x == nil {
		return nil
	}
	return &Realms{From: r.byte(path+".from", x.From), To: r.byte(path+".to", x.To)}
}
