package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// maxLineBytes bounds a line of a log; what is longer is cut.
const maxLineBytes = 1 << 16

// lineWriter calls line for each whole line written to it.
type lineWriter struct {
	line func([]byte)
	buf  []byte
}

// Write takes a piece of the log.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	for {
		i := bytes.IndexByte(w.buf, '\n')
		if i < 0 && len(w.buf) < maxLineBytes {
			return len(p), nil
		}
		if i < 0 {
			w.line(w.buf)
			w.buf = w.buf[:0]
			return len(p), nil
		}
		w.line(w.buf[:i])
		w.buf = append([]byte(nil), w.buf[i+1:]...)
	}
}

// stamped is an event with the log's own time.
type stamped struct {
	time time.Time
	what any
}

// karunRecord is a line of karun's JSON log; which fields are there depends on Msg.
type karunRecord struct {
	Time       time.Time       `json:"time"`
	Level      string          `json:"level"`
	Msg        string          `json:"msg"`
	Instance   string          `json:"instance"`
	From       json.RawMessage `json:"from"`
	To         json.RawMessage `json:"to"`
	Priority   int             `json:"priority"`
	Cause      string          `json:"cause"`
	Script     string          `json:"script"`
	Up         bool            `json:"up"`
	Exit       json.RawMessage `json:"exit"`
	Reason     string          `json:"reason"`
	Source     string          `json:"source"`
	RealServer string          `json:"real_server"`
	Error      string          `json:"error"`
}

func parseKarun(line []byte) []any {
	var r karunRecord
	if err := json.Unmarshal(line, &r); err != nil || r.Msg == "" {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		return []any{Message{Text: string(line)}}
	}
	what := r.what()
	if what == nil {
		return nil
	}
	return []any{stamped{r.Time, what}}
}

func (r *karunRecord) what() any {
	switch r.Msg {
	case "transition":
		return Transition{Instance: r.Instance, From: text(r.From), To: text(r.To), Priority: r.Priority, Cause: r.Cause}
	case "priority":
		from, _ := strconv.Atoi(text(r.From))
		to, _ := strconv.Atoi(text(r.To))
		return Priority{Instance: r.Instance, From: from, To: to, Cause: r.Cause}
	case "script":
		cause := r.Cause
		if cause == "" && len(r.Exit) > 0 {
			cause = "exit status " + text(r.Exit)
		}
		return Script{Name: r.Script, Up: r.Up, Cause: cause}
	case "advert-ignored":
		return Ignored{Instance: r.Instance, Reason: r.Reason, Source: r.Source}
	case "ready":
		return Ready{}
	}
	if r.Level == "WARN" || r.Level == "ERROR" {
		t := r.Msg
		for _, more := range []string{r.Instance, r.RealServer, r.Cause, r.Reason, r.Error} {
			if more != "" {
				t += ": " + more
			}
		}
		return Message{Text: t}
	}
	return nil
}

// text gives a JSON string without its quotes, and a number as it is.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// Lines of keepalived's log (2.2.7, detailed).
var (
	kaStamp    = regexp.MustCompile(`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}: `)
	kaEntering = regexp.MustCompile(`^\((.+)\) Entering (MASTER|BACKUP|FAULT) STATE`)
	kaPriority = regexp.MustCompile(`^\((.+)\) Changing effective priority from (\d+) to (\d+)`)
	kaScript   = regexp.MustCompile(`^VRRP_Script\((.+)\) (succeeded|failed|timed out|considered successful|considered unsuccessful)(?: \((.*)\))?`)
	kaTimeout  = regexp.MustCompile(`^\((.+)\) Receive advertisement timeout`)
	kaHigher   = regexp.MustCompile(`^\((.+)\) Master received advert from (\S+) with (higher priority|same priority) (\d+)`)
	kaIgnored  = regexp.MustCompile(`^\((.+)\) (received an invalid passwd|advertisement interval mismatch|wrong VRRP version|received a \d+ auth|Invalid VRRP)`)
	kaLink     = regexp.MustCompile(`^Netlink reports (\S+) (up|down)`)
	kaFailure  = regexp.MustCompile(`(?i)\b(unable|error|fatal|cannot|can't|not found)\b`)
)

// newKeepalivedParser returns what reads keepalived's log line by line. It remembers the states, since
// a line names only the new one, and the line before that tells the cause.
func newKeepalivedParser() func(line []byte) []any {
	k := keepalivedLog{state: map[string]string{}, cause: map[string]string{}}
	return k.line
}

type keepalivedLog struct {
	state, cause map[string]string
	// link is what netlink said last: it concerns all instances.
	link string
}

func (k *keepalivedLog) line(line []byte) []any {
	s := kaStamp.ReplaceAllString(string(line), "")
	if s == "Startup complete" {
		return []any{Ready{}}
	}
	if m := kaEntering.FindStringSubmatch(s); m != nil {
		from, cause := k.state[m[1]], k.cause[m[1]]
		if from == "" {
			from, cause = "INIT", "started"
		}
		if cause == "" {
			cause = k.link
		}
		k.state[m[1]], k.cause[m[1]], k.link = m[2], "", ""
		if from == m[2] {
			return nil
		}
		return []any{Transition{Instance: m[1], From: from, To: m[2], Cause: cause}}
	}
	if m := kaPriority.FindStringSubmatch(s); m != nil {
		from, _ := strconv.Atoi(m[2])
		to, _ := strconv.Atoi(m[3])
		return []any{Priority{Instance: m[1], From: from, To: to}}
	}
	if m := kaScript.FindStringSubmatch(s); m != nil {
		return []any{Script{Name: m[1], Up: m[2] == "succeeded" || m[2] == "considered successful", Cause: m[3]}}
	}
	return k.remember(s)
}

// remember keeps the lines that tell the cause of what comes next.
func (k *keepalivedLog) remember(s string) []any {
	if m := kaTimeout.FindStringSubmatch(s); m != nil {
		k.cause[m[1]] = "no advertisement"
		return nil
	}
	if m := kaHigher.FindStringSubmatch(s); m != nil {
		k.cause[m[1]] = fmt.Sprintf("advertisement from %s with %s %s", m[2], m[3], m[4])
		return nil
	}
	if m := kaLink.FindStringSubmatch(s); m != nil {
		k.link = m[1] + " is " + m[2]
		return nil
	}
	if m := kaIgnored.FindStringSubmatch(s); m != nil {
		return []any{Ignored{Instance: m[1], Reason: m[2]}}
	}
	if kaFailure.MatchString(s) {
		return []any{Message{Text: s}}
	}
	return nil
}
