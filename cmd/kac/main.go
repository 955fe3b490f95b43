// Command kac compiles keepalived.conf files and shows what they will do.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
)

// gcPercent lets the heap grow to three times what lives: a tree lives until the end, and looking through it
// again and again costs more than the memory.
const gcPercent = 200

func main() {
	debug.SetGCPercent(gcPercent)
	os.Exit(kac.Main(context.Background(), cli.OS(), os.Args))
}
