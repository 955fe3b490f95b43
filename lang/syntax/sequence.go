package syntax

import (
	"fmt"
	"strconv"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// The words that start a loop.
const (
	sequenceWord = "~SEQ"
	listWord     = "~LST"
)

// Bounds of loops.
const (
	// maxRounds is the number of rounds of one loop. keepalived has no bound, and reads on for hours.
	maxRounds = 100_000
	// maxSequence is what keepalived reads of the numbers of a ~SEQ, the closing parenthesis included.
	maxSequence = 63
)

func isSequence(s string) bool {
	return strings.HasPrefix(s, sequenceWord) || strings.HasPrefix(s, listWord)
}

// loop is a ~SEQ or ~LST with its values worked out.
type loop struct {
	names []string
	// rounds is the number of rounds; value gives the i-th value of a name.
	rounds int
	value  func(name, i int) string
	// body is where the text of the loop starts in its line.
	body int
}

// sequence is the stage of ~SEQ and ~LST (reference language 7): the rest of the line is read once for
// each value, as a line of its own. Any other line that starts with a tilde is ordinary text.
func (x *expander) sequence(p *piece) bool {
	if !isSequence(p.text) {
		return false
	}
	if x.surface {
		x.directed = true
		return false
	}
	form := p.text[:len(sequenceWord)]
	if strings.HasPrefix(p.text, sequenceWord+"x") {
		form = p.text[:len(sequenceWord)+1]
	}
	x.uses(form, form, x.view.span(p.offset, len(form)))
	l, problem, help := x.readLoop(p)
	if problem != "" {
		x.report(diag.Diagnostic{
			Rule: ruleSequence, Severity: diag.Error, Span: x.view.span(p.offset, headLength(p.text)),
			Message: problem, Help: help,
		})
		return true
	}
	x.rounds(l, p)
	return true
}

// headLength is the length of the head of a loop: up to its closing parenthesis.
func headLength(s string) int {
	if n := strings.IndexByte(s, ')'); n >= 0 {
		return n + 1
	}
	return len(strings.TrimRight(s, blanks))
}

// readLoop reads the head of a loop.
func (x *expander) readLoop(p *piece) (l loop, problem, help string) {
	if strings.HasPrefix(p.text, listWord) {
		return x.lst(p)
	}
	return x.seq(p)
}

// rounds reads the body of a loop once for each value.
func (x *expander) rounds(l loop, p *piece) {
	at := x.view.span(p.offset, l.body)
	body := *p
	body.text, body.offset, body.indirect = p.text[l.body:], p.offset+l.body, "a loop"
	body.after = nil
	body.trimLeft()
	if body.text == "" {
		return
	}
	for i := 0; i < l.rounds && x.spend(at, 1); i++ {
		for k, name := range l.names {
			x.set(name, l.value(k, i), at, true)
		}
		x.logical(body)
	}
}

const (
	sequenceHelp = "write ~SEQ(NAME, FIRST, LAST) or ~SEQ(NAME, FIRST, STEP, LAST)"
	listHelp     = "write ~LST(NAME, A, B) or ~LST({NAME1, NAME2}, {A1, A2}, {B1, B2})"
)

// seq reads ~SEQ(VAR, start, step, end), ~SEQ(VAR, start, end) or ~SEQ(VAR, end).
func (x *expander) seq(p *piece) (l loop, problem, help string) {
	rest := p.text[len(sequenceWord):]
	hex := strings.HasPrefix(rest, "x")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "x"), blanks)
	if !strings.HasPrefix(rest, "(") {
		return l, `"~SEQ" needs its values in parentheses; keepalived drops the line`, sequenceHelp
	}
	shut := strings.IndexByte(rest, ')')
	if shut < 0 {
		return l, `the ")" of the loop is missing; keepalived drops the line`, sequenceHelp
	}
	l.body = len(p.text) - len(rest) + shut + 1
	name, args, ok := strings.Cut(rest[1:shut], ",")
	name = strings.Trim(name, blanks)
	if nameLength(name) != len(name) || name == "" || !ok {
		return l, fmt.Sprintf("%q is no name and numbers for a loop, separated by commas", rest[1:shut]), sequenceHelp
	}
	open := len(p.text) - len(rest) + shut - len(args)
	args, problem = x.numbers(piece{text: args + ")", offset: p.offset + open, facts: p.facts})
	if problem != "" {
		return l, problem, sequenceHelp
	}
	l.names = []string{name}
	return l.count(args, hex)
}

// numbers replaces the references in the numbers of a loop.
func (x *expander) numbers(args piece) (text, problem string) {
	w := rewriting{text: args.text, numbers: true}
	if strings.IndexByte(args.text, '$') >= 0 {
		x.rewrite(&w, &args)
	}
	switch {
	case w.several:
		return "", "a parameter of several lines cannot give the numbers of a loop; keepalived drops the line"
	case len(args.text) > maxSequence:
		return "", fmt.Sprintf("the numbers of a loop take at most %d bytes; keepalived drops the line", maxSequence)
	}
	return strings.TrimSuffix(args.text, ")"), ""
}

