// Command kalint lints keepalived.conf files of several nodes together.
package main

import (
	"context"
	"os"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
)

func main() {
	cli.RestCollector()
	os.Exit(kalint.Main(context.Background(), cli.OS(), os.Args))
}
