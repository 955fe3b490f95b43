package compiler

import (
	"maps"
	"slices"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/syntax"
)

// Of a large text nearly everything is in its virtual servers, and what is in one of them says nothing about
// another. So they are read ahead of their turn, in parts, each by a goroutine of its own; at their turn what was
// found is put where it would have been otherwise.

// From aheadFrom virtual servers on they are read in aheadParts parts; below it, the start of the goroutines
// costs more than it saves.
const (
	aheadFrom  = 1000
	aheadParts = 4
)

// readAhead reads the virtual servers where there are as many as from.
func (c *compilation) readAhead(from int) {
	blocks := c.lvs.blocks
	if len(blocks) < from || len(blocks) == 0 {
		return
	}
	c.collectReasons() // they are shared, and from here on only read
	parts := slices.Collect(slices.Chunk(blocks, (len(blocks)+aheadParts-1)/aheadParts))
	read := make([][]*virtual, len(parts))
	done := make(chan struct{})
	for i, part := range parts {
		own := c.ahead()
		go func() {
			for _, s := range part {
				read[i] = append(read[i], own.found(s))
			}
			done <- struct{}{}
		}()
	}
	for range parts {
		<-done
	}
	c.lvs.ahead = slices.Concat(read...)
}

// ahead is a compilation that reads virtual servers for c and leaves c as it is.
func (c *compilation) ahead() *compilation {
	own := *c
	own.isAhead = true
	own.plan, own.list = &plan.Plan{Global: c.plan.Global}, nil
	own.needs, own.files = map[plan.Need]plan.Origin{}, maps.Clone(c.files)
	return &own
}

// findings are what the reading of a virtual server adds to the compilation.
type findings struct {
	list    diag.List
	leftOut []plan.LeftOut
	needs   map[plan.Need]plan.Origin
	// waits says that the block asks for what is only known at its turn: it is read again.
	waits bool
}

// found reads a virtual server and keeps what was found beside it.
func (c *compilation) found(s *syntax.Statement) *virtual {
	v := c.readVirtual(s)
	v.found = findings{list: c.list, leftOut: c.plan.LeftOut, waits: c.waits}
	c.list, c.plan.LeftOut, c.waits = nil, nil, false
	if len(c.needs) > 0 {
		v.found.needs, c.needs = c.needs, map[plan.Need]plan.Origin{}
	}
	return v
}

// turn gives the virtual server s, at its turn: the one that was read ahead, if it was.
func (c *compilation) turn(s *syntax.Statement) *virtual {
	if len(c.lvs.ahead) == 0 || c.lvs.ahead[0].from != s {
		return c.readVirtual(s)
	}
	v := c.lvs.ahead[0]
	c.lvs.ahead = c.lvs.ahead[1:]
	if v.found.waits {
		return c.readVirtual(s)
	}
	v.compilation = c
	c.list = append(c.list, v.found.list...)
	c.plan.LeftOut = append(c.plan.LeftOut, v.found.leftOut...)
	for n, origin := range v.found.needs {
		c.need(n.Kind, n.Name, origin)
	}
	return v
}
