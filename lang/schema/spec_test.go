package schema

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
)

// TestSpecs keeps zz_specs.go equal to what the notations of the table say.
func TestSpecs(t *testing.T) {
	specs := map[string]Spec{}
	for _, k := range All() {
		if n := notationOf(k); n != "" {
			specs[n] = readNotation(n)
		}
	}
	var b bytes.Buffer
	b.WriteString("// Code generated from the table by go test ./lang/schema -update. DO NOT EDIT.\n\npackage schema\n\n")
	b.WriteString("// specRows are the notations of the table, sorted.\nvar specRows = [...]specRow{\n")
	for _, n := range slices.Sorted(maps.Keys(specs)) {
		fmt.Fprintf(&b, "{%q, ", n)
		writeSpec(&b, specs[n])
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	const file = "zz_specs.go"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale: go test ./lang/schema -update", file)
	}
}

// writeSpec writes a grammar as Go source, without the fields that are zero.
func writeSpec(b *bytes.Buffer, s Spec) {
	b.WriteString("Spec{")
	for i := range s {
		writeItem(b, reflect.ValueOf(s[i]))
	}
	b.WriteString("}")
}

func writeItem(b *bytes.Buffer, item reflect.Value) {
	b.WriteString("{")
	for i := range item.NumField() {
		f := item.Field(i)
		if f.IsZero() {
			continue
		}
		fmt.Fprintf(b, "%s: ", item.Type().Field(i).Name)
		switch v := f.Interface().(type) {
		case []Spec:
			b.WriteString("[]Spec{")
			for _, alternative := range v {
				writeSpec(b, alternative)
				b.WriteString(", ")
			}
			b.WriteString("}")
		case Type:
			fmt.Fprintf(b, "%d", v)
		default:
			fmt.Fprintf(b, "%#v", v)
		}
		b.WriteString(", ")
	}
	b.WriteString("}, ")
}
