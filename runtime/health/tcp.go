package health

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"ka/compiler/plan"
)

// TCP connects, and that is all: the connection is closed at once.
type TCP struct {
	Target netip.AddrPort
	// ConnectTimeout bounds an attempt; 0 means 5 s (keepalived's default).
	ConnectTimeout time.Duration
}

// String names the check.
func (t TCP) String() string { return string(plan.TCPCheck) + " " + t.Target.String() }

// Check connects once.
func (t TCP) Check(ctx context.Context) Result {
	timeout := t.ConnectTimeout
	if timeout <= 0 {
		timeout = 5 * time.Second
	}
	d := net.Dialer{Timeout: timeout, KeepAlive: -1}
	d.SetMultipathTCP(false)
	conn, err := d.DialContext(ctx, "tcp", t.Target.String())
	if err == nil {
		_ = conn.Close()
		return Result{}
	}
	return classify(err, timeout)
}

// failures are the errors of connect(2) that speak about the server or the way to it; all others are
// this machine's own (reference: scheduling of checkers).
var failures = [...]syscall.Errno{
	syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ECONNREFUSED, syscall.EHOSTDOWN,
	syscall.ENETDOWN, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.ETIMEDOUT,
}

// classify turns an error of a connection attempt into a result.
func classify(err error, timeout time.Duration) Result {
	var no syscall.Errno
	if errors.As(err, &no) {
		for _, f := range failures {
			if no == f {
				return Result{Failure, no.Error()}
			}
		}
		return Result{NoVerdict, no.Error()}
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return Result{Failure, fmt.Sprintf("no answer in %s", timeout)}
	}
	return Result{NoVerdict, err.Error()}
}
