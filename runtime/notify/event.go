package notify

import (
	"slices"
	"strconv"
	"strings"

	"ka/compiler/plan"
)

// Kind is what happened, in the word that scripts and FIFOs are told.
type Kind string

// The kinds. The first five are states, the others are events within a state.
const (
	Master  Kind = "MASTER"
	Backup  Kind = "BACKUP"
	Fault   Kind = "FAULT"
	Stop    Kind = "STOP"
	Deleted Kind = "DELETED"
	// HeardLower is a master that heard an advert of a lower priority.
	HeardLower Kind = "MASTER_RX_LOWER_PRI"
	// MasterPriority and BackupPriority are changes of the effective priority; the second is told in every
	// state but MASTER.
	MasterPriority Kind = "MASTER_PRIORITY"
	BackupPriority Kind = "BACKUP_PRIORITY"
)

// StateKind is the kind of entering a state.
func StateKind(s plan.State) Kind { return Kind(s.String()) }

// PriorityKind is the kind of a change of priority in a state.
func PriorityKind(s plan.State) Kind {
	if s == plan.StateMaster {
		return MasterPriority
	}
	return BackupPriority
}

// Event is one thing that is told.
type Event struct {
	// Group says that Name is a sync group, not an instance.
	Group bool   `json:"group,omitempty"`
	Name  string `json:"name"`
	Kind  Kind   `json:"kind"`
	// Priority is the effective priority; a group has 0.
	Priority uint8 `json:"priority,omitempty"`
	// Again says that nothing has changed: only FIFOs are told (fifo_write_vrrp_states_on_reload).
	Again bool `json:"again,omitempty"`
}

// Subject names the instance or group, for queues: INSTANCE VI_1.
func (e Event) Subject() string { return e.what() + " " + e.Name }

func (e Event) what() string {
	if e.Group {
		return "GROUP"
	}
	return "INSTANCE"
}

// state reports whether the event is a new state, which commands for every state and mails tell.
func (e Event) state() bool {
	switch e.Kind {
	case Master, Backup, Fault, Stop, Deleted:
		return true
	}
	return false
}

// Line is what a FIFO gets, byte for byte as keepalived writes it (reference vrrp 8).
func (e Event) Line() []byte {
	return []byte(e.what() + ` "` + oneLine(e.Name) + `" ` + string(e.Kind) + " " + strconv.Itoa(int(e.Priority)) + "\n")
}

// oneLine keeps a name from a plan that no text could have from being two lines.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == 0 {
			return '?'
		}
		return r
	}, s)
}

// Commands are those of one instance or group; nil where there is none.
type Commands struct {
	specific map[Kind]*plan.Command
	any      *plan.Command
}

// InstanceCommands gives the commands of an instance.
func InstanceCommands(n *plan.Notify) Commands {
	return Commands{map[Kind]*plan.Command{
		Master: n.Master, Backup: n.Backup, Fault: n.Fault, Stop: n.Stop, Deleted: n.Deleted, HeardLower: n.LowerPriority,
	}, n.Any}
}

// GroupCommands gives the commands of a sync group.
func GroupCommands(n *plan.GroupNotify) Commands {
	return Commands{map[Kind]*plan.Command{Master: n.Master, Backup: n.Backup, Fault: n.Fault, Stop: n.Stop}, n.Any}
}

// Run is one command to start.
type Run struct {
	// Command is the plan's, for its user and origin.
	Command *plan.Command
	// Argv are the words to start it with.
	Argv []string
}

// Runs returns what an event starts, in order: the specific command, then the one for every state.
func (c Commands) Runs(e Event) []Run {
	var runs []Run
	if cmd := c.specific[e.Kind]; cmd != nil {
		runs = append(runs, Run{cmd, cmd.Argv})
	}
	if c.any != nil && e.state() {
		argv := append(slices.Clone(c.any.Argv), e.what(), e.Name, string(e.Kind), strconv.Itoa(int(e.Priority)))
		runs = append(runs, Run{c.any, argv})
	}
	return runs
}
