package plan

import (
	"fmt"
	"net/netip"
	"reflect"
	"time"
)

// What plan 1.1 says of an instance beyond 1.0. Every field is left out where the default holds, so that
// a plan of 1.0 means the same.

type jsonUnicast struct {
	Peers       []jsonPeer `json:"peers" jsonschema:"none: the instance is in FAULT"`
	TTL         int        `json:"ttl" jsonschema:"of what is sent; -1 leaves it to the kernel"`
	CheckSource bool       `json:"check_source,omitempty" jsonschema:"adverts of others than the peers are dropped"`
	Checksum    string     `json:"checksum" jsonschema:"version 3 over IPv4: auto, old or never-old"`
}

type jsonPeer struct {
	Origin  origin   `json:"origin"`
	Address addrText `json:"address"`
	MinTTL  int      `json:"min_ttl"`
	MaxTTL  int      `json:"max_ttl"`
}

type jsonHMAC struct {
	Origin      origin        `json:"origin"`
	Keys        []jsonHMACKey `json:"keys"`
	ActiveKey   int           `json:"active_key" jsonschema:"id of the key that signs"`
	TimeWindowS int64         `json:"time_window_s"`
	Replay      string        `json:"replay" jsonschema:"time or monotonic"`
	Mode        string        `json:"mode" jsonschema:"enforce, permissive or receive-only"`
}

type jsonHMACKey struct {
	Origin origin `json:"origin"`
	ID     int    `json:"id"`
	Secret text   `json:"secret,omitempty" jsonschema:"a secret of 32 to 64 bytes"`
	File   text   `json:"file,omitempty" jsonschema:"where the key is read from, in place of secret"`
}

type jsonLink struct {
	VMAC               *jsonVMAC         `json:"vmac,omitempty"`
	IPVLAN             *jsonIPVLAN       `json:"ipvlan,omitempty"`
	VMACForAddresses   bool              `json:"vmac_for_addresses,omitempty" jsonschema:"addresses on other interfaces get VMACs of those"`
	AddressVMACs       []jsonAddressVMAC `json:"address_vmacs,omitempty" jsonschema:"VMACs that addresses are on, and no adverts"`
	VRF                text              `json:"vrf,omitempty"`
	UntrackedInterface bool              `json:"untracked_interface,omitempty" jsonschema:"a down interface is no fault"`
	Polling            bool              `json:"polling,omitempty" jsonschema:"the carrier is asked for once a second"`
	PromoteSecondaries bool              `json:"promote_secondaries,omitempty"`
	ReceiveBufferBytes int64             `json:"receive_buffer_bytes,omitempty"`
}

type jsonVMAC struct {
	Origin        origin `json:"origin"`
	Name          text   `json:"name"`
	GeneratedName bool   `json:"generated_name,omitempty"`
	MAC           string `json:"mac"`
	Group         text   `json:"group,omitempty"`
	TransmitBase  bool   `json:"transmit_base,omitempty" jsonschema:"adverts are sent and heard on the base interface"`
	NetlinkNotify bool   `json:"netlink_notify,omitempty"`
}

type jsonAddressVMAC struct {
	Origin origin `json:"origin"`
	Name   text   `json:"name"`
	Base   text   `json:"base"`
	IPv6   bool   `json:"ipv6"`
	MAC    string `json:"mac"`
}

type jsonIPVLAN struct {
	Origin        origin     `json:"origin"`
	Name          text       `json:"name"`
	GeneratedName bool       `json:"generated_name,omitempty"`
	Mode          string     `json:"mode" jsonschema:"bridge, private or vepa"`
	Group         text       `json:"group,omitempty"`
	Address       prefixText `json:"address,omitempty"`
}

