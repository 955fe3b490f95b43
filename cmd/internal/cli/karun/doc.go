// Package karun is the command karun: it runs a plan, tells its status, and cleans up after a crash.
//
// The work is in runtime/director; this package holds flags, loading, logs and exit statuses.
//
//	os.Exit(karun.Main(context.Background(), cli.OS(), os.Args))
package karun
