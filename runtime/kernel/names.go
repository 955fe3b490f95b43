//go:build linux

package kernel

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// The folders of iproute2's tables of names: what a distribution brings along, and what the machine's owner
// puts in its place. Older versions have the second only.
var defaultNameFolders = [...]string{"/usr/share/iproute2", "/usr/lib/iproute2", "/etc/iproute2"}

const (
	// maxNameFile bounds what is read of one file, in bytes; maxNames how many names one table has.
	maxNameFile = 1 << 20
	maxNames    = 1 << 16
)

// Names reads a table of names of iproute2, such as "rt_tables" or "group": the file itself and those of the
// folder of its name with ".d" behind it, in each of the folders; later ones win. Without folders it reads
// the usual ones. What cannot be read has no names.
func Names(table string, folders ...string) map[string]uint32 {
	if len(folders) == 0 {
		folders = defaultNameFolders[:]
	}
	out := make(map[string]uint32)
	for _, dir := range folders {
		files := []string{filepath.Join(dir, table)}
		more, _ := filepath.Glob(filepath.Join(dir, table+".d", "*.conf"))
		for _, name := range append(files, more...) {
			readNames(name, out)
		}
	}
	return out
}

// PlanNames reads the names that p may use: from the folders that its settings name, else from the usual
// ones.
func PlanNames(p *plan.Plan, facts effect.Facts) plan.Names {
	var folders []string
	if f := p.Global.Files; f != nil && (f.IPRouteDefaults != "" || f.IPRouteSettings != "") {
		folders = append(folders, defaultNameFolders[:]...)
		if f.IPRouteDefaults != "" {
			folders = []string{f.IPRouteDefaults, defaultNameFolders[len(defaultNameFolders)-1]}
		}
		if f.IPRouteSettings != "" {
			folders[len(folders)-1] = f.IPRouteSettings
		}
	}
	n := plan.Names{Tables: Names("rt_tables", folders...), Groups: Names("group", folders...), VRFs: make(map[string]uint32)}
	for name, i := range facts.Interfaces {
		if i.VRFTable != 0 {
			n.VRFs[name] = i.VRFTable
		}
	}
	return n
}

func readNames(name string, to map[string]uint32) {
	f, err := os.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	parseNames(io.LimitReader(f, maxNameFile), to)
}

// parseNames reads lines of a number and a name; a "#" begins a comment.
func parseNames(r io.Reader, to map[string]uint32) {
	lines := bufio.NewScanner(r)
	for lines.Scan() && len(to) < maxNames {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) < 2 {
			continue
		}
		if n, err := strconv.ParseUint(words[0], 0, 32); err == nil {
			to[words[1]] = uint32(n)
		}
	}
}
