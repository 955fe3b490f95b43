// Package kalint is the command kalint: it reads node files, lints them together, prints the findings,
// and repairs what can be repaired.
//
// The judging is in package lint; this package holds flags, files, output and exit statuses.
//
//	os.Exit(kalint.Main(context.Background(), cli.OS(), os.Args))
package kalint
