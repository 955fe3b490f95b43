package kac

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// The bounds of an effective priority; 255 is the owner's alone, and never changes.
const (
	lowestPriority  = 1
	highestPriority = 254
	ownerPriority   = 255
)

// failures says what the failure of each tracked thing does while all others are well.
func failures(inst *plan.Instance, tracked []plan.Tracked) []failureView {
	out := make([]failureView, len(tracked))
	for i, t := range tracked {
		out[i] = failure(inst, tracked, i)
		out[i].Kind, out[i].Name = t.Kind.String(), t.Name
	}
	return out
}

// well is the state of a thing that does no harm: it is up, a file holds 0. Broken is the other one; a file
// then holds 1.
func well(t plan.Tracked) vrrp.TrackedChanged {
	return vrrp.TrackedChanged{Kind: t.Kind, Name: t.Name, Up: t.Kind != plan.KindFile}
}

func broken(t plan.Tracked) vrrp.TrackedChanged {
	ev := vrrp.TrackedChanged{Kind: t.Kind, Name: t.Name}
	if t.Kind == plan.KindFile {
		ev.Number = 1
	}
	return ev
}

func failure(inst *plan.Instance, tracked []plan.Tracked, at int) failureView {
	out := failureView{State: "same", Priority: int(inst.Priority)}
	t := tracked[at]
	switch _, fault := vrrp.Effect(t, broken(t)); {
	case fault:
		out.Priority, out.State = 0, plan.StateFault.String()
		out.Because = faultBecause(t)
		return out
	case t.Weight == 0:
		out.Because = "it is reversed and has no weight: its success is a fault, its failure is none"
		return out
	case inst.Priority == ownerPriority:
		out.Because = "the owner's priority never changes"
		return out
	}
	// terms are the base and each weight that counts, as they are added up.
	total := int(inst.Priority)
	terms := []string{fmt.Sprint(total)}
	for i, other := range tracked {
		ev := well(other)
		if i == at {
			ev = broken(other)
		}
		if w, _ := vrrp.Effect(other, ev); w != 0 {
			total += w
			terms = append(terms, fmt.Sprintf("%+d", w))
		}
	}
	out.Priority = min(max(total, lowestPriority), highestPriority)
	if len(terms) == 1 {
		out.Because = fmt.Sprintf("the base priority, without the weight of %d", t.Weight)
		return out
	}
	out.Because = strings.NewReplacer("+", "+ ", "-", "- ").Replace(strings.Join(terms, " ")) + fmt.Sprintf(" = %d", total)
	if out.Priority != total {
		out.Because += fmt.Sprintf(", bounded to %d", out.Priority)
	}
	if t.Kind == plan.KindFile {
		out.Because += "; while it holds 1: its number is multiplied by its weight"
	}
	return out
}

// faultBecause says why a failure is a fault.
func faultBecause(t plan.Tracked) string {
	switch {
	case t.Implied:
		return "an address, a route or a rule is on it"
	case t.Kind == plan.KindFile && t.Weight != 0:
		return "while it holds 1: its number times its weight is as low as -254"
	case t.Kind == plan.KindFile:
		return "it has no weight: any number but 0 is a fault"
	}
	return "it has no weight"
}
