package lint

import (
	"fmt"
	"slices"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

func ruleUnusedDefinition() *Rule {
	return &Rule{
		Name:     "unused-definition",
		Severity: diag.Warning,
		Title:    "something is defined and used nowhere",
		Text: `A script that no instance tracks is never run: it looks like a health check and is none. The same holds for tracked files and
processes, BFD instances and groups of virtual servers that nothing names. keepalived says nothing of it, or only in its log.`,
		Bad: `-- node1.conf --
global_defs {
    enable_script_security
    script_user keepalived_script
}
vrrp_script chk_web {
    script "/usr/local/bin/check-web"
    interval 2
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n"),
		Run:  runUnusedDefinition,
	}
}

func runUnusedDefinition(s *Set, r *Reporter) {
	// Nodes may share a file, by an include or by the @id of its lines: what one of them uses is in use.
	type place struct {
		file  string
		start int
	}
	at := func(d *definition) place { return place{d.at.Span.File.Name, d.at.Span.Start} }
	all, used := make([][]*definition, len(s.Nodes)), map[place]bool{}
	for i, n := range s.Nodes {
		all[i] = definitions(n.Tree.Body)
		for _, d := range all[i] {
			used[at(d)] = used[at(d)] || d.uses > 0
		}
	}
	for i, n := range s.Nodes {
		if !runsSomething(n.Tree.Body) {
			continue // a part of a configuration: the rest may use it
		}
		for _, d := range all[i] {
			effect, judged := unusedEffect(d.kind)
			if used[at(d)] || !judged || n.Tree.Unresolved(d.at.Span) {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: n.Name, Span: d.at.Args[0].Span, Subject: subjectOf(d),
				Message: fmt.Sprintf("%s %q is used nowhere: %s", d.at.Head.Text, d.name, effect),
				Help:    "use it, or remove it",
			})
		}
	}
}

// runsSomething reports whether the text has an instance or a virtual server.
func runsSomething(body []*syntax.Statement) bool {
	return slices.ContainsFunc(body, func(st *syntax.Statement) bool {
		return st.Keyword != nil && (st.Keyword.Name == kw.VRRPInstance || st.Keyword.Name == kw.VirtualServer)
	})
}

// subjectOf is the subject that other findings about the definition have.
func subjectOf(d *definition) string {
	if d.kind == kw.VRRPScript {
		return "script " + d.name
	}
	return d.kind + " " + d.name
}

// unusedEffect says what becomes of a definition that nothing uses; an instance and a sync group are
// something by themselves.
func unusedEffect(kind string) (string, bool) {
	switch kind {
	case kw.VRRPScript:
		return "it never runs, no instance tracks it", true
	case kw.TrackFile, kw.VRRPTrackProcess:
		return "nothing depends on it", true
	case kw.BFDInstance:
		return "the session runs, and nothing depends on it", true
	case kw.VirtualServerGroup:
		return "its addresses are no virtual servers", true
	case kw.TrackGroup:
		return "no static address or route depends on it", true
	}
	return "", false
}
