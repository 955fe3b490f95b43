package lang

import (
	"bytes"
	"cmp"
	"slices"

	"ka/lang/diag"
	"ka/lang/source"
)

// ApplyFixes returns the text of f with the fixes of list applied that keep its meaning, and, if intent
// is set, those that write what the text evidently meant. Only edits in f count; a fix that also touches
// another file, that reaches outside f, or that overlaps one already taken is skipped as a whole: run
// again after reading the new text. Of several fixes of one finding the first that may be applied is
// taken. applied and skipped count fixes.
func ApplyFixes(f *source.File, list diag.List, intent bool) (out []byte, applied, skipped int) {
	var taken []diag.Edit
	for i := range list {
		fix, ok := choose(list[i].Fixes, intent)
		if !ok || !mentions(fix, f) {
			continue
		}
		if !fits(fix, f) {
			skipped++
			continue
		}
		merged, ok := merge(taken, fix.Edits)
		if !ok {
			skipped++
			continue
		}
		taken = merged
		applied++
	}
	return splice(f.Data, taken), applied, skipped
}

// choose returns the first fix that the caller allows.
func choose(fixes []diag.Fix, intent bool) (diag.Fix, bool) {
	for _, fix := range fixes {
		if len(fix.Edits) > 0 && (fix.Kind == diag.SameMeaning || intent) {
			return fix, true
		}
	}
	return diag.Fix{}, false
}

// mentions reports whether fix edits f at all.
func mentions(fix diag.Fix, f *source.File) bool {
	return slices.ContainsFunc(fix.Edits, func(e diag.Edit) bool { return sameFile(e.Span.File, f) })
}

// fits reports whether every edit of fix lies inside f.
func fits(fix diag.Fix, f *source.File) bool {
	return !slices.ContainsFunc(fix.Edits, func(e diag.Edit) bool {
		return !sameFile(e.Span.File, f) || e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(f.Data)
	})
}

// sameFile also accepts another File of the same name and text: a caller may have read it twice.
func sameFile(a, b *source.File) bool {
	return a == b || a != nil && b != nil && a.Name == b.Name && bytes.Equal(a.Data, b.Data)
}

// merge adds edits to taken, which is sorted, and reports whether none overlaps. Equal edits count once:
// two findings may want the same repair.
func merge(taken, edits []diag.Edit) ([]diag.Edit, bool) {
	out := slices.Clone(taken)
	for _, e := range edits {
		i, found := slices.BinarySearchFunc(out, e, compareEdits)
		if found && out[i].New == e.New {
			continue
		}
		if found || i > 0 && overlap(out[i-1], e) || i < len(out) && overlap(e, out[i]) {
			return nil, false
		}
		out = slices.Insert(out, i, e)
	}
	return out, true
}

func compareEdits(a, b diag.Edit) int {
	return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
}

// overlap reports whether b, which does not start before a, touches bytes of a or the same insertion
// point; edits that only meet do not overlap.
func overlap(a, b diag.Edit) bool {
	return b.Span.Start < a.Span.End || a.Span.Start == b.Span.Start
}

// splice applies sorted edits that do not overlap.
func splice(data []byte, edits []diag.Edit) []byte {
	out := make([]byte, 0, len(data))
	at := 0
	for _, e := range edits {
		out = append(out, data[at:e.Span.Start]...)
		out = append(out, e.New...)
		at = e.Span.End
	}
	return append(out, data[at:]...)
}
