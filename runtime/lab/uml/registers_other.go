//go:build linux && !amd64

package uml

import "os/exec"

// start starts cmd. User-Mode Linux is x86's; elsewhere [Need] has said so before.
func start(cmd *exec.Cmd) error { return cmd.Start() }
