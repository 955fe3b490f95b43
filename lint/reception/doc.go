// Package reception answers who hears whom: does instance B accept the adverts of instance A?
//
// It takes the advert that A really sends ([vrrp.NewAdvert], encoded) and puts it to B's real
// acceptance ([vrrp.Acceptance]), for each behaviour that B may have. The first check that fails, in
// keepalived's order, is the reason; a reason says one thing about the two configurations:
//
//	vrrp.DropVersion       the VRRP version        vrrp.DropAuthType  the type of authentication
//	vrrp.DropPassword      the password            vrrp.DropInterval  the advertisement interval
//	vrrp.DropAddressCount, vrrp.DropAddressList    the list of virtual addresses
//	vrrp.DropHMACMissing, vrrp.DropHMACInvalid     the signature
//
// So of two instances that differ in several things, one verdict names only the first. [Differences]
// names all: it removes each difference that was found and asks again.
//
// What lies between the nodes is not judged: that both are on one wire is taken for granted ([Played]).
//
//	for _, v := range reception.Judge(a, b, vrrp.Targets()) {
//		if !v.Accepted {
//			fmt.Printf("%s drops it: %s (%s)\n", v.Behaviour, v.Reason, v.Detail)
//		}
//	}
package reception
