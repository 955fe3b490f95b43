//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/internal/nlattr"
)

// The attributes of rules (linux/fib_rules.h). x/sys has most of them under names of its own.
const (
	ruleDst            = 1
	ruleSrc            = 2
	ruleInput          = 3
	ruleGoto           = 4
	rulePriority       = 6
	ruleMark           = 10
	ruleFlow           = 11
	ruleTunnel         = 12
	ruleSuppressGroup  = 13
	ruleSuppressLength = 14
	ruleTable          = 15
	ruleMask           = 16
	ruleOutput         = 17
	rulePad            = 18
	ruleL3MDev         = 19
	ruleUIDs           = 20
	ruleProtocol       = 21
	ruleIPProtocol     = 22
	ruleSourcePorts    = 23
	ruleDestPorts      = 24
	ruleSourceMask     = 28
	ruleDestMask       = 29
)

// ruleInvert is a flag of the header (FIB_RULE_INVERT); ruleHeader the size of a struct fib_rule_hdr.
const (
	ruleInvert = 0x2
	ruleHeader = 12
	wholePort  = 0xffff
	noLimit32  = 1<<32 - 1
)

// encodeRule adds the body of an RTM_NEWRULE or RTM_DELRULE to req.
func encodeRule(req *nl.NetlinkRequest, r effect.Rule) {
	// A struct fib_rule_hdr has the layout of a struct rtmsg: family, lengths, tos, table, two reserved
	// bytes, action, flags.
	head := unix.RtMsg{Family: unix.AF_INET, Tos: r.TOS, Type: uint8(r.Action)}
	if r.IPv6 {
		head.Family = unix.AF_INET6
	}
	if r.Action == effect.RuleTable && r.Table < 256 {
		head.Table = uint8(r.Table)
	}
	if r.Not {
		head.Flags = ruleInvert
	}
	if r.From.IsValid() {
		head.Src_len = uint8(r.From.Bits())
	}
	if r.To.IsValid() {
		head.Dst_len = uint8(r.To.Bits())
	}
	req.AddData(&nl.RtMsg{RtMsg: head})
	for _, a := range ruleAttrs(r) {
		req.AddData(a)
	}
}

func ruleAttrs(r effect.Rule) []*nl.RtAttr {
	out := []*nl.RtAttr{nl.NewRtAttr(rulePriority, nl.Uint32Attr(r.Preference))}
	add := func(set bool, kind int, value []byte) {
		if set {
			out = append(out, nl.NewRtAttr(kind, value))
		}
	}
	add(r.From.IsValid(), ruleSrc, r.From.Addr().AsSlice())
	add(r.To.IsValid(), ruleDst, r.To.Addr().AsSlice())
	add(r.Mark|r.Mask != 0, ruleMark, nl.Uint32Attr(r.Mark))
	add(r.Mark|r.Mask != 0, ruleMask, nl.Uint32Attr(r.Mask))
	add(r.InputInterface != "", ruleInput, nl.ZeroTerminated(r.InputInterface))
	add(r.OutputInterface != "", ruleOutput, nl.ZeroTerminated(r.OutputInterface))
	add(r.TunnelID != 0, ruleTunnel, binary.BigEndian.AppendUint64(nil, r.TunnelID))
	if r.UIDs != nil {
		uids := binary.NativeEndian.AppendUint32(nil, r.UIDs.Low)
		add(true, ruleUIDs, binary.NativeEndian.AppendUint32(uids, r.UIDs.High))
	}
	add(r.IPProtocol != 0, ruleIPProtocol, []byte{r.IPProtocol})
	add(r.SourcePorts != plan.Span{}, ruleSourcePorts, portSpan(r.SourcePorts))
	add(r.DestinationPorts != plan.Span{}, ruleDestPorts, portSpan(r.DestinationPorts))
	add(r.Action == effect.RuleTable && r.Table >= 256, ruleTable, nl.Uint32Attr(r.Table))
	add(r.L3MDev, ruleL3MDev, []byte{1})
	add(r.Action == effect.RuleGoto, ruleGoto, nl.Uint32Attr(r.Goto))
	add(r.SuppressLength != effect.NoLimit, ruleSuppressLength, nl.Uint32Attr(uint32(r.SuppressLength)))
	add(r.SuppressGroup != effect.NoLimit, ruleSuppressGroup, nl.Uint32Attr(uint32(r.SuppressGroup)))
	add(r.Realms != 0, ruleFlow, nl.Uint32Attr(r.Realms))
	add(r.Protocol != 0, ruleProtocol, []byte{r.Protocol})
	return out
}

func portSpan(s plan.Span) []byte {
	low := binary.NativeEndian.AppendUint16(nil, uint16(s.Low))
	return binary.NativeEndian.AppendUint16(low, uint16(s.High))
}

