//go:build linux

package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNamesOfTwoFolders(t *testing.T) {
	usr, etc := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(usr, "rt_tables"):                    "# names\n254\tmain\n100 uplink # old\n",
		filepath.Join(etc, "rt_tables"):                    "0x65 uplink\nnonsense\n7\n",
		filepath.Join(etc, "rt_tables.d", "mine.conf"):     "300 mine\n",
		filepath.Join(etc, "rt_tables.d", "mine.conf.bak"): "301 mine\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := Names("rt_tables", usr, etc)
	if len(got) != 3 || got["main"] != 254 || got["uplink"] != 101 || got["mine"] != 300 {
		t.Errorf("names %v", got)
	}
	if got := Names("group", usr, etc); len(got) != 0 {
		t.Errorf("a table that is not there has names %v", got)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("254 main # x\n0x10\tname\n")
	f.Fuzz(func(t *testing.T, text string) {
		to := map[string]uint32{}
		parseNames(strings.NewReader(text), to)
		for name := range to {
			if name == "" || strings.ContainsAny(name, " \t\n#") {
				t.Errorf("the name %q", name)
			}
		}
	})
}
