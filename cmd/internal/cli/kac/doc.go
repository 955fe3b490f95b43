// Package kac is the command kac: it compiles a keepalived.conf into a plan, shows what the plan will
// do, and formats configurations. It changes nothing but the files that it is told to write, and works
// on every platform; only the comparison with the running kernel needs Linux.
//
// The work is done elsewhere: lang reads, compiler decides, compiler/effect says what changes.
//
//	code := kac.Main(ctx, cli.OS(), []string{"kac", "plan", "node1.conf"})
//	code = kac.Main(ctx, cli.OS(), []string{"kac", "build", "node1.conf", "-o", "plan.json"})
package kac
