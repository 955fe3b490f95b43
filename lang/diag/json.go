package diag

import (
	"encoding/json"
	"io"

	"ka/lang/source"
)

// JSONVersion is the version of the form that WriteJSON writes; a field that is added does not change it.
const JSONVersion = 1

// Node is a node of a run as the JSON form lists it.
type Node struct {
	Name string `json:"name"`
	File string `json:"file"`
}

// The types below are the JSON form: lines and columns from 1, columns in Unicode code points, 0 where
// there is no place; the end is the place behind the last character.
type jsonReport struct {
	Version  int           `json:"version"`
	Nodes    []Node        `json:"nodes"`
	Findings []jsonFinding `json:"findings"`
	Summary  jsonSummary   `json:"summary"`
}

type jsonFinding struct {
	Rule     string        `json:"rule"`
	Severity string        `json:"severity"`
	Message  string        `json:"message"`
	Help     string        `json:"help"`
	jsonSpan               // file, line, column, end_line, end_column
	Node     string        `json:"node"`
	Related  []jsonRelated `json:"related"`
	Fixes    []jsonFix     `json:"fixes"`
}

type jsonSpan struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

type jsonRelated struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Node    string `json:"node"`
	Message string `json:"message"`
}

type jsonFix struct {
	Kind  string     `json:"kind"`
	Title string     `json:"title"`
	Edits []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	jsonSpan
	New string `json:"new"`
}

type jsonSummary struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

// WriteJSON writes the findings for programs, in the order of the list:
//
//	{"version":1,"nodes":[{"name","file"}],"findings":[{"rule","severity","message","help","file","line",
//	"column","end_line","end_column","node","related":[{"file","line","column","node","message"}],
//	"fixes":[{"kind","title","edits":[{"file","line","column","end_line","end_column","new"}]}]}],
//	"summary":{"error","warning","info"}}
//
// No member is ever missing or null. The error is the writer's.
func WriteJSON(w io.Writer, list List, nodes []Node) error {
	report := jsonReport{Version: JSONVersion, Nodes: []Node{}, Findings: []jsonFinding{}}
	report.Nodes = append(report.Nodes, nodes...)
	for i := range list {
		report.Findings = append(report.Findings, newJSONFinding(&list[i]))
		switch list[i].Severity {
		case Error:
			report.Summary.Error++
		case Warning:
			report.Summary.Warning++
		case Info:
			report.Summary.Info++
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

func newJSONFinding(d *Diagnostic) jsonFinding {
	f := jsonFinding{
		Rule: d.Rule, Severity: d.Severity.String(), Message: d.Message, Help: d.Help, jsonSpan: newJSONSpan(d.Span),
		Node: d.Node, Related: []jsonRelated{}, Fixes: []jsonFix{},
	}
	for _, n := range d.Related {
		p := n.Span.Position()
		f.Related = append(f.Related, jsonRelated{File: p.File, Line: p.Line, Column: p.Column, Node: n.Node, Message: n.Message})
	}
	for _, fix := range d.Fixes {
		j := jsonFix{Kind: fix.Kind.String(), Title: fix.Title, Edits: []jsonEdit{}}
		for _, e := range fix.Edits {
			j.Edits = append(j.Edits, jsonEdit{jsonSpan: newJSONSpan(e.Span), New: e.New})
		}
		f.Fixes = append(f.Fixes, j)
	}
	return f
}

func newJSONSpan(s source.Span) jsonSpan {
	start, end := s.Position(), s.EndPosition()
	return jsonSpan{File: start.File, Line: start.Line, Column: start.Column, EndLine: end.Line, EndColumn: end.Column}
}
