//go:build linux

package director

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ka/compiler/plan"
	"ka/runtime/process"
)

// eachRun visits every command of the plan that can be started once for each user that it runs as.
func eachRun(p *plan.Plan, m machine, visit func(c *plan.Command, u *process.User)) {
	seen := make(map[string]bool)
	p.EachCommand(func(_ plan.CommandOwner, c *plan.Command) {
		if _, test := c.OpensFile(); test || len(c.Argv) == 0 {
			return // nothing is started
		}
		u, err := commandUser(p, m, c)
		if err != nil || m.executable(c.Argv[0]) != nil {
			return // a need of its own
		}
		if key := fmt.Sprint(c.Argv[0], "\x00", u != nil, userOrSelf(u)); !seen[key] {
			seen[key] = true
			visit(c, u)
		}
	})
}

// userOrSelf is whom a command runs as.
func userOrSelf(u *process.User) process.User {
	if u == nil {
		return process.User{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	}
	return *u
}

// forbidden lists programs that their user may not execute, and what script security forbids: whatever runs
// as root and can be changed by somebody else.
func forbidden(p *plan.Plan, m machine) []problem {
	var out []problem
	eachRun(p, m, func(c *plan.Command, u *process.User) {
		who := userOrSelf(u)
		err := m.runs(c.Argv[0], who)
		switch {
		case err != nil || !p.Global.ScriptSecurity:
		case u == nil && who.UID == 0:
			err = errors.New("would run as root, and script security is on: name a script user, or make the user " + defaultScriptUser)
		default:
			if err = m.secure(c.Argv[0], who); err != nil {
				err = fmt.Errorf("%w: script security is on", err)
			}
		}
		if err != nil {
			need := plan.Need{Kind: plan.NeedExecutable, Name: c.Argv[0]}
			out = append(out, problem{at(c.Origin) + fmt.Sprintf("program %q %v", need.Name, err), dropNeed(need)})
		}
	})
	return out
}

// warnUnsafe says what script security would forbid where it is off, as keepalived does.
func warnUnsafe(p *plan.Plan, m machine, log *slog.Logger) {
	if p.Global.ScriptSecurity {
		return
	}
	eachRun(p, m, func(c *plan.Command, u *process.User) {
		if err := m.secure(c.Argv[0], userOrSelf(u)); err != nil {
			log.Warn("unsafe-script", "program", c.Argv[0], "cause", err.Error(), "origin", strings.TrimSuffix(at(c.Origin), ": "))
		}
	})
}

// checkRuns wants that a user may execute a program. What is missing altogether is a need of its own.
func checkRuns(name string, u process.User) error {
	path, err := findProgram(name)
	if err != nil {
		return nil
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode()&0o111 == 0 {
		return nil
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	bit := os.FileMode(0o001)
	switch {
	case u.UID == 0:
		bit = 0o111
	case u.UID == sys.Uid:
		bit = 0o100
	case u.GID == sys.Gid:
		bit = 0o010
	}
	if st.Mode()&bit == 0 {
		return fmt.Errorf("cannot be executed by user %d, group %d", u.UID, u.GID)
	}
	return nil
}

// checkSecure wants that nobody but root can change a program that runs with root's rights, or what leads to
// it: neither as it is written, nor behind links (reference language, script security).
func checkSecure(name string, u process.User) error {
	path, err := findProgram(name)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return errors.New("does not exist")
	}
	if path, err = filepath.Abs(path); err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return err
	}
	if u.UID != 0 && u.GID != 0 && !becomesRoot(real) {
		return nil
	}
	loose := cmp.Or(loosePart(path), loosePart(real))
	if loose != "" {
		return fmt.Errorf("runs with root's rights, and %q can be changed by others", loose)
	}
	return nil
}

// becomesRoot reports whether a program gives root's rights to who executes it.
func becomesRoot(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && (sys.Uid == 0 && st.Mode()&os.ModeSetuid != 0 || sys.Gid == 0 && st.Mode()&os.ModeSetgid != 0)
}

// loosePart is the first part of a path, from its end, that somebody other than root can change; "" for none.
func loosePart(path string) string {
	for ; ; path = filepath.Dir(path) {
		st, err := os.Lstat(path)
		if err != nil {
			return path
		}
		sys, ok := st.Sys().(*syscall.Stat_t)
		writable := ok && (st.Mode()&0o002 != 0 || st.Mode()&0o020 != 0 && sys.Gid != 0)
		// A link has no rights of its own; from a directory with the sticky bit nobody takes what is root's.
		if st.Mode()&os.ModeSymlink != 0 || st.IsDir() && st.Mode()&os.ModeSticky != 0 {
			writable = false
		}
		if !ok || sys.Uid != 0 || writable {
			return path
		}
		if path == "/" {
			return ""
		}
	}
}
