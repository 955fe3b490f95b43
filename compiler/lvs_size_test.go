package compiler_test

import (
	"fmt"
	"strings"
	"testing"

	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang"
	"ka/lang/source"
)

// manyServers writes n virtual servers with real servers and a check each.
func manyServers(n, reals int, check string) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "virtual_server 10.%d.%d.%d 80 {\n delay_loop 6\n lb_algo wlc\n lb_kind DR\n protocol TCP\n", i>>16, i>>8&255, i&255)
		for j := range reals {
			fmt.Fprintf(&b, " real_server 172.%d.%d.%d 80 {\n  weight %d\n  %s\n }\n", 16+j>>8, j&255, i&255, j+1, check)
		}
		b.WriteString("}\n")
	}
	return []byte(b.String())
}

const httpCheck = "HTTP_GET {\n   url {\n    path /health\n    status_code 200\n   }\n   connect_timeout 3\n   retry 3\n   delay_before_retry 3\n  }"

// TestManyVirtualServers: the largest public installation fits into a plan that is read again.
func TestManyVirtualServers(t *testing.T) {
	// 37 205 real servers in 2 277 virtual servers.
	tree, _ := lang.Load(source.New("in.conf", manyServers(2277, 17, httpCheck)), lang.Options{})
	p, _ := compiler.Compile(tree, compiler.Environment{}, compiler.Options{})
	data, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of at most %d", len(data), plan.MaxSize)
	back, err := plan.Decode(data)
	if err != nil || len(back.VirtualServers) != 2277 {
		t.Errorf("read back: %v", err)
	}
}
