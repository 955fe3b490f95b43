package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ka/compiler"
	"ka/lang"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint/cluster"
)

// instance is a short way to write one: "NAME VRID PASSWORD ADDRESS…"; "-" is no password.
func instance(spec string) string {
	w := strings.Fields(spec)
	auth := ""
	if w[2] != "-" {
		auth = "    authentication {\n        auth_type PASS\n        auth_pass " + w[2] + "\n    }\n"
	}
	return fmt.Sprintf("vrrp_instance %s {\n    interface eth0\n    virtual_router_id %s\n%s    virtual_ipaddress {\n        %s\n    }\n}\n",
		w[0], w[1], auth, strings.Join(w[3:], "\n        "))
}

// unicast makes an instance send to a peer.
func unicast(text, source, peer string) string {
	return strings.Replace(text, "    interface", "    unicast_src_ip "+source+"\n    unicast_peer {\n        "+peer+"\n    }\n    interface", 1)
}

func onEth1(text string) string { return strings.Replace(text, "eth0", "eth1", 1) }

func service(address string) string {
	return "virtual_server " + address + " 80 {\n    protocol TCP\n    real_server 10.9.9.9 80 {\n    }\n}\n"
}

// node compiles a text; unsound names instances whose text is to count as misread.
func node(t *testing.T, name, text string, unsound ...string) cluster.Node {
	t.Helper()
	tree, list := lang.Load(source.New(name, []byte(text)), lang.Options{})
	p, more := compiler.Compile(tree, compiler.Environment{Node: name}, compiler.Options{AsKeepalived: true})
	if list = append(list, more...); list.HasErrors() {
		t.Fatalf("%s: %v", name, list)
	}
	return cluster.Node{Name: name, Tree: tree, Plan: p, Unsound: func(st *syntax.Statement) bool {
		w, _ := st.Arg(0)
		return slices.Contains(unsound, w.Text)
	}}
}

// describe writes a result: "a/X b/Y; c/Z" and "a/X!b/Y" for a collision; "~" marks weak routers.
func describe(r *cluster.Result) string {
	var routers []string
	for _, v := range r.Routers {
		var members []string
		for _, m := range v.Members {
			members = append(members, m.Node+"/"+m.Instance.Name)
		}
		for _, m := range v.Unsound {
			members = append(members, "("+m.Node+"/"+m.Instance.Name+")")
		}
		text := strings.Join(members, " ")
		if v.Weak {
			text = "~" + text
		}
		routers = append(routers, text)
	}
	out := strings.Join(routers, "; ")
	for _, c := range r.Collisions {
		out += fmt.Sprintf(" | %s/%s!%s/%s", c.A.Node, c.A.Instance.Name, c.B.Node, c.B.Instance.Name)
	}
	return out
}

