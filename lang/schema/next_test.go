package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNext(t *testing.T) {
	for _, c := range []struct {
		args, words string
		want        []string
	}{
		{"bool?", "", []string{"bool?"}},
		{"bool?", "on", nil},
		{"int[-254..254] reverse?", "", []string{"int[-254..254]"}},
		{"int[-254..254] reverse?", "3", []string{"reverse?"}},
		{"int[-254..254] reverse?", "x", nil},
		{"enum{rr|wrr}", "", []string{"enum{rr|wrr}"}},
		{"ref:vrrp_instance+", "A B", []string{"ref:vrrp_instance+"}},
		{"( ip port? | fwmark uint | group ref:virtual_server_group )", "", []string{"ip", "fwmark", "group"}},
		{"( ip port? | fwmark uint | group ref:virtual_server_group )", "192.0.2.1", []string{"port?"}},
		{"( ip port? | fwmark uint | group ref:virtual_server_group )", "group", []string{"ref:virtual_server_group"}},
		{"iface ( id uint[0..255] | port uint[1..65535] )*", "eth0 id 3", []string{"id", "port"}},
		{"( a? b? )*", "", []string{"a?", "b?"}},
	} {
		var got []string
		for _, it := range ParseArgs(c.args).Next(strings.Fields(c.words)) {
			got = append(got, it.Note)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q behind %q (-want +got):\n%s", c.args, c.words, d)
		}
	}
	for _, k := range All() {
		k.Spec().Next(nil)
		k.Spec().Next(strings.Fields(strings.Repeat("1 ", maxNextWords)))
	}
}
