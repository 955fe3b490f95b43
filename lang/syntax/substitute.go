package syntax

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// The rules of this stage.
const (
	ruleUndefined = "parameter-undefined"
	ruleCycle     = "parameter-cycle"
	ruleSequence  = "sequence-invalid"
	ruleSplit     = "condition-splits-block"
	ruleInvalid   = "invalid-value"
)

// Bounds of what parameters and loops may give. keepalived has none.
const (
	// maxWork is the number of replaced references, rounds of loops and lines out of values together.
	maxWork = 1_000_000
	// maxExpansion is how deep values may refer to other values.
	maxExpansion = 32
)

// run is a stretch of a line whose references are being replaced.
type run struct {
	// end is where it ends in the line; it starts where the previous one ends.
	end int
	// offset is the place of its first byte in the expanded view; out is set in its stead where all of it
	// came out of a parameter.
	offset int
	out    *Expansion
}

// rewriting is a line whose references are being replaced.
type rewriting struct {
	x    *expander
	text string
	runs []run
	// rest are the further lines of a value of several lines.
	rest []piece
	// changed says that something was replaced.
	changed bool
	// numbers says that the text is the numbers of a loop, several that one of its values had several lines.
	numbers, several bool
}

// references is the stage of ${NAME} and $NAME (reference language 6.2): text is replaced by text, quotes
// do not matter, and what was put in is looked at again. A line that starts with a tilde is not touched.
func (x *expander) references(p *piece) bool {
	if !p.facts.dollar || x.surface || p.text[0] == '~' || strings.IndexByte(p.text, '$') < 0 {
		return false
	}
	before := x.view.origin(p.offset).Out
	if !x.substitute(p) {
		return false
	}
	if p.text == "" {
		return true
	}
	if out := x.view.origin(p.offset).Out; out != nil && out != before {
		p.indirect = "a parameter"
		return x.uninterpreted(p, out)
	}
	return false
}

// substitute replaces the references of p. What several lines of a value give goes to p.after.
func (x *expander) substitute(p *piece) bool {
	return x.rewrite(&rewriting{text: p.text}, p)
}

// rewrite replaces the references of p, whose text w holds.
func (x *expander) rewrite(w *rewriting, p *piece) bool {
	w.x, w.runs = x, []run{{end: len(p.text), offset: p.offset}}
	for i := 0; i < len(w.text) && !x.stopped; {
		k := strings.IndexByte(w.text[i:], '$')
		if k < 0 {
			break
		}
		i = w.reference(i + k)
	}
	if !w.changed {
		return false
	}
	w.place(p)
	p.after = append(w.rest, p.after...)
	return true
}

// reference replaces the reference at text[i], and returns where to look on.
func (w *rewriting) reference(i int) int {
	ref, ok := referenceAt(w.text, i)
	if !ok {
		w.almost(i)
		return i + 1
	}
	use, outer := w.use(ref)
	def, v := w.lookup(ref, use)
	if v == substituted && len(def.lines) > 1 && w.numbers {
		w.several, v = true, refused
	} else if v == substituted && len(def.lines) > 1 && ref.end != len(w.text) {
		w.x.notSubstituted(use, fmt.Sprintf("%q has several lines, so it must be the last on its line; keepalived does not replace it", ref.name),
			"put what follows it onto the next line")
		v = refused
	}
	if v == substituted && (outer.holds(ref.name) || outer.depth() >= maxExpansion) {
		w.x.cycle(ref, use, outer, def)
		w.x.notReplaced(use)
		return len(w.text)
	}
	if v == substituted && len(def.lines) > 0 && len(w.text)-(ref.end-ref.start)+len(def.lines[0].text) > maxExpanded {
		w.x.expandedTooLong(use, ref)
		w.x.notReplaced(use)
		return len(w.text)
	}
	switch {
	case v == leftAlone:
		return i + 1
	case v == refused || v == unknowable:
		w.x.notReplaced(use)
		return ref.end
	case !w.x.spend(use, len(def.lines)):
		return len(w.text)
	}
	w.put(ref, def, use, outer)
	if i == 0 && isSequence(w.text) {
		return len(w.text) // reported; what is behind its head is the loop's
	}
	return i
}

