package plan

import (
	"bytes"
	_ "embed" // the schema is a file, kept up to date by a test
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Format names the kind of file; Major and Minor are its version. Another major is refused; a newer
// minor may have fields that this release does not know and reads over.
const (
	Format = "ka-plan"
	Major  = 1
	Minor  = 1
)

// MaxSize is the largest plan that is read, in bytes.
const MaxSize = 64 << 20

// VersionError says that a plan is of another major version.
type VersionError struct {
	// Major and Minor are the version that the plan names.
	Major, Minor int
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the plan has version %d.%d, this release reads %d.x", e.Major, e.Minor, Major)
}

// Encode returns plan.json: the same bytes for the same plan, indented, with a newline at the end. It
// holds secrets: write it with mode 0600.
func Encode(p *Plan) ([]byte, error) {
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write writes what [Encode] returns, a piece at a time.
func Write(w io.Writer, p *Plan) error {
	if p == nil {
		return errors.New("encoding the plan: there is none")
	}
	a := newAppender(w)
	a.virtuals = p.VirtualServers
	a.object(reflect.ValueOf(toDocument(p)))
	a.out = append(a.out, '\n')
	a.flush()
	return a.err
}

// Decode reads plan.json. It believes nothing: size, lists, names, numbers and addresses are checked,
// and an error names the place in the document ("instances[0].vrid: …"). A plan of another major gives
// a *VersionError. Fields that are not known are an error, unless the plan is of a newer minor.
func Decode(data []byte) (*Plan, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the plan has %d bytes, more than %d", len(data), MaxSize)
	}
	v, err := readVersion(data)
	if err != nil {
		return nil, err
	}
	switch {
	case v == nil || v.Format != Format:
		return nil, errors.New("this is no plan: version.format is not \"" + Format + "\"")
	case v.Major != Major:
		return nil, &VersionError{Major: v.Major, Minor: v.Minor}
	case v.Minor < 0:
		return nil, errors.New("version.minor: negative")
	}
	var doc document
	if err := unmarshal(data, &doc, v.Minor <= Minor); err != nil {
		return nil, err
	}
	var r reader
	p := r.plan(&doc)
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// readVersion reads no further than the version, which comes first in the plans that Encode writes;
// nil where there is none.
func readVersion(data []byte) (*version, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, explain(err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, explain(err)
		}
		if key == "version" {
			var v version
			if err := dec.Decode(&v); err != nil {
				return nil, explain(err)
			}
			return &v, nil
		}
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			return nil, explain(err)
		}
	}
	return nil, nil
}

// explain says what is wrong with a document in words that name its parts; nil stays nil.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("%s: %s where a %s belongs", wrong.Field, wrong.Value, kindOf(wrong))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the plan ends too early: it is empty or cut off")
	}
	return fmt.Errorf("damaged plan: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// unmarshal reads one JSON value and nothing behind it.
func unmarshal(data []byte, into any, strict bool) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(into); err != nil {
		return explain(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("damaged plan: something follows behind its end")
	}
	return nil
}

// kindOf names what was expected without Go's type names.
func kindOf(e *json.UnmarshalTypeError) string {
	switch name := e.Type.Kind().String(); name {
	case "struct", "map", "ptr":
		return "object"
	case "slice":
		return "list"
	case "string", "bool":
		return name
	}
	return "number"
}

//go:embed plan.schema.json
var schemaText []byte

// Schema returns the JSON schema of plan.json.
func Schema() ([]byte, error) { return bytes.Clone(schemaText), nil }
