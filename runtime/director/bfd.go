//go:build linux

package director

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/bfd"
	"ka/runtime/control"
	"ka/runtime/process"
)

// bfdProcess is the state of the process that runs BFD sessions. All of it belongs to one goroutine. It is a process
// of its own, as in keepalived: a neighbour with packets every few milliseconds takes no time from adverts, and the
// sessions live on when the vrrp process starts anew.
type bfdProcess struct {
	link     *childLink
	sessions []*bfdSession
	receive  []*bfdSocket
	poller   *process.Poller
	timer    int
	armed    bfd.Instant
	buf, oob []byte
	counters map[string]uint64
	// seed is for what sessions choose at random, made is how many there have been.
	seed uint64
	made int
}

// bfdSession is a session with its socket.
type bfdSession struct {
	*bfd.Session
	plan *plan.BFDInstance
	// send is -1 until the source address is there.
	send    int
	sendErr error
	// deadline is 0 while nothing is to be done: a passive session waits for its neighbour.
	deadline bfd.Instant
}

// bfdSocket hears the packets of a family on a port.
type bfdSocket struct {
	fd             int
	ipv6, multihop bool
}

// runBFD runs until the supervisor says stop, or has gone. It stops as keepalived does, without a word: the
// neighbours notice by the detection time.
func runBFD(link *childLink, p *plan.Plan) error {
	soonAwake()
	b := &bfdProcess{link: link, buf: make([]byte, maxPacket), oob: make([]byte, 256), counters: make(map[string]uint64)}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	b.seed = binary.NativeEndian.Uint64(seed[:])
	if err := b.open(); err != nil {
		return err
	}
	if err := b.run(p.Trackables.BFD); err != nil {
		return err
	}
	link.send(message{Type: msgReady})
	return b.loop()
}

// open makes the descriptors that the loop waits for.
func (b *bfdProcess) open() (err error) {
	if b.poller, err = process.NewPoller(); err != nil {
		return err
	}
	if b.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return fmt.Errorf("timer: %w", err)
	}
	return errors.Join(b.poller.Add(b.timer, unix.EPOLLIN), b.poller.Add(b.link.fd, unix.EPOLLIN))
}

// run goes on with the sessions of a plan: one whose packets stay as they are does not notice, others begin
// anew or end. Without a socket for one of them nothing is changed.
func (b *bfdProcess) run(list []plan.BFDInstance) error {
	for i := range list {
		want := bfdSocket{ipv6: list[i].Neighbor.Is6(), multihop: list[i].Multihop}
		if b.hears(want) {
			continue
		}
		fd, err := openBFDSocket(want)
		if err != nil {
			return err
		}
		want.fd = fd
		b.receive = append(b.receive, &want)
		if err := b.poller.Add(fd, unix.EPOLLIN); err != nil {
			return err
		}
	}
	before := b.sessions
	b.sessions = nil
	for i := range list {
		at := slices.IndexFunc(before, func(s *bfdSession) bool { return onWire(*s.plan) == onWire(list[i]) })
		if at >= 0 {
			s := before[at]
			before = slices.Delete(before, at, at+1)
			s.plan = &list[i]
			b.sessions = append(b.sessions, s)
			continue
		}
		b.sessions = append(b.sessions, &bfdSession{
			Session: bfd.NewSession(list[i], b.made%bfd.MaxSessions, b.seed), plan: &list[i], send: -1,
		})
		b.made++
		b.step(b.sessions[len(b.sessions)-1], bfd.Start{})
	}
	for _, s := range before {
		if s.send >= 0 {
			_ = unix.Close(s.send)
		}
	}
	return nil
}

// onWire is what of a session its neighbour notices.
func onWire(inst plan.BFDInstance) plan.BFDInstance {
	inst.Origin, inst.Name, inst.Watch, inst.VRRP, inst.Checker = plan.Origin{}, "", plan.Watch{}, false, false
	return inst
}

// reload goes on with a new plan, and says how the sessions are.
func (b *bfdProcess) reload(file int) {
	r := control.Reload{Outcome: control.ReloadDone}
	p, _, err := readSetup(file)
	if err == nil {
		err = b.run(p.Trackables.BFD)
	}
	if err != nil {
		r.Outcome, r.Reasons = control.ReloadFailed, []string{err.Error()}
	}
	for _, s := range b.sessions {
		b.tell(s)
	}
	b.link.send(message{Type: msgReloaded, Reloaded: &r})
}

// tell tells the supervisor how a session is.
func (b *bfdProcess) tell(s *bfdSession) {
	b.link.send(message{Type: msgTracked, Tracked: trackedState{Kind: plan.KindBFD, Name: s.plan.Name, Up: s.Up()}})
}

