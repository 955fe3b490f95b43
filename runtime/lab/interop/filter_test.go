//go:build linux

package interop

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

// silent are instances that accept nothing, or have VMACs, in both families.
var silent = map[string]string{
	"accepts nothing": `
vrrp_instance V4 {
	interface eth0
	virtual_router_id 51
	priority 250
	no_accept
	virtual_ipaddress {
		10.1.1.166
		10.1.1.167/24
	}
	virtual_ipaddress_excluded {
		10.1.2.1
		2001:db8::33
	}
}
vrrp_instance V6 {
	interface eth0
	virtual_router_id 52
	priority 250
	version 3
	no_accept
	virtual_ipaddress {
		fe80::166
		2001:db8::166/64
	}
}
`,
	"VMACs": `
vrrp_instance V4 {
	interface eth0
	virtual_router_id 51
	priority 250
	use_vmac
	virtual_ipaddress {
		10.1.1.166
	}
}
vrrp_instance V6 {
	interface eth0
	virtual_router_id 52
	priority 250
	version 3
	use_vmac
	no_accept
	virtual_ipaddress {
		fe80::166
		2001:db8::166/64
	}
}
`,
}

// other is what differs from host to host in a list of rules: link-local addresses. The values of maps are
// numbers in the lists of karun's, since they do not say in what byte order they are; the kernel has the same.
var other = regexp.MustCompile(`fe80::[0-9a-f]+:[0-9a-f:]+|: ("eth0"|\d+)`)

// TestSameFilter compares tables, sets, chains and rules as nft(8) lists them while the instances are masters:
// with a list from keepalived 2.4.3 in testdata, and for IPv4 with what Debian's keepalived makes here, which
// knows less of IPv6. After the stop there are none.
func TestSameFilter(t *testing.T) {
	t.Parallel()
	need.Program(t, "nft")
	for name, text := range silent {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[string][]string{}
			for _, daemon := range []string{keepalived, karun} {
				seen[daemon] = filterOf(t, daemon, text)
			}
			golden, err := os.ReadFile("testdata/filter " + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "rules, and those of 2.4.3", seen[karun], strings.Split(strings.TrimSpace(string(golden)), "\n"))
			compare(t, "rules for IPv4", ipv4Of(seen[karun]), ipv4Of(seen[keepalived]))
		})
	}
}

// filterOf is the list of a master.
func filterOf(t *testing.T, daemon, text string) []string {
	t.Helper()
	c := newCluster(t, daemon)
	m := c.nodes[0]
	m.start(text)
	c.eventually("it is master", func() bool { return c.holds(m) })
	var list string
	for end := time.Now().Add(patience); !strings.Contains(list, "2001:db8::166"); time.Sleep(50 * time.Millisecond) {
		if list = ruleset(t, m); time.Now().After(end) {
			t.Fatalf("%s has no rules for 2001:db8::166:\n%s", daemon, list)
		}
	}
	m.stop()
	if left := ruleset(t, m); left != "" {
		t.Errorf("%s left:\n%s", daemon, left)
	}
	return strings.Split(strings.TrimSpace(other.ReplaceAllString(list, "OTHER")), "\n")
}

func ipv4Of(lines []string) []string {
	return lines[:max(slices.Index(lines, "table ip6 keepalived {"), 0)]
}

func ruleset(t *testing.T, m *member) string {
	t.Helper()
	var out []byte
	err := m.host.Do(func() (err error) {
		out, err = exec.Command("nft", "list", "ruleset").Output()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
