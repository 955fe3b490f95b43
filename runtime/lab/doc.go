// Package lab makes throwaway networks on one machine: hosts (network namespaces) joined by wires
// (bridges), in which daemons run, are killed and are watched from outside.
//
// It works as root, and without root in a user namespace of its own ([Enter]). Nothing it makes has
// a name outside: namespaces are held by file descriptors and processes die with the lab, so that a
// crash leaves nothing behind. It calls no program; the kernel is asked by netlink.
//
// It does not read keepalived.conf and knows no VRRP: "karun lab" and the interoperation tests do.
//
//	l, err := lab.Open(lab.Options{Init: []string{"/proc/self/exe", "lab-init"}})
//	defer l.Close()
//	wire, err := l.NewWire()
//	a, err := l.NewHost("a")
//	err = a.Attach(wire, "eth0", netip.MustParsePrefix("10.1.1.1/24"))
//	err = a.Watch(func(e lab.AddressEvent) { … })       // what the kernel says
//	err = a.Capture(func(f lab.Frame) { … })            // what a sends
//	p, err := a.Start(lab.Command{Dir: dir, Argv: []string{"keepalived", "-n", …}})
//	err = p.Kill()                                      // SIGKILL to all of its processes at once
package lab
