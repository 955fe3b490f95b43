package schema

// Lines that stand in several blocks are written once, here.

// trackGroup is the word that the lines of the static blocks have beside the others.
func trackGroup() Keyword {
	return Keyword{Name: "track_group", Kind: LineToken, Args: "ref:track_group", Default: "none", Requires: "VRRP", NoArgument: BareUntested}
}

// useVMAC is the word that the address lines of an instance have beside the others.
func useVMAC() Keyword {
	return Keyword{Name: "use_vmac", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested}
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
		{Name: "peer", Kind: LineToken, Args: "ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "home", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "-nodad", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "mngtmpaddr", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "noprefixroute", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "autojoin", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "preferred_lft", Kind: LineToken, Args: "( forever | uint[0..4294967295] s )", Default: "IPv6: 0 for /128, else forever", Requires: "VRRP", NoArgument: BareUntested},
	}, more...)
}

// routeLine returns the words of a route line in a list block, and of what may stand in it.
func routeLine(block string, more ...Keyword) []group {
	return []group{
		{block + "/<line>", append([]Keyword{
			{Name: "<prefix>", Kind: LineToken, Args: "( ip/len? | default | any | all | default6 )", Default: "(mandatory)", Requires: "VRRP", NoArgument: BareUntested, Doc: "Destination of the route: a prefix, an address, or default."},
			{Name: "to", Kind: LineToken, Args: "( type? prefix )", Requires: "VRRP", NoArgument: BareUntested, Doc: "Word that may stand before the destination."},
			{Name: "<type>", Kind: LineToken, Args: "enum{unicast|local|broadcast|brd|multicast|throw|unreachable|prohibit|blackhole|nat|anycast|xresolve} or uint0[0..255]", Default: "unicast", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "inet", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "inet6", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "src", Kind: LineToken, Args: "ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Source address that this machine prefers on the route."},
			{Name: "from", Kind: LineToken, Args: "( ipv6/len? | default )", Default: "none", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "as", Kind: LineToken, Args: "to? word", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "via", Kind: LineToken, Args: "( inet | inet6 )? ip", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Gateway of the route."},
			{Name: "gw", Kind: LineToken, Args: "( inet | inet6 )? ip", Default: "none", AliasOf: "via", Deprecated: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Old word for via."},
			{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "dsfield", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", AliasOf: "tos", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "table", Kind: LineToken, Args: "( uint0[0..4294967295] | rt_table name )", Default: "main", Requires: "VRRP", NoArgument: BareUntested, Doc: "Routing table by name or number."},
			{Name: "protocol", Kind: LineToken, Args: "( uint0[0..255] | rt_proto name )", Default: "18 (keepalived)", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "scope", Kind: LineToken, Args: "( uint0[0..255] | rt_scope name )", Default: "global", Requires: "VRRP", NoArgument: BareUntested, Doc: "Scope of the route: global, link, host, or a number."},
			{Name: "metric", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", Requires: "VRRP", NoArgument: BareUntested, Doc: "Metric of the route; the lowest wins."},
			{Name: "priority", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", AliasOf: "metric", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for metric."},
			{Name: "preference", Kind: LineToken, Args: "uint[0..4294967295]", Default: "0", AliasOf: "metric", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for metric."},
			{Name: "dev", Kind: LineToken, Args: "ref:iface", Default: "none", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface of the route."},
			{Name: "oif", Kind: LineToken, Args: "ref:iface", Default: "none", AliasOf: "dev", Requires: "VRRP", NoArgument: BareUntested, Doc: "Another word for dev."},
			{Name: "onlink", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "encap", Kind: LineToken, Args: "( ip | ip6 | mpls | ila ) ...", Default: "none", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "expires", Kind: LineToken, Args: "uint[0..4294967295] s", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "mtu", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "advmss", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "reordering", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "cwnd", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "ssthresh", Kind: LineToken, Args: "lock? uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "rtt", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "rttvar", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "rto_min", Kind: LineToken, Args: "lock? time", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "hoplimit", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "window", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "initcwnd", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "initrwnd", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "features", Kind: LineToken, Args: "enum{ecn}", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "quickack", Kind: LineToken, Args: "uint[0..1]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "congctl", Kind: LineToken, Args: "lock? string", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "pref", Kind: LineToken, Args: "( enum{low|medium|high} | uint[0..255] )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "ttl-propagate", Kind: LineToken, Args: "enum{enabled|disabled}", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "fastopen_no_cookie", Kind: LineToken, Args: "uint[0..1]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "add", Kind: LineToken, Default: "prepend", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "prepend", Kind: LineToken, Default: "(default)", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "append", Kind: LineToken, Default: "prepend", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "or", Kind: LineToken, Args: "ip", AliasOf: "nexthop", Deprecated: true, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "nexthop", Kind: LineToken, Args: "<nexthop>+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "vrf", Kind: LineToken, Args: "ref:iface(vrf)", Requires: "VRRP", NoArgument: BareUntested},
		}, more...)},
		{block + "/<line>/encap", []Keyword{
			{Name: "ip", Kind: LineToken, Args: "( id uint64 | dst ipv4 | src ipv4 | tos ( uint0[0..255] | rt_dsfield name ) | ttl uint[0..255] | flags uint[0..65535] )+", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "ip6", Kind: LineToken, Args: "( id uint64 | dst ipv6 | src ipv6 | tc ( uint0[0..255] | rt_dsfield name ) | hoplimit uint[0..255] | flags uint[0..65535] )+", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "mpls", Kind: LineToken, Args: "label(/label)*", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "ila", Kind: LineToken, Args: "hex16:hex16:hex16:hex16", Requires: "VRRP", NoArgument: BareUntested},
		}},
		{block + "/<line>/encap/ip", []Keyword{
			{Name: "id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "dst", Kind: LineToken, Args: "ipv4", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "src", Kind: LineToken, Args: "ipv4", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "ttl", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "flags", Kind: LineToken, Args: "uint[0..65535]", Requires: "VRRP", NoArgument: BareUntested},
		}},
		{block + "/<line>/encap/ip6", []Keyword{
			{Name: "id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "dst", Kind: LineToken, Args: "ipv6", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "src", Kind: LineToken, Args: "ipv6", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "tc", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "hoplimit", Kind: LineToken, Args: "uint[0..255]", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "flags", Kind: LineToken, Args: "uint[0..65535]", Requires: "VRRP", NoArgument: BareUntested},
		}},
		{block + "/<line>/nexthop", []Keyword{
			{Name: "via", Kind: LineToken, Args: "( inet | inet6 )? ip", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "dev", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "uint[1..256]", Default: "1", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "onlink", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "encap", Kind: LineToken, Args: "( ip | ip6 | mpls | ila ) ...", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "as", Kind: LineToken, Args: "to? word", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "nexthop", Kind: LineToken, Repeatable: true, Requires: "VRRP", NoArgument: BareUntested},
		}},
	}
}

// ruleLine returns the words of a rule line.
func ruleLine(more ...Keyword) []Keyword {
	return append([]Keyword{
		{Name: "inet", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "inet6", Kind: LineToken, Default: "IPv4", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "from", Kind: LineToken, Args: "( ip/len? | default | any | all )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "to", Kind: LineToken, Args: "( ip/len? | default | any | all )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "table", Kind: LineToken, Args: "( uint0[1..4294967295] | rt_table name )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "lookup", Kind: LineToken, Args: "( uint0[1..4294967295] | rt_table name )", AliasOf: "table", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "not", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "preference", Kind: LineToken, Args: "uint0[0..4294967295]", Default: "assigned from 16384 downwards, reported", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "order", Kind: LineToken, Args: "uint0[0..4294967295]", AliasOf: "preference", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "priority", Kind: LineToken, Args: "uint0[0..4294967295]", AliasOf: "preference", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "tos", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "dsfield", Kind: LineToken, Args: "( uint0[0..255] | rt_dsfield name )", AliasOf: "tos", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "fwmark", Kind: LineToken, Args: "uint0[0..4294967295] ( / uint0 )?", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "realms", Kind: LineToken, Args: "( [realm/]realm )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "suppress_prefixlength", Kind: LineToken, Args: "uint[0..2147483647]", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "sup_pl", Kind: LineToken, Args: "uint[0..2147483647]", AliasOf: "suppress_prefixlength", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "suppress_ifgroup", Kind: LineToken, Args: "( uint0[0..2147483647] | rt_group name )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "sup_group", Kind: LineToken, Args: "( uint0[0..2147483647] | rt_group name )", AliasOf: "suppress_ifgroup", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "dev", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "iif", Kind: LineToken, Args: "ref:iface", AliasOf: "dev", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "oif", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "tunnel-id", Kind: LineToken, Args: "uint[0..18446744073709551615]", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "uidrange", Kind: LineToken, Args: "uint-uint", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "l3mdev", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "protocol", Kind: LineToken, Args: "uint[0..255]", Default: "18 (keepalived)", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "ipproto", Kind: LineToken, Args: "( uint[0..255] | protocol name )", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "sport", Kind: LineToken, Args: "uint16-uint16", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "dport", Kind: LineToken, Args: "uint16-uint16", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "no_track", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "type", Kind: LineToken, Args: "<action>", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "goto", Kind: LineToken, Args: "uint[0..4294967295]", Requires: "VRRP", NoArgument: BareUntested},
		{Name: "nop", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "blackhole", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "unreachable", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		{Name: "prohibit", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
	}, more...)
}

// webCheck returns the words of HTTP_GET or SSL_GET and of their url blocks; more stand in both.
func webCheck(block string, more ...Keyword) []group {
	return []group{
		{block, append([]Keyword{
			{Name: "connect_ip", Kind: Value, Args: "ip", Default: "address of the real server", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit},
			{Name: "connect_port", Kind: Value, Args: "uint[1..65535]", Default: "port of the real server", Requires: "LVS", NoArgument: BareExit},
			{Name: "bindto", Kind: Value, Args: "ip", Default: "none", Requires: "LVS", Since: "1.1.2", NoArgument: BareExit},
			{Name: "bind_port", Kind: Value, Args: "uint[1..65535]", Default: "none", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit},
			{Name: "bind_if", Kind: Value, Args: "iface(max 15)", Default: "none", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit},
			{Name: "connect_timeout", Kind: Value, Args: "dec6[0.000001..4294.967295] s", Default: "real server", Requires: "LVS", NoArgument: BareExit},
			{Name: "fwmark", Kind: Value, Args: "uint[0..4294967295]", Default: "0", Requires: "LVS+SO_MARK", Since: "1.2.13", NoArgument: BareExit},
			{Name: "retry", Kind: Value, Args: "uint[0..4294967295]", Default: "real server, else 1 (DNS 3, MISC 0)", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit},
			{Name: "delay_before_retry", Kind: Value, Args: "dec6[0..18446744073709.551614] s", Default: "real server, else 1 (HTTP/SSL 3, DNS = delay_loop)", Requires: "LVS", NoArgument: BareExit},
			{Name: "warmup", Kind: Value, Args: "dec6[0..18446744073709.551614] s", Default: "real server, else delay_loop", Requires: "LVS", Since: "1.2.13", NoArgument: BareExit},
			{Name: "delay_loop", Kind: Value, Args: "dec6[0.000001..18446744073709.551614] s", Default: "real server", Requires: "LVS", Since: "1.3.7", NoArgument: BareExit},
			{Name: "alpha", Kind: Flag, Args: "bool?", Default: "real server", Requires: "LVS", Since: "1.3.7"},
			{Name: "log_all_failures", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS", Since: "2.0.11"},
			{Name: "nb_get_retry", Kind: Value, Args: "uint[0..4294967295]", AliasOf: "retry", Deprecated: true, Requires: "LVS", NoArgument: BareExit, Doc: "Old word for retry."},
			{Name: "virtualhost", Kind: Value, Args: "string", Default: "real server", Repeat: RepeatLastNoted, Requires: "LVS", Since: "1.3.6", NoArgument: BareReport},
			{Name: "http_protocol", Kind: Value, Args: "enum{1.0|1.1|1.0C|1.0c}", Default: "1.0", Requires: "LVS", Since: "2.0.17", NoArgument: BareReport},
			{Name: "enable_sni", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS+OPENSSL_SNI", Since: "1.4.3"},
			{Name: "fast_recovery", Kind: Flag, Args: "bool?", Default: "off", Requires: "LVS", Since: "2.0.17"},
			{Name: "url", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Requires: "LVS", NoArgument: BareReport},
		}, more...)},
		{block + "/url", append([]Keyword{
			{Name: "path", Kind: Value, Args: "string", Default: "none (mandatory)", Repeat: RepeatLastNoted, Requires: "LVS", NoArgument: BareExit},
			{Name: "digest", Kind: Value, Args: "hex(32)", Default: "none", Repeat: RepeatFirstNoted, Requires: "LVS", NoArgument: BareExit},
			{Name: "status_code", Kind: MultiValue, Args: "( uint[100..599] | uint-uint )+", Default: "200-299", Repeat: RepeatAccumulate, Repeatable: true, Requires: "LVS"},
			{Name: "virtualhost", Kind: Value, Args: "string", Default: "checker", Repeat: RepeatLastNoted, Requires: "LVS", Since: "1.3.6", NoArgument: BareReport},
			{Name: "regex", Kind: Value, Args: "regex", Default: "none", Repeat: RepeatLastNoted, Requires: "LVS+REGEX", Since: "2.0.7", NoArgument: BareReport},
			{Name: "regex_no_match", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "LVS+REGEX", Since: "2.0.7"},
			{Name: "regex_options", Kind: MultiValue, Args: "enum{allow_empty_class|alt_bsux|auto_callout|caseless|dollar_endonly|dotall|dupnames|extended|firstline|match_unset_backref|multiline|never_ucp|never_utf|no_auto_capture|no_auto_possess|no_dotstar_anchor|no_start_optimize|ucp|ungreedy|utf|never_backslash_c|alt_circumflex|alt_verbnames|use_offset_limit}+", Default: "none", Repeat: RepeatOr, Repeatable: true, Requires: "LVS+REGEX", Since: "2.0.7"},
			{Name: "regex_min_offset", Kind: Value, Args: "uint", Default: "0", Requires: "LVS+REGEX", Since: "2.0.7"},
			{Name: "regex_max_offset", Kind: Value, Args: "uint", Default: "0 (none)", Requires: "LVS+REGEX", Since: "2.0.7"},
			{Name: "regex_stack", Kind: MultiValue, Args: "uint uint", Default: "none", Repeat: RepeatMax, Repeatable: true, Requires: "LVS+REGEX+PCRE2_JIT", Since: "2.0.7"},
		}, more...)},
	}
}
