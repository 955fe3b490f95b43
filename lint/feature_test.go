package lint_test

import (
	"strings"
	"testing"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lint"
)

// featureUses holds a text for each row of the text level, which uses it once and no newer one.
func featureUses() map[string]string {
	return map[string]string{
		"@ID":       "@main global_defs {\n@main }\n",
		"@^ID":      "@^main global_defs {\n@^main }\n",
		"$NAME=":    "$ID=lb1\nglobal_defs {\n    router_id $ID\n}\n",
		"~SEQ":      "static_ipaddress {\n    ~SEQ(N, 1, 2) 192.0.2.${N}/32 dev eth0\n}\n",
		"~SEQx":     "static_ipaddress {\n    ~SEQx(N, 1, 2) 2001:db8::${N}/128 dev eth0\n}\n",
		"~LST":      "static_ipaddress {\n    ~LST(N, 1, 2) 192.0.2.${N}/32 dev eth0\n}\n",
		"_PWD":      "global_defs {\n    router_id ${_PWD}\n}\n",
		"_INSTANCE": "global_defs {\n    router_id ${_INSTANCE}\n}\n",
		"_RANDOM":   "global_defs {\n    router_id ${_RANDOM 1 9}\n}\n",
		"_ENV":      "global_defs {\n    router_id ${_ENV HOME}\n}\n",
		"_HASH":     "global_defs {\n    router_id \"a${_HASH}b\"\n}\n",
		"_BANG":     "global_defs {\n    router_id \"a${_BANG}b\"\n}\n",
		"includer":  "includer defs.inc\n",
		"includem":  "includem defs.inc\n",
		"includew":  "includew defs.inc\n",
		"includeb":  "includeb defs.inc\n",
		"includea":  "includea defs.inc\n",
	}
}

// TestTextLevelInTarget holds each row of the text level that has an age against a target of that release,
// which knows it, and one from before.
func TestTextLevelInTarget(t *testing.T) {
	uses := featureUses()
	rows := append(schema.Keywords(schema.DirectiveContext), schema.Keywords(schema.ParameterContext)...)
	for _, k := range rows {
		text, tried := uses[k.Name]
		if !tried {
			if k.Unread != "" {
				t.Errorf("%s: no text uses it", k.Name)
			}
			continue
		}
		if k.Since == "" || k.Unread == "" {
			t.Errorf("%s: since %q, and an older release %q", k.Name, k.Since, k.Unread)
			continue
		}
		known := notInTarget("-- node1.conf --\n"+text+"-- defs.inc --\nglobal_defs {\n}\n", k.Since)
		if len(known) != 0 {
			t.Errorf("%s: keepalived %s knows it: %s", k.Name, k.Since, show(t, known))
		}
		old := notInTarget("-- node1.conf --\n"+text+"-- defs.inc --\nglobal_defs {\n}\n", "1.1.0")
		var messages []string
		for _, d := range old {
			messages = append(messages, d.Message)
		}
		want := "is new in keepalived " + k.Since + ": keepalived 1.1.0 does not know it and " + k.Unread
		if all := strings.Join(messages, "\n"); !strings.Contains(all, want) || strings.Count(all, k.Since+":") != 1 {
			t.Errorf("%s: not once %q:\n%s", k.Name, want, all)
		}
	}
}

// TestTextLevelOncePerFile holds a text with many conditions to one finding, which names a few more places.
func TestTextLevelOncePerFile(t *testing.T) {
	text := "-- node1.conf --\nglobal_defs {\n" + strings.Repeat("    @^main router_id lb1\n", 9) + "}\n"
	list := notInTarget(text, "1.3.5")
	if len(list) != 1 || len(list[0].Related) != 3 {
		t.Errorf("not one finding with three notes:\n%s", show(t, list))
	}
}

// notInTarget are the findings about what a release does not know.
func notInTarget(archive, version string) diag.List {
	target := lint.Target{Name: version, Version: version}
	var out diag.List
	for _, d := range lint.Run(load(archive), lint.Options{Targets: []lint.Target{target}}) {
		if d.Rule == "keyword-not-in-target" {
			out = append(out, d)
		}
	}
	return out
}
