//go:build linux

package kernel_test

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/kernel"
	"ka/runtime/lab/need"
)

// TestSettingsWithoutProc: where /proc/sys is read-only, as in containers, the IPv4 settings of interfaces change
// all the same; of others the error says that they may not, and a VMAC comes up without them.
func TestSettingsWithoutProc(t *testing.T) {
	h := namespace(t)
	// The thread ends with the test, and its view of the file system with it.
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		need.Missing(t, "cannot make a mount namespace: "+err.Error())
	}
	const sys = "/proc/sys"
	for _, m := range []struct {
		source, target string
		flags          uintptr
	}{{"", "/", unix.MS_REC | unix.MS_PRIVATE}, {sys, sys, unix.MS_BIND}, {"", sys, unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY}} {
		if err := unix.Mount(m.source, m.target, "", m.flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"arp_ignore", "arp_filter", "rp_filter", "accept_local", "promote_secondaries"} {
		s := effect.Sysctl{Path: "net/ipv4/conf/ens160/" + name}
		before, err := kernel.ReadSysctl(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		s.Before, s.Value = before, map[string]string{"0": "1", "1": "0", "2": "0"}[before]
		for _, c := range []effect.Change{add(s), remove(s)} {
			if err := h.Apply(c); err != nil {
				t.Errorf("%s: %v", c, err)
			}
			want := s.Value
			if c.Op == effect.Remove {
				want = before
			}
			if now, _ := kernel.ReadSysctl(s.Path); now != want {
				t.Errorf("%s: it is %s", c, now)
			}
		}
	}
	var refused *kernel.SettingError
	if err := h.Apply(add(effect.Sysctl{Path: "net/ipv4/ip_forward", Value: "1"})); !errors.As(err, &refused) {
		t.Errorf("another setting: %v", err)
	}
	vmac := effect.Link{
		Name: "vrrp.51", Base: "ens160", LinkKind: effect.MACVLAN, Mode: effect.ModePrivate, MAC: [6]byte{0, 0, 0x5e, 0, 1, 51},
		Settings: []effect.Sysctl{{Path: "net/ipv4/conf/vrrp.51/arp_ignore", Value: "1"}, {Path: "net/ipv6/conf/vrrp.51/disable_ipv6", Value: "1"}},
	}
	if err := h.Apply(add(vmac)); !errors.As(err, &refused) {
		t.Errorf("VMAC: %v", err)
	}
	if links := shown(t, "link show up dev vrrp.51"); len(links) != 1 {
		t.Errorf("the VMAC is not up: %v", links)
	}
	if now, _ := kernel.ReadSysctl(vmac.Settings[0].Path); now != "1" {
		t.Errorf("%s is %s", vmac.Settings[0].Path, now)
	}
}
