// Command kac compiles keepalived.conf files and shows what they will do.
package main

import (
	"context"
	"os"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kac"
)

func main() {
	cli.RestCollector()
	os.Exit(kac.Main(context.Background(), cli.OS(), os.Args))
}
