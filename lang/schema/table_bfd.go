package schema

// bfdKeywords returns the rows of bfd_instance.
func bfdKeywords() []group {
	return []group{
		{"bfd_instance", []Keyword{
			{Name: "neighbor_ip", Kind: Value, Args: "ip", Default: "none (mandatory)", Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash, Doc: "Address of the neighbour."},
			{Name: "neighbour_ip", Kind: Value, Args: "ip", Default: "none (mandatory)", AliasOf: "neighbor_ip", Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash, Doc: "Another spelling of neighbor_ip."},
			{Name: "source_ip", Kind: Value, Args: "ip", Default: "none", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "Source address of the session; its family must be the neighbour's."},
			{Name: "min_rx", Kind: Value, Args: "dec3[1..4294967] ms", Default: "10", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "How many milliseconds apart the neighbour's packets may come at the closest."},
			{Name: "min_tx", Kind: Value, Args: "dec3[1..4294967] ms", Default: "10", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "How many milliseconds apart packets are sent at the closest, while the session is up."},
			{Name: "idle_tx", Kind: Value, Args: "dec3[1000..4294967] ms", Default: "1000", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "How many milliseconds apart packets are sent while the session is down."},
			{Name: "multiplier", Kind: Value, Args: "uint[1..255]", Default: "5", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "How many packets in a row may be missing before the neighbour counts as lost."},
			{Name: "passive", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "BFD", Since: "2.0.0", Doc: "Waits for the neighbour to begin the session."},
			{Name: "ttl", Kind: Value, Args: "uint[1..255]", Default: "255 IPv4 / 64 IPv6", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "Time to live, or hop limit, of the packets sent."},
			{Name: "hoplimit", Kind: Value, Args: "uint[1..255]", Default: "255 IPv4 / 64 IPv6", AliasOf: "ttl", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "Another word for ttl."},
			{Name: "max_hops", Kind: Value, Args: "int[-1..255]", Default: "0", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit, Doc: "How far the time to live of a received packet may have dropped; 255 takes any."},
			{Name: "multihop", Kind: Flag, Args: "bool?", Default: "off", Requires: "BFD", Since: "2.2.8", Doc: "Uses the port for sessions over routers (4784) instead of the one for direct neighbours (3784)."},
			{Name: "weight", Kind: MultiValue, Args: "int[-253..253] reverse?", Default: "0", Requires: "BFD+VRRP", Since: "2.0.0", NoArgument: BareExit, Doc: "What is added to the priority: positive while the neighbour answers, negative while it does not; 0 makes its loss a fault."},
			{Name: "vrrp", Kind: Flag, Default: "events go to both", Repeat: RepeatSame, Requires: "BFD+VRRP", Since: "2.0.0", Doc: "Tells only VRRP of changes, unless checker is given too."},
			{Name: "checker", Kind: Flag, Default: "events go to both", Repeat: RepeatSame, Requires: "BFD+LVS", Since: "2.0.0", Doc: "Tells only the health checks of changes, unless vrrp is given too."},
		}},
		{"bfd_instance/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "BFD+VRRP", NoArgument: BareUntested, Doc: "Takes an answering neighbour for a lost one and the other way round."},
		}},
	}
}
