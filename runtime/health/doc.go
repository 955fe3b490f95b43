// Package health checks real servers: one file a checker, one schedule for all of them.
//
// A [Checker] tries once. A [Schedule] decides, purely, when to try next and when a real server goes
// down or comes up, exactly as keepalived does: the first failure ever is final, later ones are tried
// again after delay_before_retry, a server that is down gets one attempt every delay_loop. [Run]
// joins both with the clock. It decides nothing about the kernel: see runtime/director.
//
//	checker, err := health.New(check)
//	if err != nil {
//		return err // this release has no checker of that kind
//	}
//	health.Run(ctx, check, checker, rand.N, func(r health.Report) {
//		fmt.Println(r.Up, r.Cause) // false "connection refused after 2 retries"
//	})
package health
