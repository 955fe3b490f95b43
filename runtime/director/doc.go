// Package director executes a plan: up to four processes of one binary.
//
// The supervisor resolves what the plan needs of the machine, keeps the journal of all that the plan may
// add, starts the others and starts them again when they die, and runs every script. The vrrp process
// holds the VRRP machines, their sockets and their kernel writes; it forks nothing and waits for nobody.
// The checks process holds the health checkers and the IPVS table, the bfd process the BFD sessions. They exchange bounded messages over
// socket pairs; what does not fit is dropped, counted and logged, and never delays an advertisement.
//
// It does not compile text, and decides nothing that the plan does not say. The protocol is in
// runtime/vrrp, kernel objects and their order in compiler/effect.
//
//	if director.IsChild(os.Args) {
//		os.Exit(director.RunChild(os.Args))
//	}
//	err := director.Run(ctx, director.Options{Plan: p, RunDir: director.DefaultRunDir, Logger: log})
//	var refused *director.RefusedError
//	if errors.As(err, &refused) {
//		fmt.Println(refused.Reasons) // nothing was touched
//	}
package director
