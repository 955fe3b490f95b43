//go:build linux

package director

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ka/compiler/plan"
)

func TestDecodeKey(t *testing.T) {
	text := strings.Repeat("k", 32)
	for _, c := range []struct{ file, want, err string }{
		{text + "\r\n\n", text, ""},
		{"hex:" + strings.Repeat("6b", 32), text, ""},
		{strings.Repeat("x", 64), strings.Repeat("x", 64), ""},
		{strings.Repeat("x", 65), "", "has 65 bytes"},
		{text[1:], "", "has 31 bytes"},
		{"hex:" + strings.Repeat("6", 65), "", "hexadecimal"},
		{"hex:" + strings.Repeat("6b", 31), "", "has 31 bytes"},
		{text + "\x00rest", text, ""},
		{"", "", "has 0 bytes"},
	} {
		got, err := decodeKey([]byte(c.file))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %q, %v", c.file, got, err)
		}
		if err != nil && len(c.file) > 10 && strings.Contains(err.Error(), c.file[5:10]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

// The vrrp process gets the keys; the plan of the supervisor holds the names of the files alone.
func TestWithKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("k", 40)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := testPlan(100)
	p.Instances[0].HMAC = &plan.HMAC{ActiveKey: 2, Keys: []plan.HMACKey{{ID: 1, Secret: strings.Repeat("s", 32)}, {ID: 2, File: file}}}
	q, err := withKeys(p, readKey)
	if err != nil {
		t.Fatal(err)
	}
	if k := q.Instances[0].HMAC.Keys[1]; k.Secret != strings.Repeat("k", 40) || k.File != "" {
		t.Errorf("have %+v", k)
	}
	if k := p.Instances[0].HMAC.Keys[1]; k.Secret != "" || k.File != file {
		t.Errorf("the plan itself was changed: %+v", k)
	}
	m := machine{readable: checkReadable, key: readKey}
	if list := badKeys(p, m); len(list) != 0 {
		t.Errorf("a good key: %v", list)
	}
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := badKeys(p, m)
	if len(list) != 1 || !strings.Contains(list[0].text, "has 5 bytes") {
		t.Fatalf("a short key: %v", list)
	}
	if list[0].drop(p); len(p.Instances) != 0 {
		t.Error("the instance is not left out")
	}
	if _, err := withKeys(testPlanWithKey(file), readKey); err == nil {
		t.Error("a plan with a short key is run")
	}
}

func testPlanWithKey(file string) *plan.Plan {
	p := testPlan(100)
	p.Instances[0].HMAC = &plan.HMAC{ActiveKey: 1, Keys: []plan.HMACKey{{ID: 1, File: file}}}
	return p
}