// maxExpanded is the longest line that references may give.
const maxExpanded = 1023

func (x *expander) expandedTooLong(use source.Span, ref reference) {
	x.report(diag.Diagnostic{
		Rule: "line-too-long", Severity: diag.Error, Span: use,
		Message: fmt.Sprintf("with the value of %q the line is longer than %d bytes; keepalived leaves the rest of the line as it is", ref.name, maxExpanded),
		Help:    "spread the words over several lines or parameters",
	})
}

// spend counts steps of expansion; false says that there were too many.
func (x *expander) spend(at source.Span, steps int) bool {
	if x.work += max(1, steps); x.work > x.maxWork {
		x.tooLarge(at, fmt.Sprintf("parameters and loops give more than %d lines and values", x.maxWork))
		return false
	}
	return true
}

// cycle reports a parameter whose value leads back to it.
func (x *expander) cycle(ref reference, use source.Span, outer *Expansion, def *parameter) {
	d := diag.Diagnostic{
		Rule: ruleCycle, Severity: diag.Error, Span: use,
		Message: fmt.Sprintf("the value of %q refers to itself; keepalived does not end reading it", ref.name),
		Help:    "remove the reference from the definition",
		Related: []diag.Note{{Message: fmt.Sprintf("%q is defined here", ref.name), Span: def.whole()}},
	}
	if !outer.holds(ref.name) {
		d.Message = fmt.Sprintf("values refer to other values more than %d deep", maxExpansion)
	}
	seen := map[string]bool{ref.name: true}
	for e := outer; e != nil && len(d.Related) < maxNotes; e = e.Outer {
		if !seen[e.Name] {
			seen[e.Name] = true
			d.Related = append(d.Related, diag.Note{Message: fmt.Sprintf("through %q", e.Name), Span: e.Defined})
		}
	}
	x.report(d)
}

// use returns the place of a reference in a file, and the expansion that brought it in.
func (w *rewriting) use(ref reference) (source.Span, *Expansion) {
	first, start := w.at(ref.start)
	last, _ := w.at(ref.end - 1)
	if first.out != nil {
		return first.out.Use, first.out
	}
	off := first.offset + ref.start - start
	if o := w.x.view.origin(off); o.Out != nil {
		return o.Out.Use, o.Out
	}
	if last.out != nil {
		return w.x.view.span(off, first.end-ref.start).Join(last.out.Use), nil
	}
	return w.x.view.span(off, ref.end-ref.start), nil
}

// at returns the run that holds byte i of the line, and where it starts.
func (w *rewriting) at(i int) (r run, start int) {
	for _, r = range w.runs {
		if i < r.end {
			return r, start
		}
		start = r.end
	}
	return r, start
}

// put replaces a reference by its value.
func (w *rewriting) put(ref reference, def *parameter, use source.Span, outer *Expansion) {
	value := valueLine{at: def.at}
	if len(def.lines) > 0 {
		value = def.lines[0]
	}
	var rest []piece
	for _, line := range def.lines[min(1, len(def.lines)):] {
		out := w.x.expansion(Expansion{Name: ref.name, Use: use, Defined: line.at, Loop: def.loop, Outer: outer})
		off := w.x.view.addOut(out, w.x.via(), len(line.text))
		rest = append(rest, piece{text: line.text, offset: off, facts: scanLine(line.text)})
	}
	w.rest = append(rest, w.rest...)
	w.changed = true
	out := w.x.expansion(Expansion{Name: ref.name, Use: use, Defined: value.at, Loop: def.loop, Outer: outer})
	grown := len(value.text) - (ref.end - ref.start)
	runs := make([]run, 0, len(w.runs)+2)
	start := 0
	inserted := false
	for _, r := range w.runs {
		if before := min(r.end, ref.start); before > start {
			runs = append(runs, run{end: before, offset: r.offset, out: r.out})
		}
		if !inserted && r.end > ref.start {
			inserted = true
			if value.text != "" {
				runs = append(runs, run{end: ref.start + len(value.text), out: out})
			}
		}
		if after := max(start, ref.end); r.end > after {
			runs = append(runs, run{end: r.end + grown, offset: r.offset + after - start, out: r.out})
		}
		start = r.end
	}
	w.runs = runs
	w.text = w.text[:ref.start] + value.text + w.text[ref.end:]
}

