package schema

import "slices"

// staticKeywords returns the rows of the static blocks.
func staticKeywords() []group {
	return slices.Concat(
		[]group{
			{"static_ipaddress/<line>", addressLine("default_interface", trackGroup())},
			{"static_rules/<line>", ruleLine(trackGroup())},
		},
		routeLine("static_routes", trackGroup()),
	)
}

// virtualRouteKeywords returns the rows of virtual_routes and virtual_rules.
func virtualRouteKeywords() []group {
	return append(routeLine("vrrp_instance/virtual_routes"), group{"vrrp_instance/virtual_rules/<line>", ruleLine()})
}
