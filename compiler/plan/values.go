package plan

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// number reads a number of a range.
func (r *reader) number(path string, n, lo, hi int64) int64 {
	if n < lo || n > hi {
		r.fail(path, "%d is outside %d..%d", n, lo, hi)
		return lo
	}
	return n
}

func (r *reader) count(path string, n int) int {
	return int(r.number(path, int64(n), 0, math.MaxUint32))
}

// weight is wider than the range of the keyword: keepalived stores what is out of it.
func (r *reader) weight(path string, n int) int {
	return int(r.number(path, int64(n), math.MinInt32, math.MaxInt32))
}

// duration reads a number of units.
func (r *reader) duration(path string, n int64, unit time.Duration) time.Duration {
	return time.Duration(r.number(path, n, 0, math.MaxInt64/int64(unit))) * unit
}

// name reads a word that must be there.
func (r *reader) name(path string, t text) string {
	if t == "" {
		r.fail(path, "is empty")
	}
	return r.word(path, t)
}

// word reads a string that the system gets as it is: it has no zero byte.
func (r *reader) word(path string, t text) string {
	if strings.IndexByte(string(t), 0) >= 0 {
		r.fail(path, "holds a zero byte")
	}
	return string(t)
}

func (r *reader) words(path string, in []text, most int) []string {
	return read(r, path, in, most, func(path string, t *text) string { return r.word(path, *t) })
}

// label reads a name that the kernel keeps in 15 bytes: the label of an address, a persistence engine.
func (r *reader) label(path string, t text) string {
	if len(t) > maxIfName {
		r.fail(path, "%d bytes, more than %d", len(t), maxIfName)
	}
	return r.word(path, t)
}

// iface reads the name of an interface: at most 15 bytes, as the kernel has it.
func (r *reader) iface(path string, t text, must bool) string {
	s := string(t)
	switch {
	case s == "" && !must:
		return ""
	case s == "", len(s) > maxIfName, s == ".", s == "..", strings.ContainsAny(s, "/ \t\n\v\f\r\x00"):
		r.fail(path, "%q is no name of an interface", s)
	}
	return s
}

func (r *reader) addr(path string, t addrText, must bool) netip.Addr {
	if t == "" && !must {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(string(t))
	if err != nil || a.Zone() != "" {
		r.fail(path, "%q is no IP address", string(t))
		return netip.Addr{}
	}
	return a
}

func (r *reader) prefix(path string, t prefixText) netip.Prefix {
	addr, length, _ := strings.Cut(string(t), "/")
	a, err := netip.ParseAddr(addr)
	n, errLength := strconv.ParseUint(length, 10, 8)
	if err != nil || errLength != nil || a.Zone() != "" || int(n) > a.BitLen() {
		r.fail(path, "%q is no address with a prefix length", string(t))
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, int(n))
}

func (r *reader) addrPort(path string, t addrPortText) netip.AddrPort {
	a, err := netip.ParseAddrPort(string(t))
	if err != nil || a.Addr().Zone() != "" {
		r.fail(path, "%q is no address with a port", string(t))
		return netip.AddrPort{}
	}
	return a
}

func (r *reader) method(path, word string) Method {
	for _, m := range []Method{NAT, TUN, DR} {
		if word == m.String() {
			return m
		}
	}
	r.fail(path, "%q is not NAT, DR or TUN", word)
	return NAT
}

// origin reads FILE:LINE.
func (r *reader) origin(path string, o origin) Origin {
	if o == "" {
		return Origin{}
	}
	i := strings.LastIndexByte(string(o), ':')
	if i < 0 {
		r.fail(path, "%q is not FILE:LINE", string(o))
		return Origin{}
	}
	line, err := strconv.ParseUint(string(o[i+1:]), 10, 31)
	if err != nil {
		r.fail(path, "%q is not FILE:LINE", string(o))
	}
	return Origin{File: string(o[:i]), Line: int(line)}
}
