//go:build linux

package ipvs

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Availability is what is known about a scheduler before anything is touched.
type Availability uint8

// Unknown: nothing on this machine tells, only adding a service would.
const (
	Unknown Availability = iota
	Loaded
	// Loadable: there is a module that the kernel loads by itself when a service names it.
	Loadable
	Missing
)

// String names it in lower case.
func (a Availability) String() string {
	return [...]string{"unknown", "loaded", "loadable", "missing"}[min(a, Missing)]
}

// moduleListLimit bounds the lists of modules that are read, in bytes.
const moduleListLimit = 8 << 20

// HasScheduler says whether the kernel has a scheduler, without touching the table: by the list of
// loaded modules, and by the lists of the modules and built-ins of the running kernel.
func HasScheduler(name string) Availability {
	var u unix.Utsname
	release := ""
	if unix.Uname(&u) == nil {
		release = unix.ByteSliceToString(u.Release[:])
	}
	var dirs []string
	for _, d := range []string{"/lib/modules", "/usr/lib/modules", "/usr/lib/uml/modules"} {
		dirs = append(dirs, filepath.Join(d, release))
	}
	return hasScheduler(name, "/proc/modules", "/sys/module", dirs)
}

func hasScheduler(name, loaded, sys string, dirs []string) Availability {
	module := "ip_vs_" + name
	if strings.ContainsAny(name, "/.") || name == "" {
		return Missing
	}
	if listHas(loaded, func(line string) bool { return strings.HasPrefix(line, module+" ") }) {
		return Loaded
	}
	// Some built-in modules show in /sys too.
	if _, err := os.Stat(filepath.Join(sys, module)); err == nil {
		return Loaded
	}
	known := false
	for _, dir := range dirs {
		file := "/" + module + ".ko"
		if listHas(filepath.Join(dir, "modules.builtin"), func(line string) bool { return strings.HasSuffix(line, file) }) {
			return Loaded
		}
		path, isModule := "", false
		if listHas(filepath.Join(dir, "modules.dep"), func(line string) bool {
			known = true
			path, _, isModule = strings.Cut(line, ":")
			return isModule && (strings.Contains(path, file))
		}) {
			return Loadable
		}
	}
	if known {
		return Missing
	}
	return Unknown
}

// listHas says whether a line of a file satisfies f. A file that cannot be read has no lines.
func listHas(name string, f func(line string) bool) bool {
	st, err := os.Stat(name)
	if err != nil || st.Size() > moduleListLimit {
		return false
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		if f(strings.TrimSuffix(line, "\n")) {
			return true
		}
	}
	return false
}
