// Command kalint lints keepalived.conf files of several nodes together.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
)

// gcPercent lets the heap grow to three times what lives: a tree lives until the end, and looking through it
// again and again costs more than the memory.
const gcPercent = 200

func main() {
	debug.SetGCPercent(gcPercent)
	os.Exit(kalint.Main(context.Background(), cli.OS(), os.Args))
}
