package syntax

import "ka/lang/diag"

// conditionSplit is a line with a condition. A condition covers its line only, not the block that the line
// opens or closes.
type conditionSplit struct {
	// offset and length are the place of the condition, net is by how much braces open on its line.
	offset, length, net int
	// from and to are the logical lines that it gave; they are equal where the line was dropped.
	from, to int
	dropped  bool
}

// splitBlocks finds conditions in front of a block that do not cover what belongs to them, reports each,
// and reads the lines as they were meant. Two lines for two nodes that open one block are fine, and so is a
// block of which every line has its condition.
func (x *expander) splitBlocks() {
	s := splitter{x: x, conditional: map[int]bool{}, gone: map[int]bool{}, paired: map[int]bool{}}
	for _, c := range x.splits {
		for i := c.from; i < c.to; i++ {
			s.conditional[i] = true
		}
	}
	for i, c := range x.splits {
		switch {
		case c.net > 0 && c.dropped:
			s.droppedOpening(i)
		case c.net > 0:
			s.keptOpening(i)
		case c.net < 0 && !c.dropped:
			s.keptClosing(i)
		}
	}
	s.remove()
	for i, c := range x.splits {
		if c.net >= 0 || !c.dropped || s.paired[i] || !s.step(len(x.view.lines)) {
			continue
		}
		if lacking, _ := countBraces(x.view.lines); lacking > 0 && depthAt(x.view.lines[:c.from]) > 0 {
			s.report(i, "closes: where it does not hold, the block is never closed")
			s.insert(i)
		}
	}
}

// maxSplitSteps bounds the look at the blocks around conditions: what is wrong behind it is not found.
const maxSplitSteps = 20_000_000

// step counts n lines that are looked at; false says that these are too many.
func (s *splitter) step(n int) bool {
	s.steps += n
	return s.steps <= maxSplitSteps
}

// splitter is the state of splitBlocks.
type splitter struct {
	x *expander
	// conditional are the lines under a condition, gone those that are left out.
	conditional, gone map[int]bool
	// paired are the dropped closing lines whose opening line was dropped too.
	paired map[int]bool
	// steps counts the lines looked at.
	steps int
}

func (s *splitter) report(i int, what string) {
	c := s.x.splits[i]
	s.x.report(diag.Diagnostic{
		Rule: ruleSplit, Severity: diag.Warning, Span: s.x.view.span(c.offset, c.length),
		Message: "the condition covers this line only, not the block that it " + what,
		Help:    `put the condition onto each line of the block, its "}" too`,
	})
}

const splitOpening = "opens: where it does not hold, keepalived reads the lines of the block as part of what is around it"

// droppedOpening looks for the lines of a block whose opening line was dropped: up to a closing line that
// was dropped too, or one that closes nothing.
func (s *splitter) droppedOpening(i int) {
	lines, from := s.x.view.lines, s.x.splits[i].from
	depth, bare := 0, false
	next := i + 1
	for k := from; k <= len(lines) && s.step(1); k++ {
		for ; next < len(s.x.splits) && s.x.splits[next].from <= k; next++ {
			if c := s.x.splits[next]; c.dropped && c.net < 0 && c.from == k && depth == 0 && !s.paired[next] {
				s.paired[next] = true
				if bare {
					s.leaveOut(i, from, k)
				}
				return
			}
		}
		if k == len(lines) {
			return
		}
		switch lines[k].kind {
		case openLine:
			depth++
		case closeLine:
			depth--
		default:
			bare = bare || depth == 0 && !s.conditional[k]
		}
		if depth < 0 {
			if s.alternative(i, true, false) || !s.step(2*len(lines)) {
				return
			}
			if before, after := s.mismatches(0, 0), s.mismatches(from, k+1); after < before {
				s.leaveOut(i, from, k+1)
			}
			return
		}
	}
}

