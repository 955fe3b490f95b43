package kalint

import (
	"fmt"
	"strings"
	"testing"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/kalint/lsp"
	"ka/lang"
	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint"
	"ka/lint/failover"
)

// benchLines is the size of the file of the benchmarks.
const benchLines = 2000

// longFile writes a node file of at least n lines: instances that track scripts, and virtual servers.
func longFile(n int, priority int) string {
	var b strings.Builder
	b.WriteString("global_defs {\n    enable_script_security\n    script_user nobody\n}\n")
	b.WriteString("vrrp_script chk {\n    script \"/usr/bin/true\"\n    interval 2\n    weight -60\n}\n")
	for i := 0; strings.Count(b.String(), "\n") < n; i++ {
		if i < 100 {
			fmt.Fprintf(&b, `vrrp_instance VI_%[1]d {
    state BACKUP
    interface eth0
    virtual_router_id %[2]d
    priority %[3]d
    advert_int 1
    track_script {
        chk
    }
    virtual_ipaddress {
        10.1.%[1]d.10/24
    }
}
`, i, i+1, priority)
		}
		fmt.Fprintf(&b, `virtual_server 10.1.%[1]d.10 80 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.2.%[1]d.1 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
`, i)
	}
	return b.String()
}

// TestEditorKeeps: what has not changed is neither read nor compiled again.
func TestEditorKeeps(t *testing.T) {
	e := &editor{options: lint.Options{Plays: &failover.Memory{}}}
	a, b := longFile(50, 150), longFile(50, 100)
	texts := map[string][]byte{cli.FileKey("a.conf"): []byte(a), cli.FileKey("b.conf"): []byte(b)}
	nodes, err := e.Load([]string{"a.conf", "b.conf"}, texts)
	if err != nil {
		t.Fatal(err)
	}
	if list := e.Judge(nodes); len(list) > 0 {
		t.Fatalf("findings in a clean pair: %v", list)
	}
	texts[cli.FileKey("b.conf")] = []byte(strings.Replace(b, "advert_int 1", "advert_int 3", 1))
	again, err := e.Load([]string{"a.conf", "b.conf"}, texts)
	if err != nil {
		t.Fatal(err)
	}
	if again[0].Tree != nodes[0].Tree || again[1].Tree == nodes[1].Tree {
		t.Error("the changed file is to be read anew, and only that")
	}
	kept := e.judged[again[0].Tree]
	if list := e.Judge(again); len(list) != 1 || list[0].Rule != "advert-int-mismatch" {
		t.Errorf("after the change: %v", list)
	}
	if e.judged[again[0].Tree] != kept {
		t.Error("the plan of the unchanged file was not kept")
	}
}

// BenchmarkRelint judges two nodes of 2 000 lines after one line of one has changed: what an editor waits
// for after a key, less the pause that the server makes. The goal is 50 ms.
func BenchmarkRelint(b *testing.B) {
	e := &editor{options: lint.Options{Plays: &failover.Memory{}}}
	other := []byte(longFile(benchLines, 150))
	text := longFile(benchLines, 100)
	variants := [][]byte{[]byte(text), []byte(strings.Replace(text, "advert_int 1", "advert_int 3", 1))}
	texts := map[string][]byte{cli.FileKey("a.conf"): other}
	round := func(i int) {
		texts[cli.FileKey("b.conf")] = append([]byte{}, variants[i%2]...)
		nodes, err := e.Load([]string{"a.conf", "b.conf"}, texts)
		if err != nil {
			b.Fatal(err)
		}
		if list := e.Judge(nodes); len(list) != i%2 {
			b.Fatalf("%d findings", len(list))
		}
	}
	round(0)
	for i := 1; b.Loop(); i++ {
		round(i)
	}
}

// BenchmarkComplete completes a keyword near the end of a file of 2 000 lines. The goal is 20 ms.
func BenchmarkComplete(b *testing.B) {
	text := longFile(benchLines, 100)
	f := source.New("b.conf", []byte(text))
	tree, _ := lang.Load(f, lang.Options{})
	offset := strings.LastIndex(text, "connect_timeout") + 3
	for b.Loop() {
		items := lsp.Complete(f, offset, schema.At(""), lsp.FindNames([]*syntax.Tree{tree}), lsp.UTF16)
		if len(items) < 10 {
			b.Fatalf("%d items", len(items))
		}
	}
}
