package kac

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ka/cmd/internal/cli"
	"ka/lang/diag"
)

// masked hides what is secret in a line of configuration.
func masked(line string) string { return diag.MaskSecrets(line) }

// writeText prints a preview for people.
func (v *view) writeText(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "node %s", v.Node)
	if v.RouterID != "" {
		fmt.Fprintf(w, ", router id %s", v.RouterID)
	}
	if v.ConfigID != "" {
		fmt.Fprintf(w, ", config id %s", v.ConfigID)
	}
	fmt.Fprintln(w)
	for _, i := range v.Instances {
		fmt.Fprintf(w, "%s: VRID %d on %s, VRRP version %d, priority %d, %s", i.Name, i.VRID, i.Interface, i.Version, i.Priority, i.begins())
		if i.NoPreempt {
			fmt.Fprint(w, ", does not preempt")
		}
		fmt.Fprintf(w, ", advert every %ss", seconds(i.AdvertSeconds))
		if !i.unicast {
			fmt.Fprintf(w, " to %s", i.Group)
		}
		fmt.Fprintln(w)
		for _, s := range i.Settings {
			fmt.Fprintf(w, "  %s\n", bounded(s))
		}
	}
	writeLists(w, "groups, rules and what is watched", v.Lists)
	v.writeServers(w)
	writeLists(w, "settings of the node", v.Settings)
	v.writeAgainst(w)
	fmt.Fprintln(w)
	if err := cli.WritePhases(w, v.phases); err != nil {
		return err
	}
	v.writeScripts(w)
	if len(v.Needs) > 0 {
		fmt.Fprintln(w, "\nneeds:")
		for _, n := range v.Needs {
			fmt.Fprintf(w, "  %s\n", strings.TrimSpace(n.Kind+" "+quoted(n.Name)))
		}
	}
	if len(v.LeftOut) > 0 {
		fmt.Fprintln(w, "\nleft out, as keepalived does:")
		for _, l := range v.LeftOut {
			fmt.Fprintf(w, "  %s: %s\n    %s\n", l.Origin, strings.TrimSpace(l.Text), l.Reason)
		}
	}
	v.writeNotRun(w)
	return w.Flush()
}

// The bounds of the text form; the JSON form has everything.
const (
	// maxShown is how many entries of one list are shown.
	maxShown = 50
	// maxFactBytes is how much of one fact is shown.
	maxFactBytes = 400
)

// bounded cuts a long enumeration between two of its parts, and says how many more there are.
func bounded(s string) string {
	if len(s) <= maxFactBytes {
		return s
	}
	cut := strings.LastIndex(s[:maxFactBytes], ", ")
	if cut < 0 {
		return s
	}
	return fmt.Sprintf("%s, and %d more", s[:cut], strings.Count(s[cut:], ", "))
}

// writeNotRun ends the preview with what karun does not execute.
func (v *view) writeNotRun(w io.Writer) {
	if len(v.NotRun) > 0 {
		fmt.Fprintln(w, "\nkarun of this release does not execute, and refuses the plan unless --allow-partial leaves it out:")
	}
	for i, l := range v.NotRun {
		if i == maxShown {
			fmt.Fprintf(w, "  and %d more\n", len(v.NotRun)-i)
			return
		}
		if l.Origin != "" {
			fmt.Fprintf(w, "  %s:", l.Origin)
		} else {
			fmt.Fprint(w, " ")
		}
		fmt.Fprintf(w, " %s\n", l.What)
	}
}

func (v *view) writeAgainst(w io.Writer) {
	a := v.Against
	if a == nil {
		return
	}
	what := "the running kernel"
	if a.Source != "live" {
		what = a.Source
	}
	fmt.Fprintf(w, "\nchanges against %s: ", what)
	if len(a.Changes) == 0 {
		fmt.Fprintln(w, "none")
	} else {
		fmt.Fprintf(w, "%d\n", len(a.Changes))
	}
	for _, c := range a.Changes {
		fmt.Fprintf(w, "  %s %s\n", c.Op, c.Object)
		if c.Before != "" {
			fmt.Fprintf(w, "      was %s\n", c.Before)
		}
		fmt.Fprintf(w, "      %s: %s\n", c.Reason, traffic(c.Traffic))
	}
	for _, n := range a.Notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
}

// traffic says what the traffic notices, for people.
func traffic(class string) string {
	switch class {
	case "drops-connections":
		return "connections through it end"
	case "moves-address":
		return "traffic to the address follows"
	}
	return "hitless"
}

func (v *view) writeScripts(w io.Writer) {
	if len(v.Scripts) > 0 {
		fmt.Fprintln(w, "\nscripts:")
	}
	for _, s := range v.Scripts {
		begins := ""
		if s.InitFail {
			begins = ", begins as failed"
		}
		fmt.Fprintf(w, "  %s every %ss, at most %ss; down after %s, up after %s%s%s\n    %s\n", s.Name, seconds(s.IntervalSeconds), seconds(s.TimeoutSeconds),
			count(s.Fall, "failure"), count(s.Rise, "success"), begins, as(s.User), words(s.Argv))
	}
	for _, i := range v.Instances {
		for n, f := range i.Failures {
			if n == 0 {
				fmt.Fprintf(w, "\nwhen something that %s tracks fails:\n", i.Name)
			}
			switch f.State {
			case "FAULT":
				fmt.Fprintf(w, "  %s %s: FAULT (%s)\n", f.Kind, f.Name, f.Because)
			default:
				fmt.Fprintf(w, "  %s %s: priority %d (%s)\n", f.Kind, f.Name, f.Priority, f.Because)
			}
		}
	}
	for _, i := range v.Instances {
		for n, r := range i.Notifications {
			if n == 0 {
				fmt.Fprintf(w, "\n%s runs, the priority being the one of that moment:\n", i.Name)
			}
			fmt.Fprintf(w, "  %-6s %s%s\n", r.State, words(r.Argv), as(r.User))
		}
	}
}

func as(user string) string {
	if user == "" {
		return ""
	}
	return ", as " + user
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	if strings.HasSuffix(word, "s") {
		return fmt.Sprintf("%d %ses", n, word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', -1, 64) }

// quoted puts a name into quotes; nothing stays nothing.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}

// words writes a command; a word that would not be one word is quoted.
func words(argv []string) string {
	out := make([]string, len(argv))
	for i, a := range argv {
		out[i] = a
		if a == "" || strings.ContainsAny(a, " \t\n\"'\\") {
			out[i] = strconv.Quote(a)
		}
	}
	return strings.Join(out, " ")
}
