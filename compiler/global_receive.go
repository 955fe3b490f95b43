package compiler

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// receivePolicy judges the words about receive buffers: a number stands over both.
func (c *compilation) receivePolicy(body []*syntax.Statement) {
	var number, mtu, advert *syntax.Word
	for _, s := range check.FindAll(body, kw.VRRPRxBufsPolicy) {
		for i := range s.Args {
			w := &s.Args[i]
			_, isNumber := schema.ParseUint(w.Text)
			switch {
			case strings.EqualFold(w.Text, kw.MTU):
				mtu = w
			case strings.EqualFold(w.Text, kw.Advert):
				advert = w
			case isNumber && i == 0:
				number = w
			}
		}
	}
	for _, w := range []*syntax.Word{mtu, advert} {
		if w != nil && number != nil {
			c.ignored(w.Span, fmt.Sprintf("%q has no effect beside %q", w.Text, number.Text), "remove one of the two")
		}
	}
}
