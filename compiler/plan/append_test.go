package plan

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// MarshalJSON writes a text as the appender does, for the standard library.
func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return []byte(quoted(string(t))), nil
	}
	return json.Marshal(base64Text{[]byte(t)})
}

// MarshalJSON writes an origin as text.
func (o origin) MarshalJSON() ([]byte, error) { return text(o).MarshalJSON() }

// TestAppendedLikeTheStandardLibrary holds documents of any content, within what their types allow, against
// encoding/json.
func TestAppendedLikeTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d document
		fill(t, reflect.ValueOf(&d).Elem(), 0)
		var compact, want bytes.Buffer
		enc := json.NewEncoder(&compact)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(d); err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&want, bytes.TrimSuffix(compact.Bytes(), []byte("\n")), "", indentUnit); err != nil {
			t.Fatal(err)
		}
		a := newAppender(nil)
		a.object(reflect.ValueOf(d))
		if !bytes.Equal(a.out, want.Bytes()) {
			t.Errorf("written:\n%s\nwant:\n%s", a.out, want.Bytes())
		}
	})
}

// fill puts values into v: of each list up to two elements, and of structs within structs ever fewer fields.
func fill(t *rapid.T, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if rapid.IntRange(0, 1+depth).Draw(t, "set") == 0 {
				fill(t, v.Field(i), depth+1)
			}
		}
		notNull(v)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 2).Draw(t, "length"), 2))
		for i := range v.Len() {
			fill(t, v.Index(i), depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), depth+1)
	case reflect.String:
		v.SetString(rapid.OneOf(
			rapid.StringOf(rapid.SampledFrom([]rune("ab\\\"{}[],: \n\u2028<é\x01"))),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 4), func(b []byte) string { return string(b) }),
		).Draw(t, "word"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "number") >> (64 - v.Type().Bits()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "number") >> (64 - v.Type().Bits()))
	default:
		t.Fatalf("a field of type %s", v.Type())
	}
}

// notNull puts empty lists where there are none: the document never says null.
func notNull(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Slice:
			if f.IsNil() {
				f.Set(reflect.MakeSlice(f.Type(), 0, 0))
			}
		case reflect.Struct:
			notNull(f)
		}
	}
}

// TestVirtualServersInRounds holds the virtual servers that are converted in parts against the same ones in the
// document.
func TestVirtualServersInRounds(t *testing.T) {
	p := sample()
	for n := range 2*roundParts*partLength + partLength/2 {
		v := p.VirtualServers[n%3]
		v.FirewallMark = uint32(n)
		p.VirtualServers = append(p.VirtualServers, v)
	}
	got, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	d := toDocument(p)
	d.VirtualServers = each(p.VirtualServers, func(v *VirtualServer) jsonVirtual { return new(converter).virtual(v) })
	a := newAppender(nil)
	a.object(reflect.ValueOf(d))
	if want := string(a.out) + "\n"; string(got) != want {
		t.Error("the text is another one")
	}
}