// TestGroup goes through the table of what belongs together.
func TestGroup(t *testing.T) {
	tests := []struct {
		name string
		// nodes are the texts of nodes a, b, c…; "@SEGMENT " in front names a segment.
		nodes []string
		want  string
	}{
		{"a shared address", []string{instance("X 51 - 10.0.0.1"), instance("Y 51 - 10.0.0.1")}, "a/X b/Y"},
		{"a shared address, another VRID", []string{instance("X 51 - 10.0.0.1"), instance("X 52 - 10.0.0.1")}, "a/X b/X"},
		{"one of two addresses shared", []string{instance("X 51 - 10.0.0.1 10.0.0.2"), instance("X 51 - 10.0.0.2 10.0.0.3")}, "a/X b/X"},
		{"same name in one assumed network", []string{instance("X 51 - 10.0.0.1"), instance("X 51 - 10.0.0.2")}, "~a/X b/X"},
		{"same password in one network", []string{instance("X 51 pw 10.0.0.1/24"), instance("Y 51 pw 10.0.0.2/24")}, "~a/X b/Y"},
		{"same virtual server", []string{instance("X 51 - 10.0.0.1") + service("10.0.0.9"), instance("Y 51 - 10.0.0.2") + service("10.0.0.9")}, "~a/X b/Y"},
		{"unrelated in one proven network", []string{instance("X 51 p1 10.0.0.1/24"), instance("Y 51 p2 10.0.0.2/24")}, "a/X; b/Y | a/X!b/Y"},
		{"one length proves it for both", []string{instance("X 51 p1 10.0.0.1/24"), instance("Y 51 p2 10.0.0.2")}, "a/X; b/Y | a/X!b/Y"},
		{"unrelated, no length", []string{instance("X 51 p1 10.0.0.1"), instance("Y 51 p2 10.0.0.2")}, "a/X; b/Y"},
		{"another VRID", []string{instance("X 51 pw 10.0.0.1/24"), instance("X 52 pw 10.0.0.2/24")}, "a/X; b/X"},
		{"another network", []string{instance("X 51 pw 10.0.0.1/24"), instance("X 51 pw 10.0.1.2/24")}, "a/X; b/X"},
		{"another network, one segment", []string{"@lan " + instance("X 51 pw 10.0.0.1/24"), "@lan " + instance("X 51 pw 10.0.1.2/24")}, "~a/X b/X"},
		{"unrelated, one segment", []string{"@lan " + instance("X 51 - 10.0.0.1"), "@lan " + instance("Y 51 - 10.1.0.2")}, "a/X; b/Y | a/X!b/Y"},
		{"one network, two segments", []string{"@left " + instance("X 51 - 10.0.0.1/24"), "@right " + instance("Y 51 - 10.0.0.2/24")}, "a/X; b/Y"},
		{"IPv6 in an assumed network", []string{instance("X 51 - 2001:db8::1"), instance("X 51 - 2001:db8::2")}, "~a/X b/X"},
		{"another family", []string{instance("X 51 - 2001:db8::1/64"), instance("X 51 - 10.0.0.1/24")}, "a/X; b/X"},
		{"peers that name each other", []string{
			unicast(instance("X 51 - 10.0.0.1/24"), "10.0.0.11", "10.0.0.12"), unicast(instance("Y 51 - 10.0.0.2/24"), "10.0.0.12", "10.0.0.11"),
		}, "~a/X b/Y"},
		{"unicast: two pairs of one name and VRID in one network", []string{
			unicast(instance("X 51 - 10.0.0.1/24"), "10.0.0.11", "10.0.0.12"), unicast(instance("X 51 - 10.0.0.2/24"), "10.0.0.13", "10.0.0.14"),
		}, "a/X; b/X"},
		{"unicast and multicast do not collide", []string{
			unicast(instance("X 51 - 10.0.0.1/24"), "10.0.0.11", "10.0.0.12"), instance("Y 51 - 10.0.0.2/24"),
		}, "a/X; b/Y"},
		{"two instances of one file", []string{instance("X 51 - 10.0.0.1/24") + instance("Y 52 - 10.0.0.1/24")}, "a/X; a/Y"},
		{"two candidates in one file: the name decides", []string{
			instance("X 51 - 10.0.0.1") + instance("Y 52 - 10.0.0.2"),
			instance("Y 52 - 10.0.0.1 10.0.0.2"),
		}, "a/X; a/Y b/Y"},
		{"two pairs in one assumed network are two clusters", []string{
			instance("VI_1 51 1111 10.0.0.1"), instance("VI_1 51 1111 10.0.0.1"),
			instance("VI_1 51 1111 10.0.0.2"), instance("VI_1 51 1111 10.0.0.2"),
		}, "a/VI_1 b/VI_1; c/VI_1 d/VI_1"},
		{"two pairs in one proven network collide", []string{
			instance("VI_1 51 1111 10.0.0.1/24"), instance("VI_1 51 1111 10.0.0.1/24"),
			instance("VI_1 51 1111 10.0.0.2/24"), instance("VI_1 51 1111 10.0.0.2/24"),
		}, "a/VI_1 b/VI_1; c/VI_1 d/VI_1 | a/VI_1!c/VI_1"},
		{"the odd one of three", []string{
			instance("X 51 - 10.0.0.1"), instance("X 51 - 10.0.0.1"), instance("X 51 - 10.0.0.7"),
		}, "~a/X b/X c/X"},
		{"the same VRID twice on both nodes, on two interfaces", []string{
			instance("X 51 - 10.0.0.1/24") + onEth1(instance("Y 51 - 10.0.0.2/24")),
			instance("X 51 - 10.0.0.1/24") + onEth1(instance("Y 51 - 10.0.0.2/24")),
		}, "a/X b/X; a/Y b/Y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var nodes []cluster.Node
			for i, text := range tt.nodes {
				segment := ""
				if rest, ok := strings.CutPrefix(text, "@"); ok {
					segment, text, _ = strings.Cut(rest, " ")
				}
				n := node(t, string(rune('a'+i)), text)
				n.Segment = segment
				nodes = append(nodes, n)
			}
			if got := describe(cluster.Group(nodes)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUnsound keeps misread instances out of everything but their virtual router.
func TestUnsound(t *testing.T) {
	r := cluster.Group([]cluster.Node{
		node(t, "a", instance("X 51 - 10.0.0.1/24")),
		node(t, "b", instance("X 51 - 10.0.0.1/24"), "X"),
		node(t, "c", instance("Y 51 - 10.0.0.2/24"), "Y"),
	})
	if got, want := describe(r), "a/X (b/X); (c/Y)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestServices tells which virtual servers are one, and who lacks one that it may have to serve.
func TestServices(t *testing.T) {
	r := cluster.Group([]cluster.Node{
		node(t, "a", instance("X 51 - 10.0.0.1")+service("10.0.0.1")+service("10.7.7.7")),
		node(t, "b", instance("X 51 - 10.0.0.1")+service("10.0.0.1")),
		node(t, "c", instance("X 51 - 10.0.0.1")),
		node(t, "d", instance("Z 60 - 10.4.0.1")),
	})
	if len(r.Services) != 2 {
		t.Fatalf("%d services", len(r.Services))
	}
	s := r.Services[0]
	if len(s.Members) != 2 || s.Members[1].Node != "b" || len(s.Missing) != 1 || s.Missing[0].Node != "c" {
		t.Errorf("members %d, missing %+v", len(s.Members), s.Missing)
	}
	if s := r.Services[1]; len(s.Members) != 1 || len(s.Missing) != 0 {
		t.Errorf("the address that no instance holds: %+v", s)
	}
}

// TestManyNodes groups a thousand nodes in well under a second.
func TestManyNodes(t *testing.T) {
	var nodes []cluster.Node
	for i := range 500 {
		text := instance(fmt.Sprintf("VI_1 51 1111 10.%d.%d.1", i/250, i%250))
		nodes = append(nodes, node(t, fmt.Sprint("a", i), text), node(t, fmt.Sprint("b", i), text))
	}
	r := cluster.Group(nodes)
	if len(r.Routers) != 500 || len(r.Collisions) != 0 {
		t.Errorf("%d routers, %d collisions", len(r.Routers), len(r.Collisions))
	}
}
