package compiler

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Names that blocks of the top level give, and others use: files, processes and BFD sessions that are
// tracked, and groups of instances for static lines. keepalived reads once from top to bottom, so a name
// must be given above its use.

// definition is a name of a kind; the kind is the keyword of its block.
type definition struct{ kind, name string }

// defined is a definition while the text is read.
type defined struct {
	from *syntax.Statement
	// watch is the weight of what is tracked, for those that say none.
	watch plan.Watch
	// unusable says that keepalived drops it; that is reported, its users are not.
	unusable bool
}

// definitions are the names given so far, and those of the whole text.
type definitions struct {
	known map[definition]*defined
	all   map[definition]*syntax.Statement
	names map[string][]string
	// lost are the names whose blocks keepalived does not read, which is reported; their users are not.
	lost map[definition]bool
}

// isNamed reports whether other blocks may refer to a block: to a virtual server none does.
func isNamed(s *syntax.Statement) bool {
	return s.Keyword != nil && s.Keyword.Name != kw.VirtualServer
}

func newDefinitions(body []*syntax.Statement) definitions {
	d := definitions{known: map[definition]*defined{}, all: map[definition]*syntax.Statement{}, names: map[string][]string{}, lost: map[definition]bool{}}
	for _, s := range body {
		if !isNamed(s) {
			continue
		}
		if s.Dropped {
			d.lost[definition{s.Keyword.Preferred(), name(s)}] = true
			continue
		}
		if k := (definition{s.Keyword.Preferred(), name(s)}); d.all[k] == nil {
			d.all[k] = s
		}
	}
	return d
}

// define notes a name; false where it is given already, which is reported with what keepalived does.
func (c *compilation) define(s *syntax.Statement, severity diag.Severity, consequence string) (*defined, bool) {
	k := definition{s.Keyword.Preferred(), name(s)}
	if first := c.defined.known[k]; first != nil {
		d := diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: severity, Span: s.Args[0].Span,
			Message: fmt.Sprintf("%s %q is defined a second time; %s", k.kind, k.name, consequence),
			Help:    "give it another name",
			Related: []diag.Note{{Message: "the first definition", Span: first.from.Args[0].Span}},
		}
		c.report(d)
		c.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return nil, false
	}
	out := &defined{from: s}
	c.defined.known[k] = out
	c.defined.names[k.kind] = append(c.defined.names[k.kind], k.name)
	return out, true
}

// use finds what a word names; nil where it is not given, not yet, or not usable. The first two are
// reported with what keepalived does, and the entry, where there is one, is listed as left out.
func (c *compilation) use(kind string, w syntax.Word, entry *syntax.Statement, consequence, subject string) *defined {
	k := definition{kind, w.Text}
	if found := c.defined.known[k]; found != nil {
		if found.unusable {
			if entry != nil {
				c.leaveOut(entry, fmt.Sprintf("%s %q is left out itself", kind, w.Text))
			}
			return nil
		}
		return found
	}
	if c.leftOutWithDefinition(k, entry) {
		return nil
	}
	d := undefined(kind, w, c.defined.all[k], c.defined.names[kind], consequence)
	d.Subject = subject
	c.report(d)
	if entry != nil {
		c.leaveOut(entry, d.Message+" ["+d.Rule+"]")
	}
	return nil
}

// undefined is the finding about a word that names what is not defined before it: nowhere, or further down only,
// at later. The nearest of the names that are defined is offered.
func undefined(kind string, w syntax.Word, later *syntax.Statement, names []string, consequence string) diag.Diagnostic {
	if later != nil {
		return diag.Diagnostic{
			Rule: ruleLate, Severity: diag.Error, Span: w.Span,
			Message: fmt.Sprintf("%s %q is defined further down, too late for this line; %s", kind, w.Text, consequence),
			Help:    fmt.Sprintf("move \"%s %s\" further up", kind, w.Text),
			Related: []diag.Note{{Message: "defined here", Span: later.Span}},
		}
	}
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%s %q is not defined; %s", kind, w.Text, consequence),
		Help:    fmt.Sprintf("define \"%s %s\" further up, or remove the line", kind, w.Text),
	}
	offer(&d, w, names)
	return d
}

// offer replaces the help of a finding by the one of the names that the word w was probably meant to be.
func offer(d *diag.Diagnostic, w syntax.Word, names []string) {
	near, ok := schema.NearestWord(w.Text, names)
	if !ok {
		return
	}
	d.Help = fmt.Sprintf("did you mean %q?", near)
	d.Fixes = []diag.Fix{{
		Kind: diag.Intent, Title: fmt.Sprintf("write %q", near),
		Edits: []diag.Edit{{Span: unquoted(w), New: near}},
	}}
}

// leftOutWithDefinition leaves out an entry that names what a reported block would have defined.
func (c *compilation) leftOutWithDefinition(k definition, entry *syntax.Statement) bool {
	if !c.defined.lost[k] || c.defined.all[k] != nil {
		return false
	}
	if entry != nil {
		c.leaveOut(entry, fmt.Sprintf("%s %q is left out itself", k.kind, k.name))
	}
	return true
}

// definedTrackGroup reads the track_group of a static line, "" where it is not defined above.
func (c *compilation) definedTrackGroup(t check.Token, entry *syntax.Statement) string {
	if c.use(kw.TrackGroup, t.Args[0], entry, "keepalived ignores the word", "") == nil {
		return ""
	}
	return t.Arg()
}
