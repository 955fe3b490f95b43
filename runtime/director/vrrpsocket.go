//go:build linux

package director

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

const (
	protocolVRRP = 112
	protocolAH   = 51
	// readsPerWake bounds how many packets of one socket are read before deadlines are looked at.
	readsPerWake = 64
	// readsWhenLate bounds it where a deadline has passed: more than a socket's buffer holds.
	readsWhenLate = 1024
	// maxPacket is more than any advert has: 60 bytes of IP header, 24 of AH, 8 + 16·255 + 8 of VRRP, 28 of
	// signature. What is longer is cut, and refused for its length.
	maxPacket = 8192
	// maxAncillary holds the destination and hop limit of an IPv6 packet.
	maxAncillary = 128
	// againPause is the time between two tries of what the machine lacked the means for.
	againPause = time.Second
	// unknownPause is the time between two records of packets that are for no instance.
	unknownPause = time.Second
)

// The reasons of packets that reach no instance; they are counted by socket.
const (
	dropNoInstance = "packets-of-no-instance"
	dropTooShort   = "packets-too-short"
)

// poolKey says which sockets an instance uses: those who agree in it share them (reference vrrp 4.1).
type poolKey struct {
	ipv6, ah bool
	// device is the interface, or the routing domain of unicast without one; "" is neither.
	device string
	// Exactly one of group (multicast) and source (unicast) is valid.
	group, source netip.Addr
}

// pool is a pair of raw sockets.
type pool struct {
	poolKey
	index         int
	receive, send int
	// failed is why they could not be opened: who can neither send nor hear is in fault.
	failed    error
	instances []*instance
	byVRID    [256][]*instance
	drops     map[string]uint64
	// saidUnknown is when a packet for no instance was last logged.
	saidUnknown vrrp.Instant
	buf         []byte
	ancillary   []byte
}

// advertInterface is where the adverts of an instance leave and arrive.
func advertInterface(p *plan.Instance) string {
	switch l := p.Link; {
	case l.VMAC != nil && !l.VMAC.TransmitBase:
		return l.VMAC.Name
	case l.IPVLAN != nil:
		return l.IPVLAN.Name
	case p.Interface == "":
		return l.VRF
	}
	return p.Interface
}

// poolKeyOf says which sockets an instance needs now; false: it has no source to bind to.
func poolKeyOf(inst *instance) (poolKey, bool) {
	p := inst.plan
	k := poolKey{ipv6: p.IPv6(), ah: p.Auth.Type == plan.AuthHeader, device: advertInterface(p)}
	if p.Unicast == nil {
		k.group = p.Group
		return k, true
	}
	k.source = inst.source.address
	return k, k.source.IsValid()
}

// openPools opens the sockets of all instances.
func (v *vrrpProcess) openPools() error {
	for _, inst := range v.instances {
		inst.source = v.source(inst.plan)
		v.joinPool(inst)
	}
	for _, p := range v.pools {
		if l, ok := v.mirror.links[p.device]; p.device != "" && (!ok || p.ipv6 && !l.HasIPv6()) {
			continue // it may come later; until then the instance is in fault
		}
		if err := v.openPool(p); err != nil {
			return err
		}
	}
	return nil
}

// joinPool puts an instance to the sockets that it needs. Without a source it keeps those that it has.
func (v *vrrpProcess) joinPool(inst *instance) {
	key, ok := poolKeyOf(inst)
	if !ok || inst.pool != nil && inst.pool.poolKey == key {
		return
	}
	v.leavePool(inst)
	at := slices.IndexFunc(v.pools, func(p *pool) bool { return p.poolKey == key })
	if at < 0 {
		at = len(v.pools)
		v.pools = append(v.pools, &pool{
			poolKey: key, receive: -1, send: -1, drops: make(map[string]uint64),
			buf: make([]byte, maxPacket), ancillary: make([]byte, maxAncillary),
		})
	}
	p := v.pools[at]
	inst.pool = p
	p.instances = append(p.instances, inst)
	p.byVRID[inst.plan.VRID] = append(p.byVRID[inst.plan.VRID], inst)
}

// leavePool takes an instance from its sockets; the last one closes them.
func (v *vrrpProcess) leavePool(inst *instance) {
	p := inst.pool
	if p == nil {
		return
	}
	inst.pool = nil
	same := func(x *instance) bool { return x == inst }
	p.instances = slices.DeleteFunc(p.instances, same)
	p.byVRID[inst.plan.VRID] = slices.DeleteFunc(p.byVRID[inst.plan.VRID], same)
	if len(p.instances) == 0 {
		p.close()
		v.pools = slices.DeleteFunc(v.pools, func(x *pool) bool { return x == p })
	}
}

