//go:build linux

package lab

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func FuzzAddressEvent(f *testing.F) {
	// 10.1.1.166/32 on interface 2: IFA_ADDRESS, IFA_LOCAL, IFA_FLAGS.
	f.Add(uint16(unix.RTM_NEWADDR), []byte("\x02\x20\x80\x00\x02\x00\x00\x00"+
		"\x08\x00\x01\x00\x0a\x01\x01\xa6"+"\x08\x00\x02\x00\x0a\x01\x01\xa6"+"\x08\x00\x08\x00\x80\x00\x00\x00"))
	f.Add(uint16(unix.RTM_DELADDR), []byte("\x0a\x40\x00\xfd\x07\x00\x00\x00"))
	h := &Host{lab: &Lab{}, links: map[int]string{2: "eth0"}}
	f.Fuzz(func(t *testing.T, kind uint16, data []byte) {
		e, ok := h.parseAddress(&syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: kind}, Data: data})
		if ok && !e.Address.Addr().IsValid() {
			t.Errorf("an event without an address: %+v", e)
		}
	})
}

func TestTimestampMissing(t *testing.T) {
	if timestamp(nil).IsZero() || timestamp([]byte{1, 2, 3}).IsZero() {
		t.Error("a frame without the kernel's time has none")
	}
}
