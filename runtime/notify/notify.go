package notify

import (
	"slices"
	"strconv"

	"ka/compiler/plan"
)

// Run is one command to start for a state.
type Run struct {
	// Command is the plan's, for its user and origin.
	Command *plan.Command
	// Argv are the words to start it with.
	Argv []string
}

// Runs returns the commands that inst wants at state, in the order in which they are started.
func Runs(inst *plan.Instance, state plan.State, priority uint8) []Run {
	var runs []Run
	if c := specific(&inst.Notify, state); c != nil {
		runs = append(runs, Run{c, c.Argv})
	}
	if c := inst.Notify.Any; c != nil {
		argv := append(slices.Clone(c.Argv), "INSTANCE", inst.Name, state.String(), strconv.Itoa(int(priority)))
		runs = append(runs, Run{c, argv})
	}
	return runs
}

// Words returns only the words of [Runs], for previews.
func Words(inst *plan.Instance, state plan.State, priority uint8) [][]string {
	var words [][]string
	for _, r := range Runs(inst, state, priority) {
		words = append(words, r.Argv)
	}
	return words
}

func specific(n *plan.Notify, state plan.State) *plan.Command {
	switch state {
	case plan.StateMaster:
		return n.Master
	case plan.StateBackup:
		return n.Backup
	case plan.StateFault:
		return n.Fault
	case plan.StateStopped:
		return n.Stop
	}
	return nil
}
