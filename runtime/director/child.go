//go:build linux

package director

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/process"
)

// The words that make this binary a child. No file is called so: a path with an @ is written "./@…".
const (
	roleVRRP   = "@karun-vrrp"
	roleChecks = "@karun-checks"
	roleBFD    = "@karun-bfd"
)

// The descriptors that a child is started with.
const (
	fdLink = 3 + iota
	fdSetup
	fdLock
)

// Exit statuses of children.
const (
	childStopped = 0
	childFailed  = 1
	childUsage   = 2
)

// setup is what a child needs besides the plan.
type setup struct {
	// Kept are the keys of objects that were there before the first start: they are left alone.
	Kept []string `json:"kept"`
	// Tracked is what is known of tracked things already, Carriers that of interfaces which are polled.
	Tracked  []trackedState  `json:"tracked"`
	Carriers map[string]bool `json:"carriers,omitempty"`
	// StartAt is when the delay of the start ends, on the monotonic clock in nanoseconds; 0: there is none.
	StartAt int64 `json:"start_at,omitempty"`
	// Keep leaves everything in place when the supervisor dies.
	Keep bool `json:"keep,omitempty"`
	// Name is the process's, Lock asks for locked memory.
	Name string `json:"name"`
	Lock bool   `json:"lock"`
	// Limit is how long it may run without giving the processor up; 0: no bound.
	Limit time.Duration `json:"limit,omitempty"`
	// Forget names what a reload made another thing of the same name.
	Forget []trackedState `json:"forget,omitempty"`
}

// IsChild reports whether the words (with the program's name) start a child.
func IsChild(argv []string) bool {
	return len(argv) == 2 && (argv[1] == roleVRRP || argv[1] == roleChecks || argv[1] == roleBFD)
}

// RunChild runs a child to its end and returns the exit status.
func RunChild(argv []string) int {
	var st unix.Stat_t
	if !IsChild(argv) || unix.Fstat(fdLink, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		fmt.Fprintln(os.Stderr, "karun: this word is for karun's own use")
		return childUsage
	}
	// The supervisor says when to stop: signals to the whole group must not be faster.
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	endWithParent()
	unix.CloseOnExec(fdLink)
	unix.CloseOnExec(fdSetup)
	unix.CloseOnExec(fdLock)
	process.SpareThreads(spareChildThreads)
	link := newChildLink(fdLink)
	p, s, err := readSetup(fdSetup)
	if err == nil {
		childSettings(s)
		switch argv[1] {
		case roleVRRP:
			err = runVRRP(link, p, s)
		case roleBFD:
			err = runBFD(link, p)
		default:
			err = runChecks(link, p, s)
		}
	}
	if errors.Is(err, errLinkClosed) {
		return childFailed
	}
	if err != nil {
		text := err.Error()
		if errors.Is(err, unix.EPERM) {
			text += ": run as root, or with CAP_NET_ADMIN and CAP_NET_RAW"
		}
		link.send(message{Type: msgFailed, Text: text})
		link.drain(stopDrain)
		return childFailed
	}
	link.drain(stopDrain)
	return childStopped
}

// writeSetup puts setup and plan into a memory file: a plan holds secrets and is of any size, so that
// neither words nor an environment can carry it.
func writeSetup(p *plan.Plan, s setup) (*os.File, error) {
	head, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	body, err := plan.Encode(p)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("karun-plan", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	f := os.NewFile(uintptr(fd), "karun-plan")
	if _, err = f.Write(append(append(head, '\n'), body...)); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// childFile puts what a role needs of a plan into a memory file, with the keys that the plan names by file.
func childFile(role string, p *plan.Plan, s setup) (*os.File, error) {
	p, err := withKeys(p, readKey)
	if err != nil {
		return nil, err
	}
	part := *p
	part.Needs, part.Sources, part.LeftOut = nil, nil, nil // the supervisor's
	switch role {
	case roleVRRP:
		tracked := trackedThings(p)
		part.Scripts = filter(p.Scripts, func(s *plan.Script) bool { return tracked[trackedKey{plan.KindScript, s.Name}] })
		part.VirtualServers, part.VirtualServerGroups, part.TLS = nil, nil, nil
	case roleChecks:
		part.Scripts, part.Instances, part.Groups = nil, nil, plan.Groups{}
		part.StaticAddresses, part.StaticRoutes, part.StaticRules = nil, nil, nil
	case roleBFD:
		// It reads a new one between two packets: that must not take long.
		part = plan.Plan{Node: p.Node, Environment: p.Environment, Trackables: plan.Trackables{BFD: p.Trackables.BFD}}
	}
	return writeSetup(&part, s)
}

// roleName names a role for people.
func roleName(role string) string { return strings.TrimPrefix(role, "@karun-") }

// rolesOf are the processes that a plan has work for.
func rolesOf(p *plan.Plan) []string {
	var roles []string
	if len(p.Instances)+len(p.StaticAddresses)+len(p.StaticRoutes)+len(p.StaticRules) > 0 {
		roles = append(roles, roleVRRP)
	}
	if len(p.VirtualServers) > 0 {
		roles = append(roles, roleChecks)
	}
	if len(p.Trackables.BFD) > 0 {
		roles = append(roles, roleBFD)
	}
	return roles
}

// readSetup reads what writeSetup wrote.
func readSetup(fd int) (*plan.Plan, setup, error) {
	f := os.NewFile(uintptr(fd), "karun-plan")
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, setup{}, err
	}
	head, body, _ := bytes.Cut(data, []byte{'\n'})
	var s setup
	if err := json.Unmarshal(head, &s); err != nil {
		return nil, setup{}, err
	}
	p, err := plan.Decode(body)
	return p, s, err
}

// startChild starts this binary in a role. The supervisor's end of the link is returned; lock is kept
// open by the child, so that the network namespace stays locked until the last process has gone.
func startChild(l *process.Launcher, role string, p *plan.Plan, s setup, lock *os.File) (*exec.Cmd, int, error) {
	file, err := childFile(role, p, s)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	super, child, err := socketPair()
	if err != nil {
		return nil, 0, err
	}
	end := os.NewFile(uintptr(child), "karun-link")
	defer end.Close()
	cmd := exec.Command("/proc/self/exe", role)
	cmd.Args[0] = os.Args[0]
	cmd.Env = process.Environment(os.Environ()) // GODEBUG is for all processes, or for none
	cmd.Stderr = os.Stderr                      // a crash's trace; everything else comes as messages
	cmd.ExtraFiles = []*os.File{end, file, lock}
	// In a session of its own it has a share of the processors of its own, where the kernel groups processes by
	// their session (sched_autogroup_enabled): a thousand scripts of the supervisor's do not use it up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setsid: true}
	if err := l.Start(cmd); err != nil {
		_ = unix.Close(super)
		return nil, 0, fmt.Errorf("start %s: %w", role, err)
	}
	return cmd, super, nil
}
