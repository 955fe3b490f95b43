package plan

// CommandOwner says what a command is for; all fields are empty for the node's own.
type CommandOwner struct {
	// Script is a tracked script's name, Instance that of an instance and Group that of a sync group.
	Script, Instance, Group string
	// Server is a virtual server's name.
	Server string
}

// EachCommand visits every command that a director may ever run for the plan.
func (p *Plan) EachCommand(visit func(CommandOwner, *Command)) {
	some := func(o CommandOwner, list ...*Command) {
		for _, c := range list {
			if c != nil {
				visit(o, c)
			}
		}
	}
	for i := range p.Scripts {
		visit(CommandOwner{Script: p.Scripts[i].Name}, &p.Scripts[i].Command)
	}
	for i := range p.Instances {
		n := &p.Instances[i].Notify
		some(CommandOwner{Instance: p.Instances[i].Name}, n.Master, n.Backup, n.Fault, n.Stop, n.Any, n.LowerPriority, n.Deleted)
	}
	for i := range p.Groups.Sync {
		n := &p.Groups.Sync[i].Notify
		some(CommandOwner{Group: p.Groups.Sync[i].Name}, n.Master, n.Backup, n.Fault, n.Stop, n.Any)
	}
	for _, h := range []*HookScript{p.Global.Startup, p.Global.Shutdown} {
		if h != nil {
			visit(CommandOwner{}, &h.Command)
		}
	}
	if f := p.Global.FIFOs; f != nil {
		for _, pipe := range []*FIFO{f.All, f.VRRP, f.LVS} {
			if pipe != nil {
				some(CommandOwner{}, pipe.Script)
			}
		}
	}
	for i := range p.VirtualServers {
		p.VirtualServers[i].eachCommand(some)
	}
}

// eachCommand visits the commands of one virtual server.
func (vs *VirtualServer) eachCommand(some func(CommandOwner, ...*Command)) {
	o := CommandOwner{Server: vs.Name()}
	some(o, vs.QuorumUp, vs.QuorumDown)
	for i := range vs.RealServers {
		rs := &vs.RealServers[i]
		some(o, rs.NotifyUp, rs.NotifyDown)
		for j := range rs.Checks {
			if m := rs.Checks[j].Misc; m != nil {
				some(o, &m.Command)
			}
		}
	}
}
