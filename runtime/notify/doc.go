// Package notify tells the world what happens to VRRP instances and sync groups: it runs commands, writes
// to FIFOs and sends mail (reference vrrp 8).
//
// An [Event] is one thing to tell. Its commands are the one for that state, with exactly the words of the
// file, and the one for every state, with four words appended. A [Queue] decides when they start: those of
// one instance or group one after the other, those of different ones side by side. A [FIFO] takes a line
// for each event and never waits for its reader; a [Mailer] sends messages one by one, each in bounded
// time. Losing any of them is counted, logged, and delays nothing else.
//
// It starts no programs itself (runtime/process does), and does not decide what is told: runtime/vrrp does.
//
//	e := notify.Event{Name: "VI_1", Kind: notify.Master, Priority: 100}
//	for _, r := range notify.InstanceCommands(&inst.Notify).Runs(e) {
//		fmt.Println(r.Argv) // [/etc/keepalived/notify.sh INSTANCE VI_1 MASTER 100]
//	}
//	fifo.Write(e.Line()) // INSTANCE "VI_1" MASTER 100
package notify
