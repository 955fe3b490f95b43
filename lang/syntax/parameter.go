package syntax

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// parameter is a definition $NAME=value, or the variable of a loop. The value is kept as it was written;
// what it refers to is looked up when it is used.
type parameter struct {
	name string
	// lines are the pieces of the value, one for each line of the definition.
	lines []valueLine
	// at is the place of the name in the definition, of the head for a loop.
	at   source.Span
	loop bool
}

// whole is the place of the whole definition.
func (p *parameter) whole() source.Span {
	at := p.at
	for _, l := range p.lines {
		at = at.Join(l.at)
	}
	return at
}

// valueLine is one line of a value.
type valueLine struct {
	text string
	at   source.Span
}

// definition is the stage of $NAME=value (reference language 6.1). It takes the rest of the line, braces
// included, and the lines that follow as long as each ends in a backslash.
func (x *expander) definition(p *piece) bool {
	name, head, ok := definitionHead(p.text)
	if !ok || x.parameters[name] != nil && head != len(name)+2 {
		return false
	}
	if head != len(name)+2 {
		x.spacedDefinition(name, x.view.span(p.offset, head))
	}
	def := &parameter{name: name, at: x.view.span(p.offset, head)}
	x.inDefinition, x.defining = strings.HasSuffix(p.text, `\`), def
	x.gap = gap{}
	value := strings.TrimLeft(p.text[head:], blanks)
	at := p.offset + len(p.text) - len(value)
	if x.inDefinition {
		value = strings.TrimRight(strings.TrimSuffix(value, `\`), blanks)
	}
	if value != "" || !x.inDefinition {
		def.lines = append(def.lines, valueLine{text: value, at: x.view.span(at, len(value)).Join(def.at)})
	}
	if !x.surface {
		x.parameters[name] = def
		x.uses(featureDefinition, p.text[:head], def.at)
	}
	return true
}

// spacedDefinition reports blanks before the sign of a definition, which keepalived then takes for a keyword. It
// is read as it was meant, so that what uses the parameter is no further mistake.
func (x *expander) spacedDefinition(name string, at source.Span) {
	x.report(diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: at,
		Message: fmt.Sprintf("the parameter %q is not defined by this line: no blank may stand before the \"=\"", name),
		Help:    fmt.Sprintf("write $%s=", name),
		Fixes: []diag.Fix{{
			Kind: diag.Intent, Title: fmt.Sprintf("write $%s=", name), Edits: []diag.Edit{{Span: at, New: "$" + name + "="}},
		}},
	})
}

// gap is an empty line, or one of nothing but a comment, inside a definition of several lines.
type gap struct {
	at      source.Span
	comment bool
}

// emptyInDefinition takes a line without text inside a definition. A really empty line ends it; a line of
// blanks or a comment ends it for the processes that read the blocks, and is skipped by their parent.
func (x *expander) emptyInDefinition(off, n int, comment bool) {
	if x.gap.at.IsValid() {
		x.gap.comment = x.gap.comment || comment
		return
	}
	x.gap = gap{at: x.view.span(off, n), comment: comment}
}

// definitionLine takes a further line of a definition. It returns false where the definition has ended
// before it. Behind a gap the line belongs to the definition if it goes on itself, or, behind a comment,
// if it is indented: that is what the author meant.
func (x *expander) definitionLine(text string, off int, indented bool) bool {
	more := strings.HasSuffix(text, `\`)
	if x.gap.at.IsValid() {
		if !more && (!x.gap.comment || !indented) {
			x.inDefinition, x.gap = false, gap{}
			return false
		}
		x.definitionCut(off, len(text))
		x.gap = gap{}
	}
	x.inDefinition = more
	if more {
		text = strings.TrimRight(strings.TrimSuffix(text, `\`), blanks)
	}
	x.defining.lines = append(x.defining.lines, valueLine{text: text, at: x.view.span(off, len(text))})
	return true
}

func (x *expander) definitionCut(off, n int) {
	what := "an empty line"
	if x.gap.comment {
		what = "a comment line"
	}
	if x.surface || x.defining.name == "" {
		return
	}
	x.report(diag.Diagnostic{
		Rule: "definition-cut", Severity: diag.Error, Span: x.gap.at,
		Message: fmt.Sprintf("%s ends the definition of %q; keepalived reads the lines behind it as configuration", what, x.defining.name),
		Help:    "remove the line: between the lines of a definition there is neither an empty line nor a comment",
		Related: []diag.Note{{Message: "the definition goes on here", Span: x.view.span(off, n)}},
	})
}

// set gives a parameter one line of value.
func (x *expander) set(name, value string, at source.Span, loop bool) {
	x.parameters[name] = &parameter{name: name, at: at, loop: loop, lines: []valueLine{{text: value, at: at}}}
}

// verdict says what becomes of a reference.
type verdict uint8

const (
	substituted verdict = iota
	// leftAlone is text that is no mistake, or is one of the words' meaning.
	leftAlone
	// unknowable is a value that depends on what nobody told.
	unknowable
	// refused was reported.
	refused
)

// lookup returns the value of a reference; user definitions hide the parameters that keepalived sets.
func (w *rewriting) lookup(ref reference, at source.Span) (*parameter, verdict) {
	x := w.x
	if def := x.parameters[ref.name]; def != nil {
		if len(ref.args) > 0 || ref.spaced {
			x.notSubstituted(at, fmt.Sprintf("%q takes no words behind its name, so keepalived does not replace it", ref.name),
				fmt.Sprintf("write ${%s}", ref.name))
			return nil, refused
		}
		return def, substituted
	}
	if isPredefined(ref.name) && !ref.spaced {
		x.uses(ref.name, ref.name, at)
		value, v := x.predefined(ref, at)
		return &parameter{name: ref.name, lines: []valueLine{{text: value}}}, v
	}
	stands := w.standing(ref)
	near, meant := x.meantReference(ref, stands)
	if !meant {
		return nil, leftAlone
	}
	if ref.spaced && isPredefined(ref.name) {
		x.notSubstituted(at, `no blank may stand before the "}" of a parameter; keepalived does not replace it, and reads its braces as those of a block`,
			"remove the blank")
		return nil, refused
	}
	x.notDefined(ref, at, stands, near)
	if ref.braces {
		return nil, refused
	}
	if likePlaceholder(ref.name) || x.definesParameters() {
		x.lastUnknown = at
	}
	return nil, leftAlone
}

func (x *expander) notSubstituted(at source.Span, message, help string) {
	x.report(diag.Diagnostic{Rule: ruleUndefined, Severity: diag.Error, Span: at, Message: message, Help: help})
}

// maxNames bounds the names among which a misspelt one is looked for.
const maxNames = 1000

func (x *expander) parameterNames() []string {
	names := predefined[:len(predefined):len(predefined)]
	if len(x.parameters) > maxNames {
		return names
	}
	for name := range x.parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// predefined returns the value of a parameter that keepalived sets itself (reference language 6.4).
func (x *expander) predefined(ref reference, at source.Span) (string, verdict) {
	if ref.name == "_ENV" {
		return x.env(ref, at)
	}
	if ref.name == "_RANDOM" {
		return x.random(ref, at)
	}
	if len(ref.args) > 0 {
		x.notSubstituted(at, fmt.Sprintf("%q takes no words behind its name, so keepalived does not replace it", ref.name),
			fmt.Sprintf("write ${%s}", ref.name))
		return "", refused
	}
	switch ref.name {
	case "_PWD":
		x.asked.dir = true
		dir := filepath.Dir(x.reading[len(x.reading)-1].file.Name)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(x.opt.Dir, dir)
		}
		return filepath.ToSlash(dir), substituted
	case "_INSTANCE":
		x.asked.id = true
		return x.opt.ConfigID, substituted
	case "_HASH":
		return "#", substituted
	}
	return "!", substituted
}

// env returns an environment variable, "" where it is not set. Without a name keepalived crashes.
func (x *expander) env(ref reference, at source.Span) (string, verdict) {
	if len(ref.args) != 1 {
		message := fmt.Sprintf("%q takes one name of an environment variable, not %d", ref.name, len(ref.args))
		if len(ref.args) == 0 {
			message = fmt.Sprintf("%q needs the name of an environment variable; keepalived crashes without one", ref.name)
		}
		x.notSubstituted(at, message, "write ${_ENV NAME}")
		return "", refused
	}
	if x.opt.Env == nil {
		return "", unknowable
	}
	value, _ := x.opt.Env(ref.args[0])
	if x.asked.env == nil {
		x.asked.env = map[string]string{}
	}
	if i := strings.IndexAny(value, "\n\x00"); i >= 0 {
		value = value[:i] // a line has one end
	}
	x.asked.env[ref.args[0]] = value
	return value, substituted
}

// largestRandom is the upper bound of ${_RANDOM} where none is written.
const largestRandom = 32767

// random returns a number between two bounds. It follows from the seed, the config id and how many were
// drawn before.
func (x *expander) random(ref reference, at source.Span) (string, verdict) {
	bounds := [2]int64{0, largestRandom}
	for i, arg := range ref.args {
		n, err := strconv.ParseInt(arg, 10, 32)
		if i == len(bounds) || err != nil || arg[0] < '0' || arg[0] > '9' {
			x.report(diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: at,
				Message: fmt.Sprintf("%q takes at most two numbers, the least and the greatest; keepalived does not replace it", ref.name),
				Help:    "write ${_RANDOM 1 100}",
			})
			return "", refused
		}
		bounds[i] = n
	}
	if bounds[0] > bounds[1] {
		x.report(diag.Diagnostic{
			Rule: ruleInvalid, Severity: diag.Error, Span: at,
			Message: fmt.Sprintf("the least number, %d, is greater than the greatest, %d; keepalived always takes %d", bounds[0], bounds[1], bounds[0]),
			Help:    "write the smaller number first",
		})
		bounds[1] = bounds[0]
	}
	if x.rng == nil {
		h := fnv.New64a()
		h.Write([]byte(x.opt.ConfigID))
		x.rng = rand.New(rand.NewPCG(uint64(x.opt.Seed), h.Sum64()))
	}
	x.asked.random = true
	return strconv.FormatInt(bounds[0]+x.rng.Int64N(bounds[1]-bounds[0]+1), 10), substituted
}
