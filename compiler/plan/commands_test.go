package plan

import (
	"reflect"
	"testing"
)

// TestEachCommand makes a plan with one of everything: each command of its types is visited, once.
func TestEachCommand(t *testing.T) {
	var p Plan
	want := make(map[*Command]string)
	grow(reflect.ValueOf(&p).Elem(), "", want)
	if len(want) < 20 {
		t.Fatalf("only %d commands were found", len(want))
	}
	p.EachCommand(func(_ CommandOwner, c *Command) {
		if want[c] == "" {
			t.Errorf("visited twice, or from nowhere: %+v", c)
		}
		delete(want, c)
	})
	for _, path := range want {
		t.Errorf("%s is not visited", path)
	}
}

// grow gives every pointer and list of this package's types one element, and notes the commands.
func grow(v reflect.Value, path string, commands map[*Command]string) {
	ours := func(t reflect.Type) bool { return t.PkgPath() == reflect.TypeFor[Plan]().PkgPath() }
	switch v.Kind() {
	case reflect.Pointer:
		if ours(v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
			grow(v.Elem(), path, commands)
		}
	case reflect.Slice:
		if ours(v.Type().Elem()) {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			grow(v.Index(0), path, commands)
		}
	case reflect.Struct:
		if c, ok := v.Addr().Interface().(*Command); ok {
			commands[c] = path
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && ours(v.Type()) {
				grow(v.Field(i), path+"."+v.Type().Field(i).Name, commands)
			}
		}
	}
}
