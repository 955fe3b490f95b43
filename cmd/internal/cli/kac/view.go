package kac

import (
	"fmt"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/support"
)

// viewVersion is the version of the JSON form of a preview; a field that is added does not change it.
const viewVersion = 1

// view is what a preview says, for text and JSON alike. It holds no secret.
type view struct {
	Version   int            `json:"version"`
	Node      string         `json:"node"`
	ConfigID  string         `json:"config_id,omitempty"`
	RouterID  string         `json:"router_id"`
	Instances []instanceView `json:"instances"`
	Scripts   []scriptView   `json:"scripts"`
	Lists     []listView     `json:"lists,omitempty"`
	// Settings are those of the whole node.
	Settings []listView  `json:"settings,omitempty"`
	Phases   []phaseView `json:"phases"`
	// VirtualServers say in words what the kernel's objects do not show.
	VirtualServers []serverView `json:"virtual_servers"`
	Against        *againstView `json:"against"`
	Needs          []needView   `json:"needs"`
	// NotRun is what karun of this release does not execute: it refuses the plan, or leaves these out with
	// --allow-partial.
	NotRun  []lackView    `json:"not_run"`
	LeftOut []leftOutView `json:"left_out"`
	plan    *plan.Plan
	phases  []effect.Phase
}

type instanceView struct {
	Name           string  `json:"name"`
	Interface      string  `json:"interface"`
	Version        int     `json:"vrrp_version"`
	VRID           int     `json:"vrid"`
	Priority       int     `json:"priority"`
	InitialState   string  `json:"initial_state"`
	NoPreempt      bool    `json:"nopreempt"`
	AdvertSeconds  float64 `json:"advert_seconds"`
	Authentication string  `json:"authentication"`
	Group          string  `json:"group"`
	// Failures says what the failure of each tracked thing alone leads to.
	Failures []failureView `json:"failures"`
	// Settings are what makes the instance special, one sentence each.
	Settings []string `json:"settings"`
	// Notifications are in the order of states, and within a state in the order of starting.
	Notifications []notifyView `json:"notifications"`
	Origin        string       `json:"origin"`
	unicast       bool
}

type failureView struct {
	// Kind is script, interface, file, process or BFD session.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Priority is the effective one, 0 where State is FAULT.
	Priority int    `json:"priority"`
	State    string `json:"state"`
	Because  string `json:"because"`
}

type notifyView struct {
	State string   `json:"state"`
	Argv  []string `json:"argv"`
	User  string   `json:"user"`
}

type scriptView struct {
	Name            string   `json:"name"`
	Argv            []string `json:"argv"`
	User            string   `json:"user"`
	IntervalSeconds float64  `json:"interval_seconds"`
	TimeoutSeconds  float64  `json:"timeout_seconds"`
	Fall            int      `json:"fall"`
	Rise            int      `json:"rise"`
	InitFail        bool     `json:"init_fail"`
	Origin          string   `json:"origin"`
}

type phaseView struct {
	Name     string       `json:"name"`
	Instance string       `json:"instance"`
	Changes  []changeView `json:"changes"`
}

type changeView struct {
	Op      string `json:"op"`
	Kind    string `json:"kind"`
	Object  string `json:"object"`
	Before  string `json:"before"`
	Reason  string `json:"reason"`
	Traffic string `json:"traffic"`
	Origin  string `json:"origin"`
}

// againstView compares with what is.
type againstView struct {
	// Source is "live" or the file.
	Source  string       `json:"source"`
	Changes []changeView `json:"changes"`
	// Notes say what could not be compared.
	Notes []string `json:"notes"`
}

type needView struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Origin string `json:"origin"`
}

