// Package track watches what VRRP instances track, outside of their own process: scripts, files, processes and
// the carriers of interfaces.
//
// [Scripts] starts each script every interval; a run that takes longer than its timeout is ended, with all of its
// process group, and counts as a failure; a run that is still going when the next is due lets that one be skipped.
// Results are counted by rise and fall with the counter of runtime/vrrp, so that kalint judges with the same one.
// One thread starts all of them and waits for all of them: with a thousand runs a second, whoever else had to wake
// up for each would cost more than the runs.
//
// A program that cannot be started is a failure here; in keepalived it is a success.
//
//	scripts, err := track.NewScripts(process.Inherited())
//	go scripts.Loop(ctx)
//	job := scripts.Start(track.Script{Plan: planScript, Spec: spec, Report: func(r track.Report) {
//		log.Print(r.Script, r.Up, r.Result)
//	}})
//	log.Print(job.State().Runs)
package track
