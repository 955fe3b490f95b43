package reference

import (
	"fmt"
	"strings"

	"ka/lang/schema"
)

var repeats = map[schema.Repeat]string{
	schema.RepeatLast:       "the last one counts, silently",
	schema.RepeatLastNoted:  "the last one counts, and keepalived reports the second",
	schema.RepeatFirstNoted: "the first one counts, and keepalived reports the others",
	schema.RepeatAccumulate: "they add up",
	schema.RepeatSame:       "the same as once",
	schema.RepeatOr:         "what any of them says counts",
	schema.RepeatMax:        "the largest counts",
	schema.RepeatOrdered:    "each acts in its turn",
	schema.RepeatReplace:    "the new block replaces the old one, and keepalived reports it",
	schema.RepeatSeparate:   "each stands for itself",
	schema.RepeatLost:       "a second one is an error: the block that holds both is lost",
}

// byDefault marks the one of several words that holds when none is there; its sentence says so.
const byDefault = "(default)"

const (
	missingRule    = "[missing-argument](../rules/missing-argument.md)"
	invalidRule    = "[invalid-value](../rules/invalid-value.md)"
	deprecatedRule = "[deprecated-keyword](../rules/deprecated-keyword.md)"
)

var bare = map[schema.NoArgument]string{
	schema.BareOK:     "keepalived accepts the bare word",
	schema.BareReport: "keepalived reports it and leaves the line out",
	schema.BareExit:   "keepalived ends at once with status 2 and reads nothing behind it",
	schema.BareCrash:  "keepalived crashes",
}

// facts writes what the table knows of a row, a line each.
func facts(w *strings.Builder, k *schema.Keyword) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "- %s: %s.\n", name, fmt.Sprintf(format, args...))
	}
	spec := k.Spec()
	switch {
	case len(spec) > 0:
		line("Takes", "%s", takes(k))
	case k.Kind == schema.Flag:
		line("Takes", "no word; keepalived reads over what stands behind it")
	}
	if k.Default != "" && k.Default != byDefault {
		line("Default", "%s", k.Default)
	}
	if k.Kind != schema.Directive && k.Kind != schema.Parameter {
		line("Twice", "%s", repeats[k.Repeat])
	}
	errors(line, k)
	replacement(line, k)
	if isKeyword(k) || k.Since != "" {
		line("Since", "%s%s", release(k.Since), until(k.Until))
	}
	if k.Requires != "" {
		line("Needs", "keepalived built with %s", options(k.Requires))
	}
	compiled(line, k)
}

// isKeyword reports whether the row is a keyword of its own, whose age is known.
func isKeyword(k *schema.Keyword) bool {
	return k.IsWord() && k.Kind != schema.LineToken && k.Kind != schema.OptionToken
}

// errors writes what happens to lines that are wrong.
func errors(line func(string, string, ...any), k *schema.Keyword) {
	spec := k.Spec()
	switch {
	case !isKeyword(k) || k.Kind.IsList() && k.NoArgument == schema.BareOK:
	case mandatory(spec):
		line("Without its word", "%s (%s)", bare[k.NoArgument], missingRule)
	case k.Kind == schema.Block && k.NoArgument == schema.BareReport:
		line("Empty", "keepalived reports it and leaves it out")
	}
	if canBeWrong(spec) && (isKeyword(k) || k.OnInvalid != "") {
		line("A bad value", "%s (%s)", onInvalid(k.OnInvalid), invalidRule)
	}
	if k.OnZero != "" {
		line("0", "keepalived reports it and uses %s", k.OnZero)
	}
	if k.Secret {
		line("Secret", "no command of ka shows it")
	}
}

func onInvalid(value string) string {
	switch value {
	case "":
		return "keepalived reports it and leaves the line out"
	case schema.InvalidKept:
		return "keepalived reports it and uses it all the same"
	case schema.InvalidClamped:
		return "keepalived reports it and uses the nearest bound"
	case schema.InvalidCut:
		return "keepalived reports it and cuts it to what may be there"
	case schema.InvalidSkipped:
		return "keepalived reports it, reads over it, and uses the other words"
	}
	return "keepalived reports it and uses " + value
}

// replacement writes what to type in place of an alias or a deprecated word.
func replacement(line func(string, string, ...any), k *schema.Keyword) {
	switch {
	case k.Deprecated && k.AliasOf != "":
		line("Deprecated", "write %s (%s)", code(k.AliasOf), deprecatedRule)
	case k.AliasOf != "":
		line("Alias", "of [%s](#%s), with the same meaning", k.AliasOf, anchor(k.AliasOf))
	case k.Deprecated:
		line("Deprecated", "%s (%s)", strings.TrimSuffix(strings.TrimPrefix(k.Instead, "deprecated ("), ")"), deprecatedRule)
	}
}

func until(version string) string {
	if version == "" {
		return ""
	}
	return ", until " + version
}

// compiled writes whether this release acts on the word.
func compiled(line func(string, string, ...any), k *schema.Keyword) {
	switch {
	case k.Kind == schema.Directive || k.Kind == schema.Parameter:
	case k.Compiled:
		line("ka", "compiles it")
	default:
		line("ka", "%s", k.NotCompiled)
	}
}
