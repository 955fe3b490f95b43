//go:build linux

package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/lang/schema/kw"
)

// sysctlRoot is where the kernel shows the settings of the reader's network namespace.
const sysctlRoot = "/proc/sys/"

// ReadSysctl reads a setting of the calling thread's network namespace.
func ReadSysctl(path string) (string, error) {
	b, err := os.ReadFile(sysctlRoot + path)
	if err != nil {
		return "", fmt.Errorf("read the setting %s: %w", path, unwrapPath(err))
	}
	return strings.TrimSpace(string(b)), nil
}

func writeSysctl(path, value string) error {
	if now, err := ReadSysctl(path); err == nil && now == value {
		return nil // also where it may not be written
	}
	if err := os.WriteFile(sysctlRoot+path, []byte(value), 0); err != nil {
		return fmt.Errorf("set %s to %s: %w", path, value, unwrapPath(err))
	}
	return nil
}

// A SettingError says that settings may not be written here: in containers /proc/sys is often read-only.
type SettingError struct{ err error }

// Error names the settings.
func (e *SettingError) Error() string { return e.err.Error() }

// Unwrap gives the reason.
func (e *SettingError) Unwrap() error { return e.err }

// deviceFolder holds the IPv4 settings of interfaces; deviceSettings are those of them that route netlink takes
// too (linux/ip.h, IPV4_DEVCONF_*), in inetConf of the interface.
const (
	deviceFolder = "net/ipv4/conf/"
	inetConf     = 1 // IFLA_INET_CONF
)

var deviceSettings = map[string]int{
	effect.ReversePath: 8, "arp_filter": 13, "arp_ignore": 19, kw.PromoteSecondaries: 20, "accept_local": 23,
}

// setSysctl writes a setting: by route netlink where /proc/sys is read-only, which keepalived does for those of
// interfaces.
func (h *Handle) setSysctl(path, value string) error {
	err := writeSysctl(path, value)
	if !errors.Is(err, unix.EROFS) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	device, name := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	kind, n := deviceSettings[name], uint32(0)
	if _, bad := fmt.Sscan(value, &n); bad != nil || kind == 0 || filepath.Dir(filepath.Dir(path))+"/" != deviceFolder {
		return &SettingError{err}
	}
	index, gone := h.index(device, map[string]int{})
	if gone != nil {
		return &SettingError{err}
	}
	spec := nl.NewRtAttr(unix.IFLA_AF_SPEC, nil)
	spec.AddRtAttr(unix.AF_INET, nil).AddRtAttr(inetConf, nil).AddRtAttr(kind, nl.Uint32Attr(n))
	if h.request(unix.RTM_SETLINK, 0, nil, linkHead(index, 0), spec) != nil {
		return &SettingError{err}
	}
	return nil
}

func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// ExpandSysctls reads what the settings are now, and gives those that have to change, with what they were:
// a setting that spreads comes last, behind those of the interfaces that take its value. Those of an interface
// that is not there are left out.
func ExpandSysctls(wanted []effect.Sysctl) ([]effect.Sysctl, error) {
	var out []effect.Sysctl
	for _, w := range wanted {
		now, err := ReadSysctl(w.Path)
		if _, none := os.Stat(filepath.Dir(sysctlRoot + w.Path)); errors.Is(none, fs.ErrNotExist) {
			continue // its interface is not there
		}
		if err != nil {
			return nil, err
		}
		if now == w.Value {
			continue
		}
		if w.Spread {
			more, err := spread(w.Path, now, wanted)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		w.Before = now
		out = append(out, w)
	}
	return out, nil
}

// spread gives the settings of interfaces that are lower than that of all: they rise, so that nothing changes
// for them when that of all goes. One that is wanted otherwise is left out.
func spread(path, value string, wanted []effect.Sysctl) ([]effect.Sysctl, error) {
	folder, name := filepath.Dir(filepath.Dir(path)), filepath.Base(path)
	entries, err := os.ReadDir(sysctlRoot + folder)
	if err != nil {
		return nil, fmt.Errorf("read the settings %s: %w", folder, unwrapPath(err))
	}
	var out []effect.Sysctl
	for _, e := range entries {
		s := effect.Sysctl{Path: filepath.Join(folder, e.Name(), name), Value: value}
		if s.Path == path || slices.ContainsFunc(wanted, func(w effect.Sysctl) bool { return w.Path == s.Path }) {
			continue
		}
		if s.Before, err = ReadSysctl(s.Path); err != nil {
			continue // the interface went
		}
		if lower(s.Before, value) {
			out = append(out, s)
		}
	}
	return out, nil
}

func lower(a, b string) bool {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	return errX == nil && errY == nil && x < y
}

// SetSysctls are those of the given settings that still have the value that was set.
func SetSysctls(ours []effect.Sysctl) []effect.Sysctl {
	var out []effect.Sysctl
	for _, s := range ours {
		if now, err := ReadSysctl(s.Path); err == nil && now == s.Value {
			out = append(out, s)
		}
	}
	return out
}

// applySysctl sets a setting, or puts back what was before: unless somebody else has changed it since, or
// its interface is gone.
func (h *Handle) applySysctl(c effect.Change) error {
	if want, ok := c.Want.(effect.Sysctl); ok {
		return h.setSysctl(want.Path, want.Value)
	}
	have, ok := c.Have.(effect.Sysctl)
	if !ok || have.Before == "" {
		return nil
	}
	now, err := ReadSysctl(have.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && now != have.Value {
		return nil
	}
	return errors.Join(err, h.setSysctl(have.Path, have.Before))
}
