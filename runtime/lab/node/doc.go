// Package node runs one VRRP daemon, karun or Debian's keepalived, on a host of a lab and reports what
// it does as one stream of events: what its log says, what the kernel says of its host's addresses,
// which adverts and gratuitous ARPs leave the host, and which commands ran with which words.
//
// Commands do not run by themselves: a stand-in takes the place of each ([Node.StandIn]), records its
// words, and succeeds or fails as told ([Node.SetFailing]).
//
// The package decides nothing about networks and reads no configuration: its callers do.
//
//	n, err := node.New(node.Options{Name: "lb1", Host: host, Dir: dir, Sink: func(e node.Event) { … }})
//	err = n.Start(node.Karun(path, planJSON))
//	err = n.SetFailing("chk_nfs", true)
//	err = n.Kill()
package node
