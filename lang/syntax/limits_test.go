package syntax_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

// rules counts the findings of a text by rule.
func rules(list diag.List) map[string]int {
	n := map[string]int{}
	for _, d := range list {
		n[d.Rule]++
	}
	return n
}

// TestLimits reads texts that kill or hang a careless reader (participle overflows the stack at 500 000
// levels; keepalived reads a file that includes itself until descriptors run out).
func TestLimits(t *testing.T) {
	random := make([]byte, 10<<20)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	for name, c := range map[string]struct {
		text string
		want map[string]int
	}{
		"two megabytes of a {": {strings.Repeat("a {", 2<<20/3), map[string]int{"line-too-long": 1}},
		"the same in lines":    {strings.Repeat("a {\n", 2<<20/4), map[string]int{"nesting-too-deep": 1}},
		"closing braces":       {strings.Repeat("}\n", 1<<15), map[string]int{"unexpected-brace": 101}},
		"opening braces":       {strings.Repeat("{\n", 1<<18), map[string]int{"nesting-too-deep": 1, "unexpected-brace": 32}},
		"quotes":               {strings.Repeat("\"\n", 1<<15), map[string]int{"unclosed-quote": 101}},
		"short lines":          {strings.Repeat("a\n", 1_100_000), map[string]int{"too-large": 1}},
		"unclosed blocks":      {strings.Repeat("vrrp_instance A {\n", 1<<15), map[string]int{"nesting-too-deep": 1}},
		"too many closed":      {"vrrp_instance A {\n" + strings.Repeat("state MASTER\n}\n", 1<<14), map[string]int{"unexpected-brace": 101}},
		"no-break spaces":      {strings.Repeat("\u00a0x\n", 1<<14), map[string]int{"invisible-character": 101}},
		"zeros":                {strings.Repeat("\x00", 10<<20), map[string]int{"line-too-long": 1, "not-text": 1}},
		"lines of zeros":       {strings.Repeat("\x00\n", 1<<18), map[string]int{"not-text": 1}},
		"conditions":           {strings.Repeat("@a {\n", 1<<14), map[string]int{}},
		"one long line":        {strings.Repeat("x ", 5<<20), map[string]int{"line-too-long": 1}},
		"noise":                {string(random), nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.New("x.conf", []byte(c.text))
			tree, list := syntax.Parse(f, syntax.Options{})
			checkTree(t, f, tree.Body[:min(len(tree.Body), 10_000)], 0)
			checkList(t, f, list)
			if d := cmp.Diff(c.want, rules(list)); c.want != nil && d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(c.text) > 1<<21 {
				return // the same pipeline again, and the race detector is slow
			}
			syntax.Format(f)
		})
	}
}

// TestOverflowKeepsFixes checks that the finding that stands for all further ones repairs them too.
func TestOverflowKeepsFixes(t *testing.T) {
	f := source.New("x.conf", []byte(strings.Repeat("\u00a0x\n", 500)))
	_, list := syntax.Parse(f, syntax.Options{})
	edits := 0
	for _, d := range list {
		for _, fix := range d.Fixes {
			edits += len(fix.Edits)
		}
	}
	if edits != 500 {
		t.Errorf("%d edits for 500 lines", edits)
	}
}

