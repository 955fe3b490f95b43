package lint

import (
	"fmt"
	"slices"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
)

const deprecatedKeyword = "deprecated-keyword"

func ruleKeywordNotInTarget() *Rule {
	return &Rule{
		Name:     "keyword-not-in-target",
		Severity: diag.Error,
		Target:   "debian-12",
		Title:    "a keyword that the node's version of keepalived does not know",
		Text: `The release of keepalived that the node runs (` + "`--target`" + `) does not read the keyword: it came later, or is gone.
keepalived reports an unknown keyword and starts without it. Of an unknown block it reads the contents as if they
stood outside of it.

Where the older release knows the keyword under another name, the finding says which. What works on lines before
keywords are looked at has its age, too: conditions (` + "`@id`" + `, 1.3.0; ` + "`@^id`" + `, 1.3.7), parameters (1.4.0), loops
(` + "`~SEQ`" + `, 2.0.9), the parameters that keepalived sets, ` + "`includer`" + ` and its kin (2.2.0). It is reported once a file. The rule is silent without
` + "`--target`" + `, or ` + "`target`" + ` in .kalint.yaml, which take a version, a distribution, or either of them for one node:
` + "`--target debian-12 --target web2=el9`" + `.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    version 3
    auth_hmac {
        key 1 0123456789abcdef0123456789abcdef
        active_key 1
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    version 3
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Run: runKeywordNotInTarget,
	}
}

func runKeywordNotInTarget(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		targets := s.targetsOf(n.Name)
		if len(targets) == 0 || n.Tree == nil {
			continue
		}
		for _, f := range n.Tree.Features {
			if lacking := unknowing(targets, f.Keyword); len(lacking) > 0 {
				r.Report(featureNotKnown(f, lacking, n.Name))
			}
		}
		eachWord(n.Tree.Body, func(w syntax.Word, k *schema.Keyword, effect string) bool {
			lacking := unknowing(targets, k)
			if len(lacking) > 0 {
				r.Report(notKnown(w, k, lacking, effect, n.Name))
			}
			return len(lacking) == 0
		})
	}
}

// wordVisitor is told each word that the keyword table knows, and what a release that does not know it
// does. It returns whether to go on to the words that belong to it.
type wordVisitor func(w syntax.Word, k *schema.Keyword, effect string) bool

// eachWord visits the keywords of a block and of those inside it, and the options on their lines.
func eachWord(body []*syntax.Statement, visit wordVisitor) {
	for _, st := range body {
		k, effect := st.Keyword, "leaves the line out"
		if st.Block != nil {
			effect = "reads what is in the block as if it stood outside of it"
		}
		if k == nil || !visit(st.Head, k, effect) {
			continue
		}
		eachToken(check.Options(st), visit, "reads over it")
		if k.Kind != schema.ListBlock {
			eachWord(st.Children(), visit)
			continue
		}
		for _, entry := range st.Children() {
			eachToken(check.Line(entry, schema.At(k.Inner())), visit, "does not act on it")
		}
	}
}

func eachToken(list []check.Token, visit wordVisitor, effect string) {
	for _, t := range list {
		if t.Keyword != nil && visit(t.Word, t.Keyword, effect) {
			eachToken(t.Inner, visit, effect)
		}
	}
}

// unknowing are the targets that do not know a keyword.
func unknowing(targets []Target, k *schema.Keyword) []Target {
	var out []Target
	for _, t := range targets {
		if !t.Knows(k) {
			out = append(out, t)
		}
	}
	return out
}

// notKnown is the finding about a word that targets do not know.
func notKnown(w syntax.Word, k *schema.Keyword, lacking []Target, effect, node string) diag.Diagnostic {
	names := make([]string, len(lacking))
	for i, t := range lacking {
		names[i] = t.String()
	}
	first := lacking[0]
	history := fmt.Sprintf("is new in keepalived %s", k.Since)
	help := fmt.Sprintf("remove it, or run keepalived %s or later on this node", k.Since)
	if k.Until != "" && compareVersions(first.Version, k.Until) > 0 {
		history = fmt.Sprintf("was read up to keepalived %s", k.Until)
		help = "remove it"
	}
	if other := otherName(k, lacking); other != "" {
		help = fmt.Sprintf("write %q: %s knows it under this name", other, first)
	}
	return diag.Diagnostic{
		Node: node, Span: w.Span, Help: help,
		Message: fmt.Sprintf("%q %s: %s %s not know it and %s", w.Text, history, listed(names), plural(len(lacking), "does", "do"), effect),
	}
}

// featureNotKnown is the finding about a directive or a predefined parameter that targets do not know. A text
// that uses one uses it in many lines: they are one mistake.
func featureNotKnown(f syntax.Feature, lacking []Target, node string) diag.Diagnostic {
	d := notKnown(syntax.Word{Text: f.Text, Span: f.Places[0]}, f.Keyword, lacking, f.Keyword.Unread, node)
	d.Help = fmt.Sprintf("write the text without it, or run keepalived %s or later on this node", f.Keyword.Since)
	for _, at := range f.Places[1:] {
		d.Related = append(d.Related, diag.Note{Message: "it is used here, too", Span: at})
	}
	return d
}

// otherName is the name under which all of the targets know a keyword, "" where there is none.
func otherName(k *schema.Keyword, targets []Target) string {
	for _, o := range schema.Keywords(k.Context) {
		same := o.AliasOf == k.Preferred() || o.Name == k.AliasOf
		if same && o.IsWord() && len(unknowing(targets, o)) == 0 {
			return o.Name
		}
	}
	return ""
}

// withoutNewNames drops the findings that ask for the new name of a keyword where the node's version knows
// the old one only.
func (s *Set) withoutNewNames(list diag.List) diag.List {
	old := map[source.Span]bool{}
	for _, n := range s.Nodes {
		targets := s.targetsOf(n.Name)
		if len(targets) == 0 || n.Tree == nil {
			continue
		}
		eachWord(n.Tree.Body, func(w syntax.Word, k *schema.Keyword, _ string) bool {
			preferred := schema.Lookup(k.Context, k.AliasOf)
			if k.Deprecated && preferred != nil && len(unknowing(targets, preferred)) > 0 {
				old[w.Span] = true
			}
			return true
		})
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Rule == deprecatedKeyword && old[d.Span] })
}
