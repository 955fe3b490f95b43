package control

import "fmt"

// Outcome says how a reload ended.
type Outcome string

// The outcomes.
const (
	// ReloadDone: the new plan is run.
	ReloadDone Outcome = "done"
	// ReloadFailed: the file cannot be read or has errors, or something went wrong on the way; Reasons say
	// whether the new plan is run.
	ReloadFailed Outcome = "failed"
	// ReloadRefused: the plan cannot be run here, or not by this release. The old one goes on.
	ReloadRefused Outcome = "refused"
)

// Reload is the answer to a request to reload.
type Reload struct {
	Outcome Outcome `json:"outcome"`
	// Reasons are why it was not done, or what went wrong, a message each.
	Reasons []string `json:"reasons,omitempty"`
	// Instances and VirtualServers count what the new plan changed.
	Instances      Changed `json:"instances"`
	VirtualServers Changed `json:"virtual_servers"`
}

// Changed counts what a reload found, by what became of it.
type Changed struct {
	Unchanged int `json:"unchanged"`
	Changed   int `json:"changed"`
	Added     int `json:"added"`
	Removed   int `json:"removed"`
}

// Any reports whether there is anything to say.
func (c Changed) Any() bool { return c != Changed{} }

// String is for people: "1 changed, 249 unchanged".
func (c Changed) String() string {
	text := ""
	for _, part := range []struct {
		n    int
		word string
	}{{c.Added, "added"}, {c.Changed, "changed"}, {c.Removed, "removed"}, {c.Unchanged, "unchanged"}} {
		if part.n > 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%d %s", part.n, part.word)
		}
	}
	if text == "" {
		return "none"
	}
	return text
}