// place gives the line a stretch of the expanded view of its own, its comment stripped again.
func (w *rewriting) place(p *piece) {
	facts := scanLine(w.text)
	text := w.text[:facts.end]
	if facts.escape && hasCommentEscape(text) {
		w.strip()
		text = w.text
		facts = scanLine(text)
	}
	text = strings.TrimRight(text, blanks)
	v := w.x.view
	p.offset, p.text, p.facts = v.next, text, facts
	start := 0
	for _, r := range w.runs {
		end := min(r.end, len(text))
		if end <= start {
			break
		}
		w.stretch(r, start, end)
		start = end
	}
	v.next = p.offset + len(text) + 1
}

// stretch gives bytes start to end of the line, which are of run r, their origins.
func (w *rewriting) stretch(r run, start, end int) {
	v, via := w.x.view, w.x.via()
	if r.out != nil {
		v.origins = append(v.origins, Origin{Offset: v.next + start, Span: r.out.Use, Via: via, Out: r.out})
		return
	}
	for at := start; at < end; {
		off := r.offset + at - start
		o := *v.origin(off)
		n := end - at
		if k := v.last + 1; k < len(v.origins) {
			n = min(n, v.origins[k].Offset-off)
		}
		next := Origin{Offset: v.next + at, Span: o.Span, Via: via, Out: o.Out}
		if o.Out == nil {
			next.Span = v.span(off, n)
		}
		v.origins = append(v.origins, next)
		at += n
	}
}

// strip removes the comment and resolves \# and \! in a line with escapes.
func (w *rewriting) strip() {
	c := compose(w.text).strip()
	runs := make([]run, 0, len(w.runs))
	for k, src := range c.src {
		r, start := w.at(src)
		last := len(runs) - 1
		offset := r.offset + src - start
		if last >= 0 && runs[last].out == r.out && (r.out != nil || c.src[k-1]+1 == src) {
			runs[last].end = k + 1
			continue
		}
		runs = append(runs, run{end: k + 1, offset: offset, out: r.out})
	}
	w.text, w.runs = string(c.text), runs
}

// expansion keeps one value for all rounds in which the same text is used.
func (x *expander) expansion(e Expansion) *Expansion {
	if have := x.expansions[e]; have != nil {
		return have
	}
	out := &e
	x.expansions[e] = out
	return out
}

func (x *expander) via() *Include { return x.reading[len(x.reading)-1].via }

// uninterpreted reports a condition or a loop that stands at the start of a line only because a parameter
// put it there: keepalived 2.4.3 takes it for a keyword (2.2.7 read it). It is read as it was meant.
func (x *expander) uninterpreted(p *piece, out *Expansion) bool {
	what := "condition"
	switch {
	case isSequence(p.text):
		what = "loop"
	case p.text[0] != '@':
		return false
	}
	x.report(diag.Diagnostic{
		Rule: ruleSequence, Severity: diag.Error, Span: out.Use,
		Message: fmt.Sprintf("the %s comes out of the parameter %q: keepalived reads it as a keyword that it does not know", what, out.Name),
		Help:    fmt.Sprintf("write the %s itself at the start of the line", what),
		Related: []diag.Note{{Message: fmt.Sprintf("%q is defined here", out.Name), Span: out.Defined}},
	})
	if what == "loop" {
		return x.sequence(p)
	}
	return x.condition(p)
}
