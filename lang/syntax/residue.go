package syntax

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// maxResidueNotes is how many further places of one placeholder are shown.
const maxResidueNotes = 4

// residue is a text that somebody, or some program, was to replace: every place of it in one file.
type residue struct {
	text   string
	places []source.Span
	// lines counts the raw lines that hold it; comment, condition and braces say what keepalived takes it for
	// somewhere.
	lines                      int
	comment, condition, braces bool
	// parameter is the name that a reference $NAME or ${NAME} asks for.
	parameter string
}

// residueKey tells the same text in two files apart.
type residueKey struct {
	file *source.File
	text string
}

// residues gathers the placeholders of a text.
type residues struct {
	byText map[residueKey]*residue
	order  []*residue
	// defined are the parameters that the text defines; $NAME is no residue where it defines any.
	defined map[string]bool
	// cut are the stretches of the expanded view that are placeholders with braces outside of quotes.
	cut []stretch
}

// stretch is a part of the expanded view.
type stretch struct{ from, to int }

// findResidue looks for placeholders in the raw line s, whose text ends at end and whose comment follows.
func (x *expander) findResidue(s string, end, off int) {
	text := s[:end]
	if name, ok := definedName(text); ok {
		if x.residue.defined == nil {
			x.residue.defined = map[string]bool{}
		}
		x.residue.defined[name] = true
		return
	}
	if m := hashPlaceholder(s[end:]); m > 0 && strings.TrimSpace(text) != "" {
		x.addResidue(placeholder{at: end, end: end + m}, s, off).comment = true
	}
	found := placeholders(text)
	if end < len(s) {
		if p, ok := cutTemplate(s, end); ok {
			found = append(found, p)
		}
	}
	for _, p := range found {
		r := x.addResidue(p, s, off)
		r.parameter = p.parameter
		r.condition = r.condition || p.at == 0 && s[0] == '@'
		if p.braces && !p.quoted {
			r.braces = true
			x.residue.cut = append(x.residue.cut, stretch{off + p.at, off + min(p.end, end)})
		}
	}
}

// addResidue notes one place of a placeholder.
func (x *expander) addResidue(p placeholder, s string, off int) *residue {
	span := x.view.span(off+p.at, p.end-p.at)
	key := residueKey{span.File, s[p.at:p.end]}
	r := x.residue.byText[key]
	if r == nil {
		if x.residue.byText == nil {
			x.residue.byText = map[residueKey]*residue{}
		}
		r = &residue{text: key.text}
		x.residue.byText[key] = r
		x.residue.order = append(x.residue.order, r)
	}
	if n := len(r.places); n > 0 && span.File.LineOf(r.places[n-1].Start) == span.File.LineOf(span.Start) {
		return r
	}
	if r.lines++; len(r.places) <= maxResidueNotes {
		r.places = append(r.places, span)
	}
	return r
}

// reportResidues reports each placeholder once for each file.
func (x *expander) reportResidues() {
	for _, r := range x.residue.order {
		if r.parameter != "" && (x.definesParameters() || isPredefined(r.parameter)) {
			continue // parameters are in use here: what is wrong with this one is another rule's
		}
		x.sink.add(r.finding())
	}
	x.reportUndefined()
}

// definesParameters reports whether the text uses parameters of its own: then one that is not defined is
// no placeholder.
func (x *expander) definesParameters() bool {
	return len(x.residue.defined) > 0 || len(x.parameters) > 0
}

// cutAt returns the placeholder that holds offset off.
func (r *residues) cutAt(off int) (c stretch, ok bool) {
	i := sort.Search(len(r.cut), func(i int) bool { return r.cut[i].to > off })
	if i == len(r.cut) || r.cut[i].from > off {
		return stretch{}, false
	}
	return r.cut[i], true
}

func (r *residue) finding() diag.Diagnostic {
	d := diag.Diagnostic{
		Rule: "template-residue", Severity: diag.Warning, Span: r.places[0],
		Help: "write the value that it stands for",
	}
	shown := fmt.Sprintf("%q", shorten(r.text))
	if r.secret() {
		shown = "the value"
	}
	switch {
	case r.braces:
		d.Severity = diag.Error
		d.Message = shown + " was never filled in; keepalived takes its braces for those of a block"
	case r.comment:
		d.Message = shown + " was never filled in; keepalived takes it for a comment"
	case r.condition:
		d.Message = shown + " was never filled in; keepalived takes it for a condition, and skips the line"
	default:
		d.Message = shown + " looks like a placeholder that was never filled in"
	}
	if strings.HasPrefix(r.text, "$") || strings.HasPrefix(r.text, "{") {
		d.Help += ", or run the program that fills the template in"
	}
	for _, span := range r.places[1:] {
		d.Related = append(d.Related, diag.Note{Message: "it stands here, too", Span: span})
	}
	if more := r.lines - len(r.places); more > 0 {
		d.Related[len(d.Related)-1].Message += fmt.Sprintf(", and on %d more lines", more)
	}
	return d
}

// secret reports whether the placeholder stands where a password does: it may be one.
func (r *residue) secret() bool {
	first := r.places[0]
	line := first.File.LineSpan(first.File.LineOf(first.Start)).Text()
	return diag.HasSecret(line) && !strings.ContainsAny(r.text, "{$")
}

// joinTemplates puts the lines together that keepalived cuts at the braces of a placeholder, so that what
// follows is read as it was meant. It returns the places of the placeholders.
func (x *expander) joinTemplates() (broken []int) {
	if len(x.residue.cut) == 0 {
		return nil
	}
	slices.SortFunc(x.residue.cut, func(a, b stretch) int { return a.from - b.from })
	out := make([]logicalLine, 0, len(x.view.lines))
	end := -1 // the end of the line that is being put together, -1 where none is
	for _, l := range x.view.lines {
		cut, inside := x.residue.cutAt(l.offset)
		if end >= 0 && (inside || l.kind == textLine) && x.oneRawLine(end-1, l.offset) {
			end = max(end, l.offset+len(l.text))
		} else {
			end = -1
			if !inside || l.kind == textLine {
				out = append(out, l)
				continue
			}
			if n := len(out); n == 0 || out[n-1].kind != textLine || !x.oneRawLine(out[n-1].offset, l.offset) {
				out = append(out, logicalLine{offset: cut.from, kind: textLine})
			}
		}
		if inside {
			end = max(end, cut.to)
			broken = append(broken, l.offset)
		}
		last := &out[len(out)-1]
		last.text = strings.TrimRight(x.view.span(last.offset, end-last.offset).Text(), whiteSpace)
	}
	if deepest(out) > maxNesting {
		return nil // the braces of the words were all that closed something
	}
	x.view.lines = out
	return broken
}

// deepest returns how many blocks are open at most.
func deepest(lines []logicalLine) int {
	depth, most := 0, 0
	for _, l := range lines {
		switch l.kind {
		case openLine:
			depth++
			most = max(most, depth)
		case closeLine:
			depth = max(0, depth-1)
		}
	}
	return most
}

// oneRawLine reports whether two offsets of the expanded view come from one raw line.
func (x *expander) oneRawLine(a, b int) bool {
	p, q := x.view.place(a), x.view.place(b)
	if p.File != q.File {
		return false
	}
	from, to := min(p.Start, q.Start), max(p.Start, q.Start)
	return to-from <= maxLineBytes && bytes.IndexByte(p.File.Data[from:to], '\n') < 0
}
