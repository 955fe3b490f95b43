//go:build linux

package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"ka/runtime/arp"
	"ka/runtime/lab"
	"ka/runtime/vrrp"
)

// Options is what a node is made of.
type Options struct {
	Name string
	Host *lab.Host
	// Dir is an empty directory of the node's own: configuration, stand-ins and run files.
	Dir string
	// Sink takes the events. It is called from several goroutines, one event at a time.
	Sink func(Event)
	// Log takes what the daemon prints; nil drops it.
	Log io.Writer
}

// Node is one host with its daemon.
type Node struct {
	opt Options

	sinkMu sync.Mutex

	mu   sync.Mutex
	proc *lab.Process
	// ended is closed when proc has ended and another may start.
	ended    chan struct{}
	asked    bool
	standIns []standIn
	words    *os.File
	wordsEnd chan struct{}
}

// Daemon is a program to run as the node's director.
type Daemon struct {
	// Name is "karun" or "keepalived".
	Name string
	// File is the name that Config is written to in the node's directory.
	File   string
	Config []byte
	argv   []string
	// parser reads a line of its log.
	parser func() func(line []byte) []any
}

// Karun is karun by its path, running a plan.json or, where conf is set, a keepalived.conf.
func Karun(path string, config []byte, conf bool) Daemon {
	name := map[bool]string{false: "plan.json", true: "node.conf"}[conf]
	return Daemon{
		Name: "karun", File: name, Config: config,
		argv: []string{path, "--run-dir", lab.MountPoint + "/run", "--log-format", "json", lab.MountPoint + "/" + name},
		parser: func() func([]byte) []any {
			return parseKarun
		},
	}
}

// Keepalived is keepalived by its path. It runs VRRP only: its checkers end it where the kernel has no IPVS.
func Keepalived(path string, conf []byte) Daemon {
	return Daemon{
		Name: "keepalived", File: "node.conf", Config: conf,
		argv:   []string{path, "-n", "-l", "-D", "-P", "-f", lab.MountPoint + "/node.conf"},
		parser: newKeepalivedParser,
	}
}

// Terse is keepalived without its detailed log: it waits for who reads that.
func (d Daemon) Terse() Daemon {
	d.argv = slices.DeleteFunc(slices.Clone(d.argv), func(word string) bool { return word == "-D" })
	return d
}

// New readies a node and starts to watch its host.
func New(opt Options) (*Node, error) {
	n := &Node{opt: opt}
	if err := n.openStandIns(); err != nil {
		return nil, err
	}
	err := opt.Host.Watch(func(e lab.AddressEvent) { n.emit(e.Time, Address{e}) })
	if err == nil {
		err = opt.Host.Capture(n.frame)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// Name is the node's name.
func (n *Node) Name() string { return n.opt.Name }

func (n *Node) emit(t time.Time, what any) {
	n.sinkMu.Lock()
	defer n.sinkMu.Unlock()
	n.opt.Sink(Event{Time: t, Node: n.opt.Name, What: what})
}

// Start starts the daemon; the node must have none.
func (n *Node) Start(d Daemon) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.proc != nil {
		return fmt.Errorf("%s is running", n.opt.Name)
	}
	// It may hold a password.
	if err := os.WriteFile(filepath.Join(n.opt.Dir, d.File), d.Config, 0o600); err != nil {
		return err
	}
	parse := d.parser()
	log := &lineWriter{line: func(line []byte) {
		if n.opt.Log != nil {
			_, _ = n.opt.Log.Write(append(line[:len(line):len(line)], '\n'))
		}
		now := time.Now()
		for _, what := range parse(line) {
			if at, ok := what.(stamped); ok {
				n.emit(at.time, at.what)
				continue
			}
			n.emit(now, what)
		}
	}}
	n.emit(time.Now(), Started{Daemon: d.Name})
	// One writer for both streams: exec then copies them from one pipe, in order.
	proc, err := n.opt.Host.Start(lab.Command{Dir: n.opt.Dir, Argv: d.argv, Stdout: log, Stderr: log})
	if err != nil {
		return err
	}
	n.proc, n.asked, n.ended = proc, false, make(chan struct{})
	go n.await(proc, n.ended)
	return nil
}

func (n *Node) await(proc *lab.Process, ended chan struct{}) {
	<-proc.Done()
	n.mu.Lock()
	asked := n.asked
	n.proc = nil
	n.mu.Unlock()
	n.emit(time.Now(), Ended{Status: proc.Status(), Asked: asked})
	close(ended)
}

// Running reports whether the daemon lives.
func (n *Node) Running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.proc != nil
}

// end ends the daemon in one way or another and returns when a new one may start.
func (n *Node) end(how func(*lab.Process) error) error {
	n.mu.Lock()
	n.asked = true
	proc, ended := n.proc, n.ended
	n.mu.Unlock()
	if proc == nil {
		return nil
	}
	err := how(proc)
	<-ended
	return err
}

// Kill ends all of the daemon's processes at once with SIGKILL. Its addresses stay, as after a crash.
func (n *Node) Kill() error { return n.end((*lab.Process).Kill) }

// Stop ends the daemon with SIGTERM and waits for it; one that does not end in time is killed.
func (n *Node) Stop(timeout time.Duration) error {
	return n.end(func(p *lab.Process) error { return p.Stop(timeout) })
}

// AwaitStop waits for a Stop or Kill that is under way, and returns at once where there is none.
func (n *Node) AwaitStop() {
	n.mu.Lock()
	asked, ended := n.asked && n.proc != nil, n.ended
	n.mu.Unlock()
	if asked {
		<-ended
	}
}

// Signal sends a signal to the daemon.
func (n *Node) Signal(s syscall.Signal) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.proc == nil {
		return fmt.Errorf("%s is not running", n.opt.Name)
	}
	return n.proc.Signal(s)
}

// Pids are the processes of the daemon, none while it does not run.
func (n *Node) Pids() []int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.proc == nil {
		return nil
	}
	return n.proc.Pids()
}

// Close lets go of the node's files. The host, and what runs on it, is closed by its lab.
func (n *Node) Close() error { return n.closeStandIns() }

// The places in an Ethernet frame, and its types.
const (
	etherTypeOffset = 12
	etherHeaderLen  = 14
	etherTypeIPv4   = 0x0800
	etherTypeIPv6   = 0x86dd
	etherTypeARP    = 0x0806
)

// frame reports the adverts and announcements among the frames that the host sends.
func (n *Node) frame(f lab.Frame) {
	if len(f.Data) < etherHeaderLen {
		return
	}
	switch binary.BigEndian.Uint16(f.Data[etherTypeOffset:]) {
	case etherTypeIPv4, etherTypeIPv6:
		if c, err := vrrp.ReadPacket(f.Data[etherHeaderLen:]); err == nil {
			n.emit(f.Time, Advert{Advert: c.Advert, Raw: f.Data})
		} else if a, err := arp.ParseNeighbour(f.Data); err == nil {
			n.emit(f.Time, Announcement{Address: a.IP, Interface: f.Interface, Raw: f.Data})
		}
	case etherTypeARP:
		if g, err := arp.Parse(f.Data); err == nil {
			n.emit(f.Time, Announcement{Address: g.IP, Interface: f.Interface, Raw: f.Data})
		}
	}
}
