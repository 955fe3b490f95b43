//go:build linux

package process

import (
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSpareThreads: calls that wait take the threads that were made beforehand.
func TestSpareThreads(t *testing.T) {
	const spare, waiting = 16, 12
	threads := func() int {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		return len(tasks)
	}
	SpareThreads(spare)
	before := threads()
	if before < spare {
		t.Fatalf("%d threads", before)
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	var begun, ended sync.WaitGroup
	for range waiting {
		begun.Add(1)
		ended.Go(func() {
			begun.Done()
			_, _ = unix.Read(pipe[0], make([]byte, 1)) // waits on its thread
		})
	}
	begun.Wait()
	after := threads()
	_ = unix.Close(pipe[1])
	ended.Wait()
	_ = unix.Close(pipe[0])
	if after > before {
		t.Errorf("%d threads, before %d", after, before)
	}
}