func (b *bfdProcess) hears(want bfdSocket) bool {
	for _, r := range b.receive {
		if r.ipv6 == want.ipv6 && r.multihop == want.multihop {
			return true
		}
	}
	return false
}

// openBFDSocket listens on a port, on all addresses, and asks for what came with a packet.
func openBFDSocket(s bfdSocket) (int, error) {
	port := bfd.Port
	if s.multihop {
		port = bfd.PortMultihop
	}
	family, level, ttl, info := unix.AF_INET, unix.IPPROTO_IP, unix.IP_RECVTTL, unix.IP_PKTINFO
	var at unix.Sockaddr = &unix.SockaddrInet4{Port: port}
	if s.ipv6 {
		family, level, ttl, info = unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, unix.IPV6_RECVPKTINFO
		at = &unix.SockaddrInet6{Port: port}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("BFD socket: %w", err)
	}
	err = errors.Join(unix.SetsockoptInt(fd, level, ttl, 1), unix.SetsockoptInt(fd, level, info, 1))
	if s.ipv6 {
		err = errors.Join(err, unix.SetsockoptInt(fd, level, unix.IPV6_V6ONLY, 1))
	}
	if err == nil {
		err = unix.Bind(fd, at)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("BFD socket on UDP port %d: %w", port, err)
	}
	return fd, nil
}

// loop is the life of the process: packets and messages first, then deadlines.
func (b *bfdProcess) loop() error {
	for {
		b.arm()
		events, err := b.await()
		if err != nil {
			return err
		}
		// A process that slept has its neighbours' packets waiting: they count before the deadlines.
		for _, r := range b.receive {
			b.readPackets(r)
		}
		for _, ev := range events {
			switch int(ev.Fd) {
			case b.timer:
				var rest [8]byte
				_, _ = unix.Read(b.timer, rest[:])
				b.armed = 0
			case b.link.fd:
				if stop, err := b.hearSupervisor(); stop || err != nil {
					return err
				}
			}
		}
		now := bfd.Instant(monotonic())
		for _, s := range b.sessions {
			if s.deadline != 0 && s.deadline <= now {
				b.step(s, bfd.Tick{})
			}
		}
		b.link.flush()
	}
}

// await waits for descriptors.
func (b *bfdProcess) await() ([]unix.EpollEvent, error) {
	if len(b.link.queue) > 0 {
		return b.poller.Wait(slowSupervisor)
	}
	return b.poller.WaitPatiently()
}

// arm sets the timer to the next deadline.
func (b *bfdProcess) arm() {
	var next bfd.Instant
	for _, s := range b.sessions {
		if s.deadline != 0 && (next == 0 || s.deadline < next) {
			next = s.deadline
		}
	}
	if next == b.armed {
		return
	}
	b.armed = next
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(next))}
	_ = unix.TimerfdSettime(b.timer, unix.TFD_TIMER_ABSTIME, &spec, nil) // fails for bad arguments only
}

// hearSupervisor takes all messages that have come.
func (b *bfdProcess) hearSupervisor() (stop bool, err error) {
	for {
		m, ok, err := b.link.receive()
		if err != nil || !ok {
			return false, err
		}
		switch m.Type {
		case msgStatus:
			b.sendStatus(m.ID)
		case msgReload:
			b.reload(m.file)
		case msgStop:
			b.link.send(message{Type: msgStopped})
			return true, nil
		}
	}
}

// readPackets reads what has come, as many packets as the socket may hold.
func (b *bfdProcess) readPackets(r *bfdSocket) {
	for range readsWhenLate {
		n, oobn, _, from, err := unix.Recvmsg(r.fd, b.buf, b.oob, unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // nothing more
		}
		b.packet(r, b.buf[:n], b.oob[:oobn], from)
	}
}

// packet finds the session of a packet: by the discriminator that it gave, else by the addresses.
func (b *bfdProcess) packet(r *bfdSocket, data, oob []byte, from unix.Sockaddr) {
	p, err := bfd.Parse(data)
	if err != nil {
		b.counters[err.Error()]++
		return
	}
	source, ttl, destination := whence(from, oob)
	for _, s := range b.sessions {
		if s.plan.Neighbor != source || s.plan.Multihop != r.multihop {
			continue
		}
		switch {
		case p.YourDiscriminator != 0 && p.YourDiscriminator != s.Discriminator():
		case p.YourDiscriminator == 0 && s.plan.Source.IsValid() && s.plan.Source != destination:
		default:
			b.step(s, bfd.PacketReceived{Packet: p, TTL: ttl})
			return
		}
	}
	b.counters["no-session"]++
}

