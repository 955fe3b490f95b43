package editors

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ka/lang/schema"
	"ka/lang/schema/kw"
)

// snippet is one entry of a snippet file of VS Code.
type snippet struct {
	Prefix      string   `json:"prefix"`
	Body        []string `json:"body"`
	Description string   `json:"description"`
}

// usual are the words that a block is hardly without, beside those that the table calls mandatory.
var usual = map[string][]string{
	kw.GlobalDefs:       {kw.RouterID, kw.EnableScriptSecurity},
	kw.VRRPInstance:     {kw.State, kw.Interface, kw.VirtualRouterID, kw.Priority, kw.VirtualIpaddress},
	kw.VRRPSyncGroup:    {kw.Group},
	kw.TrackGroup:       {kw.Group},
	kw.GARPGroup:        {kw.GARPInterval, kw.Interfaces},
	kw.VRRPScript:       {kw.Script, kw.Interval, kw.Fall, kw.Rise},
	kw.VRRPTrackProcess: {kw.Process},
	kw.SSL:              {kw.Ca, kw.Certificate, kw.Key},
	kw.VirtualServer:    {kw.DelayLoop, kw.LVSSched, kw.LVSMethod, kw.Protocol, kw.RealServer},
	kw.RealServer:       {kw.Weight, kw.TCPCheck},
	kw.TCPCheck:         {kw.ConnectTimeout},
	kw.SMTPCheck:        {kw.ConnectTimeout},
	kw.PingCheck:        {kw.ConnectTimeout},
	kw.UDPCheck:         {kw.RequireReply},
	kw.DNSCheck:         {kw.Type, kw.Name},
	kw.HTTPGet:          {kw.URL, kw.ConnectTimeout},
	kw.SSLGet:           {kw.URL, kw.ConnectTimeout},
	kw.URL:              {kw.Path, kw.StatusCode},
	kw.Authentication:   {kw.AuthType, kw.AuthPass},
	kw.AuthHMAC:         {kw.Key},
}

// Snippets returns the snippets: one a block, with the words that it needs as tab stops.
func Snippets() []byte {
	out := map[string]snippet{}
	for _, k := range schema.All() {
		if !k.Kind.HasBlock() || k.Deprecated {
			continue
		}
		path := strings.TrimSuffix(k.Inner(), lineSuffix)
		w := &writer{}
		w.block(k, 0)
		out[path] = snippet{Prefix: k.Name, Body: w.lines, Description: k.Doc}
		if k.Context != "" {
			s := out[path]
			s.Description += " Stands in " + k.Context + "."
			out[path] = s
		}
	}
	return encode(out)
}

// writer collects the lines of a snippet and counts its tab stops.
type writer struct {
	lines []string
	stops int
}

func (w *writer) line(depth int, text string) {
	w.lines = append(w.lines, strings.Repeat("\t", depth)+text)
}

func (w *writer) stop(text string) string {
	w.stops++
	return "${" + strconv.Itoa(w.stops) + ":" + text + "}"
}

// block writes a block, and in it the words that it needs.
func (w *writer) block(k *schema.Keyword, depth int) {
	head := k.Name
	if k.Kind != schema.WordBlock {
		head = strings.TrimSpace(head + " " + w.words(k.Spec()))
	}
	w.line(depth, head+" {")
	if k.Kind.IsList() {
		w.line(depth+1, w.entry(k))
	}
	for _, name := range needed(k) {
		inner := schema.Lookup(k.Inner(), name)
		switch {
		case inner.Kind.HasBlock():
			w.block(inner, depth+1)
		default:
			w.line(depth+1, strings.TrimSpace(name+" "+w.value(inner)))
		}
	}
	if !k.Kind.IsList() {
		w.line(depth+1, "$0")
	}
	w.line(depth, "}")
	w.lines = onlyLast(w.lines)
}

// onlyLast keeps the final tab stop of the outermost block alone.
func onlyLast(lines []string) []string {
	last := -1
	for i, l := range lines {
		if strings.TrimSpace(l) == "$0" {
			last = i
		}
	}
	kept := lines[:0]
	for i, l := range lines {
		if strings.TrimSpace(l) != "$0" || i == last {
			kept = append(kept, l)
		}
	}
	return kept
}

// needed are the words of a block that the table calls mandatory, and the usual ones.
func needed(k *schema.Keyword) []string {
	if k.Kind.IsList() {
		return nil
	}
	names := slices.Clone(usual[k.Name])
	for _, inner := range schema.Keywords(k.Inner()) {
		if strings.Contains(inner.Default, "(mandatory)") && inner.AliasOf == "" && !slices.Contains(names, inner.Name) {
			names = append(names, inner.Name)
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return schema.Lookup(k.Inner(), n) == nil })
}

var leadingNumber = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)?`)

// value is what stands behind a keyword: a number is shown as the default, where the table has one.
func (w *writer) value(k *schema.Keyword) string {
	s := k.Spec()
	if number := leadingNumber.FindString(k.Default); number != "" && len(s) == 1 && s[0].Choice == nil {
		if t := s[0].Type; t >= schema.Int && t <= schema.Dec6 {
			return w.stop(number)
		}
	}
	return w.words(s)
}

// entry is the first line of a list block: the words that have no name of their own, in their order.
func (w *writer) entry(k *schema.Keyword) string {
	var out []string
	for _, row := range schema.Keywords(k.Inner()) {
		if row.IsWord() {
			break
		}
		out = append(out, w.stop(strings.ToUpper(strings.Trim(row.Name, "<>"))))
	}
	if len(out) == 0 {
		return "$0"
	}
	return strings.Join(out, " ")
}

// words are the mandatory words of a grammar as tab stops, and ports, which are hardly left away.
func (w *writer) words(s schema.Spec) string {
	var out []string
	for i := range s {
		it := &s[i]
		if it.Optional && it.Type != schema.Port || it.Type == schema.Entry && it.Choice == nil {
			continue
		}
		if it.Choice != nil {
			out = append(out, w.words(it.Choice[0]))
			continue
		}
		if text := w.word(it); text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, " ")
}

var notUpper = regexp.MustCompile(`[^A-Z0-9]+`)

// word is one word as a tab stop: a choice of the words that fit, the least number, or what it is.
func (w *writer) word(it *schema.Item) string {
	switch it.Type {
	case schema.Enum, schema.EnumFold:
		w.stops++
		return "${" + strconv.Itoa(w.stops) + "|" + strings.Join(it.Words, ",") + "|}"
	case schema.Literal:
		return it.Words[0]
	case schema.Command:
		return `"` + w.stop("COMMAND") + `"`
	case schema.Int, schema.Uint, schema.Uint0, schema.Dec3, schema.Dec6:
		if it.HasRange && len(it.Min) < 3 && it.Min[0] != '-' && it.Min != "0" {
			return w.stop(it.Min)
		}
		return w.stop("NUMBER")
	case schema.Define, schema.Reference:
		return w.stop("NAME")
	case schema.Interface:
		return w.stop("INTERFACE")
	}
	base, _, _ := strings.Cut(it.Note, "(")
	return w.stop(strings.Trim(notUpper.ReplaceAllString(strings.ToUpper(base), "_"), "_"))
}
