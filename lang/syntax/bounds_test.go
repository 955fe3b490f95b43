package syntax_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang/source"
	"ka/lang/syntax"
)

// TestExpansionLimits reads texts that make keepalived hang, crash or run out of memory.
func TestExpansionLimits(t *testing.T) {
	var doubling, lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&doubling, "$A%d=${A%d}${A%d}\n", i, i+1, i+1)
		fmt.Fprintf(&lines, "$M%d= \\\n $M%d \\\n $M%d\n", i, i+1, i+1)
	}
	tests := map[string]struct {
		text string
		want map[string]int
	}{
		"itself":              {"$A=$A\n$A\n", map[string]int{"parameter-cycle": 1}},
		"two":                 {"$A=$B\n$B=$A\nx $A\n", map[string]int{"parameter-cycle": 1}},
		"growing":             {"$A=x${A}\n${A}\n", map[string]int{"parameter-cycle": 1}},
		"lines":               {"$M= \\\n$M \\\n$M\n$M\n", map[string]int{"parameter-cycle": 1}},
		"through a loop":      {"$L= \\\n ~SEQ(I, 1, 9) $L \\\n ~SEQ(I, 1, 9) $L\n$L\n", map[string]int{"parameter-cycle": 1, "sequence-invalid": 1}},
		"deep":                {doubling.String() + "$A40=x\n${A0}\n", map[string]int{"parameter-cycle": 1}},
		"empty values":        {strings.ReplaceAll(doubling.String(), "$A", "$B")[:400] + doubling.String()[:240] + "$A10=\n${A0}\n", nil},
		"lines twice each":    {lines.String()[:700] + "\n$M0\n", nil},
		"a billion rounds":    {"~SEQ(A, 1, 1000000000) x$A\n", map[string]int{"sequence-invalid": 1}},
		"rounds of rounds":    {"~SEQ(A,1,999) ~SEQ(B,1,999) ~SEQ(C,1,999) x\n", map[string]int{"too-large": 1}},
		"the largest numbers": {"~SEQ(A, -9223372036854775808, 1, 9223372036854775807) x\n", map[string]int{"sequence-invalid": 1}},
		"a step too far":      {"~SEQ(A, 9223372036854775806, 9223372036854775807, 9223372036854775807) x\n", map[string]int{}},
		"back by the least":   {"~SEQ(A, 9223372036854775807,-9223372036854775808,-9223372036854775808) x\n", map[string]int{}},
		"long lines":          {"$A=" + strings.Repeat("x", 600) + "\n${A}${A}\n", map[string]int{"line-too-long": 1}},
		"a long definition":   {"$A= \\\n" + strings.Repeat("x \\\n", 1<<16) + "y\n$A\n", map[string]int{}},
		"ten megabytes":       {"$A=" + strings.Repeat("${A}", 10<<18) + "\n", nil},
		"loops in ten":        {strings.Repeat("~SEQ(A,1,2) ", 1<<20) + "x\n", nil},
		"conditions":          {strings.Repeat("@a {\n@b }\nx\n", 1<<14), nil},
		"a missing name":      {"x ${_ENV} $_ENV\n$_ENV X\n", map[string]int{"parameter-undefined": 3}},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			for _, id := range []string{"", "a", "b"} {
				f := source.New("x.conf", []byte(c.text))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				tree, list := syntax.Parse(f, syntax.Options{ConfigID: id, MaxWork: 100_000})
				runtime.ReadMemStats(&after)
				checkList(t, f, list)
				checkTree(t, f, tree.Body[:min(len(tree.Body), 1000)], 0)
				if d := cmp.Diff(c.want, rules(list)); c.want != nil && d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
				if used := after.Sys - before.Sys; used > 1<<30 { // what the system had to give
					t.Errorf("reading takes %d MB of memory", used>>20)
				}
				if !strings.Contains(c.text, "@") {
					break
				}
			}
		})
	}
}

// TestTruncated cuts each file of the corpus, where it is found, at every 97th byte: whatever is left is
// read to its end.
func TestTruncated(t *testing.T) {
	var paths []string
	for _, root := range []string{os.Getenv("KA_CORPUS"), "../../../shared/corpus", "../../../../shared/corpus"} {
		for _, pattern := range []string{"real/*", "real/*/*", "real/*/*/*"} {
			found, _ := filepath.Glob(filepath.Join(root, pattern))
			if root != "" {
				paths = append(paths, found...)
			}
		}
		if len(paths) > 0 {
			break
		}
	}
	const largest, step = 16 << 10, 97
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil || len(data) > largest {
			continue
		}
		for n := step; n < len(data); n += step {
			f := source.New("x.conf", data[:n])
			tree, list := syntax.Parse(f, bounded)
			tree.Annotate(list)
			checkList(t, f, list)
			checkTree(t, f, tree.Body, 0)
		}
	}
}
