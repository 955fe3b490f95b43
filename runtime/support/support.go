// Package support says what of a plan karun of this release does not execute. It is one judgement: karun
// refuses a plan by it, or leaves these things out with --allow-partial, and kac lists it on any platform.
//
//	for _, l := range support.Missing(p) {
//		fmt.Println(l) // node.conf:7: routing rules are not added by this release: take it out, ...
//	}
//	p = support.Without(p, support.Missing(p)) // a copy that this release executes
package support

import (
	"fmt"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// Lack is something that a plan asks for and that this release does not do.
type Lack struct {
	Origin plan.Origin
	// What names it, and says what is not done. Help says what to do about it.
	What, Help string
	// Drop takes it out of a plan, whose lists and settings are copied before they change.
	Drop func(*plan.Plan)
}

// The help that most lacks have.
const (
	helpTakeOut  = "take it out, or run with --allow-partial"
	helpLeaveOut = "take it out, or run with --allow-partial, which leaves it out"
	helpInstance = "take the instance out, or run with --allow-partial, which leaves it out"
)

// String is the whole message: the place, what, and what to do.
func (l Lack) String() string {
	text := l.What + ": " + l.Help
	if l.Origin.File == "" {
		return text
	}
	return fmt.Sprintf("%s:%d: %s", l.Origin.File, l.Origin.Line, text)
}

// Missing lists what of p no machine can run with this release.
func Missing(p *plan.Plan) []Lack {
	var out []Lack
	for i := range p.Instances {
		inst := &p.Instances[i]
		if err := vrrp.Supported(*inst); err != nil {
			name := inst.Name
			out = append(out, Lack{inst.Origin, fmt.Sprintf("instance %q: %v", name, err), helpInstance,
				func(p *plan.Plan) { keepInstances(p, func(i *plan.Instance) bool { return i.Name != name }) }})
		}
	}
	out = append(out, missingServers(p)...)
	out = append(out, missingLists(p)...)
	return append(out, missingGlobal(p)...)
}

// Without returns a copy of p without what is missing; p stays as it is.
func Without(p *plan.Plan, missing []Lack) *plan.Plan {
	q := *p
	for _, l := range missing {
		l.Drop(&q)
	}
	return &q
}

// filter returns the elements that keep wants, in a slice of its own.
func filter[T any](in []T, keep func(*T) bool) []T {
	var out []T
	for i := range in {
		if keep(&in[i]) {
			out = append(out, in[i])
		}
	}
	return out
}

func keepInstances(p *plan.Plan, keep func(*plan.Instance) bool) {
	p.Instances = filter(p.Instances, keep)
}