// count works out the rounds of a ~SEQ.
func (l loop) count(args string, hex bool) (loop, string, string) {
	var n [3]int64
	words := strings.Split(args, ",")
	if len(words) > len(n) {
		return l, fmt.Sprintf("a loop takes at most three numbers, not %d; keepalived drops the line", len(words)), sequenceHelp
	}
	for i, w := range words {
		v, err := strconv.ParseInt(strings.TrimPrefix(strings.Trim(w, blanks), "+"), 0, 64)
		if err != nil {
			return l, fmt.Sprintf("%q is no number that a loop could use; keepalived drops the line", strings.Trim(w, blanks)), "write a whole number"
		}
		n[i] = v
	}
	first, step, last := int64(1), int64(1), n[len(words)-1]
	switch len(words) {
	case 1:
		if last < 0 {
			first = -1
		}
		if last < 1 {
			step = -1
		}
	case 2:
		first = n[0]
		if last < first {
			step = -1
		}
	case 3:
		first, step = n[0], n[1]
	}
	switch {
	case step == 0:
		return l, "a step of 0 never ends; keepalived drops the line", "write the step that leads from the first number to the last"
	case step > 0 && last < first || step < 0 && last > first:
		return l, fmt.Sprintf("a step of %d does not lead from %d to %d; keepalived drops the line", step, first, last), "change the sign of the step"
	case hex && (first < 0 || last < 0):
		return l, `"~SEQx" counts from 0 on; keepalived drops the line`, "write numbers that are not negative"
	}
	distance, width := uint64(last)-uint64(first), uint64(step)
	if step < 0 {
		distance, width = uint64(first)-uint64(last), -uint64(step)
	}
	rounds := distance / width
	if rounds >= maxRounds {
		return l, fmt.Sprintf("the loop has more than %d rounds", maxRounds), "check the numbers"
	}
	base := 10
	if hex {
		base = 16
	}
	l.rounds = int(rounds) + 1
	l.value = func(_, i int) string { return strconv.FormatInt(first+int64(i)*step, base) }
	return l, "", ""
}

// lst reads ~LST(VAR, a, b) or ~LST({V1, V2}, {a1, a2}, {b1, b2}).
func (x *expander) lst(p *piece) (l loop, problem, help string) {
	r := listReader{s: p.text, at: len(listWord)}
	if !r.take('(') {
		return l, `"~LST" needs its values in parentheses; keepalived drops the line`, listHelp
	}
	names, ok := r.set()
	var values [][]string
	for ok && r.take(',') {
		var v []string
		v, ok = r.set()
		if len(v) > len(names) {
			return l, fmt.Sprintf("the loop has %d variables, and a set of %d values; keepalived drops the line", len(names), len(v)), listHelp
		}
		values = append(values, v)
	}
	if !ok || !r.take(')') || len(values) == 0 {
		return l, "the names and values of the loop cannot be read; keepalived drops the line", listHelp
	}
	for _, name := range names {
		if name == "" || nameLength(name) != len(name) {
			return l, fmt.Sprintf("%q is no name for the variable of a loop", name), listHelp
		}
	}
	l.names, l.rounds, l.body = names, len(values), r.at
	l.value = func(name, i int) string {
		if name < len(values[i]) {
			return values[i][name]
		}
		return ""
	}
	return l, "", ""
}

// listReader reads the head of a ~LST.
type listReader struct {
	s  string
	at int
}

func (r *listReader) skip() {
	for r.at < len(r.s) && isSpace(r.s[r.at]) {
		r.at++
	}
}

// take reads blanks and the byte b, if it comes next.
func (r *listReader) take(b byte) bool {
	r.skip()
	if r.at < len(r.s) && r.s[r.at] == b {
		r.at++
		return true
	}
	return false
}

// set reads one value, or several in braces.
func (r *listReader) set() ([]string, bool) {
	if !r.take('{') {
		return []string{r.one()}, true
	}
	var out []string
	for {
		out = append(out, r.one())
		if r.take('}') {
			return out, true
		}
		if !r.take(',') {
			return nil, false
		}
	}
}

// one reads a value, which ends at a blank, comma, closing brace or closing parenthesis.
func (r *listReader) one() string {
	r.skip()
	start := r.at
	for r.at < len(r.s) && !isSpace(r.s[r.at]) && strings.IndexByte(",})", r.s[r.at]) < 0 {
		r.at++
	}
	return r.s[start:r.at]
}

// report adds a finding of the text level, once for each place.
func (x *expander) report(d diag.Diagnostic) {
	key := reportKey{rule: d.Rule, at: d.Span}
	if x.surface || x.reported[key] {
		return
	}
	x.reported[key] = true
	x.sink.add(d)
}

// reportKey tells findings apart that are made in each round of a loop.
type reportKey struct {
	rule string
	at   source.Span
}
