package main

import (
	"os"
	"syscall"
)

// peakKiB is the largest resident memory of an ended process, as the kernel accounts it.
func peakKiB(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss
}
