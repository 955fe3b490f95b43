//go:build linux

package kernel

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// lastPlaces remembers by name on which interface something was added last. One that has another name since keeps
// it, and it is removed there: with the old name back a backup would have the addresses of the master.
type lastPlaces struct {
	mu      sync.Mutex
	indexes map[string]int
}

func (l *lastPlaces) note(name string, index int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.indexes == nil {
		l.indexes = make(map[string]int)
	}
	l.indexes[name] = index
}

func (l *lastPlaces) index(name string) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, ok := l.indexes[name]
	return i, ok
}

// places gives the indexes of the named interfaces that something is to be added to, or removed from: then those
// that it was added to last, too. What is on none of them has gone with its interface.
func (h *Handle) places(add bool, names []string, known map[string]int) ([]map[string]int, error) {
	if add {
		for _, name := range names {
			i, err := h.index(name, known)
			if err != nil {
				return nil, err
			}
			h.last.note(name, i)
		}
		return []map[string]int{known}, nil
	}
	now, before := make(map[string]int), make(map[string]int)
	for _, name := range names {
		i, err := h.index(name, known)
		if err != nil && !errors.Is(err, unix.ENODEV) {
			return nil, err
		}
		if err == nil {
			now[name], before[name] = i, i
		}
		if i, ok := h.last.index(name); ok {
			before[name] = i
		}
	}
	var out []map[string]int
	for _, p := range []map[string]int{now, before} {
		missing := slices.ContainsFunc(names, func(name string) bool { return p[name] == 0 })
		if !missing && (len(out) == 0 || !maps.Equal(p, out[0])) {
			out = append(out, p)
		}
	}
	return out, nil
}
