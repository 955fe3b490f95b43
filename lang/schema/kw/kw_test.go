package kw_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"

	"ka/lang/schema"
)

var update = flag.Bool("update", false, "rewrite goldens")

// initialisms are the parts of keywords that Go writes in capitals.
var initialisms = []string{
	"vrrp", "id", "ip", "tcp", "udp", "ssl", "http", "dns", "smtp", "bfd", "ttl", "garp", "gna", "snmp",
	"fifo", "vmac", "hmac", "lvs", "mtu", "ipvs", "json", "vrf", "rs", "vs", "sni", "url", "rfc", "igmp",
	"mii", "ioctl", "ethtool", "tls", "dbus",
}

// goName turns a keyword into the name of its constant: virtual_router_id → VirtualRouterID.
func goName(word string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return r == '_' || r == '-' }) {
		lower := strings.ToLower(part)
		switch {
		case slices.Contains(initialisms, lower):
			b.WriteString(strings.ToUpper(part))
		default:
			b.WriteString(strings.ToUpper(lower[:1]) + lower[1:])
		}
	}
	return b.String()
}

// TestConstants keeps zz_keywords.go equal to the table.
func TestConstants(t *testing.T) {
	names := map[string]string{}
	for _, k := range schema.All() {
		if !k.IsWord() {
			continue
		}
		n := goName(k.Name)
		if old, ok := names[n]; ok && old != k.Name {
			// The same word in capitals is a value of its own: tell it apart by its spelling.
			n += "Word"
			if old, ok := names[n]; ok && old != k.Name {
				t.Fatalf("%q and %q both become %s", old, k.Name, n)
			}
		}
		names[n] = k.Name
	}
	order := make([]string, 0, len(names))
	for n := range names {
		order = append(order, n)
	}
	slices.Sort(order)
	var b bytes.Buffer
	b.WriteString("// Code generated from lang/schema by go test ./lang/schema/kw -update. DO NOT EDIT.\n\npackage kw\n\n")
	b.WriteString("// The words of the keyword table.\nconst (\n")
	for _, n := range order {
		fmt.Fprintf(&b, "\t%s = %q\n", n, names[n])
	}
	b.WriteString(")\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	const file = "zz_keywords.go"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("zz_keywords.go is stale: go test ./lang/schema/kw -update")
	}
}
