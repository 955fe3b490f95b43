package syntax

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
)

// standing says where on its line a reference stands: what is no reference there can still be meant as it is.
type standing uint8

const (
	// inWord is a part of a word, or of the numbers of a loop.
	inWord standing = iota
	// asWord is a word of its own, in no quotes and behind no keyword of a password.
	asWord
	// onInclude is the name of a file to include, or in braces a part of it.
	onInclude
	// asHead is the first word of its line, where a keyword or an entry is wanted.
	asHead
	// inQuotes is a part of quoted text, which may be for a shell.
	inQuotes
)

// standing returns where a reference stands.
func (w *rewriting) standing(ref reference) standing {
	before := w.text[:ref.start]
	whole := ref.start > 0 && isSpace(before[ref.start-1]) && (ref.end == len(w.text) || isSpace(w.text[ref.end]))
	_, _, include := includeHead(w.text)
	switch {
	case strings.Count(before, `"`)%2 == 1:
		return inQuotes
	case w.numbers:
		return inWord
	case include && (whole || ref.braces):
		return onInclude
	case strings.TrimLeft(before, whiteSpace) == "":
		return asHead
	case whole && strings.Count(before, "'")%2 == 0 && !schema.IsSecret(firstWord(w.text)):
		return asWord
	}
	return inWord
}

// shortestGuess is the length from which a name without braces may be taken for a misspelt one: shorter ones
// are likely to be a shell's.
const shortestGuess = 4

// undefined is a name that references ask for and nothing defines.
type undefined struct {
	finding diag.Diagnostic
	// certain says that this is a mistake even where the text defines no parameters: else it then is a
	// placeholder, or what it says.
	certain bool
	places  []source.Span
}

// meantReference reports whether a reference to a name that is not defined was meant to be one, and a name that
// is nearly the same: without braces it may as well be what it says.
func (x *expander) meantReference(ref reference, stands standing) (near string, meant bool) {
	if stands == inQuotes {
		return "", false
	}
	if ref.braces || len(ref.name) >= shortestGuess {
		near, _ = schema.NearestWord(ref.name, x.parameterNames())
	}
	return near, ref.braces || near != "" || stands != inWord
}

// likePlaceholder reports whether a name without braces is written as those that a template holds.
func likePlaceholder(name string) bool { return len(name) >= 3 && upperLength(name) == len(name) }

// notDefined notes a reference to a name that nothing defines before it. All references to one name are one mistake.
func (x *expander) notDefined(ref reference, at source.Span, stands standing, near string) {
	key := reportKey{rule: ruleUndefined, at: at}
	if x.surface || x.reported[key] {
		return
	}
	x.reported[key] = true
	if i, ok := x.undefinedAt[ref.name]; ok {
		x.undefined[i].places = append(x.undefined[i].places, at)
		return
	}
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: at,
		Message: fmt.Sprintf("the parameter %q is not defined here; keepalived reads %q as it stands", ref.name, "$"+ref.name),
		Help:    fmt.Sprintf("write $%s=VALUE on a line before this one", ref.name),
	}
	switch {
	case ref.braces && stands == onInclude:
		d.Message = fmt.Sprintf("the parameter %q is not defined here", ref.name)
	case ref.braces:
		d.Message = fmt.Sprintf("the parameter %q is not defined here; keepalived reads the braces as those of a block", ref.name)
	}
	if near != "" {
		d.Help = fmt.Sprintf("did you mean ${%s}?", near)
	}
	if x.undefinedAt == nil {
		x.undefinedAt = map[string]int{}
	}
	x.undefinedAt[ref.name] = len(x.undefined)
	certain := stands == asHead && !ref.braces && !likePlaceholder(ref.name)
	x.undefined = append(x.undefined, undefined{finding: d, certain: certain, places: []source.Span{at}})
}

// reportUndefined reports the names that nothing defines, each once.
func (x *expander) reportUndefined() {
	for _, u := range x.undefined {
		if !u.certain && !x.definesParameters() {
			continue
		}
		others := u.places[1:]
		for _, at := range others[:min(len(others), maxResidueNotes)] {
			u.finding.Related = append(u.finding.Related, diag.Note{Message: "it is used here, too", Span: at})
		}
		if more := len(others) - maxResidueNotes; more > 0 {
			u.finding.Related[maxResidueNotes-1].Message += fmt.Sprintf(", and in %d more places", more)
		}
		x.sink.add(u.finding)
		x.unresolved = append(x.unresolved, u.places...)
	}
}

// almost looks at a dollar sign that starts no reference: at text that is nearly one, or nearly a definition.
func (w *rewriting) almost(i int) {
	n := nameLength(w.text[i+1:])
	ref := reference{start: i, end: i + 1 + n, name: w.text[i+1 : i+1+n]}
	stands := w.standing(ref)
	switch {
	case stands == inQuotes || strings.Count(w.text[:i], "'")%2 == 1:
	case w.x.parameters[ref.name] != nil:
		w.notDelimited(ref)
	case stands == asHead:
		w.noDefinition(ref)
	}
}

// notDelimited reports a parameter that is not replaced for what stands behind its name.
func (w *rewriting) notDelimited(ref reference) {
	use, outer := w.use(ref)
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: use,
		Message: fmt.Sprintf("%q is not replaced here: behind a name without braces only a blank, a comma, %q or the end of the line may stand", "$"+ref.name, ")"),
		Help:    fmt.Sprintf("write ${%s}", ref.name),
	}
	if outer == nil {
		d.Fixes = []diag.Fix{{Kind: diag.Intent, Title: d.Help, Edits: []diag.Edit{{Span: use, New: "${" + ref.name + "}"}}}}
	}
	w.x.report(d)
	w.x.notReplaced(use)
}

// noDefinition reports a line whose first word starts with a dollar sign and is neither a definition nor a
// reference.
func (w *rewriting) noDefinition(ref reference) {
	word := firstWord(w.text[ref.start:])
	name, _, defines := strings.Cut(word[1:], "=")
	ref.end = ref.start + len(word)
	use, _ := w.use(ref)
	switch {
	case defines && name != "":
		w.x.notSubstituted(use, fmt.Sprintf("%q is no name of a parameter, so keepalived reads the definition as a keyword that it does not know", name),
			`write a name of letters, digits and "_" that starts with no digit`)
		w.x.notReplaced(use)
	case ref.name != "":
		w.x.notDefined(ref, use, asHead, "")
	}
}

// notReplaced notes a reference that stays as it is: what the words there mean is not known.
func (x *expander) notReplaced(at source.Span) {
	x.unresolved = append(x.unresolved, at)
	x.lastUnknown = at
}
