package lint_test

import (
	"strconv"
	"strings"
	"testing"

	"ka/lang/diag"
	"ka/lint"
)

const (
	first = `vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`
	second = `vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 90
    advert_int 1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`
)

func replace(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

func archive(texts ...string) string {
	var b strings.Builder
	for i, text := range texts {
		b.WriteString("-- node" + string(rune('1'+i)) + ".conf --\n" + text)
	}
	return b.String()
}

// rules are the names of the rules that a run reports, in its order.
func rules(list diag.List) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Rule)
	}
	return strings.Join(out, " ")
}

// TestRun holds what the engine decides, beside the rules themselves.
func TestRun(t *testing.T) {
	pw := func(n string) string {
		return "    authentication {\n        auth_type PASS\n        auth_pass " + n + "\n    }\n"
	}
	tests := []struct {
		name, archive, want string
	}{
		{"a clean pair", archive(first, second), ""},
		{"a misread instance proves nothing about the other node",
			archive(first, replace(second, "advert_int 1", "advert_int 2", "priority 90", "\u00a0priority 90")), "invisible-character"},
		{"a line of nothing but a no-break space hides nothing",
			archive(first, replace(second, "    advert_int 1", "\u00a0\n    advert_int 2")), "invisible-character advert-int-mismatch"},
		{"three mistakes, three findings",
			archive(first, replace(second, "advert_int 1\n", "advert_int 2\n"+pw("x"), "BACKUP", "MASTER")),
			"state-conflict advert-int-mismatch auth-mismatch"},
		{"a shared include is judged once",
			"-- a.conf --\ninclude common.inc\n-- b.conf --\ninclude common.inc\n-- common.inc --\nglobal_defs {\n    ruoter_id x\n}\n",
			"unknown-keyword"},
		{"what the block then lacks is a note",
			archive(replace(first, "virtual_router_id", "virtual_routerid")), "unknown-keyword"},
		{"what a quote hides is a note",
			archive("vrrp_instance \"A {\n    interface eth0\n}\n"), "unclosed-quote"},
		{"a parameter that is not defined is one mistake",
			archive("$IF=eth0\n$CHK=/bin/check\nvrrp_script c {\n    script \"/bin/sh ${CHK}\"\n    interval 1\n}\nglobal_defs {\n    enable_script_security\n    script_user root\n}\n" +
				replace(first, "eth0", "${IF}", "router_id 51", "router_id ${VRID}", "    virtual_ipaddress", "    track_script {\n        c\n    }\n    virtual_ipaddress")), "parameter-undefined"},
		{"a script that lost its command is one mistake",
			archive("vrrp_script chk {\n    scirpt \"/bin/true\"\n}\n" + replace(first, "    virtual_ipaddress", "    track_script {\n        chk\n    }\n    virtual_ipaddress")),
			"unknown-keyword"},
		{"the odd one of three nodes, not the pairs",
			archive(first, second, replace(second, "90", "80", "advert_int 1", "advert_int 2")), "advert-int-mismatch"},
		{"long passwords that are equal", archive(replace(first, "    advert_int 1\n", pw("correcthorse")), replace(second, "    advert_int 1\n", pw("correcthorse"))),
			"auth-pass-truncated auth-pass-truncated"},
		{"another VRID hides what only matters behind it",
			archive(first, replace(second, "51", "52", "    advert_int 1\n", "    advert_int 2\n"+pw("x"))), "vrid-mismatch"},
		{"IPv6: the plans are compared",
			archive(replace(first, "192.168.8.100/24", "fe80::1/64"), replace(second, "192.168.8.100/24", "fe80::1/64\n        2001:db8::2/64")), "vip-mismatch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := lint.Run(load(tt.archive), lint.Options{})
			if got := rules(list); got != tt.want {
				t.Errorf("got %q, want %q:\n%s", got, tt.want, show(t, list))
			}
			for _, d := range list {
				if d.Node == "" || !d.Span.IsValid() || d.Help == "" {
					t.Errorf("%s lacks a node, a place or help", d.Rule)
				}
			}
		})
	}
}

// TestManyFindings is a text of another kind: the time grows with the text, not with its square.
func TestManyFindings(t *testing.T) {
	const lines = 20_000
	var b strings.Builder
	for i := range lines {
		b.WriteString("w" + strconv.Itoa(i) + " x\n")
	}
	list := lint.Run(load("-- node1.conf --\n"+b.String()), lint.Options{})
	if len(list) != 1000 || !strings.HasSuffix(list[999].Message, ", and 19000 more like this") {
		t.Errorf("%d findings, the last: %s", len(list), list[len(list)-1].Message)
	}
}

// TestOptions turns a rule off and changes a severity.
func TestOptions(t *testing.T) {
	set := archive(first, replace(second, "90", "100", "advert_int 1", "advert_int 2"))
	list := lint.Run(load(set), lint.Options{
		Off:      map[string]bool{"advert-int-mismatch": true},
		Severity: map[string]diag.Severity{"priority-tie": diag.Error},
	})
	if rules(list) != "priority-tie" || list[0].Severity != diag.Error {
		t.Errorf("got:\n%s", show(t, list))
	}
}

// TestSameOutput runs one set twice: the order of work never shows.
func TestSameOutput(t *testing.T) {
	set := archive(first, replace(second, "advert_int 1", "advert_int 2"), replace(second, "51", "53"), replace(first, "100", "90"))
	want := show(t, lint.Run(load(set), lint.Options{}))
	for range 20 {
		if got := show(t, lint.Run(load(set), lint.Options{})); got != want {
			t.Fatalf("two runs differ:\n%s\n%s", want, got)
		}
	}
}

// TestMessagesHideSecrets gives every finding about passwords a password to betray.
func TestMessagesHideSecrets(t *testing.T) {
	for _, name := range []string{"auth-mismatch", "auth-pass-truncated", "auth-ignored"} {
		r, _ := lint.FindRule(name)
		text := replace(r.Bad, "S3cret", "Geheim99", "correcthorse", "Geheim99")
		if strings.Contains(show(t, lint.Run(load(text), lint.Options{})), "Geheim") {
			t.Errorf("%s shows a password", name)
		}
	}
}
