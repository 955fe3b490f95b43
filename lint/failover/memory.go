package failover

import (
	"reflect"
	"strings"

	"ka/compiler/plan"
)

// Memory keeps what plays gave from one judgement to the next, for programs that judge again and again
// while a text is edited: where nothing that is played has changed, the answer is the old one. A nil
// Memory keeps nothing. It is not for several goroutines at once.
type Memory struct {
	before, now map[string]remembered
}

// remembered is what [Analyse] gave for participants.
type remembered struct {
	nodes []Participant
	stuck []Stuck
}

// Turn starts a judgement: what the one before did not ask for is forgotten.
func (m *Memory) Turn() {
	if m != nil {
		m.before, m.now = m.now, map[string]remembered{}
	}
}

// Analyse is [Analyse], out of memory where that can be.
func (m *Memory) Analyse(nodes []Participant) []Stuck {
	if m == nil {
		return Analyse(nodes)
	}
	var names strings.Builder
	for _, n := range nodes {
		names.WriteString(n.Name + "\x00" + n.Instance.Name + "\x00")
	}
	key := names.String()
	r, ok := m.before[key]
	if !ok || !alike(reflect.ValueOf(r.nodes), reflect.ValueOf(nodes)) {
		r = remembered{nodes: nodes, stuck: Analyse(nodes)}
	}
	if m.now != nil {
		m.now[key] = r
	}
	return r.stuck
}

var originType = reflect.TypeFor[plan.Origin]()

// alike reports whether two values play alike: they are equal but for the lines that they come from,
// which move with each line that is typed above them.
func alike(a, b reflect.Value) bool {
	if a.Type() != b.Type() {
		return false
	}
	if a.Type() == originType {
		return true
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return alike(a.Elem(), b.Elem())
	case reflect.Map:
		return a.Len() == 0 && b.Len() == 0 // none of what is played has one
	}
	return a.Comparable() && a.Equal(b)
}
