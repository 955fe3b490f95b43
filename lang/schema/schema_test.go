package schema

import (
	"bufio"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite goldens")

// facts are the columns of testdata/keywords.tsv.
type facts struct {
	context, keyword, kind, arguments, defaults, repeatable, onRepeat, alias, requires, since, noArg string
}

func readFacts(t *testing.T) []facts {
	t.Helper()
	f, err := os.Open("testdata/keywords.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []facts
	for sc := bufio.NewScanner(f); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		if strings.HasPrefix(sc.Text(), "#") || c[0] == "context" {
			continue
		}
		if len(c) != 11 {
			t.Fatalf("%d columns: %s", len(c), sc.Text())
		}
		all = append(all, facts{c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10]})
	}
	return all
}

var kindWords = map[Kind]string{
	Block: "block", NamedBlock: "block-with-name", Flag: "flag", Value: "value", MultiValue: "multi-value",
	ListBlock: "list-block", WordBlock: "list-block", LineToken: "line-token", OptionToken: "option-token",
	Directive: "directive", Parameter: "parameter",
}

var repeatWords = map[Repeat]string{
	RepeatLast: "last", RepeatLastNoted: "last!", RepeatFirstNoted: "first!", RepeatAccumulate: "accum",
	RepeatSame: "same", RepeatOr: "or", RepeatMax: "max", RepeatOrdered: "order", RepeatReplace: "replace!",
	RepeatSeparate: "-", RepeatLost: "first!",
}

