//go:build linux

package ipvs

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	moby "github.com/moby/ipvs"
	"github.com/sirupsen/logrus"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// ErrNoIPVS says that the kernel has no IPVS, or that its module is not loaded.
var ErrNoIPVS = errors.New("this kernel has no IPVS: load it with \"modprobe ip_vs\", or take the virtual servers out of the configuration")

const (
	// familyName is IPVS's name in generic netlink.
	familyName = "IPVS"
	// answerTimeout bounds the wait for one answer of the kernel.
	answerTimeout = 3 * time.Second
	// dumpTries bounds how often a read that was interrupted by a change is started again.
	dumpTries = 10
)

// Handle reads and writes the IPVS table of one network namespace. It may be used by several
// goroutines: it serves one at a time.
type Handle struct {
	mu     sync.Mutex
	writer *moby.Handle
	reader *nl.SocketHandle
	family uint16
}

// Open opens the table of the calling thread's network namespace. It gives ErrNoIPVS where the kernel
// has none; it loads no module.
func Open() (*Handle, error) {
	family, err := netlink.GenlFamilyGet(familyName)
	if errors.Is(err, unix.ENOENT) {
		return nil, ErrNoIPVS
	}
	if err != nil {
		return nil, fmt.Errorf("ask the kernel for IPVS: %w", err)
	}
	reader, err := nl.GetNetlinkSocketAt(netns.None(), netns.None(), unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	tv := unix.NsecToTimeval(answerTimeout.Nanoseconds())
	_ = reader.SetSendTimeout(&tv)
	_ = reader.SetReceiveTimeout(&tv)
	writer, err := newWriter()
	if err != nil {
		reader.Close()
		return nil, fmt.Errorf("open IPVS: %w", err)
	}
	return &Handle{writer: writer, reader: &nl.SocketHandle{Socket: reader}, family: family.ID}, nil
}

// newWriter opens the library. It runs modprobe by itself, and where that fails (IPVS is there all the
// same, as found above) it writes a warning through its logger, which nothing else here uses.
func newWriter() (*moby.Handle, error) {
	log := logrus.StandardLogger()
	out := log.Out
	log.SetOutput(io.Discard)
	defer log.SetOutput(out)
	return moby.New("")
}

// Close gives up the sockets; the table stays as it is.
func (h *Handle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writer.Close()
	h.reader.Close()
	return nil
}

// Snapshot reads the whole table: each service, followed by its destinations.
func (h *Handle) Snapshot() ([]effect.Object, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range dumpTries {
		out, err := h.snapshot()
		if errors.Is(err, nl.ErrDumpInterrupted) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			continue // a service went while it was read
		}
		if err != nil {
			return nil, fmt.Errorf("read the IPVS table: %w", err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("read the IPVS table: it changed during each of %d reads", dumpTries)
}

func (h *Handle) snapshot() ([]effect.Object, error) {
	msgs, err := h.dump(cmdGetService, nil)
	if err != nil {
		return nil, err
	}
	var out []effect.Object
	for _, m := range msgs {
		s, err := decodeService(m)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		dests, err := h.dump(cmdGetDest, serviceAttributes(s.ServiceID))
		if err != nil {
			return nil, err
		}
		for _, m := range dests {
			d, err := decodeDestination(m, s.ServiceID)
			if err != nil {
				return nil, err
			}
			out = append(out, d)
		}
	}
	return out, nil
}

func (h *Handle) dump(command uint8, attributes *nl.RtAttr) ([][]byte, error) {
	req := nl.NewNetlinkRequest(int(h.family), unix.NLM_F_DUMP)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_GENERIC: h.reader}
	req.AddData(&nl.Genlmsg{Command: command, Version: 1})
	if attributes != nil {
		req.AddData(attributes)
	}
	return req.Execute(unix.NETLINK_GENERIC, h.family)
}

// request sends one command with its attributes and waits for the answer.
func (h *Handle) request(command uint8, attributes ...*nl.RtAttr) error {
	req := nl.NewNetlinkRequest(int(h.family), unix.NLM_F_ACK)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_GENERIC: h.reader}
	req.AddData(&nl.Genlmsg{Command: command, Version: 1})
	for _, a := range attributes {
		req.AddData(a)
	}
	_, err := req.Execute(unix.NETLINK_GENERIC, 0)
	return err
}
