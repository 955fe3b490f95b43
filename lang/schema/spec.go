package schema

import (
	"slices"
	"strings"
)

// specRow is a notation of arguments, read. The rows are generated (zz_specs.go): reading hundreds of
// notations at each start would cost as much as linting a small file.
type specRow struct {
	notation string
	spec     Spec
}

// unicastPeer is the list whose addresses keepalived cuts at - and /, unlike those of other lists.
const unicastPeer = "unicast_peer"

// orHost is in the notation of words that the resolver reads, which cuts nothing.
const orHost = "| host )"

// exactMark stands behind the notation of words whose addresses are taken as they are.
const exactMark = " (exact)"

// notationOf is the notation under which the grammar of a keyword's words is kept.
func notationOf(k *Keyword) string {
	inLine := k.Kind == LineToken && !strings.Contains(k.Context, unicastPeer) && strings.Contains(k.Args, "ip")
	if inLine || strings.Contains(k.Args, orHost) {
		return k.Args + exactMark
	}
	return k.Args
}

// specOf finds the generated grammar of a keyword's words; one that was not generated yet is read now.
func specOf(k *Keyword) Spec {
	if k.Args == "" {
		return nil
	}
	notation := notationOf(k)
	i, ok := slices.BinarySearchFunc(specRows[:], notation, func(r specRow, n string) int { return strings.Compare(r.notation, n) })
	if ok {
		return specRows[i].spec
	}
	return readNotation(notation)
}

// readNotation reads a notation of notationOf.
func readNotation(notation string) Spec {
	text, exact := strings.CutSuffix(notation, exactMark)
	s := ParseArgs(text)
	if exact {
		s.exact()
	}
	return s
}
