package kac

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
)

// routeText writes a route as ip(8) would.
func routeText(r *plan.Route) string {
	f := facts{}
	f.text("%s", r.Type)
	f = append(f, r.Destination.String())
	f.flag(r.From.IsValid(), "from "+r.From.String())
	f.flag(r.Gateway.IsValid(), "via "+r.Gateway.String())
	f.text("dev %s", r.Interface)
	f.flag(r.Source.IsValid(), "src "+r.Source.String())
	f.number("tos %d", uint64(r.TOS))
	f = append(f, tableFacts(r.Table, r.TableName)...)
	f.number("metric %d", uint64(r.Metric))
	f.number("scope %d", uint64(r.Scope))
	f.number("proto %d", uint64(r.Protocol))
	f.flag(r.OnLink, "onlink")
	f = append(f, encapFacts(r.Encap)...)
	f.flag(r.Expires > 0, "expires "+span(r.Expires))
	for _, m := range r.Metrics {
		f = append(f, metricText(m))
	}
	f = append(f, realmFacts(r.Realms)...)
	f.text("pref %s", r.Preference)
	f.text("ttl-propagate %s", r.TTLPropagate)
	f.text("vrf %s", r.VRF)
	for i := range r.NextHops {
		f = append(f, hopText(&r.NextHops[i]))
	}
	f.text("(%s)", r.Add)
	f.flag(r.NoTrack, "(not watched)")
	f.text("(watched by track group %s)", r.TrackGroup)
	return strings.Join(f, " ")
}

func tableFacts(table uint32, name string) facts {
	const mainTable = 254
	f := facts{}
	f.text("table %s", name)
	f.flag(table != 0 && table != mainTable, fmt.Sprintf("table %d", table))
	return f
}

func realmFacts(r *plan.Realms) facts {
	switch {
	case r == nil:
		return nil
	case r.From == 0:
		return facts{fmt.Sprintf("realms %d", r.To)}
	}
	return facts{fmt.Sprintf("realms %d/%d", r.From, r.To)}
}

func metricText(m plan.RouteMetric) string {
	f := facts{m.Name}
	f.flag(m.Locked, "lock")
	switch {
	case m.Text != "":
		f = append(f, m.Text)
	case m.Time > 0:
		f = append(f, span(m.Time))
	default:
		f = append(f, fmt.Sprint(m.Value))
	}
	return strings.Join(f, " ")
}

func hopText(h *plan.NextHop) string {
	f := facts{"nexthop"}
	f.flag(h.Gateway.IsValid(), "via "+h.Gateway.String())
	f.text("dev %s", h.Interface)
	f.flag(h.Weight > 1, fmt.Sprintf("weight %d", h.Weight))
	f.flag(h.OnLink, "onlink")
	f = append(f, realmFacts(h.Realms)...)
	return strings.Join(append(f, encapFacts(h.Encap)...), " ")
}

func encapFacts(e *plan.Encap) facts {
	if e == nil {
		return nil
	}
	f := facts{"encap " + e.Type}
	f.number("id %d", e.ID)
	f.flag(e.Destination.IsValid(), "dst "+e.Destination.String())
	f.flag(e.Source.IsValid(), "src "+e.Source.String())
	f.number("tos %d", uint64(e.TOS))
	f.number("ttl %d", uint64(e.TTL))
	f.number("flags %d", uint64(e.Flags))
	for _, l := range e.Labels {
		f = append(f, fmt.Sprint(l))
	}
	f.number("%d", e.Locator)
	return f
}

// ruleText writes a rule as ip(8) would.
func ruleText(r *plan.Rule) string {
	f := facts{fmt.Sprintf("%d:", r.Preference)}
	f.flag(r.Not, "not")
	from := "all"
	if r.From.IsValid() {
		from = r.From.String()
	}
	f = append(f, "from "+from)
	f.flag(r.To.IsValid(), "to "+r.To.String())
	f.number("tos %d", uint64(r.TOS))
	if m := r.Mark; m != nil {
		text := fmt.Sprintf("fwmark %#x", m.Value)
		if m.Mask != nil {
			text += fmt.Sprintf("/%#x", *m.Mask)
		}
		f = append(f, text)
	}
	f.text("iif %s", r.InputInterface)
	f.text("oif %s", r.OutputInterface)
	f.number("tun_id %d", r.TunnelID)
	f = append(f, spanFacts("uidrange", r.UIDs)...)
	f.text("ipproto %s", r.IPProtocol)
	f = append(f, spanFacts("sport", r.SourcePorts)...)
	f = append(f, spanFacts("dport", r.DestinationPorts)...)
	f = append(f, r.Action)
	switch {
	case r.TableName != "":
		f = append(f, r.TableName)
	case r.Table != 0:
		f = append(f, fmt.Sprint(r.Table))
	case r.Goto != 0:
		f = append(f, fmt.Sprint(r.Goto))
	}
	if n := r.SuppressPrefixLength; n != nil {
		f = append(f, fmt.Sprintf("suppress_prefixlength %d", *n))
	}
	if n := r.SuppressInterfaceGroup; n != nil {
		f = append(f, fmt.Sprintf("suppress_ifgroup %d", *n))
	}
	f = append(f, realmFacts(r.Realms)...)
	f.number("proto %d", uint64(r.Protocol))
	f.flag(r.NoTrack, "(not watched)")
	f.text("(watched by track group %s)", r.TrackGroup)
	return strings.Join(f, " ")
}

func spanFacts(word string, s *plan.Span) facts {
	switch {
	case s == nil:
		return nil
	case s.Low == s.High:
		return facts{fmt.Sprintf("%s %d", word, s.Low)}
	}
	return facts{fmt.Sprintf("%s %d-%d", word, s.Low, s.High)}
}
