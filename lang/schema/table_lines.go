package schema

// Lines that stand in several blocks are written once, here.

// trackGroup is the word that the lines of the static blocks have beside the others.
func trackGroup() Keyword {
	return Keyword{Name: "track_group", Kind: LineToken, Args: "ref:track_group", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Name of a track_group, defined further up, whose instances become faulty when this is gone and cannot be restored."}
}

// useVMAC is the word that the address lines of an instance have beside the others.
func useVMAC() Keyword {
	return Keyword{Name: "use_vmac", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Puts this address on a virtual MAC interface, whatever interface it belongs to."}
}

// addressLine returns the words of an address line; interfaceDefault is what holds without "dev".
func addressLine(interfaceDefault string, more ...Keyword) []Keyword {
	return append([]Keyword{
		{Name: "<address>", Kind: LineToken, Args: "ip/len?", Default: "len 32 / 128", Requires: "VRRP", NoArgument: BareUntested, Doc: "The address, with its prefix length."},
		{Name: "dev", Kind: LineToken, Args: "ref:iface", Default: interfaceDefault, Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface that gets the address."},
		{Name: "scope", Kind: LineToken, Args: "( uint[0..255] | rt_scope name )", Default: "global", Requires: "VRRP", NoArgument: BareUntested, Doc: "Where the address is valid: global, link, host, or a number."},
		{Name: "broadcast", Kind: LineToken, Args: "( + | - | ipv4 )", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Broadcast address; + and - work it out with all host bits set or clear."},
		{Name: "brd", Kind: LineToken, Args: "( + | - | ipv4 )", Default: "none", AliasOf: "broadcast", Requires: "VRRP", NoArgument: BareUntested, Doc: "Short form of broadcast."},
		{Name: "label", Kind: LineToken, Args: "string(max 15)", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Label of the address, as shown by ip(8)."},
		{Name: "peer", Kind: LineToken, Args: "ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Address of the other end of a point-to-point link; the prefix length is then the full one."},
		{Name: "home", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Marks an IPv6 address as the home address of mobile IPv6."},
		{Name: "-nodad", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Lets the kernel look for duplicates of an IPv6 address, which is off otherwise."},
		{Name: "mngtmpaddr", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Lets the kernel derive temporary IPv6 addresses from this one."},
		{Name: "noprefixroute", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Adds no route for the prefix of the address."},
		{Name: "autojoin", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Joins the multicast group that the address is."},
		{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Does not react when somebody else removes the address."},
		{Name: "preferred_lft", Kind: LineToken, Args: "( forever | uint[0..4294967295] s )", Default: "IPv6: 0 for /128, else forever", Requires: "VRRP", NoArgument: BareUntested, Doc: "How many seconds an address is preferred as a source, or forever; 0 keeps it from being chosen."},
	}, more...)
}

// routeLine returns the words of a route line in a list block, and of what may stand in it.
func routeLine(block string, more ...Keyword) []group {
	return []group{
		{block + "/<line>", append([]Keyword{
			{Name: "<prefix>", Kind: LineToken, Args: "( ip/len? | default | any | all | default6 )", Default: "(mandatory)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Destination of the route: a prefix, an address, or default."},
			{Name: "to", Kind: LineToken, Args: "( type? prefix )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Word that may stand before the destination."},
			{Name: "<type>", Kind: LineToken, Args: "enum{unicast|local|broadcast|brd|multicast|throw|unreachable|prohibit|blackhole|nat|anycast|xresolve} or uint0[0..255]", Default: "unicast", Requires: "VRRP", NoArgument: BareUntested, Doc: "Kind of the route, such as unicast, blackhole, unreachable or prohibit, directly before the destination."},
			{Name: "inet", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "Makes the route IPv4; keepalived swallows the next word, so it stands last."},
			{Name: "inet6", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "Makes the route IPv6; keepalived swallows the next word, so it stands last."},
			{Name: "src", Kind: LineToken, Args: "ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Source address that this machine prefers on the route."},
			{Name: "from", Kind: LineToken, Args: "( ipv6/len? | default )", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Source prefix that an IPv6 route is for."},
			{Name: "as", Kind: LineToken, Args: "to? word", Requires: "VRRP", NoArgument: BareUntested, Doc: "A word of iproute2 for address translation that is reported and ignored."},
			{Name: "via", Kind: LineToken, Args: "( inet | inet6 )? ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Gateway of the route."},
			{Name: "gw", Kind: LineToken, Args: "( inet | inet6 )? ip", Default: "none", AliasOf: "via", Deprecated: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Old word for via."},
			{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Type of service that packets must carry to take an IPv4 route, as a number or name."},
			{Name: "dsfield", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", AliasOf: "tos", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for tos."},
			{Name: "table", Kind: LineToken, Args: "( uint0[0..4294967295] | rt_table name )", Default: "main", Requires: "VRRP", NoArgument: BareUntested, Doc: "Routing table by name or number."},
			{Name: "protocol", Kind: LineToken, Args: "( uint0[0..255] | rt_proto name )", Default: "18 (keepalived)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Who made the route, by number or name; anything but keepalived's own 18 needs no_track."},
			{Name: "scope", Kind: LineToken, Args: "( uint0[0..255] | rt_scope name )", Default: "global", Requires: "VRRP", NoArgument: BareUntested, Doc: "Scope of the route: global, link, host, or a number."},
			{Name: "metric", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", Requires: "VRRP", NoArgument: BareUntested, Doc: "Metric of the route; the lowest wins."},
			{Name: "priority", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", AliasOf: "metric", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for metric."},
			{Name: "preference", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", AliasOf: "metric", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for metric."},
			{Name: "dev", Kind: LineToken, Args: "ref:iface", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface of the route."},
			{Name: "oif", Kind: LineToken, Args: "ref:iface", Default: "none", AliasOf: "dev", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for dev."},
			{Name: "onlink", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Takes the gateway as directly reachable even if no address says so."},
			{Name: "encap", Kind: LineToken, Nested: true, Args: "( ip | ip6 | mpls | ila ) ...", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Wraps packets in another header: ip, ip6, mpls or ila, with its own words."},
			{Name: "expires", Kind: LineToken, Args: "uint[0..4294967295] s", Requires: "VRRP", NoArgument: BareUntested, Doc: "How many seconds an IPv6 route lives."},
			{Name: "mtu", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Longest packet in bytes on the route; lock forbids the kernel to find out better."},
			{Name: "advmss", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Segment size in bytes that TCP announces on the route."},
			{Name: "reordering", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "How many packets out of order TCP bears before it takes one as lost."},
			{Name: "cwnd", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Bound of the congestion window in packets; it needs lock."},
			{Name: "ssthresh", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "First slow start threshold of TCP, in packets."},
			{Name: "rtt", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested, Doc: "First estimate of the round trip time; a number without ms or s counts eighths of a millisecond."},
			{Name: "rttvar", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested, Doc: "First estimate of how the round trip time varies; a number without ms or s counts quarters of a millisecond."},
			{Name: "rto_min", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested, Doc: "Least retransmission timeout of TCP; a number without ms or s counts milliseconds."},
			{Name: "hoplimit", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Time to live, or hop limit, of packets sent on the route."},
			{Name: "window", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Greatest window that TCP announces, in bytes."},
			{Name: "initcwnd", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Congestion window that new TCP connections start with, in packets."},
			{Name: "initrwnd", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Receive window that new TCP connections start with, in packets."},
			{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Realm, or from and to realm, by which routes are classified; IPv4 only."},
			{Name: "features", Kind: LineToken, Args: "enum{ecn}", Requires: "VRRP", NoArgument: BareUntested, Doc: "TCP features of the route; ecn is the only one."},
			{Name: "quickack", Kind: LineToken, Args: "uint[0..1]", Requires: "VRRP", NoArgument: BareUntested, Doc: "1 has TCP acknowledge at once on the route, 0 does not."},
			{Name: "congctl", Kind: LineToken, Args: "lock? string", Requires: "VRRP", NoArgument: BareUntested, Doc: "Congestion control algorithm of TCP on the route."},
			{Name: "pref", Kind: LineToken, Args: "( enum{low|medium|high} | uint[0..255] )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Preference of an IPv6 router: low, medium or high."},
			{Name: "ttl-propagate", Kind: LineToken, Args: "enum{enabled|disabled}", Requires: "VRRP", NoArgument: BareUntested, Doc: "Whether the time to live passes between MPLS and IP."},
			{Name: "fastopen_no_cookie", Kind: LineToken, Args: "uint[0..1]", Requires: "VRRP", NoArgument: BareUntested, Doc: "1 lets TCP fast open work without a cookie on the route, 0 does not."},
			{Name: "add", Kind: LineToken, Default: "prepend", Requires: "VRRP", NoArgument: BareUntested, Doc: "Adds the route before others that are equal."},
			{Name: "prepend", Kind: LineToken, Default: "(default)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Adds the route before others that are equal, as when nothing is said."},
			{Name: "append", Kind: LineToken, Default: "prepend", Requires: "VRRP", NoArgument: BareUntested, Doc: "Adds the route behind others that are equal."},
			{Name: "or", Kind: LineToken, Args: "ip", AliasOf: "nexthop", Deprecated: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Old word for nexthop."},
			{Name: "nexthop", Kind: LineToken, Nested: true, Args: "<nexthop>+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Begins one of several gateways that share the traffic; it comes last on the line."},
			{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Does not react when somebody else removes the route."},
			{Name: "vrf", Kind: LineToken, Args: "ref:iface(vrf)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Routing domain (VRF interface) whose table takes the route."},
		}, more...)},
		{block + "/<line>/encap", []Keyword{
			{Name: "ip", Kind: LineToken, Nested: true, Args: "( id uint64 | dst ipv4 | src ipv4 | tos ( uint0[0..255] | rt_dsfield name ) | ttl uint[0..255] | flags uint[0..65535] )+", Requires: "VRRP", NoArgument: BareUntested, Doc: "Wraps packets in an IPv4 tunnel header; it needs dst or id."},
			{Name: "ip6", Kind: LineToken, Nested: true, Args: "( id uint64 | dst ipv6 | src ipv6 | tc ( uint0[0..255] | rt_dsfield name ) | hoplimit uint[0..255] | flags uint[0..65535] )+", Requires: "VRRP", NoArgument: BareUntested, Doc: "Wraps packets in an IPv6 tunnel header; it needs dst or id."},
			{Name: "mpls", Kind: LineToken, Args: "label(/label)*", Requires: "VRRP", NoArgument: BareUntested, Doc: "Puts MPLS labels before packets, with / between several."},
			{Name: "ila", Kind: LineToken, Args: "hex16:hex16:hex16:hex16", Requires: "VRRP", NoArgument: BareUntested, Doc: "Rewrites the locator of IPv6 addresses (identifier locator addressing)."},
		}},
		{block + "/<line>/encap/ip", []Keyword{
			{Name: "id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Identifier of the tunnel."},
			{Name: "dst", Kind: LineToken, Args: "ipv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "IPv4 address of the other end of the tunnel."},
			{Name: "src", Kind: LineToken, Args: "ipv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "IPv4 source address of the tunnel packets."},
			{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Type of service of the tunnel packets, as a number or name."},
			{Name: "ttl", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Time to live of the tunnel packets."},
			{Name: "flags", Kind: LineToken, Args: "uint[0..65535]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Flags of the tunnel, as a number."},
		}},
		{block + "/<line>/encap/ip6", []Keyword{
			{Name: "id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Identifier of the tunnel."},
			{Name: "dst", Kind: LineToken, Args: "ipv6", Requires: "VRRP", NoArgument: BareUntested, Doc: "IPv6 address of the other end of the tunnel."},
			{Name: "src", Kind: LineToken, Args: "ipv6", Requires: "VRRP", NoArgument: BareUntested, Doc: "IPv6 source address of the tunnel packets."},
			{Name: "tc", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Traffic class of the tunnel packets, as a number or name."},
			{Name: "hoplimit", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Hop limit of the tunnel packets."},
			{Name: "flags", Kind: LineToken, Args: "uint[0..65535]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Flags of the tunnel, as a number."},
		}},
		{block + "/<line>/nexthop", []Keyword{
			{Name: "via", Kind: LineToken, Args: "( inet | inet6 )? ip", Requires: "VRRP", NoArgument: BareUntested, Doc: "Address of this gateway."},
			{Name: "dev", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface towards this gateway."},
			{Name: "weight", Kind: LineToken, Args: "uint[1..256]", Default: "1", Requires: "VRRP", NoArgument: BareUntested, Doc: "Share of the traffic that this gateway gets."},
			{Name: "onlink", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Takes this gateway as directly reachable even if no address says so."},
			{Name: "encap", Kind: LineToken, Nested: true, Args: "( ip | ip6 | mpls | ila ) ...", Requires: "VRRP", NoArgument: BareUntested, Doc: "Wraps packets to this gateway in another header."},
			{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Realm, or from and to realm, of packets that take this gateway."},
			{Name: "as", Kind: LineToken, Args: "to? word", Requires: "VRRP", NoArgument: BareUntested, Doc: "A word of iproute2 for address translation that is always refused."},
			{Name: "nexthop", Kind: LineToken, Repeatable: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Begins the next gateway."},
		}},
	}
}

// ruleLine returns the words of a rule line.
func ruleLine(more ...Keyword) []Keyword {
	return append([]Keyword{
		{Name: "inet", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "Makes the rule IPv4; keepalived swallows the next word, so it stands last."},
		{Name: "inet6", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested, Doc: "Makes the rule IPv6; keepalived swallows the next word, so it stands last."},
		{Name: "from", Kind: LineToken, Args: "( ip/len? | default | any | all )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Source prefix that packets must have."},
		{Name: "to", Kind: LineToken, Args: "( ip/len? | default | any | all )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Destination prefix that packets must have."},
		{Name: "table", Kind: LineToken, Args: "( uint0[1..4294967295] | rt_table name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Routing table, by name or number, that matching packets are looked up in."},
		{Name: "lookup", Kind: LineToken, Args: "( uint0[1..4294967295] | rt_table name )", AliasOf: "table", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for table."},
		{Name: "not", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Turns the whole match around."},
		{Name: "preference", Kind: LineToken, Args: "uint0[0..4294967295]", Default: "assigned from 16384 downwards, reported", Requires: "VRRP", NoArgument: BareUntested, Doc: "Place of the rule among all rules; the lowest comes first."},
		{Name: "order", Kind: LineToken, Args: "uint0[0..4294967295]", AliasOf: "preference", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for preference that iproute2 knows too."},
		{Name: "priority", Kind: LineToken, Args: "uint0[0..4294967295]", AliasOf: "preference", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for preference."},
		{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Type of service that packets must carry, as a number or name."},
		{Name: "dsfield", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", AliasOf: "tos", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for tos."},
		{Name: "fwmark", Kind: LineToken, Args: "uint0[0..4294967295] ( / uint0 )?", Requires: "VRRP", NoArgument: BareUntested, Doc: "Firewall mark, with an optional mask behind /, that packets must carry."},
		{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Realm, or from and to realm, that packets get; IPv4 rules with a table only."},
		{Name: "suppress_prefixlength", Kind: LineToken, Args: "uint[0..2147483647]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Ignores what the table says with a prefix of at most this length, so that the search goes on."},
		{Name: "sup_pl", Kind: LineToken, Args: "uint[0..2147483647]", AliasOf: "suppress_prefixlength", Requires: "VRRP", NoArgument: BareUntested, Doc: "Short form of suppress_prefixlength."},
		{Name: "suppress_ifgroup", Kind: LineToken, Args: "( uint0[0..2147483647] | rt_group name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Ignores what the table says with an interface of this group, so that the search goes on."},
		{Name: "sup_group", Kind: LineToken, Args: "( uint0[0..2147483647] | rt_group name )", AliasOf: "suppress_ifgroup", Requires: "VRRP", NoArgument: BareUntested, Doc: "Short form of suppress_ifgroup."},
		{Name: "dev", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface that packets must have come in by."},
		{Name: "iif", Kind: LineToken, Args: "ref:iface", AliasOf: "dev", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for dev."},
		{Name: "oif", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface that packets of bound local sockets must go out by."},
		{Name: "tunnel-id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Identifier of the tunnel that packets must have come through."},
		{Name: "uidrange", Kind: LineToken, Args: "uint-uint", Requires: "VRRP", NoArgument: BareUntested, Doc: "Range of user numbers of the local processes whose packets match."},
		{Name: "l3mdev", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Looks matching packets up in the table of their routing domain (VRF)."},
		{Name: "protocol", Kind: LineToken, Args: "uint[0..255]", Default: "18 (keepalived)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Who made the rule, as a number; anything but keepalived's own 18 needs no_track."},
		{Name: "ipproto", Kind: LineToken, Args: "( uint[0..255] | protocol name )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Protocol that packets must have, such as tcp, by name or number."},
		{Name: "sport", Kind: LineToken, Args: "uint16-uint16", Requires: "VRRP", NoArgument: BareUntested, Doc: "Range of source ports; a single port is written twice, as 80-80."},
		{Name: "dport", Kind: LineToken, Args: "uint16-uint16", Requires: "VRRP", NoArgument: BareUntested, Doc: "Range of destination ports; a single port is written twice, as 80-80."},
		{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Does not react when somebody else removes the rule."},
		{Name: "type", Kind: LineToken, Args: "<action>", Requires: "VRRP", NoArgument: BareUntested, Doc: "Word that may stand before the action."},
		{Name: "goto", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested, Doc: "Goes on at the rule with this preference, which must be greater."},
		{Name: "nop", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Does nothing, and lets the search go on."},
		{Name: "blackhole", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Drops matching packets silently."},
		{Name: "unreachable", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Refuses matching packets as having no route."},
		{Name: "prohibit", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Refuses matching packets as forbidden."},
	}, more...)
}

// webCheck returns the words of HTTP_GET or SSL_GET and of their url blocks; more stand in both.
func webCheck(block string, more ...Keyword) []group {
	return []group{
		{block, append([]Keyword{
			{Name: "connect_ip", Kind: Value, Args: "ip", Default: "address of the real server", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit, Doc: "Address to connect to, in place of the real server's."},
			{Name: "connect_port", Kind: Value, Args: "uint[1..65535]", Default: "port of the real server", Requires: "LVS", NoArgument: BareExit, Doc: "Port to connect to, in place of the real server's."},
			{Name: "bindto", Kind: Value, Args: "ip", Default: "none", Requires: "LVS", Since: "1.1.2", NoArgument: BareExit, Doc: "Source address of the check."},
			{Name: "bind_port", Kind: Value, Args: "uint[1..65535]", Default: "none", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit, Doc: "Source port of the check."},
			{Name: "bind_if", Kind: Value, Args: "iface(max 15)", Default: "none", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit, Doc: "Interface that the check goes out by; link-local IPv6 addresses need it."},
			{Name: "connect_timeout", Kind: Value, Args: "dec6[0.000001..4294.967295] s", Default: "real server", Requires: "LVS", NoArgument: BareExit, Doc: "How many seconds a connection may take."},
			{Name: "fwmark", Kind: Value, Args: "uint[0..4294967295]", Default: "0", Requires: "LVS+SO_MARK", Since: "1.2.13", NoArgument: BareExit, Doc: "Firewall mark of the packets of the check; 0 is none."},
			{Name: "retry", Kind: Value, Args: "uint[0..4294967295]", Default: "real server, else 1 (DNS 3, MISC 0)", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit, Doc: "Further tries before a failed check counts."},
			{Name: "delay_before_retry", Kind: Value, Args: "dec6[0..18446744073709.551614] s", Default: "real server, else 1 (HTTP/SSL 3, DNS = delay_loop)", Requires: "LVS", NoArgument: BareExit, Doc: "How many seconds lie between the tries of a failed check."},
			{Name: "warmup", Kind: Value, Args: "dec6[0..18446744073709.551614] s", Default: "real server, else delay_loop", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit, Doc: "Bound, in seconds, of the random delay of the first check."},
			{Name: "delay_loop", Kind: Value, Args: "dec6[0.000001..18446744073709.551614] s", Default: "real server", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit, Doc: "How many seconds lie between checks."},
			{Name: "alpha", Kind: Flag, Args: "bool?", Default: "real server", Requires: "LVS", Since: "1.3.7", Doc: "Whether the check counts as failed until it succeeds for the first time."},
			{Name: "log_all_failures", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS", Since: "2.0.11", Doc: "Logs every failed try, not only the one that takes the server out."},
			{Name: "nb_get_retry", Kind: Value, Args: "uint[0..4294967295]", AliasOf: "retry", Deprecated: true, Requires: "LVS", NoArgument: BareExit, Doc: "Old word for retry."},
			{Name: "virtualhost", Kind: Value, Args: "string", Default: "real server", Repeat: RepeatLastNoted, Requires: "LVS", Since: "1.3.6", NoArgument: BareReport, Doc: "Host name that the requests ask for, where the url names none."},
			{Name: "http_protocol", Kind: Value, Args: "enum{1.0|1.1|1.0C|1.0c}", Default: "1.0", Requires: "LVS", Since: "2.0.17", NoArgument: BareReport, Doc: "Version of HTTP: 1.0, 1.1, or 1.0C, which is 1.0 with Connection: close."},
			{Name: "enable_sni", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS+OPENSSL_SNI", Since: "1.4.3", Doc: "Sends the host name in the TLS handshake (server name indication)."},
			{Name: "fast_recovery", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS", Since: "2.0.17", Doc: "Checks the further pages at once, without a delay between them, at the start and while the server is down."},
			{Name: "url", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Requires: "LVS", NoArgument: BareReport, Doc: "One page to fetch and what is expected of it; all of them must be right."},
		}, more...)},
		{block + "/url", append([]Keyword{
			{Name: "path", Kind: Value, Args: "string", Default: "none (mandatory)", Repeat: RepeatLastNoted, Requires: "LVS", NoArgument: BareExit, Doc: "Path of the page, as it stands in the request."},
			{Name: "digest", Kind: Value, Args: "hex(32)", Default: "none", Repeat: RepeatFirstNoted, Requires: "LVS", NoArgument: BareExit, Doc: "MD5 sum that the body of the page must have, as 32 hexadecimal digits."},
			{Name: "status_code", Kind: MultiValue, Args: "( uint[100..599] | uint-uint )+", Default: "200-299", Repeat: RepeatAccumulate, Repeatable: true, Requires: "LVS", Doc: "Status codes, or ranges of them, that are a success."},
			{Name: "virtualhost", Kind: Value, Args: "string", Default: "checker", Repeat: RepeatLastNoted, Requires: "LVS", Since: "1.3.6", NoArgument: BareReport, Doc: "Host name that the request for this page asks for."},
			{Name: "regex", Kind: Value, Args: "regex", Default: "none", Repeat: RepeatLastNoted, Requires: "LVS+REGEX", Since: "2.0.7", NoArgument: BareReport, Doc: "Regular expression (PCRE2) that the answer must match."},
			{Name: "regex_no_match", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "LVS+REGEX", Since: "2.0.7", Doc: "Turns the expression around: the answer must not match it."},
			{Name: "regex_options", Kind: MultiValue, Args: "enum{allow_empty_class|alt_bsux|auto_callout|caseless|dollar_endonly|dotall|dupnames|extended|firstline|match_unset_backref|multiline|never_ucp|never_utf|no_auto_capture|no_auto_possess|no_dotstar_anchor|no_start_optimize|ucp|ungreedy|utf|never_backslash_c|alt_circumflex|alt_verbnames|use_offset_limit}+", Default: "none", Repeat: RepeatOr, Repeatable: true, Requires: "LVS+REGEX", Since: "2.0.7", Doc: "Options of PCRE2 for the expression; unknown ones are ignored silently."},
			{Name: "regex_min_offset", Kind: Value, Args: "uint", Default: "0", Requires: "LVS+REGEX", Since: "2.0.7", Doc: "Where in the answer, in bytes from its start, a match may begin at the earliest."},
			{Name: "regex_max_offset", Kind: Value, Args: "uint", Default: "0 (none)", Requires: "LVS+REGEX", Since: "2.0.7", Doc: "Where in the answer, in bytes from its start, a match may begin at the latest; 0 is no bound."},
			{Name: "regex_stack", Kind: MultiValue, Args: "uint uint", Default: "none", Repeat: RepeatMax, Repeatable: true, Requires: "LVS+REGEX+PCRE2_JIT", Since: "2.0.7", Doc: "First and greatest size, in bytes, of the stack that compiled expressions use."},
		}, more...)},
	}
}
