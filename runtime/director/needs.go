//go:build linux

package director

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/ipvs"
	"ka/runtime/process"
	"ka/runtime/support"
)

// defaultScriptUser runs scripts that name no user, where it exists (keepalived's rule).
const defaultScriptUser = "keepalived_script"

// machine answers what a plan needs to know before anything is touched.
type machine struct {
	hasInterface func(name string) bool
	user         func(name string) (process.User, error)
	group        func(name string) (gid uint32, err error)
	executable   func(name string) error
	readable     func(name string) error
	key          func(file string) (string, error)
	// secure takes what runs as root, or with its group; runs takes what a user may execute.
	secure    func(name string, u process.User) error
	runs      func(name string, u process.User) error
	ipvs      func() error
	scheduler func(name string) ipvs.Availability
	// names are the numbers behind the names of the machine.
	names plan.Names
	// hasLinkKind says whether the kernel knows a kind of interfaces.
	hasLinkKind func(effect.LinkKind) bool
	// carries says why the kernel puts no VMAC or ipvlan on an interface.
	carries func(base string) error
	// hasNFT says why the kernel has no nftables for this process.
	hasNFT func() error
}

// thisMachine is the real one; interfaces are those that were found.
func thisMachine(hasInterface func(string) bool) machine {
	return machine{
		hasInterface: hasInterface, user: lookupUser, group: lookupGroup, executable: checkExecutable, readable: checkReadable, key: readKey,
		secure: checkSecure, runs: checkRuns, ipvs: checkIPVS, scheduler: ipvs.HasScheduler,
	}
}

// problem is one thing that cannot be run here.
type problem struct {
	text string
	// drop takes it out of a plan.
	drop func(p *plan.Plan)
}

// problems lists what of p this release or this machine cannot run.
func problems(p *plan.Plan, m machine) []problem {
	var out []problem
	for _, l := range support.Missing(p) {
		out = append(out, problem{l.String(), l.Drop})
	}
	noIPVS := false
	for _, n := range p.Needs {
		var reason string
		switch n.Kind {
		case plan.NeedInterface:
			if !m.hasInterface(n.Name) && !dynamicInterfaces(p) {
				reason = fmt.Sprintf("interface %q does not exist", n.Name)
			}
		case plan.NeedUser:
			if _, err := m.user(n.Name); err != nil {
				reason = fmt.Sprintf("user %q does not exist", n.Name)
			}
		case plan.NeedGroup:
			if _, err := m.group(n.Name); err != nil {
				reason = fmt.Sprintf("group %q does not exist", n.Name)
			}
		case plan.NeedExecutable:
			if err := m.executable(n.Name); err != nil {
				reason = fmt.Sprintf("program %q %v", n.Name, err)
			}
		case plan.NeedIPVS:
			if err := m.ipvs(); err != nil {
				reason, noIPVS = err.Error(), true
			}
		case plan.NeedScheduler:
			if !noIPVS && m.scheduler(n.Name) == ipvs.Missing {
				reason = fmt.Sprintf("this kernel has no IPVS scheduler %q", n.Name)
			}
		case plan.NeedTable:
			if _, ok := m.names.Tables[n.Name]; !ok {
				reason = fmt.Sprintf("routing table %q is in none of the files rt_tables of iproute2", n.Name)
			}
		case plan.NeedFile:
			if err := m.readable(n.Name); err != nil {
				reason = fmt.Sprintf("file %q %v", n.Name, err)
			}
		default:
			reason = fmt.Sprintf("unknown need %q of a newer release", n.Kind)
		}
		if reason != "" {
			out = append(out, problem{at(n.Origin) + reason, dropNeed(n)})
		}
	}
	out = append(out, badKeys(p, m)...)
	out = append(out, missingLinks(p, m)...)
	out = append(out, missingTables(p, m)...)
	return append(out, forbidden(p, m)...)
}

// dynamicInterfaces reports whether interfaces may be missing: their instances are in FAULT meanwhile.
func dynamicInterfaces(p *plan.Plan) bool {
	return p.Global.VRRP != nil && p.Global.VRRP.DynamicInterfaces
}

// at gives the place in front of a message.
func at(o plan.Origin) string {
	if o.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", o.File, o.Line)
}

// notifyCommands are the places of all commands but those of scripts.
func notifyCommands(p *plan.Plan) []**plan.Command {
	var out []**plan.Command
	for i := range p.Instances {
		n := &p.Instances[i].Notify
		out = append(out, &n.Master, &n.Backup, &n.Fault, &n.Stop, &n.Any, &n.LowerPriority, &n.Deleted)
	}
	for i := range p.Groups.Sync {
		n := &p.Groups.Sync[i].Notify
		out = append(out, &n.Master, &n.Backup, &n.Fault, &n.Stop, &n.Any)
	}
	if f := p.Global.FIFOs; f != nil {
		for _, pipe := range []*plan.FIFO{f.All, f.VRRP, f.LVS} {
			if pipe != nil {
				out = append(out, &pipe.Script)
			}
		}
	}
	return out
}

// hooks are the places of startup_script and shutdown_script.
func hooks(p *plan.Plan) []**plan.HookScript {
	return []**plan.HookScript{&p.Global.Startup, &p.Global.Shutdown}
}

// commandUser is whom a command runs as: its own user, the global one, keepalived_script where it
// exists, else nil for karun's own.
func commandUser(p *plan.Plan, m machine, c *plan.Command) (*process.User, error) {
	name, group := c.User, c.Group
	if name == "" {
		name, group = p.Global.ScriptUser, p.Global.ScriptGroup
	}
	if name == "" {
		u, err := m.user(defaultScriptUser)
		if err != nil {
			return nil, nil
		}
		return &u, nil
	}
	u, err := m.user(name)
	if err != nil {
		return nil, err
	}
	if group != "" {
		if u.GID, err = m.group(group); err != nil {
			return nil, err
		}
	}
	return &u, nil
}

func lookupUser(name string) (process.User, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return process.User{}, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return process.User{UID: uint32(uid), GID: uint32(gid)}, errors.Join(err1, err2)
}

func lookupGroup(name string) (uint32, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	gid, err := strconv.ParseUint(g.Gid, 10, 32)
	return uint32(gid), err
}

// checkExecutable wants a regular file that can be executed; links are followed.
func checkExecutable(name string) error {
	path, err := findProgram(name)
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case err != nil:
		return fmt.Errorf("cannot be read: %w", errors.Unwrap(err))
	case !st.Mode().IsRegular():
		return errors.New("is not a regular file")
	case st.Mode()&0o111 == 0:
		return errors.New("is not executable")
	}
	return nil
}

// checkReadable wants a file that can be read.
func checkReadable(name string) error {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case err != nil:
		return errors.New("cannot be read")
	}
	return f.Close()
}

// findProgram looks a name without a slash up in PATH.
func findProgram(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New("is not found in PATH")
	}
	return path, nil
}

func checkIPVS() error {
	h, err := ipvs.Open()
	if err != nil {
		return err
	}
	return h.Close()
}
