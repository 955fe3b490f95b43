package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint"
)

// corpusTables holds our own words about the public files: their mistakes, and what follows from what.
const corpusTables = "../../testdata/corpus"

// corpusFile is one public file: what keepalived says of it, what we know of it, what kalint says.
type corpusFile struct {
	id       string
	group    string
	path     string
	text     []string
	messages []corpusMessage
	// mistakes counts the rows of mistakes.tsv by line; also are lines that the corpus names as mistakes.
	mistakes map[int]int
	named    []corpusMistake
	also     map[int]bool
	causes   []corpusCause
	findings []corpusFinding
}

// corpusMistake is a row of mistakes.tsv.
type corpusMistake struct {
	line int
	name string
}

// corpusMessage is a distinct message of keepalived; line is 0 where it names none.
type corpusMessage struct {
	class, text string
	line        int
}

// corpusCause says that what is reported on the lines from..to follows from line.
type corpusCause struct{ from, to, line int }

// corpusFinding is a finding of kalint as its JSON tells it.
type corpusFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	EndLine  int    `json:"end_line"`
	Related  []struct {
		Line    int    `json:"line"`
		Message string `json:"message"`
	} `json:"related"`
}

// on reports whether the finding, or one of its notes, is about a line.
func (f corpusFinding) on(line int) bool {
	if f.Line <= line && line <= max(f.Line, f.EndLine) {
		return true
	}
	for _, r := range f.Related {
		if r.Line == line {
			return true
		}
	}
	return false
}

// corpusFolder is where the public files are: KA_CORPUS, or beside the repository; "" where they are not.
func corpusFolder() string {
	for _, dir := range []string{os.Getenv("KA_CORPUS"), "../../../shared/corpus", "../../../../shared/corpus"} {
		if _, err := os.Stat(filepath.Join(dir, "index.tsv")); dir != "" && err == nil {
			return dir
		}
	}
	return ""
}

// readRows reads a table with tabs; comments and the line of names are left out.
func readRows(t *testing.T, name string, columns int) [][]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.SplitN(line, "\t", columns)
		for len(c) < columns {
			c = append(c, "")
		}
		rows = append(rows, c)
	}
	return rows[1:]
}

// readCorpus reads the tables of the corpus and ours.
func readCorpus(t *testing.T, dir string) []*corpusFile {
	t.Helper()
	var files []*corpusFile
	byID := map[string]*corpusFile{}
	for _, c := range readRows(t, filepath.Join(dir, "index.tsv"), 12) {
		f := &corpusFile{id: c[0], group: c[1], path: filepath.Join(dir, c[11]), mistakes: map[int]int{}, also: map[int]bool{}}
		data, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		f.text = strings.Split(string(data), "\n")
		files, byID[f.id] = append(files, f), f
	}
	lineOf := regexp.MustCompile(`^L(\d+): `)
	for _, c := range readRows(t, filepath.Join(dir, "keepalived-2.4.3.tsv"), 3) {
		m := corpusMessage{class: c[1], text: strings.TrimSpace(c[2])}
		if k := lineOf.FindStringSubmatch(m.text); k != nil {
			m.line, _ = strconv.Atoi(k[1])
			m.text = strings.TrimSpace(m.text[len(k[0]):])
		}
		byID[c[0]].messages = append(byID[c[0]].messages, m)
	}
	inDetail := regexp.MustCompile(`^L?(\d+)( |$)`)
	for _, c := range readRows(t, filepath.Join(dir, "mistakes-by-file.tsv"), 5) {
		if k := inDetail.FindStringSubmatch(c[4]); k != nil {
			n, _ := strconv.Atoi(k[1])
			byID[c[0]].also[n] = true
		}
	}
	for _, c := range readRows(t, filepath.Join(corpusTables, "mistakes.tsv"), 3) {
		n, err := strconv.Atoi(c[1])
		if err != nil || byID[c[0]] == nil {
			t.Fatalf("mistakes.tsv: %q", c)
		}
		byID[c[0]].mistakes[n]++
		byID[c[0]].named = append(byID[c[0]].named, corpusMistake{n, c[2]})
	}
	for _, c := range readRows(t, filepath.Join(corpusTables, "causes.tsv"), 4) {
		from, to, _ := strings.Cut(c[1], "-")
		var k corpusCause
		k.from, _ = strconv.Atoi(from)
		k.to, _ = strconv.Atoi(to)
		k.to = max(k.from, k.to)
		k.line, _ = strconv.Atoi(c[2])
		if k.from == 0 || k.line == 0 || byID[c[0]] == nil {
			t.Fatalf("causes.tsv: %q", c)
		}
		byID[c[0]].causes = append(byID[c[0]].causes, k)
	}
	gatherIncludes(t, dir, byID)
	for _, f := range files {
		f.lint(t)
	}
	return files
}

