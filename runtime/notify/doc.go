// Package notify runs the notification commands of VRRP instances.
//
// For each state an instance has at most two commands: the one for that state, with exactly the words
// of the file, and the one for every state, with four words appended: INSTANCE, the name, the state and
// the priority. They are started in that order and run side by side; the next state's commands are
// started after those of the state before. Commands for the stop get a second to end.
//
// Mail, FIFOs, SNMP and D-Bus are later issues.
//
//	for _, argv := range notify.Words(&instance, plan.StateMaster, 100) {
//		fmt.Println(argv) // [/etc/keepalived/notify.sh INSTANCE VI_1 MASTER 100]
//	}
package notify
