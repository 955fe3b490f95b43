//go:build linux

package labcmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/cmd/internal/cli"
	"ka/cmd/internal/cli/karun"
	"ka/runtime/director"
	"ka/runtime/lab/need"
)

// asKarun makes the test binary karun: it starts itself for the nodes and for their processes.
const asKarun = "KA_TEST_AS_KARUN"

func TestMain(m *testing.M) {
	// The director's own processes get a bare environment: without the second condition they would run
	// these tests, each of which starts directors.
	if os.Getenv(asKarun) != "" || director.IsChild(os.Args) {
		os.Exit(karun.Main(context.Background(), cli.OS(), os.Args))
	}
	// Tests that start tests that start tests must not happen, whatever else goes wrong.
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "-test.") {
		fmt.Fprintf(os.Stderr, "not a test run: %q\n", os.Args)
		os.Exit(2)
	}
	// The runs wait for seconds and compute little: more of them than processors go side by side.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(m.Run())
}

// command is karun lab with its words.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"lab"}, args...)...)
	cmd.Env = append(os.Environ(), asKarun+"=1")
	return cmd
}

// result is what a run printed, and its status.
type result struct {
	stdout, stderr string
	status         int
}

func play(t *testing.T, args ...string) result {
	t.Helper()
	cmd := command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// told is the output of --format json, as far as the tests look at it.
type told struct {
	Events []struct {
		T                           float64
		Node, Kind, Instance        string
		From, To, Op, Address, Text string
		Script, Cause               string
		Argv                        []string
		Priority                    *int
		Up                          *bool
	}
	Owners []struct {
		Address string
		Periods []struct {
			From, To   float64
			Owners     []string
			LeftBehind []string `json:"left_behind"`
		}
	}
	Services []string `json:"services_not_run"`
}

// playJSON runs the lab and gives its events as short lines, and who owned the first address.
func playJSON(t *testing.T, args ...string) (lines, owners []string) {
	t.Helper()
	r := play(t, append([]string{"--format", "json"}, args...)...)
	if r.status != 0 {
		t.Fatalf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	var run told
	if err := json.Unmarshal([]byte(r.stdout), &run); err != nil {
		t.Fatalf("%v\n%s", err, r.stdout)
	}
	for _, e := range run.Events {
		text := e.Node + " " + e.Kind
		switch e.Kind {
		case "transition":
			text += " " + e.To
		case "address":
			text += " " + e.Op + e.Address
		case "run":
			text += " " + strings.Join(e.Argv, " ")
		case "priority", "advert":
			text += fmt.Sprintf(" %d", *e.Priority)
		case "script":
			text += fmt.Sprintf(" %s %v", e.Script, *e.Up)
		}
		lines = append(lines, text)
	}
	if len(run.Owners) == 0 {
		t.Fatal("nobody's address is told of")
	}
	for _, p := range run.Owners[0].Periods {
		owners = append(owners, strings.Join(p.Owners, "+")+"/"+strings.Join(p.LeftBehind, "+"))
	}
	return lines, owners
}

// problems are what is wrong with a run.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// onTime repeats a run that went wrong on a machine that was too busy to keep to its schedule: what
// happens at which second is what these tests are about, and not how fast the machine is.
func onTime(t *testing.T, run func() problems) {
	t.Helper()
	const tries, late = 4, 150 * time.Millisecond
	for try := 1; ; try++ {
		watch := watchLateness()
		found := run()
		worst := watch()
		if len(found) == 0 {
			return
		}
		if worst < late || try == tries {
			t.Errorf("%s", strings.Join(found, "\n"))
			return
		}
		t.Logf("the machine was late by %v: once more", worst)
	}
}

// watchLateness returns what ends the watch and tells by how much a process was late at worst: one that
// sleeps, and starts another and asks the kernel for its interfaces, as daemons do.
func watchLateness() func() time.Duration {
	const nap, usual = 50 * time.Millisecond, 50 * time.Millisecond
	done, worst := make(chan struct{}), make(chan time.Duration)
	go func() {
		var most time.Duration
		for {
			select {
			case <-done:
				worst <- most
				return
			default:
			}
			began := time.Now()
			time.Sleep(nap)
			_, _ = net.Interfaces()
			_ = exec.Command("/bin/true").Run()
			most = max(most, time.Since(began)-nap-usual)
		}
	}()
	return func() time.Duration { close(done); return <-worst }
}

// inOrder wants the lines among others, in this order.
func (p *problems) inOrder(lines []string, want ...string) {
	rest := lines
	for _, w := range want {
		i := slices.Index(rest, w)
		if i < 0 {
			p.add("%q is missing, or out of order, in\n  %s", w, strings.Join(lines, "\n  "))
			return
		}
		rest = rest[i+1:]
	}
}

// chain wants exactly these ends of the lines that begin with a text.
func (p *problems) chain(lines []string, begin string, want ...string) {
	var got []string
	for _, l := range lines {
		if end, ok := strings.CutPrefix(l, begin); ok {
			got = append(got, end)
		}
	}
	if !slices.Equal(got, want) {
		p.add("%q: %q, want %q, in\n  %s", begin, got, want, strings.Join(lines, "\n  "))
	}
}

func seed(name string) string { return filepath.Join("../../../../../testdata/seeds", name) }

// TestFailover runs the httpd-script pair through the death and return of its master, with every cast.
func TestFailover(t *testing.T) {
	t.Parallel()
	need.Root(t)
	need.Program(t, "keepalived")
	for name, daemons := range map[string][]string{
		"karun and karun":           nil,
		"karun and keepalived":      {"--daemon", "backup=keepalived"},
		"keepalived and karun":      {"--daemon", "master=keepalived"},
		"keepalived and keepalived": {"--daemon", "master=keepalived", "--daemon", "backup=keepalived"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onTime(t, func() problems { return failover(t, daemons) })
		})
	}
}

// handedOver leaves out the moments between two owners: where the living hand over, one adds the address while
// the other removes it, and both have it, or nobody.
func handedOver(owners []string) (out []string) {
	alone := func(s string) bool { return len(s) > 1 && strings.HasSuffix(s, "/") && !strings.Contains(s, "+") }
	for i, o := range owners {
		between := i > 0 && i+1 < len(owners) && alone(owners[i-1]) && alone(owners[i+1]) && owners[i-1] != owners[i+1]
		if !between || o != "/" && !strings.Contains(o, "+") {
			out = append(out, o)
		}
	}
	return out
}

func failover(t *testing.T, daemons []string) (p problems) {
	lines, owners := playJSON(t, append(daemons, "--kill", "master@6s", "--start", "master@12s", "--for", "19s",
		seed("httpd-script/master.conf"), seed("httpd-script/backup.conf"))...)
	const toMaster, toBackup = "/scripts/notify.sh master 192.168.8.100", "/scripts/notify.sh backup 192.168.8.100"
	killed := slices.Index(lines, "master kill")
	if killed < 0 {
		return problems{"nobody was killed"}
	}
	before, after := lines[:killed], lines[killed:]
	// What the kernel, the log and the stand-ins tell of one moment may come in any order.
	p.inOrder(before, "master start", "master address +192.168.8.100/32")
	p.inOrder(before, "master start", "master run "+toMaster)
	p.inOrder(before, "master run /scripts/check_h.sh")
	p.inOrder(after, "backup address +192.168.8.100/32", "master start", "master address -192.168.8.100/32", "master address +192.168.8.100/32")
	p.chain(after, "backup transition ", "MASTER", "BACKUP")
	p.chain(after, "master transition ", "BACKUP", "MASTER")
	p.chain(after, "backup run ", toMaster, toBackup)
	p.chain(after, "master run ", toBackup, toMaster)
	// 39 ms part their first timeouts: the backup may be there first where a start takes longer.
	if len(owners) > 1 && strings.Contains(owners[1], "backup") {
		owners = slices.Delete(owners, 1, 2)
	}
	owners = handedOver(owners)
	want := []string{"/", "master/", "/master", "backup/master", "backup/", "master/"}
	if !slices.Equal(owners, want) {
		p.add("owners %q, want %q, in\n  %s", owners, want, strings.Join(lines, "\n  "))
	}
	return p
}

// scriptPair copies the track-script pair: without its no-break spaces, looking every second instead of
// every ten so that the test is short, and with notifications.
func scriptPair(t *testing.T) (a, b string) {
	t.Helper()
	dir := t.TempDir()
	var names [2]string
	for i, name := range []string{"lvs1.conf", "lvs2.conf"} {
		data, err := os.ReadFile(seed("track-script/" + name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "\u00a0", " ")
		for old, new := range map[string]string{
			"interval 10": "interval 1",
			"advert_int 1\n": `advert_int 1
notify_master "/etc/keepalived/to.sh 'master of all' x"
notify_backup "/etc/keepalived/to.sh backup"
notify "/etc/keepalived/any.sh"
`,
		} {
			if strings.Count(text, old) != 1 {
				t.Fatalf("%s has not one %q", name, old)
			}
			text = strings.Replace(text, old, new, 1)
		}
		names[i] = filepath.Join(dir, name)
		if err := os.WriteFile(names[i], []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return names[0], names[1]
}

// TestScriptFailure: nfsd "fails" three times, 150 − 90 is less than 100, the other node becomes
// master; recovery takes it back, at once although there is a preempt_delay: it is cleared beside
// "state MASTER".
func TestScriptFailure(t *testing.T) {
	t.Parallel()
	need.Root(t)
	need.Program(t, "keepalived")
	for _, daemon := range []string{"karun", "keepalived"} {
		t.Run(daemon, func(t *testing.T) {
			t.Parallel()
			a, b := scriptPair(t)
			onTime(t, func() problems { return scriptFailure(t, daemon, a, b) })
		})
	}
}

func scriptFailure(t *testing.T, daemon, a, b string) (p problems) {
	lines, owners := playJSON(t, "--daemon", "lvs1="+daemon, "--daemon", "lvs2="+daemon,
		"--fail-script", "lvs1:chk_nfs@5s", "--heal-script", "lvs1:chk_nfs@15s", "--for", "24s", a, b)
	p.inOrder(lines, "lvs1 run /bin/pidof nfsd")
	p.inOrder(lines, "lvs1 fail-script", "lvs1 script chk_nfs false", "lvs1 priority 60",
		"lvs1 heal-script", "lvs1 script chk_nfs true", "lvs1 priority 150")
	p.inOrder(lines, "lvs1 address +10.1.1.166/32", "lvs1 fail-script", "lvs1 advert 60", "lvs2 address +10.1.1.166/32",
		"lvs1 heal-script", "lvs1 address +10.1.1.166/32")
	p.chain(lines, "lvs1 transition ", "BACKUP", "MASTER", "BACKUP", "MASTER")
	p.chain(lines, "lvs2 transition ", "BACKUP", "MASTER", "BACKUP")
	p.chain(lines, "lvs1 script chk_nfs ", "true", "false", "true")
	if want := []string{"/", "lvs1/", "lvs2/", "lvs1/"}; !slices.Equal(handedOver(owners), want) {
		p.add("owners %q, want %q", owners, want)
	}
	p.notified(lines, "lvs1", "BACKUP 150", "MASTER 150", "BACKUP 60", "MASTER 150")
	p.notified(lines, "lvs2", "BACKUP 100", "MASTER 100", "BACKUP 100")
	return p
}

// notified checks the notifications of a node: at each state the script of that state and the one for
// all states ran with the right words, and before the next state's.
func (p *problems) notified(lines []string, node string, states ...string) {
	var got []string
	for _, l := range lines {
		if words, ok := strings.CutPrefix(l, node+" run /etc/keepalived/"); ok {
			got = append(got, words)
		}
	}
	if len(got) != 2*len(states) {
		p.add("%s: %d notifications %q, want two for each of %q", node, len(got), got, states)
		return
	}
	for i, s := range states {
		specific := map[bool]string{true: "to.sh master of all x", false: "to.sh backup"}[strings.HasPrefix(s, "MASTER")]
		// They are started in order and run side by side: either may be there first.
		pair := got[2*i : 2*i+2]
		if !slices.Contains(pair, specific) || !slices.Contains(pair, "any.sh INSTANCE VI_1 "+s) {
			p.add("%s at %s: notified %q", node, s, pair)
		}
	}
}

// TestCutAndJoin: without the wire both are masters, and the summary says so.
func TestCutAndJoin(t *testing.T) {
	t.Parallel()
	need.Root(t)
	onTime(t, func() (p problems) {
		_, owners := playJSON(t, "--cut", "backup@4.5s", "--join", "backup@10s", "--for", "13s",
			seed("httpd-script/master.conf"), seed("httpd-script/backup.conf"))
		if want := []string{"/", "master/", "backup+master/", "master/"}; !slices.Equal(owners, want) {
			p.add("owners %q, want %q", owners, want)
		}
		return p
	})
}

// TestText looks at what people read.
func TestText(t *testing.T) {
	t.Parallel()
	need.Root(t)
	onTime(t, func() problems { return readText(t) })
}

func readText(t *testing.T) (p problems) {
	r := play(t, "--stop", "master@5s", "--for", "7s", seed("httpd-script/master.conf"), seed("httpd-script/backup.conf"))
	if r.status != 0 || r.stderr != "" {
		t.Fatalf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	for _, want := range []string{
		"master  karun runs ", " on ens160 192.168.8.1/24\n",
		"stand-ins of real servers listen on 192.168.8.130:80, 192.168.8.131:80\n",
		"scripts and notifications are stand-ins",
		"master  VI_1   BACKUP → MASTER  (", "+ 192.168.8.100/32 on ens160", "announces 192.168.8.100 by 5 gratuitous ARP",
		"master         told to stop: SIGTERM", "sends priority 0 for virtual router 51", "backup  VI_1   BACKUP → MASTER  (",
		"who owned 192.168.8.100\n", "two owners for 0.0s\n",
	} {
		if !strings.Contains(r.stdout, want) {
			p.add("%q is missing in\n%s", want, r.stdout)
		}
	}
	return p
}
