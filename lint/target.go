package lint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"ka/lang/schema"
)

// Target is a version of keepalived to judge for.
type Target struct {
	// Name is what the user chose ("debian-12"), Version what it stands for ("2.2.7").
	Name, Version string
}

// targets are the versions that kalint knows, newest first, and the distributions that ship them: each
// with the version of its current package. A distribution is here only where that is certain.
func targets() []Target {
	return []Target{
		{"2.4.3", "2.4.3"},
		{"2.3.4", "2.3.4"},
		{"2.2.8", "2.2.8"},
		{"2.2.7", "2.2.7"},
		{"2.1.5", "2.1.5"},
		{"2.0.20", "2.0.20"},
		{"1.3.5", "1.3.5"},
		{"debian-13", "2.3.3"},
		{"debian-12", "2.2.7"},
		{"debian-11", "2.1.5"},
		{"debian-10", "2.0.10"},
		{"ubuntu-24.04", "2.2.8"},
		{"ubuntu-22.04", "2.2.4"},
		{"ubuntu-20.04", "2.0.19"},
		{"ubuntu-18.04", "1.3.9"},
		{"el9", "2.2.8"},
		{"el8", "2.1.5"},
		{"el7", "1.3.5"},
		{"alpine-3.23", "2.3.4"},
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

// String names the target for messages: "keepalived 2.2.7", with the distribution where one was chosen.
func (t Target) String() string {
	if t.Name == t.Version {
		return "keepalived " + t.Version
	}
	return "keepalived " + t.Version + " (" + t.Name + ")"
}

// Knows reports whether the target reads a keyword: it is not older than the first release with it, nor
// newer than the last.
func (t Target) Knows(k *schema.Keyword) bool {
	return (k.Since == "" || compareVersions(k.Since, t.Version) <= 0) &&
		(k.Until == "" || compareVersions(t.Version, k.Until) <= 0)
}

// compareVersions orders two versions by their numbers, the first one first: 2.0.9 is before 2.0.10, and
// 2.1 is 2.1.0.
func compareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := cmp.Compare(number(x), number(y)); c != 0 {
			return c
		}
	}
	return 0
}

// number reads a part of a version; one that is missing is 0.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// targetsOf are the versions to judge a node by: its own one, or those of all nodes; none where the user
// has chosen none.
func (s *Set) targetsOf(node string) []Target {
	if t, ok := s.nodeTargets[node]; ok {
		return []Target{t}
	}
	return s.Targets
}
