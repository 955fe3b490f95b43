package syntax

// arena hands out the parts of a unit's tree from a few large pieces of memory. A tree lives and dies as a
// whole, and a configuration of many virtual servers has a million small parts: asked for one by one, they
// cost more than reading the text.
type arena struct {
	statements pool[Statement]
	blocks     pool[Block]
	words      pool[Word]
	bodies     pool[*Statement]
}

// wordsPiece is how many arguments a piece of memory holds.
const wordsPiece = 32

// newArena has room for so many statements and blocks.
func newArena(statements, blocks int) *arena {
	return &arena{
		statements: pool[Statement]{piece: statements},
		blocks:     pool[Block]{piece: blocks},
		bodies:     pool[*Statement]{piece: statements},
		words:      pool[Word]{piece: wordsPiece},
	}
}

// pool is the memory for parts of one type.
type pool[T any] struct {
	free []T
	// piece is how many parts are asked for at once.
	piece int
}

// take returns n parts, zero and with no room behind them.
func (p *pool[T]) take(n int) []T {
	if len(p.free) < n {
		p.free = make([]T, max(n, p.piece))
	}
	parts := p.free[:n:n]
	p.free = p.free[n:]
	return parts
}

// keep returns a copy of parts, nil where there are none.
func (p *pool[T]) keep(parts []T) []T {
	if len(parts) == 0 {
		return nil
	}
	kept := p.take(len(parts))
	copy(kept, parts)
	return kept
}
