package reference

import (
	"strings"

	"ka/lang/schema"
)

// notations says in words what the table's notation of special words means.
var notations = map[string]string{
	"<action>":                "an action",
	"<nexthop>":               "the words of a gateway",
	"<umask-bits>":            "names of permissions joined by `|`",
	"...":                     "the words of that header",
	"/":                       "a `/`",
	"[realm/]realm":           "a realm by name or number, or two with `/` between",
	"chain":                   "the name of a chain of at most 27 bytes",
	"domain":                  "a domain name",
	"file:path":               "`file:` and a path",
	"glob-pattern":            "a pattern of file names",
	"hex":                     "32 hexadecimal digits",
	"hex16:hex16:hex16:hex16": "four groups of hexadecimal digits with colons between",
	"hex:hexdigits":           "`hex:` and hexadecimal digits",
	"hexbytes":                "bytes in hexadecimal, blanks between as you like",
	"hexbytes-with-x":         "bytes in hexadecimal, with X for any digit",
	"ifname":                  "an interface name of at most 15 bytes",
	"ip-ip":                   "a first and a last address with `-` between",
	"ip-lastpart":             "an address, `-` and the last part of the last one",
	"ipv6/len":                "an IPv6 address with an optional prefix length",
	"label":                   "MPLS labels from 0 to 1048575 with `/` between",
	"mac":                     "a MAC address of 5 or 6 octets",
	"netmask":                 "a netmask",
	"path":                    "a path",
	"prefix":                  "a prefix",
	"protocol":                "a protocol",
	"regex":                   "a regular expression",
	"rt_dsfield":              "a class of service",
	"rt_group":                "an interface group",
	"rt_proto":                "a routing protocol",
	"rt_realms":               "a realm",
	"rt_scope":                "a scope",
	"rt_table":                "a routing table",
	"setname":                 "the name of a set of at most 30 bytes",
	"tablename":               "the name of a table of at most 254 bytes",
	"text":                    "the rest of the line",
	"time":                    "a time, with `s` or `ms` behind it or without",
	"type":                    "a kind of route",
	"uint-uint":               "a range of whole numbers",
	"uint16-uint16":           "a range of ports",
	"uint64":                  "a whole number",
	"word":                    "a word",
	"x6":                      "six times at most",
}

// wholes says what a row takes where its notation as a whole means something else than its parts.
var wholes = map[string]string{
	"( ip | ip6 | mpls | ila ) ...": "`ip`, `ip6`, `mpls` or `ila`, then the words of that header",
}

// people names the places of names that are no names of the configuration.
var people = map[string]string{
	"user?": "the user that it runs as", "group?": "the group", "user": "a user",
}

// kinds says what the kinds of names are called.
var kinds = map[string]string{
	"iface": "an interface", "iface(vrf)": "a VRF interface",
}

// takes says in words what stands behind a keyword, or in its lines.
func takes(k *schema.Keyword) string {
	if text := wholes[k.Args]; text != "" {
		return text
	}
	return describe(k.Spec())
}

// describe says in words what a grammar takes.
func describe(s schema.Spec) string {
	var parts []string
	for i := range s {
		parts = append(parts, describeItem(&s[i]))
	}
	return strings.Join(parts, ", then ")
}

func describeItem(it *schema.Item) string {
	text := describeOne(it)
	switch {
	case it.Type == schema.Entry && it.Choice == nil:
		return "lines as below"
	case it.Many && it.Optional:
		return "any number of: " + text
	case it.Many:
		return "one or more of: " + text
	case it.Optional:
		return "optionally " + text
	}
	return text
}

func describeOne(it *schema.Item) string {
	if it.Choice == nil {
		return describeWord(it)
	}
	var parts []string
	for _, alternative := range it.Choice {
		var words []string
		for i := range alternative {
			words = append(words, describeItem(&alternative[i]))
		}
		if len(words) > 0 {
			parts = append(parts, strings.Join(words, " and "))
		}
	}
	return either(parts)
}

func describeWord(it *schema.Item) string {
	switch it.Type {
	case schema.Literal, schema.Enum:
		if text := notation(it.Note); text != "" {
			return text
		}
		return either(quoted(it.Words))
	case schema.EnumFold:
		return either(quoted(it.Words)) + " in any case"
	case schema.Reference, schema.Define:
		kind := strings.TrimSuffix(it.Kind, "(max 31 chars)")
		name := kinds[kind]
		if name == "" {
			name = "a " + kind
		}
		if it.Type == schema.Define {
			return "a name of its own"
		}
		return "the name of " + name
	case schema.Name:
		if text := people[it.Note]; text != "" {
			return text
		}
	case schema.AnyWord:
		if text := notation(it.Note); text != "" {
			return text
		}
	}
	return it.Describe()
}

// notation finds the words for a notation, with or without its bounds and repetition sign.
func notation(note string) string {
	note = strings.TrimRight(note, "?+*")
	if text := notations[note]; text != "" {
		return text
	}
	base, _, _ := strings.Cut(note, "(")
	return notations[base]
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "`" + w + "`"
	}
	return out
}

func either(parts []string) string {
	switch n := len(parts); n {
	case 0:
		return "a word"
	case 1:
		return parts[0]
	default:
		return strings.Join(parts[:n-1], ", ") + " or " + parts[n-1]
	}
}

// canBeWrong reports whether a word of the grammar is looked at, so that a bad one is found.
func canBeWrong(s schema.Spec) bool {
	for i := range s {
		it := &s[i]
		for _, alternative := range it.Choice {
			if canBeWrong(alternative) {
				return true
			}
		}
		switch it.Type {
		case schema.AnyWord, schema.Literal, schema.Name, schema.Path, schema.Email, schema.Command, schema.Define, schema.Entry, schema.Host:
		case schema.String:
			if it.MaxLen > 0 {
				return true
			}
		default:
			if it.Choice == nil {
				return true
			}
		}
	}
	return false
}

// mandatory reports whether some word must be there.
func mandatory(s schema.Spec) bool {
	for i := range s {
		if !s[i].Optional {
			return true
		}
	}
	return false
}

// release writes a version as people say it.
func release(since string) string {
	if since == "" {
		return "before 1.1.0"
	}
	return since
}

// options writes the build options of a row in words: + parts what is needed together, | what is enough.
func options(requires string) string {
	var all []string
	for _, part := range strings.Split(requires, "+") {
		all = append(all, either(quoted(strings.Split(part, "|"))))
	}
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return all[0]
}
