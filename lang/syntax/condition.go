package syntax

import (
	"fmt"
	"strings"

	"ka/lang/diag"
)

// maxIDs bounds the ids of conditions that a tree lists.
const maxIDs = 256

// condition is the stage of @id and @^id (reference language 5): what follows on the line counts only
// where the config id is id, or is not. The id ends at the first blank and is compared as it stands.
func (x *expander) condition(p *piece) bool {
	n := strings.IndexAny(p.text, blanks)
	if n < 0 {
		n = len(p.text)
	}
	id, not := strings.CutPrefix(p.text[1:n], "^")
	at := *p
	p.text, p.offset = p.text[n:], p.offset+n
	p.trimLeft()
	if x.surface {
		x.directed = true
		return p.text == ""
	}
	x.asked.addID(id)
	form := featureID
	if not {
		form = featureNotID
	}
	x.uses(form, at.text[:n], x.view.span(at.offset, n))
	p.indirect = "a condition"
	split := conditionSplit{offset: at.offset, length: n, from: len(x.view.lines), dropped: (id == x.opt.ConfigID) == not}
	name, defines := definedName(p.text)
	if !defines {
		split.net = netBraces(p.text)
	} else if strings.HasSuffix(p.text, `\`) {
		x.splitDefinition(name, at.offset, n)
	}
	x.splits = append(x.splits, split)
	if !split.dropped {
		return p.text == ""
	}
	if defines && strings.HasSuffix(p.text, `\`) {
		// The author meant all of the definition.
		x.inDefinition, x.defining = true, &parameter{}
	}
	return true
}

// splitDefinition reports a condition in front of a definition that goes on in the next line.
func (x *expander) splitDefinition(name string, off, n int) {
	x.report(diag.Diagnostic{
		Rule: ruleSplit, Severity: diag.Warning, Span: x.view.span(off, n),
		Message: fmt.Sprintf("the condition covers this line only: where it does not hold, keepalived reads the other lines of the definition of %q as configuration", name),
		Help:    "put the conditions onto the lines inside of the definition",
	})
}

// netBraces returns by how much opening braces outnumber closing ones in s.
func netBraces(s string) int {
	net := 0
	for {
		i := nextBrace(s, true)
		if i < 0 {
			return net
		}
		if s[i] == '{' {
			net++
		} else {
			net--
		}
		s = s[i+1:]
	}
}

// asked is what a text asked its environment for.
type asked struct {
	id, random, dir bool
	ids             []string
	env             map[string]string
}

// addID notes an id that a condition names.
func (a *asked) addID(id string) {
	a.id = true
	if id == "" || strings.HasSuffix(id, "@") || len(a.ids) >= maxIDs { // @NAME@ is a placeholder
		return
	}
	for _, have := range a.ids {
		if have == id {
			return
		}
	}
	a.ids = append(a.ids, id)
}
