//go:build linux

package process

import (
	"runtime"
	"sync"
)

// SpareThreads makes so many threads beforehand. Go's runtime keeps them, and ends the whole process when it needs
// one more that the system does not give: where scripts have used up the processes that a service may have, a
// director must go on.
func SpareThreads(n int) {
	var all, ended sync.WaitGroup
	release := make(chan struct{})
	for range n {
		all.Add(1)
		ended.Go(func() {
			runtime.LockOSThread() // none runs anything else meanwhile
			defer runtime.UnlockOSThread()
			all.Done()
			<-release
		})
	}
	all.Wait()
	close(release)
	ended.Wait()
}
