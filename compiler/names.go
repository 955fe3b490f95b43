package compiler

import (
	"fmt"
	"strconv"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Routes and rules take names from the tables in /etc/iproute2, which belong to the machine. The names
// that iproute2 brings along are the same everywhere and resolved here. A table that is named otherwise
// stays a name in the plan, with a need; other names are refused, since nobody gives them.

// mainTable is the kernel's number of the main routing table.
const mainTable = 254

// wellKnown are the names of iproute2's own tables, by the keyword in front of them.
var wellKnown = map[string]map[string]uint32{
	kw.Table: {"main": mainTable, "default": 253, "local": 255, "unspec": 0},
	kw.Protocol: {
		"unspec": 0, "redirect": 1, "kernel": 2, "boot": 3, "static": 4, "gated": 8, "ra": 9, "mrt": 10, "zebra": 11,
		"bird": 12, "dnrouted": 13, "xorp": 14, "ntk": 15, "dhcp": 16, "keepalived": 18, "babel": 42,
		"bgp": 186, "isis": 187, "ospf": 188, "rip": 189, "eigrp": 192,
	},
	kw.Tos: {
		"default": 0, "AF11": 0x28, "AF12": 0x30, "AF13": 0x38, "AF21": 0x48, "AF22": 0x50, "AF23": 0x58, "AF31": 0x68,
		"AF32": 0x70, "AF33": 0x78, "AF41": 0x88, "AF42": 0x90, "AF43": 0x98, "CS1": 0x20, "CS2": 0x40, "CS3": 0x60,
		"CS4": 0x80, "CS5": 0xa0, "CS6": 0xc0, "CS7": 0xe0, "EF": 0xb8,
	},
	kw.Realms:          {"cosmos": 0},
	kw.SuppressIfgroup: {"default": 0},
}

// nameOrNumber reads a number, or a well-known name of the table of keyword.
func nameOrNumber(keyword, word string) (uint32, bool) {
	if n, ok := wellKnown[keyword][word]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(word, 0, 32)
	return uint32(n), err == nil
}

// byName is nameOrNumber for a word of the text; a name that is not well known is refused.
func (c *compilation) byName(keyword string, w syntax.Word, text string) (uint32, bool) {
	n, ok := nameOrNumber(keyword, text)
	if !ok {
		c.notCompiled(w, fmt.Sprintf("%q by the name %q: write its number", keyword, text))
	}
	return n, ok
}

// realms reads [FROM/]TO.
func (c *compilation) realms(t check.Token) (*plan.Realms, bool) {
	from, to := schema.ParseRealms(t.Arg())
	out := &plan.Realms{}
	for _, r := range []struct {
		text string
		to   *uint8
	}{{from, &out.From}, {to, &out.To}} {
		if r.text == "" {
			continue
		}
		n, ok := c.byName(kw.Realms, t.Word, r.text)
		if !ok {
			return nil, false
		}
		*r.to = uint8(n)
	}
	return out, true
}

// table reads a routing table: its number, or the name that the machine must know.
func (c *compilation) table(word string, at plan.Origin) (number uint32, name string) {
	n, ok := nameOrNumber(kw.Table, word)
	if !ok {
		c.need(plan.NeedTable, word, at)
		return 0, word
	}
	return n, ""
}