// gatherIncludes puts the files of each include set where its main file looks for them, in a copy.
func gatherIncludes(t *testing.T, dir string, byID map[string]*corpusFile) {
	t.Helper()
	absolute := regexp.MustCompile(`(?m)^(include\s+)/etc/keepalived/`)
	for _, c := range readRows(t, filepath.Join(dir, "nodesets.tsv"), 10) {
		if c[3] != "include-set" {
			continue
		}
		ids := strings.Split(c[8], ",")
		to := t.TempDir()
		main := byID[ids[0]]
		data, err := os.ReadFile(main.path)
		if err != nil {
			t.Fatal(err)
		}
		main.path = filepath.Join(to, "keepalived.conf")
		write := func(name string, data []byte) {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		write(main.path, absolute.ReplaceAll(data, []byte("$1")))
		for _, id := range ids[1:] {
			data, err := os.ReadFile(byID[id].path)
			if err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(to, "conf.d", filepath.Base(byID[id].path)), data)
		}
	}
}

// lint runs kalint over the file alone.
func (f *corpusFile) lint(t *testing.T) {
	t.Helper()
	var out, errs bytes.Buffer
	std := cli.IO{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	kalint.Main(context.Background(), std, []string{"kalint", "--info", "--format", "json", f.path})
	var doc struct {
		Findings []corpusFinding `json:"findings"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatalf("%s: %v\n%s", f.id, err, errs.String())
	}
	f.findings = doc.Findings
}

// block returns the first and last line of the block that a message without a line names.
func (f *corpusFile) block(heads *regexp.Regexp) (first, last int) {
	top := regexp.MustCompile(`^(vrrp_|virtual_server|global_defs|static_)`)
	for i, line := range f.text {
		line = strings.TrimSpace(line)
		switch {
		case first > 0 && top.MatchString(line):
			return first, i
		case first == 0 && heads.MatchString(line):
			first = i + 1
		}
	}
	return first, len(f.text)
}

// cause returns the line that a line follows from, itself where nothing is said.
func (f *corpusFile) cause(line int) int {
	for _, c := range f.causes {
		if c.from <= line && line <= c.to {
			return c.line
		}
	}
	return line
}

// meets reports whether a finding is about what keepalived says.
func (f *corpusFile) meets(m corpusMessage, d corpusFinding) bool {
	if m.line > 0 {
		cause := f.cause(m.line)
		return d.on(m.line) || d.on(cause) || cause != m.line && f.cause(d.Line) == cause
	}
	for _, k := range unplacedKinds {
		name := k.text.FindStringSubmatch(m.text)
		if name == nil {
			continue
		}
		if !slices.Contains(k.rules, d.Rule) {
			return false
		}
		if k.head == "" {
			return true
		}
		first, last := f.block(regexp.MustCompile(strings.ReplaceAll(k.head, "NAME", regexp.QuoteMeta(name[1]))))
		return first > 0 && slices.ContainsFunc(append([]int{d.Line}, noteLines(d)...), func(n int) bool { return first <= n && n <= last })
	}
	return false
}

func noteLines(d corpusFinding) []int {
	var out []int
	for _, r := range d.Related {
		out = append(out, r.Line)
	}
	return out
}

// judged are the classes of messages that the text alone decides.
func (m corpusMessage) judged() bool {
	return m.class == "syntax" || m.class == "semantic" || m.class == "deprecated"
}

// corpusFigures are what the corpus says about kalint.
type corpusFigures struct {
	messages, met, onlyInfo int
	// infoRules are the rules of the info findings that alone meet a message.
	infoRules           []string
	missed, missedTexts []string
	errors              int
	extra               []string
	mistakes, found     int
	hits                int
	all                 int
	unassigned          []string
	doubles             []string
}

// measure counts over the files of one group.
func measure(files []*corpusFile, group string) corpusFigures {
	var c corpusFigures
	for _, f := range files {
		if f.group == group {
			c.oracle(f)
			c.extras(f)
			c.perMistake(f)
		}
	}
	return c
}

// oracle counts the messages that findings meet.
func (c *corpusFigures) oracle(f *corpusFile) {
	for _, m := range f.messages {
		if !m.judged() {
			continue
		}
		c.messages++
		best, rule := "", ""
		for _, d := range f.findings {
			if f.meets(m, d) && best != "error" && best != "warning" {
				best, rule = d.Severity, d.Rule
			}
		}
		switch best {
		case "":
			c.missed = append(c.missed, f.id+" L"+strconv.Itoa(m.line))
			c.missedTexts = append(c.missedTexts, f.id+" L"+strconv.Itoa(m.line)+" "+m.text)
			continue
		case "info":
			c.onlyInfo++
			if !slices.Contains(c.infoRules, rule) {
				c.infoRules = append(c.infoRules, rule)
			}
		}
		c.met++
	}
}

// extras lists the errors that neither keepalived nor a list of mistakes knows.
func (c *corpusFigures) extras(f *corpusFile) {
	for _, d := range f.findings {
		if d.Severity != "error" {
			continue
		}
		c.errors++
		known := slices.ContainsFunc(f.messages, func(m corpusMessage) bool { return f.meets(m, d) })
		for line := range f.mistakes {
			known = known || d.on(line)
		}
		for line := range f.also {
			known = known || d.on(line)
		}
		if !known {
			c.extra = append(c.extra, f.id+" L"+strconv.Itoa(d.Line)+" ["+d.Rule+"] "+d.Message)
		}
	}
}

// perMistake gives each error and warning to the mistake that it is about: that of its line, else the
// one its line follows from, else that of a note.
func (c *corpusFigures) perMistake(f *corpusFile) {
	for _, n := range f.mistakes {
		c.mistakes += n
	}
	hits := map[int][]string{}
	for _, d := range f.findings {
		if d.Severity == "info" || d.File != f.path {
			continue // what included files hold counts where they are judged themselves
		}
		c.all++
		shown := f.id + " L" + strconv.Itoa(d.Line) + " [" + d.Rule + "] " + d.Message
		line := 0
		for _, n := range append([]int{d.Line, f.cause(d.Line)}, noteLines(d)...) {
			if line == 0 && f.mistakes[n] > 0 {
				line = n
			}
		}
		for n := d.Line; n <= d.EndLine && line == 0; n++ {
			if f.mistakes[n] > 0 {
				line = n
			}
		}
		if line == 0 {
			c.unassigned = append(c.unassigned, shown)
			continue
		}
		hits[line] = append(hits[line], shown)
	}
	for line, of := range hits {
		c.hits += len(of)
		c.found += min(len(of), f.mistakes[line])
		if len(of) > f.mistakes[line] {
			c.doubles = append(c.doubles, of...)
		}
	}
	slices.Sort(c.doubles)
}

func (c corpusFigures) metPercent() float64 {
	return 100 * float64(c.met) / float64(max(1, c.messages))
}
func (c corpusFigures) perFound() float64 { return float64(c.hits) / float64(max(1, c.found)) }

// TestCorpus holds kalint against public files and what keepalived 2.4.3 says of them, where they are at
// hand.
func TestCorpus(t *testing.T) {
	dir := corpusFolder()
	if dir == "" {
		t.Log("the public files are not here (KA_CORPUS names their folder)")
		return
	}
	files := readCorpus(t, dir)
	c, templates := measure(files, "real"), measure(files, "templates")
	t.Logf("messages met: %d of %d (%.1f %%), %d of them by info findings only; templates: %d of %d (%.1f %%)",
		c.met, c.messages, c.metPercent(), c.onlyInfo, templates.met, templates.messages, templates.metPercent())
	t.Logf("errors: %d, extra: %d; of templates %d, extra: %d", c.errors, len(c.extra), templates.errors, len(templates.extra))
	t.Logf("mistakes: %d, found: %d; findings about them: %d (%.2f each); errors and warnings at all: %d, not about a listed mistake: %d",
		c.mistakes, c.found, c.hits, c.perFound(), c.all, len(c.unassigned))
	comparePage(t, page(t, files, c, templates))
	if c.metPercent() < 98 {
		t.Errorf("findings meet %.1f %% of keepalived's messages, 98 %% are wanted", c.metPercent())
	}
	if len(c.extra) > 0 {
		t.Errorf("%d errors that keepalived does not know and nobody listed:\n\t%s", len(c.extra), strings.Join(c.extra, "\n\t"))
	}
	if c.perFound() > 1.1 {
		t.Errorf("%.2f findings for each mistake, 1.1 are allowed; more than one:\n\t%s", c.perFound(), strings.Join(c.doubles, "\n\t"))
	}
	if testing.Verbose() {
		for _, l := range []struct {
			what string
			of   []string
		}{{"missed", c.missedTexts}, {"extra", c.extra}, {"double", c.doubles}, {"unassigned", c.unassigned}, {"missed in templates", templates.missedTexts}} {
			t.Logf("%s:\n\t%s", l.what, strings.Join(l.of, "\n\t"))
		}
	}
}
