package plan

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestPlansOf10 reads plans that the first release wrote, and writes them again: each value of theirs is
// there as it was, and what 1.1 added says nothing.
func TestPlansOf10(t *testing.T) {
	files, err := filepath.Glob("testdata/1.0/*.json")
	if err != nil || len(files) < 17 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Decode(old)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		again, err := Encode(p)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var was, is map[string]any
		if err := json.Unmarshal(old, &was); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &is); err != nil {
			t.Fatal(err)
		}
		delete(was, "version")
		delete(is, "version")
		sameMeaning(t, file, was, is)
	}
}

// sameMeaning compares two values of JSON; what is only in the second must be empty.
func sameMeaning(t *testing.T, path string, was, is any) {
	t.Helper()
	switch was := was.(type) {
	case map[string]any:
		object, ok := is.(map[string]any)
		if !ok {
			t.Errorf("%s: an object became %v", path, is)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if _, old := was[key]; !old && !empty(object[key]) {
				t.Errorf("%s.%s: new, and not empty: %v", path, key, object[key])
			}
		}
		for _, key := range slices.Sorted(maps.Keys(was)) {
			if _, there := object[key]; !there {
				t.Errorf("%s.%s: gone", path, key)
				continue
			}
			sameMeaning(t, path+"."+key, was[key], object[key])
		}
	case []any:
		list, ok := is.([]any)
		if !ok || len(list) != len(was) {
			t.Errorf("%s: %v became %v", path, was, is)
			return
		}
		for i := range was {
			sameMeaning(t, path+"[]", was[i], list[i])
		}
	default:
		if was != is {
			t.Errorf("%s: %v became %v", path, was, is)
		}
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