// TestIncludeLimits follows includes that never end, or that multiply.
func TestIncludeLimits(t *testing.T) {
	chain := files{}
	for i := range 40 {
		chain[fmt.Sprintf("f%d.conf", i)] = fmt.Sprintf("include f%d.conf\n", i+1)
	}
	double := files{}
	for i := range 30 {
		double[fmt.Sprintf("f%d.conf", i)] = strings.Repeat(fmt.Sprintf("include f%d.conf\n", i+1), 2)
	}
	double["f30.conf"] = "x\n"
	for name, c := range map[string]struct {
		main string
		in   files
		want map[string]int
	}{
		"itself":       {"include x.conf\n", files{"x.conf": ""}, map[string]int{"include-cycle": 1}},
		"chain":        {"include f0.conf\n", chain, map[string]int{"include-cycle": 1}},
		"doubling":     {"include f0.conf\n", double, map[string]int{"too-large": 1}},
		"alternatives": {"include " + strings.Repeat("{a,b}", 20) + "\n", files{}, map[string]int{"include-not-found": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, list := syntax.Parse(source.New("x.conf", []byte(c.main)), syntax.Options{Reader: c.in})
			if d := cmp.Diff(c.want, rules(list)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestFormatMutated puts mistakes into the seeds and checks what Format and Parse promise for any text.
func TestFormatMutated(t *testing.T) {
	var texts []string
	for _, text := range seeds(t) {
		texts = append(texts, text)
	}
	nasty := rapid.SampledFrom([]string{
		"{", "}", "\"", "\\", "\\\n", " \\ \n", "\r", "\r\n", "#", "!", "\\#", "\t", "\n", "\n\n\n", "\u00a0", "\x00", "@a ", "$A=",
		"$A=\\\n", "~SEQ(A,2) ", "$A", "${A}", "$A=$B\n", "$B=x\n", "@^a ", "~LST(B,x,{) ", "${_HASH}", "include x ", "\f", "vrrp_instance X {\n", strings.Repeat("y", 990), "\ufeff", "\xa0", "} {", "{ }",
	})
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(r, "seed")
		for range rapid.IntRange(1, 6).Draw(r, "edits") {
			at := rapid.IntRange(0, len(text)).Draw(r, "at")
			end := min(len(text), at+rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(r, "cut"))
			text = text[:at] + nasty.Draw(r, "insert") + text[end:]
		}
		checkFormat(t, []byte(text))
		f := source.New("x.conf", []byte(text))
		tree, list := syntax.Parse(f, syntax.Options{})
		checkTree(t, f, tree.Body, 0)
		checkList(t, f, list)
		compare(t, text)
	})
}

// large is a file of n virtual servers with four real servers each, as the benchmark of the project has.
func large(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "virtual_server 10.%d.%d.1 80 {\n    delay_loop 6\n    lb_algo wrr\n    lb_kind DR\n    protocol TCP\n", i/256, i%256)
		for j := range 4 {
			fmt.Fprintf(&b, "    real_server 192.168.%d.%d 80 {\n        weight %d\n        TCP_CHECK {\n            connect_timeout 3\n        }\n    }\n", i%256, j+1, j)
		}
		b.WriteString("}\n")
	}
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	f := source.New("x.conf", large(10_000))
	b.SetBytes(int64(len(f.Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, list := syntax.Parse(f, syntax.Options{}); len(list) > 0 {
			b.Fatal(list[0].Message)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	f := source.New("x.conf", large(10_000))
	b.SetBytes(int64(len(f.Data)))
	for b.Loop() {
		syntax.Format(f)
	}
}

// TestForeignBehindOtherText: what is left out starts at its own line, also where the lines before it come out
// of an include or a parameter, whose places in the expanded view are not in reading order.
func TestForeignBehindOtherText(t *testing.T) {
	const before = "a {\n b $P\n}\n"
	reader := files{"in.inc": "c {\n d\n}\n"}
	for _, pasted := range []string{"root@lb1:~# ls\n", "<<<<<<< HEAD\n"} {
		text := "$P=1\ninclude in.inc\n" + before + pasted + before
		tree, list := syntax.Parse(source.New("x.conf", []byte(text)), syntax.Options{Reader: reader})
		heads := ""
		for _, s := range tree.Body {
			heads += s.Head.Text
			if len(s.Block.Body) != 1 {
				t.Errorf("%q: %d lines in %q", pasted, len(s.Block.Body), s.Head.Text)
			}
		}
		if heads != "caa" || len(list) != 1 || list[0].Rule != "not-configuration" {
			t.Errorf("%q: statements %q, findings %v", pasted, heads, list)
		}
	}
}
