package lint

import (
	"fmt"

	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleVRIDCollision() *Rule {
	return &Rule{
		Name:     "vrid-collision",
		Severity: diag.Error,
		Title:    "one virtual router id for two virtual routers on one wire",
		Text: `Two virtual routers that have nothing to do with each other use the same ` + "`virtual_router_id`" + ` in one network.
Each node takes the adverts of the other virtual router for those of its own: it rejects them and logs every
one (different password or addresses), or it becomes a backup of a stranger and its own address disappears.

Many examples use 51, so clusters set up from them collide.

The rule needs a proof that they are on one wire: an address of one in the network of the other, written with
its prefix length, or ` + "`--segment NAME=FILE`" + `. Instances that share an address, a name, a password or a virtual
server are one virtual router and judged by other rules.`,
		Bad: `-- web.conf --
vrrp_instance WEB {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
-- database.conf --
vrrp_instance DATABASE {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.200/24
    }
}
`,
		Good: `-- web.conf --
vrrp_instance WEB {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
-- database.conf --
vrrp_instance DATABASE {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.168.8.200/24
    }
}
`,
		Run: runVRIDCollision,
	}
}

func runVRIDCollision(s *Set, r *Reporter) {
	for _, c := range s.Clusters.Collisions {
		where := "in network " + c.Network.String()
		if !c.Network.IsValid() {
			where = "on segment " + c.Segment
		}
		r.Report(diag.Diagnostic{
			Node: c.B.Node, Span: at(c.B, kw.VirtualRouterID),
			Message: fmt.Sprintf("virtual_router_id \"%d\" of %q is also that of another virtual router %s: %q on %s",
				c.B.Instance.VRID, c.B.Instance.Name, where, c.A.Instance.Name, c.A.Node),
			Help:    "give one of the two another number, on all of its nodes",
			Related: []diag.Note{note(c.A, at(c.A, kw.VirtualRouterID), "the other virtual router with %d", c.A.Instance.VRID)},
		})
	}
}
