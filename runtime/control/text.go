package control

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteText writes a status for people; now is the time that ages are counted to.
func WriteText(w io.Writer, st Status, now time.Time) error {
	var b bytes.Buffer
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(tw, format+"\n", args...) }
	line("karun\t%s\tpid %d\tup %s", st.Node, st.PID, age(now, st.Started))
	for _, p := range st.Processes {
		pid := fmt.Sprintf("pid %d", p.PID)
		if p.PID == 0 {
			pid = "not running"
		}
		line("process\t%s\t%s\tfor %s\trestarts %d", p.Name, pid, age(now, p.Since), p.Restarts)
	}
	for _, i := range st.Instances {
		master := i.Master
		if master == "" {
			master = "-"
		}
		line("instance\t%s\t%s\tfor %s\tpriority %d\tmaster %s\t%s", i.Name, i.State, age(now, i.Since), i.Priority, master, i.Cause)
		line("\t%s vrid %d\t%s", i.Interface, i.VRID, counters(i.Counters))
		if i.PutBack > 0 {
			line("\tput back\t%d", i.PutBack)
		}
		for _, t := range i.Tracked {
			line("\ttracks %s %s\t%s\t%s", t.Kind, t.Name, trackedState(t), trackedEffect(t))
		}
	}
	for _, s := range st.Scripts {
		line("script\t%s\t%s\truns %d\tskipped %d\t%s", s.Name, scriptState(s), s.Runs, s.Skipped, s.LastExit)
	}
	for _, s := range st.BFD {
		line("BFD session\t%s\t%s\twith %s\t%s", s.Name, s.State, s.Neighbor, counters(s.Counters))
	}
	for _, v := range st.VirtualServers {
		line("virtual server\t%s", v.Name)
		for _, r := range v.RealServers {
			line("\t%s\t%s\tfor %s\t%s", r.Address, upDown(r.Up), age(now, r.Since), r.Cause)
		}
	}
	if n := st.Kernel.PutBack; n > 0 {
		line("static\tput back\t%d", n)
	}
	if d := counters(st.Drops); d != "" {
		line("drops\t%s", d)
	}
	for _, n := range st.NotRun {
		line("not run\t%s", n)
	}
	_ = tw.Flush() // a bytes.Buffer takes everything
	for l := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(l, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func scriptState(s Script) string {
	if !s.Known {
		return "not known yet"
	}
	return upDown(s.Up)
}

// trackedState says what is known of a tracked thing.
func trackedState(t Tracked) string {
	switch {
	case !t.Known:
		return "not known yet"
	case t.IsNumber:
		return fmt.Sprintf("holds %d", t.Number)
	}
	return upDown(t.Up)
}

// trackedEffect says what comes of it.
func trackedEffect(t Tracked) string {
	switch {
	case !t.Known:
		return "nothing yet"
	case t.Fault:
		return "a fault"
	case t.Priority != 0:
		return fmt.Sprintf("priority %+d", t.Priority)
	case t.Weight != 0:
		return fmt.Sprintf("nothing (weight %d)", t.Weight)
	}
	return "no fault"
}

func upDown(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

func age(now, t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return now.Sub(t).Round(time.Second).String()
}

// counters writes those that are not 0, by name.
func counters(m map[string]uint64) string {
	var parts []string
	for name, n := range m {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", name, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