type leftOutView struct {
	Origin string `json:"origin"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// lackView is something that karun of this release does not execute.
type lackView struct {
	What   string `json:"what"`
	Help   string `json:"help"`
	Origin string `json:"origin"`
}

// newView says what p will do.
func newView(p *plan.Plan) *view {
	v := &view{
		Version: viewVersion, Node: p.Node, ConfigID: p.Environment.ConfigID, RouterID: p.Global.RouterID, plan: p, phases: effect.Phases(p, effect.Facts{}),
		Instances: []instanceView{}, Scripts: []scriptView{}, Phases: []phaseView{}, Needs: []needView{}, NotRun: []lackView{}, LeftOut: []leftOutView{},
		VirtualServers: newServerViews(p),
	}
	for i := range p.Instances {
		v.Instances = append(v.Instances, newInstanceView(p, &p.Instances[i]))
	}
	for _, s := range p.Scripts {
		v.Scripts = append(v.Scripts, scriptView{
			Name: s.Name, Argv: s.Command.Argv, User: user(p, &s.Command), IntervalSeconds: s.Interval.Seconds(),
			TimeoutSeconds: s.Timeout.Seconds(), Fall: s.Fall, Rise: s.Rise, InitFail: s.InitFail, Origin: at(s.Origin),
		})
	}
	v.Lists, v.Settings = newListViews(p), newSettingViews(p)
	for _, l := range support.Missing(p) {
		v.NotRun = append(v.NotRun, lackView{l.What, l.Help, at(l.Origin)})
	}
	for _, ph := range v.phases {
		v.Phases = append(v.Phases, phaseView{ph.Name, ph.Instance, changeViews(ph.Changes)})
	}
	for _, n := range p.Needs {
		v.Needs = append(v.Needs, needView{string(n.Kind), n.Name, at(n.Origin)})
	}
	for _, l := range p.LeftOut {
		v.LeftOut = append(v.LeftOut, leftOutView{at(l.Origin), masked(l.Text), l.Reason})
	}
	return v
}

func newInstanceView(p *plan.Plan, inst *plan.Instance) instanceView {
	out := instanceView{
		Name: inst.Name, Interface: inst.Interface, Version: inst.Version, VRID: int(inst.VRID), Priority: int(inst.Priority),
		InitialState: inst.InitialState.String(), NoPreempt: inst.NoPreempt, AdvertSeconds: inst.AdvertInterval.Seconds(),
		Authentication: authentications[inst.Auth.Type], Settings: instanceFacts(p, inst), Group: inst.Group.String(), Failures: []failureView{}, Notifications: []notifyView{}, Origin: at(inst.Origin), unicast: inst.Unicast != nil,
	}
	out.Failures = append(out.Failures, failures(inst, p.Tracked(inst))...)
	for _, s := range []plan.State{plan.StateMaster, plan.StateBackup, plan.StateFault, plan.StateStopped} {
		e := notify.Event{Name: inst.Name, Kind: notify.StateKind(s), Priority: inst.Priority}
		for _, r := range notify.InstanceCommands(&inst.Notify).Runs(e) {
			out.Notifications = append(out.Notifications, notifyView{s.String(), r.Argv, user(p, r.Command)})
		}
	}
	return out
}

func changeViews(changes []effect.Change) []changeView {
	out := make([]changeView, 0, len(changes))
	for _, c := range changes {
		v := changeView{
			Op: string(c.Op), Kind: c.Object().Kind().String(), Object: c.Object().String(),
			Reason: c.Reason, Traffic: string(c.Traffic), Origin: at(c.Origin),
		}
		if c.Op == effect.Update {
			v.Before = c.Have.String()
		}
		out = append(out, v)
	}
	return out
}

// at gives "file:line", nothing where there is none.
func at(o plan.Origin) string {
	if o.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// user says as whom a command runs.
func user(p *plan.Plan, c *plan.Command) string {
	name, group := c.User, c.Group
	if name == "" {
		name, group = p.Global.ScriptUser, p.Global.ScriptGroup
	}
	if group != "" {
		name += ":" + group
	}
	return name
}
