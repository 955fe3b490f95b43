package control

import "time"

// Status is what a running karun tells about itself. The JSON names are stable.
type Status struct {
	// Version of this format.
	Version int `json:"version"`
	// Node is the plan's node; Program is the version of karun.
	Node string `json:"node"`
	// PID is the supervisor's; Started is when it became ready.
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`

	Processes      []Process       `json:"processes"`
	Instances      []Instance      `json:"instances"`
	Scripts        []Script        `json:"scripts"`
	VirtualServers []VirtualServer `json:"virtual_servers"`
	BFD            []BFDSession    `json:"bfd,omitempty"`
	// Kernel tells of what is watched there.
	Kernel Kernel `json:"kernel"`
	// Drops counts messages between the processes, notifications and log records that did not fit.
	Drops map[string]uint64 `json:"drops"`
	// NotRun names what --allow-partial left out.
	NotRun []string `json:"not_run,omitempty"`
}

// Kernel is what the vrrp process has seen and done beside its instances.
type Kernel struct {
	// PutBack counts static objects that somebody else removed, and that were put back.
	PutBack uint64 `json:"put_back"`
	// Lists counts how often everything was listed: at the start, at a reload, and when events were lost.
	Lists uint64 `json:"lists"`
}

// Process is a child of the supervisor.
type Process struct {
	Name string `json:"name"`
	// PID is 0 while the process waits to be started again.
	PID      int       `json:"pid"`
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts"`
}

// Instance is the state of a VRRP instance.
type Instance struct {
	Name      string `json:"name"`
	Interface string `json:"interface"`
	VRID      uint8  `json:"vrid"`
	// State is keepalived's word; Since is when it was entered, Cause why.
	State string    `json:"state"`
	Since time.Time `json:"since"`
	Cause string    `json:"cause"`
	// Priority is the effective one, BasePriority that of the file.
	Priority     uint8 `json:"priority"`
	BasePriority uint8 `json:"base_priority"`
	// Master is the address of the last accepted advert's sender; empty where there was none.
	Master string `json:"master,omitempty"`
	// Addresses are those that the instance brings.
	Addresses []string `json:"addresses"`
	// Tracked is what the instance tracks, with what comes of it.
	Tracked []Tracked `json:"tracked,omitempty"`
	// PutBack counts objects of the instance that somebody else removed, and that were put back.
	PutBack uint64 `json:"put_back"`
	// Counters by name.
	Counters map[string]uint64 `json:"counters"`
}

// Tracked is a thing that an instance tracks: a script, an interface, a file, a process or a BFD session.
type Tracked struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Known is false until something was heard of it. Up is what was; of a file (IsNumber) it is Number.
	Known    bool `json:"known"`
	Up       bool `json:"up"`
	IsNumber bool `json:"is_number,omitempty"`
	Number   int  `json:"number,omitempty"`
	// Weight and Reverse are the plan's. Priority is what it adds to the priority now, Fault says that it
	// keeps the instance in FAULT.
	Weight   int  `json:"weight"`
	Reverse  bool `json:"reverse,omitempty"`
	Priority int  `json:"priority"`
	Fault    bool `json:"fault"`
}

// Script is the state of a tracking script.
type Script struct {
	Name string `json:"name"`
	// Known is false before the first result.
	Known bool `json:"known"`
	Up    bool `json:"up"`
	// LastExit says how the last run ended ("exit status 1"), At when.
	LastExit string    `json:"last_exit,omitempty"`
	At       time.Time `json:"at"`
	Runs     uint64    `json:"runs"`
	Skipped  uint64    `json:"skipped"`
}

// BFDSession is a BFD session.
type BFDSession struct {
	Name     string `json:"name"`
	Neighbor string `json:"neighbor"`
	// State is the RFC's word; Up is what those that track the session know.
	State string `json:"state"`
	Up    bool   `json:"up"`
	// Counters by name.
	Counters map[string]uint64 `json:"counters"`
}

// VirtualServer is an IPVS service with its real servers.
type VirtualServer struct {
	Name        string       `json:"name"`
	RealServers []RealServer `json:"real_servers"`
}

// RealServer is up, and in the table, while all its checks succeed.
type RealServer struct {
	Address string    `json:"address"`
	Up      bool      `json:"up"`
	Since   time.Time `json:"since"`
	Cause   string    `json:"cause,omitempty"`
}
