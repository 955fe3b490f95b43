//go:build linux

package uml_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/runtime/lab/need"
	"ka/runtime/lab/uml"
)

// The acceptance test of virtual servers: the seed set "httpd" as its author wrote it, on a wire with two
// directors, two real servers behind direct routing, and a client. karun is the master by master.conf,
// Debian's keepalived the backup by backup.conf; both fill an IPVS table.

// helperVariable makes the test binary a web server or client: it runs itself in the namespaces.
const helperVariable = "KA_UML_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(helperVariable) {
	case "server":
		os.Exit(serve(os.Args[1]))
	case "get":
		os.Exit(get(os.Args[1], os.Args[2]))
	}
	os.Exit(m.Run())
}

// serve answers every request with its name, until it is killed.
func serve(name string) int {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) })
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":80", h))
	return 1
}

// get fetches / of an address from a source address, and prints the answer.
func get(source, address string) int {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	c := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}}
	resp, err := c.Get("http://" + address + "/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer resp.Body.Close()
	_, err = io.Copy(os.Stdout, io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const (
	seedMaster = "testdata/seeds/httpd/master.conf"
	seedBackup = "testdata/seeds/httpd/backup.conf"
	vip        = "192.168.8.100"
	// patience bounds each wait: a check's delay_loop is 6 s, and the guest is slow.
	patience = 60 * time.Second
)

// The addresses of the hosts on the wire. The real servers' are the configuration's.
var hosts = map[string]string{
	"karun": "192.168.8.11", "keepalived": "192.168.8.12", "rs1": "192.168.8.130", "rs2": "192.168.8.131", "client": "192.168.8.201",
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func runLine(t *testing.T, line string) string {
	t.Helper()
	return run(t, strings.Fields(line)...)
}

// in runs a command on a host.
func in(t *testing.T, host, line string) string {
	t.Helper()
	return runLine(t, "ip netns exec "+host+" "+line)
}

// set writes kernel settings of a host, named below /proc/sys/net.
func set(t *testing.T, host, value string, names ...string) {
	t.Helper()
	for _, name := range names {
		run(t, "ip", "netns", "exec", host, "sh", "-c", "echo "+value+" >/proc/sys/net/"+name)
	}
}

// wire makes the hosts and joins them by a bridge.
func wire(t *testing.T) {
	t.Helper()
	runLine(t, "ip link add br0 type bridge mcast_snooping 0")
	runLine(t, "ip link set br0 up")
	for host, address := range hosts {
		runLine(t, "ip netns add "+host)
		runLine(t, "ip link add v-"+host+" type veth peer name ens160 netns "+host)
		runLine(t, "ip link set v-"+host+" master br0 up")
		// What IPv6 adds by itself, and late, would look like a difference.
		set(t, host, "1", "ipv6/conf/all/disable_ipv6", "ipv6/conf/ens160/disable_ipv6")
		in(t, host, "ip link set lo up")
		in(t, host, "ip link set ens160 up")
		in(t, host, "ip address add "+address+"/24 dev ens160")
	}
	in(t, "client", "ip address add 192.168.8.202/24 dev ens160")
	for _, rs := range []string{"rs1", "rs2"} {
		// As in every direct routing set-up: the real server has the address, and does not say so.
		set(t, rs, "1", "ipv4/conf/all/arp_ignore")
		set(t, rs, "2", "ipv4/conf/all/arp_announce")
		in(t, rs, "ip address add "+vip+"/32 dev lo")
	}
}

// daemon is a process on a host whose output is kept.
type daemon struct {
	cmd  *exec.Cmd
	log  string
	done chan error
}

// start runs a command on a host until the test ends.
func start(t *testing.T, host, name string, env []string, args ...string) *daemon {
	t.Helper()
	d := &daemon{log: filepath.Join("/run", name+".log"), done: make(chan error, 1)}
	f, err := os.Create(d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d.cmd = exec.Command("ip", append([]string{"netns", "exec", host}, args...)...)
	d.cmd.Env = append(os.Environ(), env...)
	d.cmd.Stdout, d.cmd.Stderr = f, f
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.done <- d.cmd.Wait() }()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		if t.Failed() {
			text, _ := os.ReadFile(d.log)
			t.Logf("%s:\n%s", name, text)
		}
	})
	return d
}

// stop sends a signal and waits for the end.
func (d *daemon) stop(t *testing.T, sig os.Signal) error {
	t.Helper()
	_ = d.cmd.Process.Signal(sig)
	select {
	case err := <-d.done:
		return err
	case <-time.After(patience):
		t.Fatalf("%v did not end", d.cmd.Args)
		return nil
	}
}

func server(t *testing.T, host string) *daemon {
	t.Helper()
	return start(t, host, "server-"+host, []string{helperVariable + "=server"}, self(t), host)
}

func self(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// fetch asks the virtual server from a source address; "" where it does not answer.
func fetch(t *testing.T, source string) string {
	t.Helper()
	cmd := exec.Command("ip", "netns", "exec", "client", self(t), source, vip+":80")
	cmd.Env = append(os.Environ(), helperVariable+"=get")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Logf("from %s: %s", source, errs.String())
		return ""
	}
	return out.String()
}

// until waits for a condition.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !f() {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %s", patience, what)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// table is a host's IPVS table, sorted.
func table(t *testing.T, host string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(in(t, host, "ipvsadm -Sn")), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// startServices are the IPVS lines that a preview lists for the start, sorted.
func startServices(preview string) string {
	_, start, _ := strings.Cut(preview, "start:\n")
	var lines []string
	for line := range strings.Lines(start) {
		change, ok := strings.CutPrefix(line, "  + ")
		if !ok {
			break
		}
		lines = append(lines, strings.TrimSpace(change))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// network is what a host's addresses and routes are.
func network(t *testing.T, host string) string {
	t.Helper()
	return in(t, host, "ip -o address show") + in(t, host, "ip route show table all")
}

func hasVIP(t *testing.T, host string) bool {
	t.Helper()
	return strings.Contains(in(t, host, "ip -o -4 address show dev ens160"), " "+vip+"/32 ")
}

const fullTable = `-A -t 192.168.8.100:80 -s rr -p 50
-a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1
-a -t 192.168.8.100:80 -r 192.168.8.131:80 -g -w 1`

// bothAnswer checks that requests of two clients reach both real servers: persistence_timeout 50 pins
// each source address to one of them, and rr gives the second client the other one.
func bothAnswer(t *testing.T, when string) {
	t.Helper()
	got := []string{fetch(t, "192.168.8.201"), fetch(t, "192.168.8.202")}
	slices.Sort(got)
	if !slices.Equal(got, []string{"rs1", "rs2"}) {
		t.Errorf("%s: the clients reached %q, want rs1 and rs2", when, got)
	}
}

func TestHTTPDSetBalancesAsWithKeepalived(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if !uml.Inside() {
		need.Program(t, "keepalived")
		need.Program(t, "ipvsadm")
		uml.Need(t)
		bin := t.TempDir()
		uml.Build(t, []string{"build", "-o", bin + "/", "ka/cmd/karun", "ka/cmd/kac"})
		uml.Rerun(t, "KARUN="+filepath.Join(bin, "karun"), "KAC="+filepath.Join(bin, "kac"))
		return
	}
	wire(t)
	for _, preview := range []string{os.Getenv("KAC") + " plan --against none ", os.Getenv("KARUN") + " --dry-run "} {
		if diff := cmp.Diff(fullTable, startServices(in(t, "karun", preview+filepath.Join(root, seedMaster)))); diff != "" {
			t.Errorf("%s differs from the table under karun (-want +got):\n%s", preview, diff)
		}
	}
	if got := table(t, "karun"); got != "" {
		t.Errorf("a preview touched the table:\n%s", got)
	}
	before := network(t, "karun")
	rs1 := server(t, "rs1")
	server(t, "rs2")
	backup := start(t, "keepalived", "keepalived", nil, "keepalived", "-n", "-l", "-D", "-f", filepath.Join(root, seedBackup))
	master := start(t, "karun", "karun", nil, os.Getenv("KARUN"), filepath.Join(root, seedMaster))

	until(t, "karun is master", func() bool { return hasVIP(t, "karun") && !hasVIP(t, "keepalived") })
	until(t, "both tables are full", func() bool { return table(t, "karun") == fullTable && table(t, "keepalived") == fullTable })
	bothAnswer(t, "karun is master")

	if err := rs1.stop(t, os.Kill); err == nil {
		t.Error("the killed server ended well")
	}
	without := strings.Replace(fullTable, "-a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1\n", "", 1)
	until(t, "the dead real server leaves the tables", func() bool { return table(t, "karun") == without && table(t, "keepalived") == without })
	for _, source := range []string{"192.168.8.201", "192.168.8.202"} {
		if got := fetch(t, source); got != "rs2" {
			t.Errorf("while rs1 is dead, %s reached %q", source, got)
		}
	}
	server(t, "rs1")
	until(t, "the real server comes back", func() bool { return table(t, "karun") == fullTable && table(t, "keepalived") == fullTable })

	if err := master.stop(t, syscall.SIGTERM); err != nil {
		t.Errorf("karun: %v", err)
	}
	if got := table(t, "karun"); got != "" {
		t.Errorf("karun left services:\n%s", got)
	}
	if after := network(t, "karun"); after != before {
		t.Errorf("addresses and routes were:\n%safter karun they are:\n%s", before, after)
	}
	until(t, "keepalived takes over", func() bool { return hasVIP(t, "keepalived") })
	bothAnswer(t, "keepalived is master")
	var exit *exec.ExitError
	if err := backup.stop(t, syscall.SIGTERM); err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
}
