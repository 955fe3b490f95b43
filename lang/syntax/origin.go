package syntax

import (
	"sort"

	"ka/lang/source"
)

// Origin says where a stretch of the expanded view comes from. The expanded view is one long run of
// offsets; each file that is read, and each line that had to be put together anew, takes the next
// stretch of it. A token carries nothing but such an offset.
type Origin struct {
	// Offset is the first offset of the stretch; it ends where the next Origin begins.
	Offset int
	// Span is the text that the stretch stands for, byte for byte; where Out is set, each byte of the
	// stretch stands for all of Span.
	Span source.Span
	// Via is the include line that brought the text in, the innermost one; nil in the main file.
	Via *Include
	// Out is the parameter or loop that the text came out of, nil where it stands in the file itself.
	Out *Expansion
}

// Expansion is a use of a parameter: text that stands where it is used, and not as it is read.
type Expansion struct {
	// Name is the name of the parameter.
	Name string
	// Use is the reference in a file. A reference inside a value has the Use of the reference that
	// brought the value in.
	Use source.Span
	// Defined is the part of the definition that the text came from; no place for a parameter that
	// keepalived sets itself. Loop says that it is the head of a loop.
	Defined source.Span
	Loop    bool
	// Outer is the expansion that brought the reference in, nil where it stands in the file itself.
	Outer *Expansion
}

// holds reports whether e, or an expansion around it, is one of the parameter name.
func (e *Expansion) holds(name string) bool {
	for ; e != nil; e = e.Outer {
		if e.Name == name {
			return true
		}
	}
	return false
}

// depth is the number of expansions in one another.
func (e *Expansion) depth() (n int) {
	for ; e != nil; e = e.Outer {
		n++
	}
	return n
}

// lineKind tells the logical lines apart.
type lineKind uint8

const (
	textLine lineKind = iota
	openLine
	closeLine
)

// logicalLine is a line as keepalived's parser gets it: words, or a single brace.
type logicalLine struct {
	text string
	// offset is the place of text in the expanded view, -1 for a brace that nobody wrote and that only
	// repairs the structure.
	offset int
	kind   lineKind
}

// view is the expanded view of a main file.
type view struct {
	origins  []Origin
	lines    []logicalLine
	files    []*source.File
	includes []*Include
	// next is the first offset that is not given out.
	next int
	// last is the origin found by the previous look-up: neighbours come from the same one.
	last int
}

// add gives the next offsets to span and returns the first of them. A gap of one offset keeps the end
// of one stretch apart from the start of the next.
func (v *view) add(span source.Span, via *Include) int {
	base := v.next
	v.origins = append(v.origins, Origin{Offset: base, Span: span, Via: via})
	v.next += span.End - span.Start + 1
	return base
}

// origin returns the entry that holds offset off.
func (v *view) origin(off int) *Origin {
	if o := &v.origins[v.last]; off >= o.Offset && (v.last+1 == len(v.origins) || off < v.origins[v.last+1].Offset) {
		return o
	}
	v.last = max(0, sort.Search(len(v.origins), func(i int) bool { return v.origins[i].Offset > off })-1)
	return &v.origins[v.last]
}

// addOut gives the next n offsets to text that came out of a parameter.
func (v *view) addOut(out *Expansion, via *Include, n int) int {
	base := v.next
	v.origins = append(v.origins, Origin{Offset: base, Span: out.Use, Via: via, Out: out})
	v.next += n + 1
	return base
}

// span returns the place of the n bytes at offset off. Where they come from two files, only the part in
// the first counts. A negative offset is no place.
func (v *view) span(off, n int) source.Span {
	if off < 0 || len(v.origins) == 0 {
		return source.Span{}
	}
	start := v.place(off)
	if n <= 0 {
		return start
	}
	end := v.place(off + n - 1)
	if v.origin(off+n-1).Out == nil {
		end.End = end.Start + 1
	}
	if end.File == start.File && end.End >= start.End && end.Start >= start.Start {
		start.End = end.End
	}
	return start
}

// place returns the empty span at offset off, the whole reference where the text came out of one.
func (v *view) place(off int) source.Span {
	o := v.origin(off)
	if o.Out != nil {
		return o.Span
	}
	at := min(o.Span.Start+off-o.Offset, o.Span.End)
	return source.Span{File: o.Span.File, Start: at, End: at}
}
