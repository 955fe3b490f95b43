package support

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// minimal is a plan that this release runs, with one element in each list of which it runs elements.
func minimal() *plan.Plan {
	at := plan.Origin{File: "node.conf", Line: 7}
	cmd := plan.Command{Origin: at, Argv: []string{"/bin/true"}}
	address := plan.Address{Origin: at, Prefix: netip.MustParsePrefix("192.0.2.1/24"), Interface: "eth0"}
	route := plan.Route{Origin: at, Destination: netip.MustParsePrefix("198.51.100.0/24"), Interface: "eth0", Table: 254}
	target := netip.MustParseAddrPort("192.0.2.2:80")
	return &plan.Plan{
		Node:    "node",
		Scripts: []plan.Script{{Origin: at, Name: "chk", Command: cmd, Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1}},
		Instances: []plan.Instance{{
			Origin: at, Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: 100, InitialState: plan.StateBackup,
			AdvertInterval: time.Second, DownTimerAdverts: 3, Group: netip.MustParseAddr("224.0.0.18"),
			VIPs: []plan.Address{address}, Excluded: []plan.Address{address}, Routes: []plan.Route{route},
			TrackScripts: []plan.TrackScript{{Origin: at, Script: "chk"}},
		}},
		StaticAddresses: []plan.Address{address},
		StaticRoutes:    []plan.Route{route},
		VirtualServers: []plan.VirtualServer{{
			Origin: at, Address: netip.MustParseAddrPort("192.0.2.1:80"), Protocol: plan.TCP, Scheduler: "rr", Quorum: 1,
			RealServers: []plan.RealServer{{Origin: at, Address: target, Weight: 1,
				Checks: []plan.Check{{Origin: at, Kind: plan.TCPCheck, Target: target, ConnectTimeout: time.Second}}}},
		}},
		Global: plan.Global{LVS: &plan.LVSGlobal{FlushOnStop: "none"}, Files: &plan.Files{Umask: -1}},
	}
}

// TestEverySetting sets each field of the plan alone. Each is named as missing, and gone with what Missing
// leaves out, or stands in a table here with what karun does with it: nothing is dropped silently.
func TestEverySetting(t *testing.T) {
	if list := Missing(minimal()); len(list) != 0 {
		t.Fatalf("the minimal plan: %v", texts(list))
	}
	used := map[string]bool{}
	w := walker{t: t, judge: func(path string, p *plan.Plan) bool {
		list := Missing(p)
		reason, known := settled(path, used)
		switch {
		case len(list) == 0 && !known:
			t.Errorf("%s: neither named as missing, nor in a table of this test", path)
		case len(list) != 0 && known:
			t.Errorf("%s: is said to be %q, and is named as missing: %v", path, reason, texts(list))
		}
		if left := Missing(Without(p, list)); len(left) != 0 {
			t.Errorf("%s: still missing after it was left out: %v", path, texts(left))
		}
		return len(list) != 0
	}}
	w.walk("", reflect.TypeFor[plan.Plan](), func(p *plan.Plan) reflect.Value { return reflect.ValueOf(p).Elem() })
	if w.fields < 300 {
		t.Errorf("only %d fields were set", w.fields)
	}
	for _, table := range []map[string]string{executed, withoutEffect} {
		for _, path := range slices.Sorted(maps.Keys(table)) {
			if !used[path] {
				t.Errorf("%s stands in a table and is no field, or is named as missing", path)
			}
		}
	}
}

// settled looks a field up in the tables; what holds for a struct holds for its fields.
func settled(path string, used map[string]bool) (reason string, known bool) {
	if strings.HasSuffix(path, ".Origin.File") || strings.HasSuffix(path, ".Origin.Line") {
		return "messages say where it comes from", true
	}
	for p := path; p != ""; {
		for _, table := range []map[string]string{executed, withoutEffect} {
			if reason, known := table[p]; known {
				used[p] = true
				return reason, true
			}
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			break
		}
		p = p[:i]
	}
	return "", false
}

// walker visits each field of a plan's type, and judges a minimal plan in which it alone is set.
type walker struct {
	t      *testing.T
	judge  func(path string, p *plan.Plan) (missing bool)
	fields int
}

// walk visits a type; at gives the place of its value in a plan.
func (w *walker) walk(path string, of reflect.Type, at func(*plan.Plan) reflect.Value) {
	if of.Kind() == reflect.Struct && of.PkgPath() == reflect.TypeFor[plan.Plan]().PkgPath() {
		for i := range of.NumField() {
			f := of.Field(i)
			w.walk(strings.TrimPrefix(path+"."+f.Name, "."), f.Type, func(p *plan.Plan) reflect.Value { return at(p).Field(i) })
		}
		return
	}
	inside := func(of reflect.Type) bool {
		return of.Kind() == reflect.Struct && of.PkgPath() == reflect.TypeFor[plan.Plan]().PkgPath()
	}
	switch {
	case of.Kind() == reflect.Pointer && inside(of.Elem()):
		make := func(p *plan.Plan) reflect.Value {
			if v := at(p); v.IsNil() {
				v.Set(reflect.New(of.Elem()))
			}
			return at(p).Elem()
		}
		w.element(path, of.Elem(), make)
	case of.Kind() == reflect.Slice && inside(of.Elem()):
		make := func(p *plan.Plan) reflect.Value {
			if v := at(p); v.Len() == 0 {
				v.Set(reflect.MakeSlice(of, 1, 1))
			}
			return at(p).Index(0)
		}
		w.element(path, of.Elem(), make)
	default:
		p := minimal()
		w.set(path, at(p))
		w.fields++
		w.judge(path, p)
	}
}

// element visits what may be there or not. Where it is missing as a whole, so is each of its fields.
func (w *walker) element(path string, of reflect.Type, make func(*plan.Plan) reflect.Value) {
	p := minimal()
	make(p)
	if len(Missing(p)) != 0 {
		w.fields += of.NumField()
		w.judge(path, p)
		return
	}
	w.walk(path, of, make)
}

// set gives a field another value than the minimal plan's.
func (w *walker) set(path string, v reflect.Value) {
	was := fmt.Sprint(v.Interface())
	switch v.Interface().(type) {
	case netip.Addr:
		v.Set(reflect.ValueOf(netip.MustParseAddr("192.0.2.77")))
	case netip.Prefix:
		v.Set(reflect.ValueOf(netip.MustParsePrefix("192.0.2.77/25")))
	case netip.AddrPort:
		v.Set(reflect.ValueOf(netip.MustParseAddrPort("192.0.2.77:7")))
	default:
		w.setKind(path, v)
	}
	if was == fmt.Sprint(v.Interface()) {
		w.t.Errorf("%s: the value stayed %s", path, was)
	}
}

func (w *walker) setKind(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Array:
		w.setKind(path, v.Index(0))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString("other")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	default:
		w.t.Fatalf("%s: this test cannot set a %s", path, v.Type())
	}
}

// TestPlansOf10 holds what this release says of the first release's plans to what that one said.
func TestPlansOf10(t *testing.T) {
	refused := map[string][]string{}
	files, err := filepath.Glob("../../compiler/plan/testdata/1.0/*.json")
	if err != nil || len(files) < 17 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Decode(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		have := texts(Missing(p))
		want := refused[strings.TrimSuffix(filepath.Base(file), ".json")]
		if len(have) != len(want) {
			t.Errorf("%s: %q, want %q", file, have, want)
			continue
		}
		for i := range want {
			if !strings.Contains(have[i], want[i]) {
				t.Errorf("%s: %q, want %q", file, have[i], want[i])
			}
		}
	}
}
