package node

import (
	"net/netip"
	"time"

	"ka/runtime/lab"
	"ka/runtime/vrrp"
)

// Event is something that a node did or that was done to it. The type of What tells what.
type Event struct {
	Time time.Time
	Node string
	What any
}

// What can happen.
type (
	// Started is a daemon that was started.
	Started struct{ Daemon string }
	// Ready is a daemon that says that it has started up.
	Ready struct{}
	// Ended is a daemon that is gone. Asked says that it was killed or stopped by the caller.
	Ended struct {
		Status int
		Asked  bool
	}
	// Transition is a change of an instance's state, by keepalived's words.
	Transition struct {
		Instance, From, To string
		// Priority is the effective one; 0 where the daemon does not tell.
		Priority int
		Cause    string
	}
	// Priority is a new effective priority.
	Priority struct {
		Instance string
		From, To int
		Cause    string
	}
	// Script is a tracked script that went up or down.
	Script struct {
		Name  string
		Up    bool
		Cause string
	}
	// Ran is a command that ran as a stand-in: what it was for, and the words that it was given.
	Ran struct {
		Purpose Purpose
		Argv    []string
	}
	// Address is an address that came or went, as the kernel says.
	Address struct{ lab.AddressEvent }
	// Advert is an advertisement that the node sent. Raw is the whole frame.
	Advert struct {
		vrrp.Advert
		Raw []byte
	}
	// Announcement is a gratuitous ARP or a neighbour advertisement that the node sent.
	Announcement struct {
		Address   netip.Addr
		Interface string
		Raw       []byte
	}
	// Ignored is a packet that the daemon says it did not act on.
	Ignored struct{ Instance, Reason, Source string }
	// Message is a warning or an error of the daemon's log that is none of the above.
	Message struct{ Text string }
)

// Purpose tells what a command is for: a tracked script by its name, or a notification of an instance.
type Purpose struct {
	Script   string
	Instance string
}
