package plan

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// indentUnit is one step of indentation in plan.json.
const indentUnit = "  "

// appender writes values of the document's types as indented JSON, byte for byte as encoding/json does without
// its escapes for HTML. It is made for what the document is made of (structs, lists, pointers, words, numbers)
// and writes each byte once: the package writes compact text through several buffers and indents it afterwards,
// which for a plan of many virtual servers takes four times as long.
type appender struct {
	// out is what was written and not handed on to w yet.
	out []byte
	w   io.Writer
	err error
	// line is a line break and the indentation of the block being written.
	line    []byte
	structs map[reflect.Type][]member
	// virtuals stand in place of the document's virtual servers: of a large plan they are nearly all, and each
	// is converted when its turn comes.
	virtuals []VirtualServer
	convert  converter
}

// member is a field of a struct as it stands in the document.
type member struct {
	// index leads to the field through embedded structs, key is its name in quotes, with the colon.
	index     []int
	key       string
	omitEmpty bool
}

func newAppender(w io.Writer) *appender {
	return &appender{w: w, line: []byte("\n"), structs: map[reflect.Type][]member{}}
}

// flush hands on what was written so far.
func (a *appender) flush() { a.out = a.handOn(a.out) }

// handOn hands a text on to w, unless that failed before, and returns its memory.
func (a *appender) handOn(text []byte) []byte {
	if a.err == nil {
		_, a.err = a.w.Write(text)
	}
	return text[:0]
}

// members reads the tags of a struct type, once.
func (a *appender) members(t reflect.Type) []member {
	if m, ok := a.structs[t]; ok {
		return m
	}
	var all []member
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" {
			all = append(all, member{index: f.Index, key: strconv.Quote(name) + ": ", omitEmpty: options == "omitempty"})
		}
	}
	a.structs[t] = all
	return all
}

func (a *appender) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		a.object(v)
	case reflect.Slice:
		a.list(v)
	case reflect.Pointer:
		a.value(v.Elem())
	case reflect.String:
		a.word(v)
	case reflect.Bool:
		a.out = strconv.AppendBool(a.out, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		a.out = strconv.AppendInt(a.out, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		a.out = strconv.AppendUint(a.out, v.Uint(), 10)
	default: // a nil pointer; the document has nothing else
		a.out = append(a.out, "null"...)
	}
}

func (a *appender) object(v reflect.Value) {
	a.out = append(a.out, '{')
	a.line = append(a.line, indentUnit...)
	empty := true
	for _, m := range a.members(v.Type()) {
		f := v.Field(m.index[0])
		for _, i := range m.index[1:] {
			f = f.Field(i)
		}
		if m.omitEmpty && isEmpty(f) {
			continue
		}
		if !empty {
			a.out = append(a.out, ',')
		}
		empty = false
		a.out = append(a.out, a.line...)
		a.out = append(a.out, m.key...)
		a.value(f)
	}
	a.end('}', empty)
}

// isEmpty reports whether omitempty leaves a field out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (a *appender) list(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		a.out = append(a.out, '"')
		a.out = base64.StdEncoding.AppendEncode(a.out, v.Bytes())
		a.out = append(a.out, '"')
		return
	}
	a.out = append(a.out, '[')
	a.line = append(a.line, indentUnit...)
	if v.Type() == virtualsType && len(a.virtuals) > 0 {
		a.appendVirtuals()
		a.end(']', false)
		return
	}
	for i := range v.Len() {
		a.element(v.Index(i), i == 0)
	}
	a.end(']', v.Len() == 0)
}

var virtualsType = reflect.TypeFor[[]jsonVirtual]()

// Virtual servers are written in rounds: in each, so many parts of so many servers, each part by a goroutine of
// its own.
const (
	roundParts = 4
	partLength = 16
)

func (a *appender) appendVirtuals() {
	parts := make([]*appender, roundParts)
	for i := range parts {
		parts[i] = newAppender(nil)
		parts[i].line = slices.Clone(a.line)
	}
	a.flush()
	done := make(chan struct{})
	lists := slices.Collect(slices.Chunk(a.virtuals, partLength))
	for from := 0; from < len(lists); from += roundParts {
		round := lists[from:min(from+roundParts, len(lists))]
		for i, list := range round {
			go func() {
				parts[i].converted(list, from+i == 0)
				done <- struct{}{}
			}()
		}
		for range round {
			<-done
		}
		for i := range round {
			parts[i].out = a.handOn(parts[i].out)
		}
	}
}

// converted writes some virtual servers; first says that the list begins with them.
func (a *appender) converted(list []VirtualServer, first bool) {
	var v jsonVirtual
	place := reflect.ValueOf(&v).Elem()
	for i := range list {
		v = a.convert.virtual(&list[i])
		a.element(place, first && i == 0)
	}
}

// element writes an element of a list.
func (a *appender) element(v reflect.Value, first bool) {
	if !first {
		a.out = append(a.out, ',')
	}
	a.out = append(a.out, a.line...)
	a.value(v)
}

// end closes an object or a list.
func (a *appender) end(sign byte, empty bool) {
	a.line = a.line[:len(a.line)-len(indentUnit)]
	if !empty {
		a.out = append(a.out, a.line...)
	}
	a.out = append(a.out, sign)
}

// The types whose bytes are kept where they are no UTF-8.
var textType, originType = reflect.TypeFor[text](), reflect.TypeFor[origin]()

func (a *appender) word(v reflect.Value) {
	s := v.String()
	switch t := v.Type(); {
	case isPlain(s):
		a.out = append(a.out, '"')
		a.out = append(a.out, s...)
		a.out = append(a.out, '"')
	case (t == textType || t == originType) && !utf8.ValidString(s):
		a.object(reflect.ValueOf(base64Text{[]byte(s)}))
	default:
		a.out = append(a.out, quoted(s)...)
	}
}

// isPlain reports whether a word stands in JSON as it is.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// quoted writes a JSON string with <, > and & as they are.
func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // a string has no encoding that fails
	}
	return strings.TrimSuffix(b.String(), "\n")
}
