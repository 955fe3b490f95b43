package schema

// bfdKeywords returns the rows of bfd_instance.
func bfdKeywords() []group {
	return []group{
		{"bfd_instance", []Keyword{
			{Name: "neighbor_ip", Kind: Value, Args: "ip", Default: "none (mandatory)", Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash},
			{Name: "neighbour_ip", Kind: Value, Args: "ip", Default: "none (mandatory)", AliasOf: "neighbor_ip", Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash},
			{Name: "source_ip", Kind: Value, Args: "ip", Default: "none", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "min_rx", Kind: Value, Args: "dec3[1..4294967] ms", Default: "10", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "min_tx", Kind: Value, Args: "dec3[1..4294967] ms", Default: "10", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "idle_tx", Kind: Value, Args: "dec3[1000..4294967] ms", Default: "1000", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "multiplier", Kind: Value, Args: "uint[1..255]", Default: "5", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "passive", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "BFD", Since: "2.0.0"},
			{Name: "ttl", Kind: Value, Args: "uint[1..255]", Default: "255 IPv4 / 64 IPv6", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "hoplimit", Kind: Value, Args: "uint[1..255]", Default: "255 IPv4 / 64 IPv6", AliasOf: "ttl", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "max_hops", Kind: Value, Args: "int[-1..255]", Default: "0", Requires: "BFD", Since: "2.0.0", NoArgument: BareExit},
			{Name: "multihop", Kind: Flag, Args: "bool?", Default: "off", Requires: "BFD", Since: "2.2.8"},
			{Name: "weight", Kind: MultiValue, Args: "int[-253..253] reverse?", Default: "0", Requires: "BFD+VRRP", Since: "2.0.0", NoArgument: BareExit},
			{Name: "vrrp", Kind: Flag, Default: "events go to both", Repeat: RepeatSame, Requires: "BFD+VRRP", Since: "2.0.0"},
			{Name: "checker", Kind: Flag, Default: "events go to both", Repeat: RepeatSame, Requires: "BFD+LVS", Since: "2.0.0"},
		}},
		{"bfd_instance/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "BFD+VRRP", NoArgument: BareUntested},
		}},
	}
}