// followPools opens what a change of interfaces and addresses asks for: an interface that was made anew,
// a unicast source that is another one.
func (v *vrrpProcess) followPools() {
	for _, inst := range v.instances {
		v.joinPool(inst)
	}
	for _, p := range v.pools {
		l, ok := v.mirror.links[p.device]
		if ok && p.ipv6 && !l.HasIPv6() {
			p.close() // its group has gone, and does not come back by itself
			continue
		}
		if p.device != "" && !ok || p.receive >= 0 && l.Index == p.index {
			continue
		}
		err := v.openPool(p)
		if err != nil {
			v.again = monotonic().Add(againPause)
		}
		if err != nil && (p.failed == nil || p.failed.Error() != err.Error()) {
			v.warn("sockets", "interface", p.device, "error", err.Error())
		}
		p.failed = err
	}
}

// readPackets hands what has come to the machines, by VRID, as many packets as limit says.
func (v *vrrpProcess) readPackets(p *pool, limit int) {
	for range limit {
		packet, err := p.read()
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // nothing more; the errors of a link that is down come by the watch
		}
		vrid, ok := vrrp.VRIDOf(packet)
		if !ok {
			p.drops[dropTooShort]++
			continue
		}
		if inst := p.choose(vrid, packet); inst != nil {
			v.step(inst, packet)
			continue
		}
		p.drops[dropNoInstance]++
		v.logUnknown(p, vrid, packet)
	}
}

// read takes one packet from the socket.
func (p *pool) read() (vrrp.PacketReceived, error) {
	if !p.ipv6 {
		n, err := receive(p.receive, p.buf)
		if err != nil {
			return vrrp.PacketReceived{}, err
		}
		return vrrp.PacketReceived{Packet: p.buf[:n]}, nil
	}
	n, m, _, from, err := unix.Recvmsg(p.receive, p.buf, p.ancillary, unix.MSG_DONTWAIT)
	if err != nil {
		return vrrp.PacketReceived{}, err
	}
	packet := vrrp.PacketReceived{Packet: p.buf[:n]}
	if s, ok := from.(*unix.SockaddrInet6); ok {
		packet.Source = netip.AddrFrom16(s.Addr)
	}
	readAncillary(p.ancillary[:m], &packet)
	return packet, nil
}

// readAncillary finds destination and hop limit. What is missing leaves an address that is not valid, or
// hop limit 0: acceptance refuses both.
func readAncillary(b []byte, packet *vrrp.PacketReceived) {
	for len(b) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(b)
		if err != nil {
			return
		}
		switch {
		case h.Level != unix.IPPROTO_IPV6:
		case h.Type == unix.IPV6_HOPLIMIT && len(data) >= 4:
			packet.HopLimit = uint8(binary.NativeEndian.Uint32(data))
		case h.Type == unix.IPV6_PKTINFO && len(data) >= 16:
			packet.Destination = netip.AddrFrom16([16]byte(data))
		}
		b = rest
	}
}

