//go:build linux

package track

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ka/lang/schema/kw"
)

// CarrierPoll is how often an interface is asked for its carrier (reference vrrp 11, linkbeat).
const CarrierPoll = time.Second

// The requests and registers of linux/sockios.h, linux/mii.h and linux/ethtool.h.
const (
	siocGMIIPHY = 0x8947
	siocGMIIREG = 0x8948

	miiControl = 0
	miiStatus  = 1
	miiLink    = 0x0004

	ethtoolGetLink = 0x0000000a
)

// Carrier asks an interface for its carrier, in place of the kernel's messages.
type Carrier struct {
	Interface string
	// Method is MII, ETHTOOL or IOCTL (the flags alone); the first way that works is used where it does
	// not, or is "".
	Method string

	fd int
	// method is the one that works; "" while it is not known.
	method string
}

// NewCarrier opens what is needed to ask.
func NewCarrier(iface, method string) (*Carrier, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("carrier of %s: %w", iface, err)
	}
	return &Carrier{Interface: iface, Method: method, fd: fd}, nil
}

// Close ends it.
func (c *Carrier) Close() { _ = unix.Close(c.fd) }

// Used is the way that is used; "" until the interface was there.
func (c *Carrier) Used() string { return c.method }

// Up asks. An interface that is not there is down, and asked in the configured way again when it is back.
// Besides its carrier it must have IFF_UP and IFF_RUNNING.
func (c *Carrier) Up() bool {
	flags, err := c.flags()
	if err != nil {
		if errors.Is(err, unix.ENODEV) {
			c.method = ""
			return false
		}
		return true
	}
	return c.carrier() && flags&unix.IFF_UP != 0 && flags&unix.IFF_RUNNING != 0
}

// carrier asks in the way that works. Where none does, the flags have to do.
func (c *Carrier) carrier() bool {
	ways := []string{c.method}
	switch {
	case c.method != "":
	case c.Method == kw.IOCTL:
		ways = []string{kw.IOCTL}
	default:
		ways = []string{c.Method, kw.MII, kw.ETHTOOL, kw.IOCTL}
	}
	for _, way := range ways {
		var up bool
		var err error
		switch way {
		case kw.MII:
			up, err = c.mii()
		case kw.ETHTOOL:
			up, err = c.ethtool()
		case kw.IOCTL:
			up = true
		default:
			continue
		}
		if err == nil {
			c.method = way
			return up
		}
	}
	return false // what worked does so no more
}

func (c *Carrier) flags() (uint16, error) {
	r, err := unix.NewIfreq(c.Interface)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(c.fd, unix.SIOCGIFFLAGS, r); err != nil {
		return 0, err
	}
	return r.Uint16(), nil
}

// miiRequest is struct ifreq with struct mii_ioctl_data in it.
type miiRequest struct {
	name                   [unix.IFNAMSIZ]byte
	phy, register, in, out uint16
	_                      [16]byte
}

// mii reads the status of the transceiver. Its link bit stays down until it was read.
func (c *Carrier) mii() (up bool, err error) {
	var r miiRequest
	copy(r.name[:unix.IFNAMSIZ-1], c.Interface)
	if err := c.ioctl(siocGMIIPHY, unsafe.Pointer(&r)); err != nil {
		return false, err
	}
	read := func(register uint16) uint16 {
		r.register = register
		if err == nil {
			err = c.ioctl(siocGMIIREG, unsafe.Pointer(&r))
		}
		return r.out
	}
	control, status := read(miiControl), read(miiStatus)
	if err == nil && (control == 0xffff || status == 0) {
		err = errors.New("no transceiver")
	}
	return (status|read(miiStatus))&miiLink != 0, err
}

// ethtoolRequest is struct ifreq with a pointer in it.
type ethtoolRequest struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [16]byte
}

func (c *Carrier) ethtool() (up bool, err error) {
	value := struct{ command, data uint32 }{command: ethtoolGetLink}
	r := ethtoolRequest{data: unsafe.Pointer(&value)}
	copy(r.name[:unix.IFNAMSIZ-1], c.Interface)
	err = c.ioctl(unix.SIOCETHTOOL, unsafe.Pointer(&r))
	return value.data != 0, err
}

func (c *Carrier) ioctl(request uint, p unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(c.fd), uintptr(request), uintptr(p)); errno != 0 {
		return errno
	}
	return nil
}

// Loop asks every second until ctx ends, and hands each change to use, from the calling goroutine.
func (c *Carrier) Loop(ctx context.Context, up bool, use func(up bool)) {
	ticker := time.NewTicker(CarrierPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := c.Up(); now != up {
				up = now
				use(up)
			}
		}
	}
}
