//go:build linux

package director

import (
	"context"
	"maps"
	"os"
	"time"

	"ka/runtime/control"
)

// queryLimit is how long the children have to answer a status request.
const queryLimit = 500 * time.Millisecond

// query is a status request that waits for the children.
type query struct {
	status  control.Status
	waiting int
	reply   chan control.Status // buffered
}

// queries are the open requests by number. They belong to the supervisor's goroutine.
type queries struct {
	last uint64
	open map[uint64]*query
}

// answer takes a part of an answer; the last part ends the request.
func (q *queries) answer(m message) {
	open := q.open[m.ID]
	if open == nil {
		return // too late
	}
	switch {
	case m.InstanceStatus != nil:
		open.status.Instances = append(open.status.Instances, *m.InstanceStatus)
	case m.ServerStatus != nil:
		open.status.VirtualServers = append(open.status.VirtualServers, *m.ServerStatus)
	case m.SessionStatus != nil:
		open.status.BFD = append(open.status.BFD, *m.SessionStatus)
	case m.Type == msgStatusDone:
		maps.Copy(open.status.Drops, m.Drops)
		if m.Kernel != nil {
			open.status.Kernel = *m.Kernel
		}
		if open.waiting--; open.waiting <= 0 {
			q.finish(m.ID)
		}
	}
}

// finish sends what there is.
func (q *queries) finish(id uint64) {
	if open := q.open[id]; open != nil {
		delete(q.open, id)
		open.reply <- open.status
	}
}

// status answers a request of the control socket, from any goroutine.
func (s *supervisor) status(ctx context.Context) control.Status {
	reply := make(chan control.Status, 1)
	s.post(func() { s.ask(reply) })
	select {
	case st := <-reply:
		return st
	case <-ctx.Done():
	case <-s.done:
	}
	return control.Status{Version: 1, PID: os.Getpid()}
}

// ask begins a request with what the supervisor knows itself.
func (s *supervisor) ask(reply chan control.Status) {
	st := control.Status{
		Version: 1, Node: s.plan.Node, PID: os.Getpid(), Started: s.started, NotRun: s.notRun,
		Processes: []control.Process{}, Instances: []control.Instance{}, Scripts: []control.Script{},
		VirtualServers: []control.VirtualServer{}, Drops: maps.Clone(s.drops),
	}
	s.notifier.addDrops(st.Drops)
	for _, sc := range s.scripts {
		known := sc.state()
		out := control.Script{Name: sc.plan.Name, Known: known.Known, Up: known.Up, At: known.At, Runs: known.Runs, Skipped: known.Skipped}
		if known.Runs > 0 {
			out.LastExit = known.Last.String()
		}
		st.Scripts = append(st.Scripts, out)
	}
	s.queries.last++
	id := s.queries.last
	q := &query{status: st, reply: reply}
	for _, c := range s.children {
		p := control.Process{Name: c.name, Since: c.since, Restarts: c.restarts}
		if c.cmd != nil {
			p.PID = c.cmd.Process.Pid
			q.waiting++
			s.send(c, message{Type: msgStatus, ID: id})
		}
		q.status.Processes = append(q.status.Processes, p)
	}
	if s.queries.open == nil {
		s.queries.open = make(map[uint64]*query)
	}
	s.queries.open[id] = q
	if q.waiting == 0 {
		s.queries.finish(id)
		return
	}
	time.AfterFunc(queryLimit, func() { s.post(func() { s.queries.finish(id) }) })
}
