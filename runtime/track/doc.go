// Package track runs tracking scripts and tells when one goes up or down.
//
// A [Script] is started every interval; a run that takes longer than its timeout is ended and counts as
// a failure, a run that is still going when the next is due lets that one be skipped. Results are
// counted by rise and fall with the counter of runtime/vrrp, so that kalint judges with the same one.
//
// A program that cannot be started is a failure here; in keepalived it is a success.
//
//	s := track.Script{Plan: planScript, Run: func(ctx context.Context) process.Result { … }}
//	go s.Loop(ctx, func(r track.Report) {
//		if r.Changed {
//			log.Print(r.Script, r.Up, r.Result)
//		}
//	})
package track
