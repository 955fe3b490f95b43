package syntax

import (
	"slices"

	"ka/lang/schema"
	"ka/lang/source"
)

// Feature is a use of the text level: a directive or a predefined parameter. keepalived reads it before it
// looks at keywords, and so it stands in no statement of the tree.
type Feature struct {
	// Keyword is its row in the table.
	Keyword *schema.Keyword
	// Text is what is written, Places where, in reading order: the first few of a text.
	Text   string
	Places []source.Span
}

// The forms of the text level that are no words, by their names in the table.
const (
	featureID         = "@ID"
	featureNotID      = "@^ID"
	featureDefinition = "$NAME="
)

// maxFeaturePlaces is how many places of a feature are kept.
const maxFeaturePlaces = 4

// uses notes that the text at a place is the directive or parameter name.
func (x *expander) uses(name, text string, at source.Span) {
	if x.surface {
		return
	}
	i := slices.IndexFunc(x.features, func(f Feature) bool { return f.Keyword.Name == name })
	if i < 0 {
		k := schema.TextLevel(name)
		if k == nil {
			return
		}
		x.features = append(x.features, Feature{Keyword: k, Text: text, Places: []source.Span{at}})
		return
	}
	f := &x.features[i]
	if len(f.Places) < maxFeaturePlaces && !slices.Contains(f.Places, at) {
		f.Places = append(f.Places, at)
	}
}
