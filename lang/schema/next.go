package schema

import "slices"

// maxNextWords bounds the words that Next looks at: longer lines are no keyword's.
const maxNextWords = 64

// Next returns the items that may stand behind words, in the order of the spec: what an editor offers
// while a line is typed. Unlike Match it follows all alternatives at once. It is empty where the words
// do not fit, and where nothing more belongs to the keyword.
func (s Spec) Next(words []string) []Item {
	if len(words) > maxNextWords {
		return nil
	}
	n := &nextItems{words: words}
	n.spec(s, []int{0})
	return n.items
}

// nextItems follows a spec along words.
type nextItems struct {
	words []string
	items []Item
}

// spec returns the places that s may end at when it starts at one of from.
func (n *nextItems) spec(s Spec, from []int) []int {
	for i := range s {
		if len(from) == 0 {
			return nil
		}
		from = n.item(&s[i], from)
	}
	return from
}

func (n *nextItems) item(it *Item, from []int) []int {
	ends := n.once(it, from)
	for fresh := ends; it.Many && len(fresh) > 0; {
		fresh = slices.DeleteFunc(n.once(it, fresh), func(at int) bool { return slices.Contains(ends, at) })
		ends = append(ends, fresh...)
	}
	if it.Optional {
		ends = append(ends, from...)
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// once follows one use of an item.
func (n *nextItems) once(it *Item, from []int) []int {
	var ends []int
	if it.Choice != nil {
		for _, alternative := range it.Choice {
			ends = append(ends, n.spec(alternative, from)...)
		}
		return ends
	}
	for _, at := range from {
		if at == len(n.words) {
			n.offer(it)
		} else if ok, _ := it.Accepts(n.words[at]); ok {
			ends = append(ends, at+1)
		}
	}
	return ends
}

// offer adds an item once.
func (n *nextItems) offer(it *Item) {
	if !slices.ContainsFunc(n.items, func(have Item) bool { return have.Note == it.Note && have.Type == it.Type }) {
		n.items = append(n.items, *it)
	}
}
