package health

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"ka/compiler/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted gives the results that its letters name (s, f, n) and records when it was asked.
type scripted struct {
	letters string
	asked   []time.Duration
	start   time.Time
}

func (c *scripted) Check(context.Context) Result {
	c.asked = append(c.asked, time.Since(c.start))
	l := c.letters[min(len(c.asked), len(c.letters))-1]
	switch l {
	case 's':
		return Result{}
	case 'n':
		return Result{NoVerdict, "no socket"}
	}
	return Result{Failure, "connection refused"}
}

func (c *scripted) String() string { return "scripted" }

func TestScheduleTimes(t *testing.T) {
	check := plan.Check{Kind: plan.TCPCheck, Retry: 2, DelayBeforeRetry: 3 * time.Second, DelayLoop: 10 * time.Second, Warmup: 4 * time.Second}
	for _, tt := range []struct {
		name, letters string
		asked         string // whole seconds of each attempt
		verdicts      string // the changes, with the second
	}{
		{"the first failure ever is final", "ffs", "3 13 23", "3 down: connection refused; 23 up: the check succeeded"},
		{"later failures are tried again", "sfffs", "3 13 16 19 29", "19 down: connection refused after 2 retries; 29 up: the check succeeded"},
		{"a success in between forgets", "sffsfff", "3 13 16 19 29 32 35", "35 down: connection refused after 2 retries"},
		{"one attempt every delay_loop while down", "ffff", "3 13 23 33", "3 down: connection refused"},
		{"no verdict changes nothing", "nnsfnff", "3 13 23 33 36 46 49", "49 down: connection refused after 2 retries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				c := &scripted{letters: tt.letters, start: time.Now()}
				var verdicts, asked []string
				half := func(n time.Duration) time.Duration { return n / 2 }
				Run(ctx, NewSchedule(check), c, half, func(r Report) {
					at := c.asked[len(c.asked)-1]
					asked = append(asked, itoa(at))
					if r.Changed {
						verdicts = append(verdicts, itoa(at)+map[bool]string{true: " up: ", false: " down: "}[r.Up]+r.Cause)
					}
					if len(asked) == len(tt.letters) {
						cancel()
					}
				})
				if got := strings.Join(asked, " "); got != tt.asked {
					t.Errorf("asked at %s, want %s", got, tt.asked)
				}
				if got := strings.Join(verdicts, "; "); got != tt.verdicts {
					t.Errorf("verdicts %q, want %q", got, tt.verdicts)
				}
			})
		})
	}
}

func itoa(d time.Duration) string { return strings.TrimSuffix(d.String(), "s") }

func TestTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddrPort(l.Addr().String())
	check := TCP{Target: addr, ConnectTimeout: time.Second}
	if r := check.Check(t.Context()); r.Outcome != Success {
		t.Errorf("with a listener: %+v", r)
	}
	_ = l.Close()
	if r := check.Check(t.Context()); r.Outcome != Failure || r.Reason != "connection refused" {
		t.Errorf("without a listener: %+v", r)
	}
	if got := check.String(); got != "TCP_CHECK "+addr.String() {
		t.Errorf("name %q", got)
	}
}

func TestClassify(t *testing.T) {
	wrap := func(no syscall.Errno) error {
		return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", no)}
	}
	for err, want := range map[error]Outcome{
		wrap(syscall.EHOSTUNREACH):                            Failure,
		wrap(syscall.ETIMEDOUT):                               Failure,
		wrap(syscall.EADDRNOTAVAIL):                           NoVerdict,
		wrap(syscall.EMFILE):                                  NoVerdict,
		errors.New("odd"):                                     NoVerdict,
		&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}: Failure,
	} {
		if got := classify(err, time.Second); got.Outcome != want {
			t.Errorf("%v: %+v, want outcome %d", err, got, want)
		}
	}
}

func TestNewRefusesUnknownKinds(t *testing.T) {
	if _, err := New(plan.Check{Kind: "HTTP_GET"}); err == nil || !strings.Contains(err.Error(), `"HTTP_GET"`) {
		t.Errorf("error %v", err)
	}
}
