package compiler

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// reachable says whether the instance has a way to send adverts; keepalived refuses to start without.
func (in *instance) reachable() bool {
	unicast := len(in.unicast.Peers) > 0 || in.unicastFrom != nil && check.Find(in.body, kw.UnicastFaultNoPeer) != nil
	if in.out.Interface != "" {
		return true
	}
	lo := check.Find(in.body, kw.Interface)
	switch {
	case !unicast && lo != nil:
		in.warn(ruleMissing, diag.Error, lo.Args[0],
			fmt.Sprintf("%q is the loopback: keepalived takes the instance as one without an interface, and does not start", loopback), "write an interface of the network")
		return false
	case !unicast:
		in.missingKeyword(in.from, kw.Interface, kw.Interface+" eth0", subjectInstance)
		return false
	case lo != nil:
		in.settingIgnored(lo.Args[0], fmt.Sprintf("%q is the loopback; keepalived ignores the line", loopback), "remove it, or write an interface of the network")
	}
	if check.UintArg(in.body, kw.DownTimerAdverts, strictDownTimer) == 1 {
		_, from, _ := check.Value(in.body, kw.DownTimerAdverts)
		in.warn(ruleMissing, diag.Error, from.Head, fmt.Sprintf("\"%s 1\" without an interface makes keepalived crash", kw.DownTimerAdverts),
			fmt.Sprintf("write %q, or a larger number", kw.Interface))
		return false
	}
	return in.hasSource()
}

// hasSource wants a source address from an instance without an interface.
func (in *instance) hasSource() bool {
	message := ""
	switch {
	case !in.out.Source.IsValid():
		message = fmt.Sprintf("%q sends to peers without an interface and without a source address; keepalived does not start any instance", in.out.Name)
	case in.out.Source.IsLinkLocalUnicast() && in.out.Source.Is6():
		message = fmt.Sprintf("%q sends from an address of the link without an interface; keepalived does not start any instance", in.out.Name)
	default:
		return true
	}
	in.warn("unicast-no-source", diag.Error, in.from.Args[0], message, fmt.Sprintf("write %q, or %q", kw.UnicastSrcIP, kw.Interface))
	return false
}

// settleUnicast decides between unicast and multicast.
func (in *instance) settleUnicast() {
	in.out.TrackSource = in.out.Source.IsValid() && check.Find(in.body, kw.TrackSrcIP) != nil
	ttl := check.Find(in.body, kw.UnicastTTL)
	in.routingDomain()
	if len(in.unicast.Peers) == 0 {
		in.noPeers(ttl)
		return
	}
	u := &in.unicast
	u.CheckSource = u.CheckSource || check.Find(in.body, kw.CheckUnicastSrc) != nil || in.globals.vrrp.CheckUnicastSource
	in.unicastNumbers(u)
	in.out.Unicast = u
	if in.groupFrom != nil {
		in.settingIgnored(in.groupFrom.Head, fmt.Sprintf("%q has no effect beside unicast peers; keepalived ignores it", kw.McastDstIP), "remove it")
		in.out.Group = in.globals.group4
		if in.ipv6 {
			in.out.Group = in.globals.group6
		}
	}
	if in.out.Deviations.Strict {
		in.warn("strict-conflict", diag.Error, in.unicastFrom.Head,
			"strict mode has no unicast; keepalived does not start on an interface that can multicast", "leave strict mode, or remove the peers")
	}
	if p := in.peerOf(in.out.Source); p != nil {
		d := in.warn("unicast-self", diag.Warning, in.listWord(p.Origin, in.unicastFrom.Head, kw.UnicastPeer),
			fmt.Sprintf("peer %s is this node's own source address: it sends its adverts to itself", p.Address), "write the addresses of the other nodes")
		d.Related = append(d.Related, diag.Note{Message: "the source address is set here", Span: in.sourceFrom.Span})
	}
}

// listWord finds the first word of the line of a list that something of the plan comes from.
func (in *instance) listWord(origin plan.Origin, otherwise syntax.Word, keywords ...string) syntax.Word {
	for _, keyword := range keywords {
		for _, block := range check.FindAll(in.body, keyword) {
			for _, entry := range block.Children() {
				if in.origin(entry) == origin {
					return entry.Head
				}
			}
		}
	}
	return otherwise
}

// addressWord finds the line of an address.
func (in *instance) addressWord(origin plan.Origin) syntax.Word {
	return in.listWord(origin, in.from.Head, kw.VirtualIpaddress, kw.VirtualIpaddressExcluded)
}

// unicastNumbers fills in what unicast adverts carry.
func (in *instance) unicastNumbers(u *plan.Unicast) {
	u.TTL = 255
	if in.ipv6 {
		u.TTL = plan.TTLKernel
	}
	if _, _, ok := check.Value(in.body, kw.UnicastTTL); ok {
		u.TTL = int(check.UintArg(in.body, kw.UnicastTTL, 255))
	}
	u.Checksum = plan.ChecksumAuto
	if s := check.Find(in.body, kw.OldUnicastChecksum); s != nil {
		u.Checksum = plan.ChecksumOld
		if len(s.Args) > 0 {
			u.Checksum = plan.ChecksumNever
		}
	}
}

// needsPeers reports a keyword that counts beside unicast peers only.
func (in *instance) needsPeers(s *syntax.Statement) {
	in.settingIgnored(s.Head, fmt.Sprintf("%q needs unicast peers; keepalived ignores it", s.Head.Text), fmt.Sprintf("remove it, or write %q", kw.UnicastPeer))
}

// noPeers is what becomes of unicast keywords without a peer.
func (in *instance) noPeers(ttl *syntax.Statement) {
	if in.unicastFrom == nil {
		if ttl != nil {
			in.needsPeers(ttl)
		}
		for _, word := range []string{kw.CheckUnicastSrc, kw.OldUnicastChecksum} {
			if s := check.Find(in.body, word); s != nil {
				in.needsPeers(s)
			}
		}
		return
	}
	fault := check.Find(in.body, kw.UnicastFaultNoPeer) != nil
	message := "there is no unicast peer; keepalived sends its adverts by multicast"
	if fault {
		message = "there is no unicast peer: the instance is in FAULT and never gets out of it"
		in.unicastNumbers(&in.unicast)
		in.out.Unicast = &in.unicast
	}
	for _, block := range check.FindAll(in.body, kw.UnicastPeer) {
		for _, entry := range block.Children() {
			if entry.Head.Text != "" {
				return // its peers were dropped: that is reported
			}
		}
	}
	if meantElsewhere(in.from, kw.UnicastPeer) {
		return
	}
	in.warn("unicast-empty", diag.Warning, in.unicastFrom.Head, message,
		fmt.Sprintf("write the addresses of the other nodes in %q, or remove the unicast keywords", kw.UnicastPeer))
}

// routingDomain reads vrf, which is for unicast without an interface.
func (in *instance) routingDomain() {
	text, from, ok := check.Value(in.body, kw.VRF)
	if !ok {
		return
	}
	why := ""
	switch {
	case text == loopback:
		why = fmt.Sprintf("%q is the loopback", loopback)
	case in.out.Interface != "":
		why = fmt.Sprintf("%q does not go with %q", kw.VRF, kw.Interface)
	case len(in.unicast.Peers) == 0:
		why = fmt.Sprintf("%q is for unicast peers", kw.VRF)
	default:
		in.out.Link.VRF = text
		in.need(plan.NeedInterface, text, in.origin(from))
		return
	}
	in.settingIgnored(from.Head, why+"; keepalived ignores the line", "remove it")
}