type jsonDeviations struct {
	Strict                   bool `json:"strict,omitempty"`
	NoAccept                 bool `json:"no_accept,omitempty" jsonschema:"what is sent to the addresses is dropped"`
	SkipAddressCheck         bool `json:"skip_address_check,omitempty"`
	ChecksumWithoutHeader    bool `json:"checksum_without_header,omitempty"`
	LowerPriorityNoAdvert    bool `json:"lower_priority_no_advert,omitempty"`
	HigherPrioritySendAdvert bool `json:"higher_priority_send_advert,omitempty"`
	OwnerIgnoreAdverts       bool `json:"owner_ignore_adverts,omitempty"`
	TimerExpiredBackup       int  `json:"timer_expired_backup,omitempty"`
	NoVIPs                   bool `json:"no_vips,omitempty"`
}

// some returns a pointer to v, nil where v says nothing.
func some[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func toInstanceMore(in *Instance, out *jsonInstance) {
	out.TrackSource = in.TrackSource
	if h := in.HMAC; h != nil {
		out.HMAC = &jsonHMAC{
			Origin: toOrigin(h.Origin), ActiveKey: int(h.ActiveKey), TimeWindowS: int64(h.TimeWindow / time.Second),
			Replay: string(h.Replay), Mode: string(h.Mode),
			Keys: each(h.Keys, func(k *HMACKey) jsonHMACKey {
				return jsonHMACKey{Origin: toOrigin(k.Origin), ID: int(k.ID), Secret: text(k.Secret), File: text(k.File)}
			}),
		}
	}
	if u := in.Unicast; u != nil {
		out.Unicast = &jsonUnicast{
			TTL: u.TTL, CheckSource: u.CheckSource, Checksum: string(u.Checksum),
			Peers: each(u.Peers, func(p *Peer) jsonPeer {
				return jsonPeer{Origin: toOrigin(p.Origin), Address: toAddr(p.Address), MinTTL: int(p.MinTTL), MaxTTL: int(p.MaxTTL)}
			}),
		}
	}
	out.Link = toLink(&in.Link)
	d := in.Deviations
	out.Deviations = some(jsonDeviations{
		Strict: d.Strict, NoAccept: d.NoAccept, SkipAddressCheck: d.SkipAddressCheck,
		ChecksumWithoutHeader: d.ChecksumWithoutHeader, LowerPriorityNoAdvert: d.LowerPriorityNoAdvert,
		HigherPrioritySendAdvert: d.HigherPrioritySendAdvert, OwnerIgnoreAdverts: d.OwnerIgnoreAdverts,
		TimerExpiredBackup: int(d.TimerExpiredBackup), NoVIPs: d.NoVIPs,
	})
	for _, l := range trackerLists(in, out) {
		if len(*l.plan) > 0 {
			*l.json = each(*l.plan, toTracker)
		}
	}
}

// trackerList is a list of trackers in the plan and in the document.
type trackerList struct {
	// key is the end of the path in messages.
	key  string
	plan *[]Tracker
	json *[]jsonTracker
}

func trackerLists(in *Instance, doc *jsonInstance) []trackerList {
	return []trackerList{
		{".track_interfaces", &in.TrackInterfaces, &doc.TrackInterfaces},
		{".track_files", &in.TrackFiles, &doc.TrackFiles},
		{".track_processes", &in.TrackProcesses, &doc.TrackProcesses},
		{".track_bfd", &in.TrackBFD, &doc.TrackBFD},
	}
}

func toLink(l *Link) *jsonLink {
	out := jsonLink{
		VMACForAddresses: l.VMACForAddresses, VRF: text(l.VRF), UntrackedInterface: l.UntrackedInterface,
		Polling: l.Polling, PromoteSecondaries: l.PromoteSecondaries, ReceiveBufferBytes: int64(l.ReceiveBufferBytes),
	}
	if v := l.VMAC; v != nil {
		out.VMAC = &jsonVMAC{
			Origin: toOrigin(v.Origin), Name: text(v.Name), GeneratedName: v.GeneratedName, MAC: macText(v.MAC),
			Group: text(v.Group), TransmitBase: v.TransmitBase, NetlinkNotify: v.NetlinkNotify,
		}
	}
	for _, v := range l.AddressVMACs {
		out.AddressVMACs = append(out.AddressVMACs, jsonAddressVMAC{
			Origin: toOrigin(v.Origin), Name: text(v.Name), Base: text(v.Base), IPv6: v.IPv6, MAC: macText(v.MAC),
		})
	}
	if v := l.IPVLAN; v != nil {
		out.IPVLAN = &jsonIPVLAN{
			Origin: toOrigin(v.Origin), Name: text(v.Name), GeneratedName: v.GeneratedName, Mode: v.Mode, Group: text(v.Group),
		}
		if v.Address.IsValid() {
			out.IPVLAN.Address = toPrefix(v.Address)
		}
	}
	if reflect.ValueOf(out).IsZero() {
		return nil
	}
	return &out
}

func macText(m [6]byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

func (r *reader) instanceMore(path string, doc *jsonInstance, out *Instance) {
	out.TrackSource = doc.TrackSource
	out.HMAC = r.hmac(path+".hmac", doc.HMAC)
	out.Unicast = r.unicast(path+".unicast", doc.Unicast)
	out.Link = r.link(path+".link", doc.Link)
	if d := doc.Deviations; d != nil {
		out.Deviations = Deviations{
			Strict: d.Strict, NoAccept: d.NoAccept, SkipAddressCheck: d.SkipAddressCheck,
			ChecksumWithoutHeader: d.ChecksumWithoutHeader, LowerPriorityNoAdvert: d.LowerPriorityNoAdvert,
			HigherPrioritySendAdvert: d.HigherPrioritySendAdvert, OwnerIgnoreAdverts: d.OwnerIgnoreAdverts,
			TimerExpiredBackup: uint8(r.number(path+".deviations.timer_expired_backup", int64(d.TimerExpiredBackup), 0, 254)),
			NoVIPs:             d.NoVIPs,
		}
	}
	for _, l := range trackerLists(out, doc) {
		*l.plan = read(r, path+l.key, *l.json, maxEntries, r.tracker)
	}
}

func (r *reader) unicast(path string, u *jsonUnicast) *Unicast {
	if u == nil {
		return nil
	}
	return &Unicast{
		TTL: int(r.number(path+".ttl", int64(u.TTL), TTLKernel, 255)), CheckSource: u.CheckSource,
		Checksum: oneOf(r, path+".checksum", u.Checksum, ChecksumAuto, ChecksumOld, ChecksumNever),
		Peers: read(r, path+".peers", u.Peers, maxEntries, func(path string, p *jsonPeer) Peer {
			return Peer{
				Origin: r.origin(path+".origin", p.Origin), Address: r.addr(path+".address", p.Address, true),
				MinTTL: uint8(r.number(path+".min_ttl", int64(p.MinTTL), 0, 255)),
				MaxTTL: uint8(r.number(path+".max_ttl", int64(p.MaxTTL), 0, 255)),
			}
		}),
	}
}

// oneOf reads a word of an enumeration.
func oneOf[T ~string](r *reader, path, word string, all ...T) T {
	for _, w := range all {
		if word == string(w) {
			return w
		}
	}
	r.fail(path, "%q is none of %v", word, all)
	return all[0]
}

// The bounds of a key, in bytes (reference vrrp 1.7).
const (
	minKey = 32
	maxKey = 64
)

func (r *reader) hmac(path string, h *jsonHMAC) *HMAC {
	if h == nil {
		return nil
	}
	out := &HMAC{
		Origin: r.origin(path+".origin", h.Origin), ActiveKey: uint8(r.number(path+".active_key", int64(h.ActiveKey), 1, 255)),
		TimeWindow: time.Duration(r.number(path+".time_window_s", h.TimeWindowS, 1, 300)) * time.Second,
		Replay:     oneOf(r, path+".replay", h.Replay, ReplayTime, ReplayMonotonic),
		Mode:       oneOf(r, path+".mode", h.Mode, HMACEnforce, HMACPermissive, HMACReceiveOnly),
		Keys:       read(r, path+".keys", h.Keys, maxEntries, r.hmacKey),
	}
	ids := map[uint8]bool{}
	for i, k := range out.Keys {
		if ids[k.ID] {
			r.fail(fmt.Sprintf("%s.keys[%d].id", path, i), "%d is there twice", k.ID)
		}
		ids[k.ID] = true
	}
	if !ids[out.ActiveKey] {
		r.fail(path+".active_key", "there is no key %d", out.ActiveKey)
	}
	return out
}

func (r *reader) hmacKey(path string, k *jsonHMACKey) HMACKey {
	switch n := len(k.Secret); {
	case (n == 0) == (k.File == ""):
		r.fail(path, "a key has either a secret or a file")
	case n != 0 && (n < minKey || n > maxKey):
		r.fail(path+".secret", "%d bytes where %d to %d belong", n, minKey, maxKey)
	}
	return HMACKey{
		Origin: r.origin(path+".origin", k.Origin), ID: uint8(r.number(path+".id", int64(k.ID), 1, 255)),
		Secret: string(k.Secret), File: r.word(path+".file", k.File),
	}
}

func (r *reader) link(path string, l *jsonLink) Link {
	if l == nil {
		return Link{}
	}
	out := Link{
		VMACForAddresses: l.VMACForAddresses, VRF: r.iface(path+".vrf", l.VRF, false),
		UntrackedInterface: l.UntrackedInterface, Polling: l.Polling, PromoteSecondaries: l.PromoteSecondaries,
		ReceiveBufferBytes: uint32(r.number(path+".receive_buffer_bytes", l.ReceiveBufferBytes, 0, 1<<32-1)),
	}
	if v := l.VMAC; v != nil {
		out.VMAC = &VMAC{
			Origin: r.origin(path+".vmac.origin", v.Origin), Name: r.iface(path+".vmac.name", v.Name, true),
			GeneratedName: v.GeneratedName, MAC: r.mac(path+".vmac.mac", v.MAC), Group: r.word(path+".vmac.group", v.Group),
			TransmitBase: v.TransmitBase, NetlinkNotify: v.NetlinkNotify,
		}
	}
	out.AddressVMACs = read(r, path+".address_vmacs", l.AddressVMACs, maxEntries, func(path string, v *jsonAddressVMAC) AddressVMAC {
		return AddressVMAC{
			Origin: r.origin(path+".origin", v.Origin), Name: r.iface(path+".name", v.Name, true), Base: r.iface(path+".base", v.Base, true),
			IPv6: v.IPv6, MAC: r.mac(path+".mac", v.MAC),
		}
	})
	if v := l.IPVLAN; v != nil {
		out.IPVLAN = &IPVLAN{
			Origin: r.origin(path+".ipvlan.origin", v.Origin), Name: r.iface(path+".ipvlan.name", v.Name, true),
			GeneratedName: v.GeneratedName, Group: r.word(path+".ipvlan.group", v.Group),
			Mode: oneOf(r, path+".ipvlan.mode", v.Mode, "bridge", "private", "vepa"), Address: netip.Prefix{},
		}
		if v.Address != "" {
			out.IPVLAN.Address = r.prefix(path+".ipvlan.address", v.Address)
		}
	}
	if out.VMAC != nil && out.IPVLAN != nil {
		r.fail(path, "vmac and ipvlan exclude each other")
	}
	return out
}

func (r *reader) mac(path, word string) [6]byte {
	var m [6]byte
	if n, err := fmt.Sscanf(word, "%02x:%02x:%02x:%02x:%02x:%02x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]); n != len(m) || err != nil || macText(m) != word {
		r.fail(path, "%q is no MAC address", word)
	}
	return m
}
