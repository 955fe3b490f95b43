package lint

import (
	"strings"

	"ka/lang/check"
	"ka/lang/schema"
	"ka/lang/syntax"
)

// definition is a block that gives a name to something, and how often the name is used.
type definition struct {
	kind, name string
	at         *syntax.Statement
	uses       int
}

// definitions finds what a tree defines (def:KIND in the keyword table) and counts the uses (ref:KIND),
// wherever the words stand: behind a keyword, among its options, or on the lines of a list.
func definitions(body []*syntax.Statement) []*definition {
	x := references{byName: map[[2]string]*definition{}, unknown: map[string][]string{}}
	for _, st := range body {
		x.define(st)
	}
	if len(x.all) == 0 {
		return nil
	}
	x.block(body)
	for _, d := range x.all {
		if d.uses == 0 && x.meant(d) {
			d.uses++
		}
	}
	return x.all
}

type references struct {
	all    []*definition
	byName map[[2]string]*definition
	// unknown are names that are used and defined nowhere, lost the lines that keepalived does not act on.
	unknown map[string][]string
	lost    []string
}

// meant reports whether a name was evidently to be used where keepalived does not see it: on a line that
// it leaves out, or misspelt. That line has a finding of its own.
func (x *references) meant(d *definition) bool {
	for _, line := range x.lost {
		if strings.Contains(line, d.name) {
			return true
		}
	}
	for _, name := range x.unknown[d.kind] {
		if near, _ := schema.NearestWord(name, []string{d.name}); near == d.name {
			return true
		}
	}
	return false
}

func (x *references) define(st *syntax.Statement) {
	if st.Keyword == nil || st.Dropped || len(st.Args) == 0 {
		return
	}
	for _, it := range st.Keyword.Spec() {
		if it.Type != schema.Define {
			continue
		}
		key := [2]string{it.Kind, st.Args[0].Text}
		if x.byName[key] == nil {
			d := &definition{kind: it.Kind, name: st.Args[0].Text, at: st}
			x.byName[key] = d
			x.all = append(x.all, d)
		}
	}
}

func (x *references) block(body []*syntax.Statement) {
	for _, st := range body {
		k := st.Keyword
		if st.Dropped {
			x.lose(st)
		}
		if k == nil {
			continue
		}
		x.words(k.Spec(), st.Args)
		switch {
		case k.Kind == schema.WordBlock:
			for _, entry := range st.Children() {
				x.names(schema.At(k.Inner()), append([]syntax.Word{entry.Head}, entry.Args...))
			}
		case k.Kind == schema.ListBlock:
			ctx := schema.At(k.Inner())
			for _, entry := range st.Children() {
				if entry.Dropped {
					x.lose(entry)
				}
				for _, t := range check.Line(entry, ctx) {
					if t.Keyword != nil {
						x.words(t.Keyword.Spec(), t.Args)
					}
				}
			}
		default:
			x.block(st.Children())
		}
	}
}

// lose notes a statement that has no effect, with all that is in it.
func (x *references) lose(st *syntax.Statement) {
	x.lost = append(x.lost, st.Raw)
	for _, inner := range st.Children() {
		x.lose(inner)
	}
}

// words counts the names behind a keyword: any word may be one where the keyword takes a name.
func (x *references) words(spec schema.Spec, words []syntax.Word) {
	for _, kind := range kindsOf(spec) {
		for _, w := range words {
			x.use(kind, w)
		}
	}
}

// names counts the words of a block in which each is a name.
func (x *references) names(ctx *schema.Context, words []syntax.Word) {
	for _, k := range ctx.Keywords() {
		x.words(k.Spec(), words)
	}
}

func (x *references) use(kind string, w syntax.Word) {
	if d := x.byName[[2]string{kind, w.Text}]; d != nil {
		d.uses++
		return
	}
	x.unknown[kind] = append(x.unknown[kind], w.Text)
}

// kindsOf are the kinds of things that the words of a spec may name.
func kindsOf(spec schema.Spec) []string {
	var kinds []string
	for i := range spec {
		if spec[i].Type == schema.Reference {
			kinds = append(kinds, spec[i].Kind)
		}
		for _, alt := range spec[i].Choice {
			kinds = append(kinds, kindsOf(alt)...)
		}
	}
	return kinds
}
