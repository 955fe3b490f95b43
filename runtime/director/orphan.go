//go:build linux

package director

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// leaveLimit is how long a child that has lost its supervisor has to leave in order.
const leaveLimit = 5 * time.Second

// endWithParent makes sure that a child does not outlive its supervisor for long, whatever it hangs in. It
// gets SIGTERM when that dies; from anybody else SIGTERM means nothing: the supervisor says when to stop.
func endWithParent() {
	parent := os.Getppid()
	terms := make(chan os.Signal, 1)
	signal.Notify(terms, syscall.SIGTERM)
	go func() {
		for range terms {
			if os.Getppid() != parent {
				time.AfterFunc(leaveLimit, func() { _ = unix.Kill(os.Getpid(), unix.SIGKILL) })
				return
			}
		}
	}()
}

// orphaned begins the end of a vrrp process whose supervisor has died. It leaves in order: otherwise the
// addresses would stay while another node takes them over. Nobody is there for its scripts, and the next
// start or a cleanup looks after what is left.
func (v *vrrpProcess) orphaned() {
	v.poller.Remove(v.link.fd) // its end would wake the loop for ever
	v.stop(v.keep)
}