// choose finds the instance of a packet. Unicast instances may share a VRID: then the sender decides, the
// one heard last before the configured peers (reference vrrp 4.2).
func (p *pool) choose(vrid uint8, packet vrrp.PacketReceived) *instance {
	list := p.byVRID[vrid]
	if len(list) < 2 {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	source := packet.Source
	if h, err := vrrp.ParseIPv4Header(packet.Packet); !p.ipv6 && err == nil {
		source = h.Source
	}
	for _, inst := range list {
		if inst.heard == source {
			return inst
		}
	}
	for _, inst := range list {
		for _, peer := range inst.plan.Unicast.Peers {
			if peer.Address == source {
				inst.heard = source
				return inst
			}
		}
	}
	return nil
}

// logUnknown tells of a virtual router that is not configured, where that is asked for.
func (v *vrrpProcess) logUnknown(p *pool, vrid uint8, packet vrrp.PacketReceived) {
	now := monotonic()
	if g := v.plan.Global.VRRP; g == nil || !g.LogUnknownVRIDs || p.saidUnknown != 0 && now.Sub(p.saidUnknown) < unknownPause {
		return
	}
	p.saidUnknown = now
	source := packet.Source
	if h, err := vrrp.ParseIPv4Header(packet.Packet); !p.ipv6 && err == nil {
		source = h.Source
	}
	v.warn("unknown-virtual-router", "interface", p.device, "virtual_router_id", vrid, "source", source.String(), "packets", p.drops[dropNoInstance])
}

// sendAdvert sends one packet. An interface that is down takes none: the watch tells the machine.
func (v *vrrpProcess) sendAdvert(inst *instance, a vrrp.SendAdvert) {
	err := errNoSocket
	if inst.pool != nil && inst.pool.send >= 0 {
		err = inst.pool.write(a)
	}
	if before, failed := inst.sendErrs[a.Destination]; failed == (err != nil) && errors.Is(err, before) {
		return
	}
	if err == nil {
		delete(inst.sendErrs, a.Destination)
		return
	}
	if inst.sendErrs == nil {
		inst.sendErrs = make(map[netip.Addr]error)
	}
	inst.sendErrs[a.Destination] = err
	v.warn("advert-not-sent", "instance", inst.plan.Name, "to", a.Destination.String(), "priority", a.Priority, "error", err.Error())
}

var errNoSocket = errors.New("no socket is open")

// write hands a packet to the kernel: of multicast without a look at the routes.
func (p *pool) write(a vrrp.SendAdvert) error {
	flags := 0
	if p.group.IsValid() {
		flags = unix.MSG_DONTROUTE
	}
	if !p.ipv6 {
		return send(p.send, a.Packet, a.Destination, 0, nil, flags)
	}
	return send(p.send, a.Packet, a.Destination, p.zone(a.Destination), ancillaryOf(a, p.index, p.group.IsValid()), flags)
}

// zone is the scope of an address: that of the interface where it has one.
func (p *pool) zone(a netip.Addr) uint32 {
	if a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() {
		return uint32(p.index)
	}
	return 0
}

// ancillaryOf tells the kernel the source address, and the hop limit where it is not to choose.
func ancillaryOf(a vrrp.SendAdvert, index int, multicast bool) []byte {
	source := a.Source.As16()
	info := binary.NativeEndian.AppendUint32(source[:], uint32(index))
	b := appendControl(nil, unix.IPV6_PKTINFO, info)
	if !multicast && a.HopLimit != vrrp.HopLimitKernel {
		b = appendControl(b, unix.IPV6_HOPLIMIT, binary.NativeEndian.AppendUint32(nil, uint32(a.HopLimit)))
	}
	return b
}

// appendControl appends a control message of IPv6.
func appendControl(b []byte, kind int32, data []byte) []byte {
	h := unix.Cmsghdr{Level: unix.IPPROTO_IPV6, Type: kind}
	h.SetLen(unix.CmsgLen(len(data)))
	end := len(b) + unix.CmsgSpace(len(data))
	b, _ = binary.Append(b, binary.NativeEndian, h) // fails for types without a fixed size only
	b = append(b, data...)
	return append(b, make([]byte, end-len(b))...)
}

// bufferBytes is the size of the receive buffer that the instances ask for together; 0: nobody says.
func (v *vrrpProcess) bufferBytes(p *pool) int {
	total := 0
	for _, inst := range p.instances {
		total += v.bufferOf(inst)
	}
	return total
}

func (v *vrrpProcess) bufferOf(inst *instance) int {
	if n := inst.plan.Link.ReceiveBufferBytes; n != 0 {
		return int(n)
	}
	b := v.plan.Global.Buffers
	switch {
	case b == nil:
		return 0
	case b.AdvertBytes != 0:
		return int(b.AdvertBytes)
	case b.AdvertMessages:
		return int(b.AdvertMultiplier) * vrrp.PacketLen(*inst.plan)
	case b.AdvertMTU:
		return int(b.AdvertMultiplier) * v.mirror.links[inst.plan.Interface].MTU
	}
	return 0
}

// close closes the sockets; epoll forgets them by itself.
func (p *pool) close() {
	for _, fd := range []int{p.receive, p.send} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	p.receive, p.send = -1, -1
}

// openPool opens the sockets of p on the interface that has its name now.
func (v *vrrpProcess) openPool(p *pool) error {
	p.close()
	p.index = v.mirror.links[p.device].Index
	err := p.openReceive(v.bufferBytes(p))
	if err == nil {
		err = p.openSend()
	}
	if err == nil {
		err = v.poller.Add(p.receive, unix.EPOLLIN)
	}
	if err != nil {
		p.close()
		return fmt.Errorf("VRRP sockets on %q: %w", p.device, err)
	}
	return nil
}
