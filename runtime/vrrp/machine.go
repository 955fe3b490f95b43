package vrrp

import "ka/compiler/plan"

// Machine is the state machine of one instance.
type Machine struct{}

// NewMachine makes a machine in StateInit.
func NewMachine(inst plan.Instance, b Behaviour) *Machine { return &Machine{} }

// Step takes what happened and returns what to do.
func (m *Machine) Step(now Instant, ev Event) []Action { return nil }

// NextDeadline returns when Step has to be called with a Tick at the latest.
func (m *Machine) NextDeadline() (Instant, bool) { return 0, false }

// Status returns a copy of what the machine knows.
func (m *Machine) Status() Status { return Status{} }

// Supported returns an error that says what of the instance this release does not run.
func Supported(inst plan.Instance) error { return nil }
