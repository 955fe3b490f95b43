//go:build linux

package kernel_test

import (
	"context"
	"os"
	"testing"

	"ka/runtime/kernel"
)

// An interface that forwards packets of IPv6 says so, in the list and when it changes, also where the
// setting for all of them is what was written: its addresses are then announced as a router's.
func TestWatchTellsOfForwarding(t *testing.T) {
	h := namespace(t)
	set := func(link, value string) {
		t.Helper()
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+link+"/forwarding", []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	forwards := func(want bool) func(kernel.Event) bool {
		return func(e kernel.Event) bool {
			return e.Kind == kernel.LinkSet && e.Link.Name == "ens160" && e.Link.ForwardsIPv6 == want
		}
	}
	set("ens160", "1")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events, err := watch(ctx, h, kernel.EveryRoute)
	if err != nil {
		t.Fatal(err)
	}
	await(t, events, "a router in the list", forwards(true))
	await(t, events, "the end of the list", func(e kernel.Event) bool { return e.Kind == kernel.ListEnds })
	set("ens160", "0")
	await(t, events, "a host", forwards(false))
	set("all", "1")
	await(t, events, "a router with all others", forwards(true))
	ip(t, "link set ens160 mtu 1400")
	await(t, events, "a router after another change", func(e kernel.Event) bool {
		return forwards(true)(e) && e.Link.MTU == 1400
	})
}
