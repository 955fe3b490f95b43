package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

var update = flag.Bool("update", false, "rewrite goldens")

// generated makes the schema of plan.json from the types of the document. Types that write themselves
// as text need an entry of their own: the generator would call them objects.
func generated(t *testing.T) []byte {
	t.Helper()
	word := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "string"},
		{
			Type: "object", Required: []string{"base64"},
			Description: "bytes that are not UTF-8",
			Properties:  map[string]*jsonschema.Schema{"base64": {Type: "string"}},
		},
	}}
	plain := func(description string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Description: description}
	}
	s, err := jsonschema.For[document](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[text]():         word,
		reflect.TypeFor[origin]():       word,
		reflect.TypeFor[addrText]():     plain("an IP address"),
		reflect.TypeFor[prefixText]():   plain("ADDRESS/LENGTH"),
		reflect.TypeFor[addrPortText](): plain("ADDRESS:PORT, an IPv6 address in brackets"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "plan.json"
	s.Description = "What a director will do, decided: made by kac, run by karun. It holds secrets."
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// TestSchemaIsFresh keeps the schema and its copy in the documentation equal to the types.
func TestSchemaIsFresh(t *testing.T) {
	want := generated(t)
	for _, file := range []string{"plan.schema.json", "../../docs/reference/plan.schema.json"} {
		if *update {
			if err := os.MkdirAll("../../docs/reference", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is stale: go test ./compiler/plan -update", file)
		}
	}
}

// validate holds a plan against the schema.
func validate(t *testing.T, data []byte) {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(generated(t), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(value); err != nil {
		t.Errorf("the plan does not fit its schema: %v", err)
	}
}
