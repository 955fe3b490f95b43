package compiler

import (
	"fmt"
	"strconv"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

const (
	ruleVMACConflict = "vmac-conflict"
	maxIfName        = 15
	maxGroup         = 1<<31 - 1
)

// link reads where adverts and addresses are.
func (in *instance) link() {
	l := &in.out.Link
	l.UntrackedInterface = check.Find(in.body, kw.DontTrackPrimary) != nil
	l.Polling = check.Find(in.body, kw.LinkbeatUsePolling) != nil
	l.ReceiveBufferBytes = uint32(check.UintArg(in.body, kw.KernelRxBufSize, 0))
	l.VMACForAddresses = check.Find(in.body, kw.UseVMACAddr) != nil
	if lines := check.FindAll(in.body, kw.UseVMAC); len(lines) > 0 {
		in.useVMAC(lines)
	}
	in.settleIPVLAN()
	in.transmitBase()
	promote := check.Find(in.body, kw.PromoteSecondaries)
	l.PromoteSecondaries = promote != nil
	if promote != nil && (l.VMAC != nil || l.IPVLAN != nil) {
		l.PromoteSecondaries = false
		in.settingIgnored(promote.Head, fmt.Sprintf("%q is always on for an interface of its own; keepalived ignores it", kw.PromoteSecondaries), "remove it")
	}
}

// badWord reports a word of use_vmac or use_ipvlan that keepalived ignores.
func (in *instance) badWord(w syntax.Word, message, help string) {
	in.warn(ruleInvalid, diag.Error, w, message+"; keepalived ignores the word", help)
}

// useVMAC reads the words of all use_vmac lines together.
func (in *instance) useVMAC(lines []*syntax.Statement) {
	v := &plan.VMAC{Origin: in.origin(lines[0])}
	hasMAC := false
	for _, s := range lines {
		for i := 0; i < len(s.Args); i++ {
			switch w := s.Args[i]; {
			case w.Text == kw.NetlinkNotifyMsg:
				v.NetlinkNotify = true
			case w.Text == kw.Group && i+1 < len(s.Args):
				i++
				in.interfaceGroup(s.Args[i], &v.Group)
			case w.Text == kw.Name && i+1 < len(s.Args):
				i++
				in.interfaceName(s.Args[i], &v.Name)
			case strings.Contains(w.Text, ":"):
				in.readMAC(w, v, &hasMAC)
			default:
				in.interfaceName(w, &v.Name)
			}
		}
	}
	if in.unreachable {
		return
	}
	if in.out.Interface == "" {
		in.settingIgnored(lines[0].Head, fmt.Sprintf("%q needs an interface; keepalived switches it off", kw.UseVMAC), fmt.Sprintf("remove it, or write %q", kw.Interface))
		return
	}
	if !hasMAC {
		v.MAC = standardMAC(in.ipv6, in.out.VRID)
	}
	if v.GeneratedName = v.Name == ""; v.GeneratedName {
		v.Name = in.freeName(in.globals.vrrp.MACPrefix, in.ipv6)
	}
	in.noteVMAC(vmacOn{in.out.Interface, v.MAC}, v.Name)
	in.out.Link.VMAC = v
}

// standardMAC is the virtual router's MAC (RFC 9568, 7.3).
func standardMAC(ipv6 bool, vrid uint8) [6]byte {
	family := byte(1)
	if ipv6 {
		family = 2
	}
	return [6]byte{0x00, 0x00, 0x5e, 0x00, family, vrid}
}

// interfaceGroup reads a group of interfaces: a number, or a name of the system.
func (in *instance) interfaceGroup(w syntax.Word, to *string) {
	if n, err := strconv.ParseUint(w.Text, 0, 64); err == nil && n <= maxGroup || err != nil && w.Text != "" && (w.Text[0] < '0' || w.Text[0] > '9') {
		*to = w.Text
		return
	}
	in.badWord(w, fmt.Sprintf("%q is no group of interfaces", w.Text), fmt.Sprintf("write a number from 0 to %d, or a name of /etc/iproute2/group", maxGroup))
}

// interfaceName reads the name of an interface that keepalived makes.
func (in *instance) interfaceName(w syntax.Word, to *string) {
	switch owner := in.vmacNames()[w.Text]; {
	case *to != "":
		in.badWord(w, fmt.Sprintf("%q is a second name, behind %q", w.Text, *to), "write one name")
	case len(w.Text) > maxIfName || w.Text == "" || strings.ContainsAny(w.Text, "/ \t"):
		in.badWord(w, fmt.Sprintf("%q is no name of an interface", w.Text), fmt.Sprintf("write at most %d bytes, without a slash", maxIfName))
	case w.Text == in.out.Interface:
		in.warn(ruleVMACConflict, diag.Error, w,
			fmt.Sprintf("%q is the interface that the new one is to be on; keepalived ignores the name and makes one up", w.Text), "write another name, or none")
	case owner != nil && owner != in.from:
		d := in.warn(ruleVMACConflict, diag.Error, w,
			fmt.Sprintf("%q is the name of another instance's interface; keepalived ignores it and makes up a name", w.Text), "write another name")
		d.Related = append(d.Related, diag.Note{Message: "the other instance", Span: owner.Span})
	default:
		*to = w.Text
	}
}

// vmacNames are the names that the instances of the text give to their interfaces; the first has it.
func (c *compilation) vmacNames() map[string]*syntax.Statement {
	if c.linkNames != nil {
		return c.linkNames
	}
	c.linkNames = map[string]*syntax.Statement{}
	for _, inst := range check.FindAll(c.tree.Body, kw.VRRPInstance) {
		for _, s := range inst.Children() {
			if s.Dropped || s.Keyword == nil || s.Keyword.Name != kw.UseVMAC && s.Keyword.Name != kw.UseIpvlan {
				continue
			}
			for i, w := range s.Args {
				behind := i > 0 && s.Args[i-1].Text == kw.Group
				if !behind && !isLinkWord(w.Text) && c.linkNames[w.Text] == nil {
					c.linkNames[w.Text] = inst
				}
			}
		}
	}
	return c.linkNames
}

// isLinkWord reports whether a word of use_vmac or use_ipvlan is something else than a name.
func isLinkWord(word string) bool {
	switch word {
	case kw.NetlinkNotifyMsg, kw.Group, kw.Name, kw.Bridge, kw.Private, kw.Vepa:
		return true
	}
	_, address := schema.ParseAddressLen(word)
	return address || strings.Contains(word, ":")
}

// freeName makes up a name as keepalived does: PREFIX.VRID, then with a number behind the prefix, 6
// before the others in IPv6 (reference vrrp 11).
func (in *instance) freeName(prefix string, ipv6 bool) string {
	names := in.vmacNames()
	name := fmt.Sprintf("%s.%d", prefix, in.out.VRID)
	if names[name] != nil && ipv6 {
		name = fmt.Sprintf("%s6.%d", prefix, in.out.VRID)
	}
	for n := 1; names[name] != nil; n++ {
		name = fmt.Sprintf("%s%d.%d", prefix, n, in.out.VRID)
	}
	names[name] = in.from
	return name
}

// vmacOn tells VMACs apart: keepalived shares those with one MAC on one interface.
type vmacOn struct {
	base string
	mac  [6]byte
}

// addressVMAC gives the VMAC of an interface that an address is on: one that there is, or one that is made.
func (in *instance) addressVMAC(a *plan.Address) string {
	ipv6 := a.Prefix.Addr().Is6()
	key := vmacOn{a.Interface, standardMAC(ipv6, in.out.VRID)}
	if v := in.out.Link.VMAC; v != nil && v.MAC != standardMAC(in.ipv6, in.out.VRID) {
		key.mac = v.MAC // the one of the text is for all
	}
	if name, ok := in.vmacs[key]; ok {
		return name
	}
	v := plan.AddressVMAC{Origin: a.Origin, Name: in.freeName(in.globals.vrrp.AddressMACPrefix, ipv6), Base: a.Interface, IPv6: ipv6, MAC: key.mac}
	in.noteVMAC(key, v.Name)
	in.out.Link.AddressVMACs = append(in.out.Link.AddressVMACs, v)
	return v.Name
}

func (c *compilation) noteVMAC(key vmacOn, name string) {
	if c.vmacs == nil {
		c.vmacs = map[vmacOn]string{}
	}
	c.vmacs[key] = name
}

// readMAC reads a MAC of six octets; of five, the last is the VRID.
func (in *instance) readMAC(w syntax.Word, v *plan.VMAC, has *bool) {
	octets := strings.Split(strings.TrimSuffix(w.Text, ":"), ":")
	var mac [6]byte
	ok := len(octets) == 5 || len(octets) == 6 && !strings.HasSuffix(w.Text, ":")
	for i := 0; ok && i < len(octets); i++ {
		n, err := strconv.ParseUint(octets[i], 16, 8)
		mac[i], ok = byte(n), err == nil
	}
	if len(octets) == 5 {
		mac[5] = in.out.VRID
	}
	const help = "write an address like 02:00:5e:00:01:33, or leave it out"
	switch {
	case !ok:
		in.badWord(w, fmt.Sprintf("%q is no MAC address", w.Text), help)
	case *has:
		in.badWord(w, fmt.Sprintf("%q is a second MAC address", w.Text), "write one")
	case mac[0]&1 != 0:
		in.badWord(w, fmt.Sprintf("%q is a multicast address", w.Text), help)
	case mac[0] == 0 && mac[1] == 0 && mac[2] == 0x5e && mac[3] == 0 && (mac[4] == 1 || mac[4] == 2):
		in.badWord(w, fmt.Sprintf("%q is of the range that VRRP takes by itself", w.Text), help)
	case in.out.Deviations.Strict:
		in.strictChanges(w, "strict mode has the MAC address of the RFC and no other; keepalived ignores the word", "remove it, or leave strict mode")
	default:
		v.MAC, *has = mac, true
	}
}

// useIPVLAN reads the words of use_ipvlan, while the family is settled. The first line counts.
func (in *instance) useIPVLAN(s *syntax.Statement) {
	if in.ipvlan != nil {
		return // reported as a keyword that is there twice
	}
	v := &plan.IPVLAN{Origin: in.origin(s)}
	in.ipvlan, in.ipvlanFrom = v, s
	for i := 0; i < len(s.Args); i++ {
		w := s.Args[i]
		address, isAddress := schema.ParseAddressLen(w.Text)
		switch {
		case w.Text == kw.Bridge || w.Text == kw.Private || w.Text == kw.Vepa:
			if v.Mode != "" {
				in.badWord(w, fmt.Sprintf("%q is a second type, behind %q", w.Text, v.Mode), "write one of them")
				continue
			}
			v.Mode = w.Text
		case w.Text == kw.Group && i+1 < len(s.Args):
			i++
			in.interfaceGroup(s.Args[i], &v.Group)
		case w.Text == kw.Name && i+1 < len(s.Args):
			i++
			in.interfaceName(s.Args[i], &v.Name)
		case isAddress && v.Address.IsValid():
			in.badWord(w, fmt.Sprintf("%q is a second address", w.Text), "write one")
		case isAddress && !in.family.fits(address.Addr(), s):
			in.ipvlanRefused = true
			in.familyNote(in.warn(ruleFamilyMix, diag.Error, w, fmt.Sprintf("%q is of another family than the first address; keepalived ignores it", w.Text), "write an address of the same family"))
		case isAddress:
			v.Address = address
		default:
			in.interfaceName(w, &v.Name)
		}
	}
}

// settleIPVLAN fills in what the line leaves out.
func (in *instance) settleIPVLAN() {
	v := in.ipvlan
	if v == nil {
		return
	}
	from := in.ipvlanFrom.Head
	switch {
	case in.out.Link.VMAC != nil:
		in.warn(ruleVMACConflict, diag.Error, from, fmt.Sprintf("%q and %q exclude each other", kw.UseIpvlan, kw.UseVMAC), "remove one of the two")
		return
	case in.out.Interface == "":
		in.settingIgnored(from, fmt.Sprintf("%q needs an interface; keepalived switches it off", kw.UseIpvlan), fmt.Sprintf("remove it, or write %q", kw.Interface))
		return
	case !in.ipv6 && !v.Address.IsValid() && !in.ipvlanRefused:
		in.warn("missing-argument", diag.Error, from, fmt.Sprintf("%q needs an address in an IPv4 instance, which stays in FAULT without", kw.UseIpvlan), "write the address of the interface behind it")
	}
	if v.Mode == "" {
		v.Mode = kw.Bridge
	}
	if v.GeneratedName = v.Name == ""; v.GeneratedName {
		v.Name = in.freeName(in.globals.vrrp.MACPrefix, in.ipv6)
	}
	if v.Address.IsValid() && !in.out.Source.IsValid() {
		in.out.Source, in.sourceFrom = v.Address.Addr(), in.ipvlanFrom
	}
	in.out.Link.IPVLAN = v
}

// transmitBase reads vmac_xmit_base, which goes with a VMAC, not with strict mode, and always with unicast.
func (in *instance) transmitBase() {
	v := in.out.Link.VMAC
	s := check.Find(in.body, kw.VMACXmitBase)
	unicast := len(in.unicast.Peers) > 0
	switch {
	case s != nil && v == nil:
		in.settingIgnored(s.Head, fmt.Sprintf("%q needs %q; keepalived ignores it", kw.VMACXmitBase, kw.UseVMAC), fmt.Sprintf("remove it, or write %q", kw.UseVMAC))
	case s != nil && in.out.Deviations.Strict:
		in.strictChanges(s.Head, fmt.Sprintf("strict mode sends adverts from the virtual MAC; keepalived ignores %q", kw.VMACXmitBase), "remove it, or leave strict mode")
	case s != nil:
		v.TransmitBase = true
	case v != nil && unicast:
		v.TransmitBase = true
		line := check.FindAll(in.body, kw.UseVMAC)[0]
		in.settingIgnored(line.Head, fmt.Sprintf("unicast adverts do not leave from a virtual MAC; keepalived switches %q on", kw.VMACXmitBase), fmt.Sprintf("write %q", kw.VMACXmitBase))
	}
}
