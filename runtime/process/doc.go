// Package process starts programs the way a director needs it: each in a process group of its own, ended
// with the director, as a given user, with a bounded run time.
//
// A [Launcher] forks on one thread that lives as long as it does, because the kernel ends a child with
// the thread that forked it (PR_SET_PDEATHSIG), and because a child inherits that thread's [Settings]:
// policy, niceness, processors and umask. It knows nothing about what a result means: see runtime/track and runtime/notify.
//
//	l := process.NewLauncher()
//	defer l.Close()
//	spec := process.Spec{Argv: []string{"/usr/bin/true"}, Env: process.Environment(os.Environ())}
//	res := process.Run(ctx, l, spec, time.Second)
//	if !res.OK() {
//		log.Print(res) // "exit status 1", "timed out", "signal: killed", "cannot start: …"
//	}
package process
