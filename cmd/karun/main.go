//go:build linux

// Command karun executes a plan on a director: VRRP, tracking scripts, IPVS and health checks.
package main

import (
	"context"
	"os"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/karun"
)

func main() {
	os.Exit(karun.Main(context.Background(), cli.OS(), os.Args))
}