var bareWords = map[NoArgument]string{
	BareOK: "ok", BareReport: "report", BareExit: "exit2", BareCrash: "crash", BareUntested: "-",
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// factsOf writes a row of the table as the file has it; the alias is compared by its parts.
func factsOf(k *Keyword) facts {
	context, since, repeatable := k.Context, "v"+k.Since, "n"
	if context == "" {
		context = "(root)"
	}
	if k.Repeatable {
		repeatable = "y"
	}
	switch {
	case k.Since == "" && (k.Kind == LineToken || k.Kind == OptionToken || k.Kind == Directive || k.Kind == Parameter):
		since = ""
	case k.Since == "":
		since = "<=v1.1.0"
	}
	return facts{
		context, k.Name, kindWords[k.Kind], dash(k.Args), dash(k.Default), repeatable,
		repeatWords[k.Repeat], "", dash(k.Requires), since, bareWords[k.NoArgument],
	}
}

// TestTableAgainstFacts compares the table with the facts both ways.
func TestTableAgainstFacts(t *testing.T) {
	type key struct{ context, keyword string }
	table := map[key]*Keyword{}
	for _, k := range All() {
		f := factsOf(k)
		table[key{f.context, f.keyword}] = k
	}
	all := readFacts(t)
	if len(all) < 900 {
		t.Fatalf("only %d facts", len(all))
	}
	for _, want := range all {
		at := key{want.context, want.keyword}
		k := table[at]
		if k == nil {
			t.Errorf("%s %s is not in the table", want.context, want.keyword)
			continue
		}
		delete(table, at)
		alias := want.alias
		want.alias = ""
		if have := factsOf(k); have != want {
			t.Errorf("%s %s:\nhave %q\nwant %q", want.context, want.keyword, have, want)
		}
		checkAlias(t, k, alias)
	}
	for at := range table {
		t.Errorf("%s %s is in the table and not among the facts", at.context, at.keyword)
	}
}

func checkAlias(t *testing.T, k *Keyword, alias string) {
	t.Helper()
	preferred, instead := "", ""
	if m := regexp.MustCompile(`^(?:alias of|deprecated ->|alias \(reported\) ->) (\S+)$`).FindStringSubmatch(alias); m != nil {
		preferred = m[1]
	} else if alias != "-" {
		instead = strings.TrimPrefix(alias, "deprecated -> ")
	}
	deprecated := alias != "-" && !strings.HasPrefix(alias, "alias of")
	if k.AliasOf != preferred || k.Instead != instead || k.Deprecated != deprecated {
		t.Errorf("%s %s: alias %q is %q, %q, %v in the table", k.Context, k.Name, alias, k.AliasOf, k.Instead, k.Deprecated)
	}
}

// TestRowsAreWellFormed holds every row against what the rest of the program takes for granted.
func TestRowsAreWellFormed(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, k := range All() {
		where := k.Context + " " + k.Name
		if seen[[2]string{k.Context, k.Name}] {
			t.Errorf("%s is there twice", where)
		}
		seen[[2]string{k.Context, k.Name}] = true
		if k.Name == "" || strings.ContainsAny(k.Name, "\t\n") {
			t.Errorf("%q is no word", where)
		}
		if k.AliasOf != "" && Lookup(k.Context, k.AliasOf) == nil {
			t.Errorf("%s is an alias of %q, which its block does not know", where, k.AliasOf)
		}
		if (k.Kind == Block || k.Kind == NamedBlock) && At(k.Inner()) == nil {
			t.Errorf("%s is a block without keywords", where)
		}
		if k.Kind.IsList() && At(k.Inner()) == nil {
			t.Errorf("%s is a list without lines", where)
		}
		if k.Compiled && k.AliasOf != "" && !Lookup(k.Context, k.AliasOf).Compiled {
			t.Errorf("%s is compiled, %s is not", where, k.AliasOf)
		}
		checkSpec(t, k)
	}
}

// TestEveryWordIsCompiled wants each word of the table compiled, or listed with a reason that stands in
// docs/limits.md; and no word on the list that no block knows, or twice.
func TestEveryWordIsCompiled(t *testing.T) {
	limits, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[[2]string]bool{}
	for _, u := range uncompiledList() {
		at := [2]string{u.context, u.name}
		if Lookup(u.context, u.name) == nil {
			t.Errorf("%s %s is not in the table", u.context, u.name)
		}
		if listed[at] || u.reason == "" {
			t.Errorf("%s %s is there twice, or without a reason", u.context, u.name)
		}
		if !strings.Contains(string(limits), "`"+u.name+"`") || !strings.Contains(string(limits), u.reason) {
			t.Errorf("docs/limits.md does not have %s %s with its reason %q", u.context, u.name, u.reason)
		}
		listed[at] = true
	}
	for _, k := range All() {
		textLevel := k.Kind == Directive || k.Kind == Parameter
		if at := [2]string{k.Context, k.Name}; k.Compiled == (listed[at] || textLevel) {
			t.Errorf("%s %s: compiled %t, listed %t", k.Context, k.Name, k.Compiled, listed[at])
		}
	}
}

// checkSpec wants a grammar without unknown parts for every keyword that is compiled, and bounds that
// can be read.
func checkSpec(t *testing.T, k *Keyword) {
	t.Helper()
	var walk func(Spec)
	walk = func(s Spec) {
		for i := range s {
			it := &s[i]
			if it.HasRange && it.Max != "ncpu-1" {
				for _, bound := range []string{it.Min, it.Max} {
					if ok, _ := it.Accepts(bound); !ok {
						t.Errorf("%s %s: the bound %q is outside its own range", k.Context, k.Name, bound)
					}
				}
			}
			if it.Describe() == "" {
				t.Errorf("%s %s: no words for %q", k.Context, k.Name, it.Note)
			}
			for _, alt := range it.Choice {
				walk(alt)
			}
			if k.Kind != Directive && k.Kind != Parameter && it.Choice == nil && it.Type == AnyWord {
				t.Errorf("%s %s: %q is not understood", k.Context, k.Name, it.Note)
			}
		}
	}
	walk(k.Spec())
}

func TestDeadWordsAreDead(t *testing.T) {
	for _, d := range DeadWords() {
		if At(d.Context) == nil {
			t.Errorf("%s is no block", d.Context)
		}
		if Lookup(d.Context, d.Name) != nil {
			t.Errorf("%s %s is alive", d.Context, d.Name)
		}
		if d.Replacement != "" && Lookup(d.Context, d.Replacement) == nil {
			t.Errorf("%s %s: the block does not know %q", d.Context, d.Name, d.Replacement)
		}
		if d.History == "" || d.Instead == "" {
			t.Errorf("%s %s: tell where it comes from and what happens instead", d.Context, d.Name)
		}
	}
}

func TestLookups(t *testing.T) {
	if k := Lookup("vrrp_instance", "priority"); k == nil || k.Args != "uint[1..255]" {
		t.Errorf("priority: %+v", k)
	}
	if got := BlocksWith("nopreempt"); !slices.Equal(got, []string{"vrrp_instance"}) {
		t.Errorf("nopreempt is in %q", got)
	}
	if got := BlocksWith("vrrp_script"); !slices.Equal(got, []string{""}) {
		t.Errorf("vrrp_script is in %q", got)
	}
	if got := SecretKeywords(); !slices.Equal(got, []string{"auth_pass", "key", "password"}) {
		t.Errorf("secrets: %q", got)
	}
	for word, want := range map[string]bool{"auth_pass": true, "auth_pas": true, "Auth_Pass": true, "priority": false, "keep": false} {
		if IsSecret(word) != want {
			t.Errorf("IsSecret(%q) is %v", word, !want)
		}
	}
	for _, c := range []struct{ context, word, want string }{
		{"virtual_server/real_server", "eight", "weight"},
		{"vrrp_script", "fail", "fall"},
		{"virtual_server/real_server", "SMTP_CHEKC", "SMTP_CHECK"},
		{"vrrp_instance", "Priority", "priority"},
		{"vrrp_instance", "virtual_router_i", "virtual_router_id"},
		{"vrrp_instance", "systemctl", ""},
		{"", "virtualserver", "virtual_server"},
	} {
		if got, _ := At(c.context).Nearest(c.word); got != c.want {
			t.Errorf("%s: %q is near %q, want %q", c.context, c.word, got, c.want)
		}
	}
}
