package vrrp

// ScriptCounter counts the results of a vrrp_script: "fall" failures in a row make it down, "rise"
// successes in a row make it up again. The first result after the start counts by itself.
type ScriptCounter struct {
	rise, fall int
	// result is 0..rise+fall-1; the script is up if it is rise or more.
	result int
	known  bool
}

// NewScriptCounter makes a counter; rise and fall under 1 count as 1. With initFail the script is
// known as down from the start: tell the machine with a [TrackedChanged] before its [Start].
func NewScriptCounter(rise, fall int, initFail bool) *ScriptCounter {
	c := &ScriptCounter{rise: max(rise, 1), fall: max(fall, 1), known: initFail}
	if !initFail {
		c.result = c.rise - 1 // one success is enough
	}
	return c
}

// Resume goes on from a state that is known: a reload kept the script (reference vrrp 3.9).
func (c *ScriptCounter) Resume(up bool) {
	c.known, c.result = true, 0
	if up {
		c.result = c.rise + c.fall - 1
	}
}

// Result counts the end of one run. Changed says that the machines have to be told: the script went
// up or down, or this was its first result.
func (c *ScriptCounter) Result(ok bool) (changed, up bool) {
	wasKnown, wasUp := c.known, c.Up()
	c.known = true
	switch {
	case ok && c.Up():
		c.result = c.rise + c.fall - 1
	case ok:
		if c.result++; c.Up() {
			c.result = c.rise + c.fall - 1
		}
	case !c.Up():
		c.result = 0
	default:
		if c.result--; !c.Up() {
			c.result = 0
		}
	}
	return !wasKnown || wasUp != c.Up(), c.Up()
}

// Up reports whether the script counts as successful.
func (c *ScriptCounter) Up() bool { return c.result >= c.rise }

// Known reports whether there was a result, or init_fail stands for one.
func (c *ScriptCounter) Known() bool { return c.known }
