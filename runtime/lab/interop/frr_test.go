//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ka/runtime/lab"
	"ka/runtime/lab/need"
)

// frr is FRRouting's vrrpd, beside its zebra: a third implementation of version 3.
const frr = "frr"

// frrColumns are the columns of its table.
var frrColumns = []column{
	{name: "v3 IPv4", lines: []string{"version 3"}, vips: []string{"10.1.1.166"}},
	{name: "v3 IPv6", lines: []string{"version 3", "native_ipv6"}, vips: []string{"fe80::5e:1"}, six: true},
}

var frrRows = []scene{
	{"karun takes over after kill", func() [][2]string { return [][2]string{{frr, *played}} }, afterKill},
	{"karun takes over after stop", func() [][2]string { return [][2]string{{frr, *played}} }, afterStop},
	{"FRR takes over after kill", func() [][2]string { return [][2]string{{*played, frr}} }, afterKill},
	{"FRR takes over after stop", func() [][2]string { return [][2]string{{*played, frr}} }, afterStop},
	{"preemption, either way", func() [][2]string { return [][2]string{{frr, *played}, {*played, frr}} }, preemption},
}

// frr is the text that starts the kind's virtual router: it makes the interface with the virtual MAC, which
// vrrpd expects to find with the addresses on it, and runs zebra and vrrpd until a signal comes.
func (k column) frr(priority int) string {
	family, mac, length := "ip", "00:00:5e:00:01:33", 32
	if k.six {
		family, mac, length = "ipv6", "00:00:5e:00:02:33", 64
	}
	var b strings.Builder
	// The daemons give up being root at once: their files are in a directory of their user's. Where they
	// write in case of a crash is the machine's, and hidden from them.
	fmt.Fprintf(&b, "set -e\nchmod 755 %[1]s\nmkdir -p %[1]s/frr /var/tmp/frr\nmount -t tmpfs none /var/tmp/frr\nchown frr:frr %[1]s/frr /var/tmp/frr\ncd %[1]s/frr\nrm -f zserv.api\n", lab.MountPoint)
	fmt.Fprintf(&b, "ip link del vrrp-51 2>/dev/null || true\n")
	fmt.Fprintf(&b, "ip link add vrrp-51 link eth0 type macvlan mode bridge\nip link set vrrp-51 address %s addrgenmode none\n", mac)
	for _, vip := range k.vips {
		fmt.Fprintf(&b, "ip addr add %s/%d dev vrrp-51 $([ %s = ip ] || echo nodad)\n", vip, length, family)
	}
	fmt.Fprintf(&b, "ip link set vrrp-51 up\n")
	fmt.Fprintf(&b, "cat >vrrpd.conf <<end\ninterface eth0\n vrrp 51 version 3\n vrrp 51 priority %d\n vrrp 51 advertisement-interval 1000\n", priority)
	for _, vip := range k.vips {
		fmt.Fprintf(&b, " vrrp 51 %s %s\n", family, vip)
	}
	b.WriteString("end\n: >zebra.conf\n")
	for _, d := range []string{"zebra", "vrrpd"} {
		fmt.Fprintf(&b, "%s/%s -f %[3]s/%[2]s.conf -i %[3]s/%[2]s.pid -z %[3]s/zserv.api --vty_socket %[3]s -u frr -g frr --log stdout &\n%[2]s=$!\n", frrDir, d, lab.MountPoint+"/frr")
		fmt.Fprintf(&b, "until [ -S zserv.api ]; do sleep 0.05; done\n")
	}
	// vrrpd says goodbye while zebra still runs.
	b.WriteString("trap 'kill $vrrpd; wait $vrrpd; kill $zebra; wait $zebra; exit 0' TERM\nwait $vrrpd\n")
	return b.String()
}

// frrDir is where Debian puts FRRouting's daemons.
const frrDir = "/usr/lib/frr"

// startFRR runs the text on the member's host.
func (m *member) startFRR(text string) {
	m.c.t.Helper()
	if _, err := os.Stat(frrDir + "/vrrpd"); err != nil {
		need.Missing(m.c.t, "needs FRRouting's vrrpd")
	}
	if err := os.WriteFile(filepath.Join(m.dir, "frr.sh"), []byte(text), 0o600); err != nil {
		m.c.t.Fatal(err)
	}
	proc, err := m.host.Start(lab.Command{Dir: m.dir, Argv: []string{"/bin/sh", lab.MountPoint + "/frr.sh"}, Stdout: m.log, Stderr: m.log})
	if err != nil {
		m.c.t.Fatal(err)
	}
	m.frr = proc
}
