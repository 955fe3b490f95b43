package lint

import (
	"slices"
	"strings"
)

// Target is a version of keepalived to judge for.
type Target struct {
	// Name is what the user chose ("debian-12"), Version what it stands for ("2.2.7").
	Name, Version string
}

// targets are the versions that kalint knows, newest first, and the distributions that ship them.
func targets() []Target {
	return []Target{
		{"2.4.3", "2.4.3"},
		{"2.3.4", "2.3.4"},
		{"2.2.8", "2.2.8"},
		{"2.2.7", "2.2.7"},
		{"2.1.5", "2.1.5"},
		{"2.0.20", "2.0.20"},
		{"1.3.5", "1.3.5"},
		{"debian-12", "2.2.7"},
		{"ubuntu-24.04", "2.2.8"},
		{"el9", "2.2.8"},
	}
}

// TargetNames are the words that ParseTarget takes, separated by commas, for messages.
func TargetNames() string {
	var names []string
	for _, t := range targets() {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// ParseTarget finds a target by its name.
func ParseTarget(name string) (Target, bool) {
	all := targets()
	i := slices.IndexFunc(all, func(t Target) bool { return t.Name == name })
	if i < 0 {
		return Target{}, false
	}
	return all[i], true
}