// mismatches counts the braces without a partner, lines from to to and those that are gone left out.
func (s *splitter) mismatches(from, to int) int {
	depth, extra := 0, 0
	for k, l := range s.x.view.lines {
		if s.gone[k] || k >= from && k < to {
			continue
		}
		switch l.kind {
		case openLine:
			depth++
		case closeLine:
			if depth--; depth < 0 {
				depth, extra = 0, extra+1
			}
		}
	}
	return depth + extra
}

func (s *splitter) leaveOut(i, from, to int) {
	s.report(i, splitOpening)
	for k := from; k < to; k++ {
		s.gone[k] = true
	}
}

// remove drops the lines that are left out, and moves the places of the conditions.
func (s *splitter) remove() {
	if len(s.gone) == 0 {
		return
	}
	moved := make([]int, len(s.x.view.lines)+1)
	out := make([]logicalLine, 0, len(s.x.view.lines))
	for k, l := range s.x.view.lines {
		moved[k] = len(out)
		if !s.gone[k] {
			out = append(out, l)
		}
	}
	moved[len(moved)-1] = len(out)
	s.x.view.lines = out
	for i := range s.x.splits {
		c := &s.x.splits[i]
		c.from, c.to = moved[c.from], moved[c.to]
	}
}

// keptOpening looks at a block whose opening line was kept: where its closing line has no condition, and
// no line for other nodes stands beside it, those nodes read its contents as something else.
func (s *splitter) keptOpening(i int) {
	lines, c := s.x.view.lines, s.x.splits[i]
	if s.alternative(i, true, true) {
		return
	}
	depth := 0
	for k := c.from; k < len(lines) && s.step(1); k++ {
		switch lines[k].kind {
		case openLine:
			depth++
		case closeLine:
			depth--
		}
		if depth == 0 && k >= c.to {
			if lines[k].kind == closeLine && !s.conditional[k] {
				s.report(i, splitOpening)
			}
			return
		}
	}
}

// keptClosing looks at a closing line that was kept, of a block whose opening line has no condition.
func (s *splitter) keptClosing(i int) {
	lines, c := s.x.view.lines, s.x.splits[i]
	if s.alternative(i, false, true) {
		return
	}
	depth := 0
	for k := c.to - 1; k >= 0 && s.step(1); k-- {
		switch lines[k].kind {
		case openLine:
			depth++
		case closeLine:
			depth--
		}
		if depth == 0 && k < c.from {
			if lines[k].kind == openLine && !s.conditional[k] {
				s.report(i, "closes: where it does not hold, the block is never closed")
			}
			return
		}
	}
}

// alternative reports whether a line of the same kind stands beside condition i, dropped or not as asked: the
// two are meant for different nodes.
func (s *splitter) alternative(i int, opening, dropped bool) bool {
	c := s.x.splits[i]
	fits := func(o conditionSplit) bool {
		return o.dropped == dropped && o.net != 0 && o.net > 0 == opening && o.from <= c.to && c.from <= o.to
	}
	for k := i - 1; k >= 0 && s.x.splits[k].to >= c.from; k-- {
		if fits(s.x.splits[k]) {
			return true
		}
	}
	for k := i + 1; k < len(s.x.splits) && s.x.splits[k].from <= c.to; k++ {
		if fits(s.x.splits[k]) {
			return true
		}
	}
	return false
}

// depthAt returns the number of blocks that are open behind lines.
func depthAt(lines []logicalLine) int {
	depth := 0
	for _, l := range lines {
		switch l.kind {
		case openLine:
			depth++
		case closeLine:
			depth = max(0, depth-1)
		}
	}
	return depth
}

// insert puts the brace of a dropped closing line back.
func (s *splitter) insert(i int) {
	at := s.x.splits[i].from
	lines := append([]logicalLine(nil), s.x.view.lines[:at]...)
	lines = append(lines, logicalLine{kind: closeLine, offset: -1})
	s.x.view.lines = append(lines, s.x.view.lines[at:]...)
	for k := i; k < len(s.x.splits); k++ {
		s.x.splits[k].from++
		s.x.splits[k].to++
	}
}
