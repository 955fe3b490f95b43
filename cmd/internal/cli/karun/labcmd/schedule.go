//go:build linux

package labcmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verb is something that the schedule does to a node.
type verb string

// The verbs, by the words that the timeline's JSON uses.
const (
	verbKill  verb = "kill"
	verbStop  verb = "stop"
	verbStart verb = "start"
	verbCut   verb = "cut"
	verbJoin  verb = "join"
	verbFail  verb = "fail-script"
	verbHeal  verb = "heal-script"
)

// step is one entry of the schedule.
type step struct {
	at     time.Duration
	verb   verb
	node   string
	script string
}

// The length of a run that says nothing of it: long enough for a start, and for what follows a step.
const (
	shortestRun   = 15 * time.Second
	behindSteps   = 10 * time.Second
	longestRun    = 24 * time.Hour
	exampleOfNode = "NODE@5s"
)

// parseStep reads NODE@TIME, or NODE:SCRIPT@TIME for the verbs about scripts.
func parseStep(v verb, arg string, nodes []string) (step, error) {
	s := step{verb: v}
	want := exampleOfNode
	if v == verbFail || v == verbHeal {
		want = "NODE:SCRIPT@5s"
	}
	i := strings.LastIndexByte(arg, '@')
	if i < 0 {
		return s, fmt.Errorf("wrong value %q for --%s: it names no time; write %s", arg, v, want)
	}
	var err error
	if s.at, err = parseTime(arg[i+1:]); err != nil {
		return s, fmt.Errorf("wrong time %q in --%s %s; write %s", arg[i+1:], v, arg, want)
	}
	name := arg[:i]
	if v == verbFail || v == verbHeal {
		j := strings.LastIndexByte(name, ':')
		if j < 0 {
			return s, fmt.Errorf("wrong value %q for --%s: it names no script; write %s", arg, v, want)
		}
		name, s.script = name[:j], name[j+1:]
	}
	s.node, err = findNode(name, nodes)
	if err != nil {
		return s, fmt.Errorf("--%s %s: %w", v, arg, err)
	}
	return s, nil
}

// parseTime reads a duration; a bare number is seconds.
func parseTime(text string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		text = strconv.FormatFloat(f, 'f', -1, 64) + "s"
	}
	d, err := time.ParseDuration(text)
	if err == nil && (d < 0 || d > longestRun) {
		err = fmt.Errorf("outside 0..%v", longestRun)
	}
	return d, err
}

// findNode finds a node by its name, with or without ".conf".
func findNode(name string, nodes []string) (string, error) {
	name = strings.TrimSuffix(name, ".conf")
	if slices.Contains(nodes, name) {
		return name, nil
	}
	return "", fmt.Errorf("there is no node %q; the nodes are %s", name, strings.Join(nodes, ", "))
}

// sortSteps orders by time; steps of one time keep the order of verbs that makes sense: what ends
// something comes before what starts it.
func sortSteps(steps []step) {
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
}

// runLength is how long a run takes: as told, or long enough for its steps.
func runLength(told time.Duration, steps []step) (time.Duration, error) {
	last := time.Duration(0)
	for _, s := range steps {
		last = max(last, s.at)
	}
	if told == 0 {
		return max(shortestRun, last+behindSteps), nil
	}
	for _, s := range steps {
		if s.at > told {
			return 0, fmt.Errorf("--%s %s@%v is behind the end: --for is %v", s.verb, s.node, s.at, told)
		}
	}
	return told, nil
}
