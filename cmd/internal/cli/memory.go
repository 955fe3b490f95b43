package cli

import (
	"math"
	"runtime"
	"runtime/debug"
)

// restBytes is the memory up to which a command that ends soon leaves its garbage alone. The tree and the plan
// of 10 000 virtual servers stay below it; they live until the end, and looking through them again and again
// would cost more than the garbage between them.
const restBytes = 192 << 20

// RestCollector keeps the garbage collector from working until a program takes much memory. From the first
// collection on it works as it always does: a limit that stays would stop a larger program from doing
// anything else. It is for commands that read, write and end.
func RestCollector() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(restBytes)
	runtime.AddCleanup(new(sentinel), func(int) { WakeCollector() }, 0)
}

// sentinel is what nothing refers to: the first collection finds it. It holds a pointer because the smallest
// things without one share their memory.
type sentinel struct{ _ *sentinel }

// WakeCollector ends what RestCollector began, for a command that stays.
func WakeCollector() {
	const usual = 100
	debug.SetGCPercent(usual)
	debug.SetMemoryLimit(math.MaxInt64)
}
