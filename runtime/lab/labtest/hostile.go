//go:build linux

package labtest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/runtime/lab"
)

// HostileFrame is an advert that no node may act on, made from one that is good.
type HostileFrame struct {
	Name string
	Data []byte
}

// The places in an Ethernet frame with an IPv4 packet without options and a VRRP advert of version 2.
const (
	ipAt        = 14
	totalLenAt  = ipAt + 2
	ttlAt       = ipAt + 8
	ipSumAt     = ipAt + 10
	sourceAt    = ipAt + 12
	vrrpAt      = ipAt + 20
	priorityAt  = vrrpAt + 2
	countAt     = vrrpAt + 3
	authTypeAt  = vrrpAt + 4
	intervalAt  = vrrpAt + 5
	checksumAt  = vrrpAt + 6
	addressesAt = vrrpAt + 8
)

// HostileFrames makes the packets from a node's own advert of version 2 with a password: each comes from
// another address and claims priority 254, so that whoever believes it changes state.
func HostileFrames(good []byte) []HostileFrame {
	base := slices.Clone(good)
	base[sourceAt+3] ^= 0x40
	base[priorityAt] = 254
	var out []HostileFrame
	add := func(name string, change func([]byte) []byte, sums bool) {
		f := change(slices.Clone(base))
		if len(f) >= vrrpAt+8 && sums {
			putSum(f, checksumAt, f[vrrpAt:len(f)-8])
		}
		if len(f) >= vrrpAt {
			putSum(f, ipSumAt, f[ipAt:vrrpAt])
		}
		out = append(out, HostileFrame{name, f})
	}
	set := func(at int, v byte) func([]byte) []byte {
		return func(f []byte) []byte { f[at] = v; return f }
	}
	cut := func(n int) func([]byte) []byte {
		return func(f []byte) []byte {
			f = f[:n]
			binary.BigEndian.PutUint16(f[totalLenAt:], uint16(n-ipAt))
			return f
		}
	}
	add("wrong TTL", set(ttlAt, 254), true)
	add("wrong checksum", func(f []byte) []byte {
		putSum(f, checksumAt, f[vrrpAt:len(f)-8])
		f[checksumAt] ^= 0x55
		return f
	}, false)
	add("wrong version", set(vrrpAt, 0x11), true)
	add("wrong type", set(vrrpAt, 0x22), true)
	add("wrong password", func(f []byte) []byte { f[len(f)-1] ^= 1; return f }, true)
	add("wrong authentication", set(authTypeAt, 0), true)
	add("unknown authentication", set(authTypeAt, 9), true)
	add("wrong interval", set(intervalAt, 7), true)
	add("more addresses than there are", set(countAt, 200), true)
	add("cut in the header", cut(vrrpAt+4), false)
	add("cut in the addresses", cut(addressesAt+2), false)
	add("too long", func(f []byte) []byte {
		f = append(f, make([]byte, 64)...)
		binary.BigEndian.PutUint16(f[totalLenAt:], uint16(len(f)-ipAt))
		return f
	}, false)
	return out
}

// putSum writes the internet checksum of b, in which its own place at counts as zero.
func putSum(f []byte, at int, b []byte) {
	f[at], f[at+1] = 0, 0
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	binary.BigEndian.PutUint16(f[at:], ^uint16(sum))
}

// Attack sends the frames in turn from a host's interface, perSecond of them, for a time; it returns how
// many went out.
func Attack(h *lab.Host, link string, frames []HostileFrame, perSecond int, length time.Duration) (sent int, err error) {
	var fd, index int
	err = h.Do(func() error {
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		index, err = linkIndex(fd, link)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("attack from %s: %w", h.Name, err)
	}
	defer func() { _ = unix.Close(fd) }()
	begin := time.Now()
	for time.Since(begin) < length {
		for due := int(time.Since(begin).Seconds() * float64(perSecond)); sent < due; sent++ {
			f := frames[sent%len(frames)]
			if err := unix.Sendto(fd, f.Data, 0, &unix.SockaddrLinklayer{Ifindex: index}); err != nil && err != syscall.ENOBUFS {
				return sent, fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		time.Sleep(time.Millisecond)
	}
	return sent, nil
}

func linkIndex(fd int, link string) (int, error) {
	ifr, err := unix.NewIfreq(link)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr)
	}
	if err != nil {
		return 0, fmt.Errorf("interface %q: %w", link, err)
	}
	return int(ifr.Uint32()), nil
}
