//go:build linux

package director

import (
	"net/netip"
	"strings"
	"testing"
)

// TestOtherAddresses adds "+" and removes "-" addresses of an interface, and looks at what adverts leave from.
func TestOtherAddresses(t *testing.T) {
	f := &otherAddresses{count: make(map[netip.Addr]int)}
	for _, tt := range []struct{ change, four, six string }{
		{"+10.0.0.1/24", "10.0.0.1", ""},
		{"+10.0.0.2/24", "10.0.0.1", ""},
		{"+2001:db8::1/64", "10.0.0.1", ""},
		{"+fe80::1/64", "10.0.0.1", "fe80::1"},
		{"+fe80::2/64", "10.0.0.1", "fe80::1"},
		{"+10.0.0.1/32", "10.0.0.1", "fe80::1"}, // another prefix of the same address
		{"-10.0.0.1/24", "10.0.0.2", "fe80::1"}, // it comes behind the second one now
		{"-fe80::1/64", "10.0.0.2", "fe80::2"},
		{"-10.0.0.2/24", "10.0.0.1", "fe80::2"},
		{"-10.0.0.1/32", "", "fe80::2"},
		{"-fe80::2/64", "", ""},
	} {
		p := netip.MustParsePrefix(tt.change[1:])
		do, had := f.add, f.has(p.Addr())
		if tt.change[0] == '-' {
			do, had = f.remove, true
		}
		if !do(p) || do(p) || !had && !f.has(p.Addr()) {
			t.Errorf("%s: not once", tt.change)
		}
		text := func(a netip.Addr) string { return strings.TrimSuffix(a.String(), "invalid IP") }
		if four, six := text(f.first(false)), text(f.first(true)); four != tt.four || six != tt.six {
			t.Errorf("%s: %q and %q, want %q and %q", tt.change, four, six, tt.four, tt.six)
		}
	}
	if f.none() || !f.remove(netip.MustParsePrefix("2001:db8::1/64")) || !f.none() {
		t.Error("one was left")
	}
}
