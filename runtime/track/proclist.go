//go:build linux

package track

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"

	"ka/compiler/plan"
)

// maxCommandBytes bounds what is read of a command line: it is longer than any that the text can name.
const maxCommandBytes = 8 << 10

// matches reports whether a process is one that is looked for: by the name that the kernel keeps (15
// bytes), or by its command line, whose words end with a zero byte. Its parameters may be any (match by
// name), the same (exact), the same and more (partial), or the same where the last may go on (initial).
func matches(p *plan.TrackProcess, comm string, cmdline []byte) bool {
	if !p.FullCommand {
		return comm == p.Command
	}
	program, rest, ended := bytes.Cut(cmdline, []byte{0})
	if !ended || string(program) != p.Command {
		return false
	}
	var want []byte
	for _, w := range p.Parameters {
		want = append(append(want, w...), 0)
	}
	switch p.Match {
	case plan.MatchExact:
		return bytes.Equal(rest, want)
	case plan.MatchPartial:
		return bytes.HasPrefix(rest, want)
	case plan.MatchInitial:
		return len(want) == 0 || bytes.HasPrefix(rest, want[:len(want)-1])
	}
	return true
}

// process reads the name and, where it is asked for, the command line; false: there is no such process
// any more. A zombie has no command line, and counts by neither.
func readProcess(pid int, wantName, wantCommand bool) (comm string, cmdline []byte, ok bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	if wantCommand {
		b, err := readStart(dir+"/cmdline", maxCommandBytes)
		if err != nil {
			return "", nil, false
		}
		cmdline = b
	}
	if wantName {
		b, err := readStart(dir+"/stat", 128)
		if err != nil {
			return "", nil, false
		}
		name, zombie, found := parseStat(b)
		if !found || zombie {
			return "", nil, false
		}
		comm = name
	}
	return comm, cmdline, true
}

// parseStat reads "PID (name) STATE …". The name may hold brackets: the last one counts.
func parseStat(b []byte) (name string, zombie, ok bool) {
	begin, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if begin < 0 || end < begin || end+2 >= len(b) {
		return "", false, false
	}
	return string(b[begin+1 : end]), b[end+2] == 'Z', true
}

// readStart reads at most n bytes of a file.
func readStart(name string, n int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, n)
	n, err = io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:n], nil
}

// allProcesses lists the processes that /proc shows.
func allProcesses() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	var pids []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids, err
}