// decodeRule reads the body of an RTM_NEWRULE or RTM_DELRULE.
func decodeRule(b []byte) (effect.Rule, error) {
	if len(b) < ruleHeader {
		return effect.Rule{}, nlattr.ErrShort
	}
	family := b[0]
	if family != unix.AF_INET && family != unix.AF_INET6 {
		return effect.Rule{}, errNotOurs
	}
	r := effect.Rule{
		IPv6: family == unix.AF_INET6, TOS: b[3], Table: uint32(b[4]), Action: effect.RuleAction(b[7]),
		Not:            binary.NativeEndian.Uint32(b[8:])&ruleInvert != 0,
		SuppressLength: effect.NoLimit, SuppressGroup: effect.NoLimit,
	}
	var from, to netip.Addr
	err := nlattr.Each(b[ruleHeader:], func(kind uint16, v []byte) (err error) {
		switch kind {
		case ruleSrc:
			from, err = nlattr.Addr(v)
		case ruleDst:
			to, err = nlattr.Addr(v)
		default:
			err = decodeRuleAttr(&r, kind, v)
		}
		return err
	})
	if err != nil {
		return effect.Rule{}, err
	}
	for _, p := range []struct {
		bits int
		addr netip.Addr
		to   *netip.Prefix
	}{{int(b[1]), to, &r.To}, {int(b[2]), from, &r.From}} {
		if p.bits == 0 {
			continue
		}
		if *p.to = netip.PrefixFrom(p.addr, p.bits); !p.to.IsValid() {
			return effect.Rule{}, nlattr.ErrShort
		}
	}
	if r.Action != effect.RuleTable || r.L3MDev {
		r.Table = 0
	}
	return r, nil
}

func decodeRuleAttr(r *effect.Rule, kind uint16, v []byte) (err error) {
	switch kind {
	case rulePriority:
		r.Preference, err = nlattr.Uint32(v)
	case ruleMark:
		r.Mark, err = nlattr.Uint32(v)
	case ruleMask:
		r.Mask, err = nlattr.Uint32(v)
	case ruleInput:
		r.InputInterface = nlattr.String(v)
	case ruleOutput:
		r.OutputInterface = nlattr.String(v)
	case ruleTable:
		r.Table, err = nlattr.Uint32(v)
	case ruleGoto:
		r.Goto, err = nlattr.Uint32(v)
	case ruleFlow:
		r.Realms, err = nlattr.Uint32(v)
	case ruleProtocol:
		r.Protocol, err = nlattr.Uint8(v)
	case ruleIPProtocol:
		r.IPProtocol, err = nlattr.Uint8(v)
	case ruleSourcePorts:
		r.SourcePorts, err = decodePorts(v)
	case ruleDestPorts:
		r.DestinationPorts, err = decodePorts(v)
	case ruleL3MDev:
		var n uint8
		n, err = nlattr.Uint8(v)
		r.L3MDev = n != 0
	case ruleSuppressLength:
		r.SuppressLength, err = decodeLimit(v)
	case ruleSuppressGroup:
		r.SuppressGroup, err = decodeLimit(v)
	case ruleTunnel, ruleUIDs:
		if len(v) < 8 {
			return nlattr.ErrShort
		}
		if kind == ruleTunnel {
			r.TunnelID = binary.BigEndian.Uint64(v)
		} else {
			r.UIDs = &plan.Span{Low: binary.NativeEndian.Uint32(v), High: binary.NativeEndian.Uint32(v[4:])}
		}
	case rulePad:
	default:
		return decodeNewRuleAttr(r, kind, v)
	}
	return err
}

// decodeNewRuleAttr knows what kernels of the last years say of every rule: the mask of a port, whole for a
// port as keepalived knows it.
func decodeNewRuleAttr(r *effect.Rule, kind uint16, v []byte) error {
	if kind == ruleSourceMask || kind == ruleDestMask {
		if mask, err := nlattr.Uint16(v); err != nil || mask == wholePort {
			return err
		}
	}
	r.Unknown = append(r.Unknown, fmt.Sprintf("FRA %d", kind))
	return nil
}

func decodeLimit(v []byte) (int64, error) {
	n, err := nlattr.Uint32(v)
	if n == noLimit32 {
		return effect.NoLimit, err
	}
	return int64(n), err
}

func decodePorts(v []byte) (plan.Span, error) {
	if len(v) < 4 {
		return plan.Span{}, nlattr.ErrShort
	}
	return plan.Span{Low: uint32(binary.NativeEndian.Uint16(v)), High: uint32(binary.NativeEndian.Uint16(v[2:]))}, nil
}
