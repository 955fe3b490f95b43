package lint

import (
	"fmt"
	"strconv"
	"time"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
	"ka/runtime/vrrp"
)

func ruleAdvertIntMismatch() *Rule {
	return &Rule{
		Name:     "advert-int-mismatch",
		Severity: diag.Error,
		Title:    "nodes of one virtual router advertise at different intervals",
		Text: `In VRRP version 2 a node drops adverts whose interval is not its own (RFC 3768, 7.1): the nodes do not hear
each other and both become master. Version 2 counts whole seconds; keepalived rounds fractions up.

In version 3 a backup takes over the master's interval, so a difference is only a matter of taste there.`,
		Bad:  pairBad("advert_int 1", "advert_int 2"),
		Good: pairGood,
		Run:  runAdvertIntMismatch,
	}
}

func runAdvertIntMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		var members []cluster.Member
		for _, m := range vr.Members {
			if m.Instance.Version == 2 {
				members = append(members, m)
			}
		}
		ref, others := odd(members, func(m cluster.Member) time.Duration { return m.Instance.AdvertInterval })
		for _, m := range others {
			if !s.deaf(ref, m, vrrp.DropInterval) {
				continue
			}
			here, there := seconds(m.Instance.AdvertInterval), seconds(ref.Instance.AdvertInterval)
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(m, kw.AdvertInt), Subject: vr.Subject(),
				Message: fmt.Sprintf("advert_int of %q is %s s here and %s s on %s: each node drops the adverts of the other and both become master",
					m.Instance.Name, here, there, ref.Node),
				Help:    fmt.Sprintf("write \"%s %s\" on both nodes", kw.AdvertInt, there),
				Related: []diag.Note{note(ref, at(ref, kw.AdvertInt), "%s s on %s", there, ref.Node)},
			})
		}
	}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
