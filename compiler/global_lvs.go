package compiler

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// defaultSyncGroup is where directors send their connections (reference keywords).
var defaultSyncGroup = netip.AddrFrom4([4]byte{224, 0, 0, 81})

// What is removed when the director stops.
const (
	flushNone = "none"
	flushOwn  = "own"
	flushAll  = "all"
)

// globalLVS reads the settings of IPVS, nil where the text has none.
func (c *compilation) globalLVS(body []*syntax.Statement) *plan.LVSGlobal {
	s := c.settings(body)
	l := plan.LVSGlobal{
		FlushOnStart: s.flag(kw.LVSFlush), FlushOnStop: flushNone,
		LogAllFailures: s.flag(kw.CheckerLogAllFailures), NotifyAtStart: s.flag(kw.RSInitNotifies),
	}
	if st := s.statement(kw.LVSFlushOnStop); st != nil {
		l.FlushOnStop = flushAll
		if name(st) == kw.VS {
			l.FlushOnStop = flushOwn
		}
	}
	if st := s.statement(kw.LVSTimeouts); st != nil {
		for _, t := range check.Options(st) {
			if t.Problem != nil {
				continue
			}
			switch {
			case t.Is(kw.TCP):
				l.TCP = secondsOf(t.Arg())
			case t.Is(kw.Tcpfin):
				l.TCPFIN = secondsOf(t.Arg())
			case t.Is(kw.UDP):
				l.UDP = secondsOf(t.Arg())
			}
		}
	}
	if st := s.statement(kw.LVSSyncDaemon); st != nil {
		l.Sync = c.syncDaemon(st)
	}
	if !s.found() {
		return nil
	}
	l.Origin = s.origin()
	return &l
}

// syncDaemon reads the exchange of connections; the id is the VRID of its instance unless given.
func (c *compilation) syncDaemon(st *syntax.Statement) *plan.SyncDaemon {
	d := &plan.SyncDaemon{
		Origin: c.origin(st), Interface: name(st), Port: defaultSyncPort, Group: defaultSyncGroup,
	}
	c.need(plan.NeedInterface, d.Interface, d.Origin)
	hasID := false
	for i, t := range check.Options(st) {
		n, _ := schema.ParseUint(t.Arg())
		switch {
		case t.Problem != nil:
		case t.Is(kw.Inst) && d.Instance != "":
			c.report(diag.Diagnostic{
				Rule: ruleDuplicateKeyword, Severity: diag.Warning, Span: t.Word.Span,
				Message: fmt.Sprintf("%q is given twice; keepalived uses the first", t.Word.Text),
				Help:    "remove the second",
			})
		case t.Keyword == nil && i == 1, t.Is(kw.Inst):
			d.Instance = t.Word.Text
			if t.Keyword != nil {
				d.Instance = t.Arg()
			}
		case t.Is(kw.ID):
			d.ID, hasID = uint8(n), true
		case t.Is(kw.Maxlen):
			d.MaxLength = uint16(n)
		case t.Is(kw.Port):
			d.Port = uint16(n)
		case t.Is(kw.TTL):
			d.TTL = uint8(n)
		case t.Is(kw.Group):
			d.Group, _ = schema.ParseAddress(t.Arg())
		}
	}
	for _, in := range check.FindAll(c.tree.Body, kw.VRRPInstance) {
		if !hasID && d.Instance != "" && name(in) == d.Instance {
			d.ID, hasID = uint8(check.UintArg(in.Children(), kw.VirtualRouterID, 0)), true
		}
	}
	return d
}

// firewall reads what is put into the packet filter, nil where the text has nothing of it.
func (c *compilation) firewall(body []*syntax.Statement) *plan.Firewall {
	s := c.settings(body)
	f := plan.Firewall{Counters: s.flag(kw.NftablesCounters)}
	// Without the table's name keepalived still has one, and the other words count.
	if s.statement(kw.Nftables) != nil || s.statement(kw.VRRPIptables) == nil && (s.statement(kw.NftablesPriority) != nil || s.statement(kw.NftablesIfindex) != nil) {
		f.NFTables = &plan.NFTables{
			Table: s.word(kw.Nftables, "keepalived"), ByIndex: s.flag(kw.NftablesIfindex),
			Priority: int32(s.behind(kw.Nftables, kw.NftablesPriority, -1)),
		}
	}
	if s.statement(kw.NftablesIPVS) != nil {
		f.IPVS = &plan.NFTablesIPVS{
			Table:     s.word(kw.NftablesIPVS, "keepalived_ipvs"),
			Priority:  int32(s.behind(kw.NftablesIPVS, kw.NftablesIPVSPriority, -1)),
			FirstMark: uint32(s.behind(kw.NftablesIPVS, kw.NftablesIPVSStartFwmark, defaultFirstMark)),
		}
	}
	if st := s.statement(kw.VRRPIptables); st != nil && f.NFTables == nil {
		f.IPTables = iptables(st, s.statement(kw.VRRPIpsets))
	}
	if !s.found() {
		return nil
	}
	f.Origin = s.origin()
	return &f
}

// behind reads a number that counts only behind another keyword, which sets it back.
func (s *settings) behind(first, keyword string, otherwise int64) int64 {
	at := s.statement(first)
	if at == nil {
		return s.number(keyword, otherwise)
	}
	rest := &settings{c: s.c, body: s.body[slices.Index(s.body, at):], first: -1}
	return rest.number(keyword, otherwise)
}

// iptables reads the chains and the names of the sets; nil where both chains have one name. Sets of which
// two have one name are not used.
func iptables(st, sets *syntax.Statement) *plan.IPTables {
	t := &plan.IPTables{Input: "INPUT", Output: "OUTPUT"}
	if len(st.Args) > 0 {
		t.Input, t.Output = name(st), ""
	}
	if w, ok := st.Arg(1); ok {
		t.Output = w.Text
	}
	if t.Input == t.Output {
		return nil
	}
	names := []string{"keepalived"}
	if sets != nil {
		names = check.Texts(sets.Args)
	}
	if t.Sets = setNames(names); repeatedName(t.Sets) != "" {
		t.Sets = nil
	}
	return t
}

// setNames completes the names of the six sets from those that are given; none stay none.
func setNames(given []string) []string {
	if len(given) == 0 {
		return nil
	}
	base := strings.TrimSuffix(given[0], "6")
	six := base + "6"
	if len(given) > 1 {
		six = given[1]
	}
	names := []string{given[0], six, base + "_if6", base + "_igmp", base + "_mld", base + "_nd"}
	copy(names, given[:min(len(given), len(names))])
	return names
}