// whence reads where a packet came from, with its TTL or hop limit, and where it went.
func whence(from unix.Sockaddr, oob []byte) (source netip.Addr, ttl uint8, destination netip.Addr) {
	switch from := from.(type) {
	case *unix.SockaddrInet4:
		source = netip.AddrFrom4(from.Addr)
	case *unix.SockaddrInet6:
		source = netip.AddrFrom16(from.Addr)
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return source, 0, netip.Addr{}
	}
	for _, m := range messages {
		number := func() uint8 {
			if len(m.Data) < 4 {
				return 0
			}
			return uint8(binary.NativeEndian.Uint32(m.Data))
		}
		switch {
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_TTL:
			ttl = number()
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_HOPLIMIT:
			ttl = number()
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo:
			destination = netip.AddrFrom4([4]byte(m.Data[8:12]))
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= unix.SizeofInet6Pktinfo:
			destination = netip.AddrFrom16([16]byte(m.Data[:16]))
		}
	}
	return source, ttl, destination
}

// step runs one session and does what it says.
func (b *bfdProcess) step(s *bfdSession, ev bfd.Event) {
	for _, a := range s.Step(bfd.Instant(monotonic()), ev) {
		switch a := a.(type) {
		case bfd.Send:
			b.send(s, a.Packet)
		case bfd.Changed:
			b.tell(s)
		case bfd.Entered:
			if a.From == bfd.Up || a.To == bfd.Up {
				b.link.log(slog.LevelInfo, "bfd", "session", s.plan.Name, "from", a.From.String(), "to", a.To.String(), "cause", a.Cause)
			}
		}
	}
	s.deadline, _ = s.NextDeadline()
}

// send sends one packet. An error is logged when it changes: the next packet tries again.
func (b *bfdProcess) send(s *bfdSession, p bfd.Packet) {
	err := s.transmit(p)
	if errors.Is(err, s.sendErr) || err == nil && s.sendErr == nil {
		return
	}
	s.sendErr = err
	if err != nil {
		b.link.log(slog.LevelWarn, "bfd-not-sent", "session", s.plan.Name, "error", err.Error())
	}
}

func (s *bfdSession) transmit(p bfd.Packet) error {
	if s.send < 0 {
		fd, err := openBFDSender(s.plan)
		if err != nil {
			return err
		}
		s.send = fd
	}
	port := bfd.Port
	if s.plan.Multihop {
		port = bfd.PortMultihop
	}
	return unix.Sendto(s.send, p.AppendBinary(nil), unix.MSG_DONTWAIT, socketAddress(s.plan.Neighbor, port))
}

func socketAddress(a netip.Addr, port int) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: port}
	}
	return &unix.SockaddrInet6{Addr: a.As16(), Port: port}
}

// openBFDSender opens a socket with the session's source address, if any, and TTL; its port is one of those
// of RFC 5881 4 that is free. It hears nothing.
func openBFDSender(inst *plan.BFDInstance) (int, error) {
	source, family := inst.Source, unix.AF_INET
	level, ttl, class := unix.IPPROTO_IP, unix.IP_TTL, unix.IP_TOS
	if inst.Neighbor.Is6() {
		family, level, ttl, class = unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, unix.IPV6_TCLASS
	}
	if !source.IsValid() {
		source = netip.IPv4Unspecified()
		if inst.Neighbor.Is6() {
			source = netip.IPv6Unspecified()
		}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	err = errors.Join(unix.SetsockoptInt(fd, level, ttl, int(inst.TTL)), unix.SetsockoptInt(fd, level, class, tosControl),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PRIORITY, priorityControl))
	if err == nil {
		err = bindBFDSender(fd, source)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// bindBFDSender tries ports from a random one on.
func bindBFDSender(fd int, source netip.Addr) error {
	var random [2]byte
	_, _ = rand.Read(random[:])
	const ports = bfd.LastSourcePort - bfd.FirstSourcePort + 1
	first := int(binary.NativeEndian.Uint16(random[:])) % ports
	var err error
	for i := range ports {
		err = unix.Bind(fd, socketAddress(source, bfd.FirstSourcePort+(first+i)%ports))
		if !errors.Is(err, unix.EADDRINUSE) {
			break
		}
	}
	return err
}

// sendStatus answers a status request.
func (b *bfdProcess) sendStatus(id uint64) {
	for _, s := range b.sessions {
		b.link.send(message{Type: msgSession, ID: id, SessionStatus: &control.BFDSession{
			Name: s.plan.Name, Neighbor: s.plan.Neighbor.String(), State: s.State().String(), Up: s.Up(), Counters: s.Counters(),
		}})
	}
	drops := map[string]uint64{"bfd-messages": b.link.dropped}
	for reason, n := range b.counters {
		drops["bfd-packets-"+reason] = n
	}
	b.link.send(message{Type: msgStatusDone, ID: id, Drops: drops})
}
