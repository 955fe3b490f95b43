//go:build linux

package director

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// journalName is the journal's name in the run directory; journalVersion that of its format.
const (
	journalName    = "journal.json"
	journalVersion = 1
	// maxJournal bounds what is read, in bytes.
	maxJournal = 256 << 20
)

// journal names everything that a plan may ever add to the kernel, less what was there before. It is
// on disk before the first change, so that whatever happens, the next start or a cleanup knows what
// to remove.
type journal struct {
	Version int `json:"version"`
	// Namespace is the network namespace, Boot the kernel's boot: in another one the objects are gone.
	Namespace uint64 `json:"namespace"`
	Boot      string `json:"boot"`
	Node      string `json:"node"`

	Links        []effect.Link        `json:"links,omitempty"`
	Sysctls      []effect.Sysctl      `json:"sysctls,omitempty"`
	Tables       []effect.Table       `json:"tables,omitempty"`
	Addresses    []effect.Address     `json:"addresses"`
	Routes       []effect.Route       `json:"routes"`
	Rules        []effect.Rule        `json:"rules,omitempty"`
	Services     []effect.Service     `json:"services"`
	Destinations []effect.Destination `json:"destinations"`
	// FIFOs are those for notifications that were not there before.
	FIFOs []string `json:"fifos,omitempty"`
}

// objects lists what the journal names.
func (j *journal) objects() []effect.Object {
	var out []effect.Object
	for _, o := range j.Links {
		out = append(out, o)
	}
	for _, o := range j.Sysctls {
		out = append(out, o)
	}
	for _, o := range j.Tables {
		out = append(out, o)
	}
	for _, o := range j.Addresses {
		out = append(out, o)
	}
	for _, o := range j.Routes {
		out = append(out, o)
	}
	for _, o := range j.Rules {
		out = append(out, o)
	}
	for _, o := range j.Services {
		out = append(out, o)
	}
	for _, o := range j.Destinations {
		out = append(out, o)
	}
	return out
}

// byKey gives what the journal names by key. An IPv6 route with several next hops that the machine does not have as it
// is stands there in its parts: the kernel puts those of all routes to one destination together.
func (j *journal) byKey(have []effect.Object) map[string]effect.Object {
	there := make(map[string]bool, len(have))
	for _, o := range have {
		there[o.Key()] = true
	}
	out := make(map[string]effect.Object)
	for _, o := range j.objects() {
		out[o.Key()] = o
		if there[o.Key()] {
			continue
		}
		for _, part := range singlesOf(o) {
			out[part.Key()] = part
		}
	}
	return out
}

// add takes an object in.
func (j *journal) add(o effect.Object) {
	switch o := o.(type) {
	case effect.Wanted:
		j.add(o.Object)
	case effect.Link:
		j.Links = append(j.Links, o)
	case effect.Sysctl:
		// One that nobody has read says nothing about what to put back.
		if o.Before != "" {
			j.Sysctls = append(j.Sysctls, o)
		}
	case effect.Table:
		j.Tables = append(j.Tables, o)
	case effect.Address:
		j.Addresses = append(j.Addresses, o)
	case effect.Route:
		j.Routes = append(j.Routes, o)
	case effect.Rule:
		j.Rules = append(j.Rules, o)
	case effect.Service:
		j.Services = append(j.Services, o)
	case effect.Destination:
		j.Destinations = append(j.Destinations, o)
	}
}

// keysOf are the keys of objects.
func keysOf(objects []effect.Object) []string {
	out := make([]string, len(objects))
	for i, o := range objects {
		out[i] = o.Key()
	}
	return out
}

// naming gives a journal of the same run that names other objects, each once.
func (j *journal) naming(objects []effect.Object) journal {
	next := journal{Version: j.Version, Namespace: j.Namespace, Boot: j.Boot, Node: j.Node}
	named := make(map[string]bool, len(objects))
	for _, o := range objects {
		if !named[o.Key()] {
			named[o.Key()] = true
			next.add(o)
		}
	}
	return next
}

// readJournal reads the journal of a run directory; nil where there is none.
func readJournal(dir string) (*journal, error) {
	name := filepath.Join(dir, journalName)
	st, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if st.Size() > maxJournal {
		return nil, fmt.Errorf("journal %q has %d bytes, %d are allowed", name, st.Size(), maxJournal)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	j, err := parseJournal(data)
	if err != nil {
		return nil, fmt.Errorf("journal %q: %w\nhelp: look for what is left with \"ip address show proto %d\" and \"ip route show proto %d\", then remove the file",
			name, err, effect.ProtocolKeepalived, effect.ProtocolKeepalived)
	}
	return j, nil
}

func parseJournal(data []byte) (*journal, error) {
	var j journal
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, errors.New("it is damaged, or cut off")
	}
	if j.Version != journalVersion {
		return nil, fmt.Errorf("version %d, this release reads %d: run \"karun cleanup\" of the release that wrote it", j.Version, journalVersion)
	}
	return &j, nil
}

func (j *journal) encode() ([]byte, error) { return json.MarshalIndent(j, "", " ") }

// write puts the journal into dir: whole, or not at all, and on the disk when it returns.
func (j *journal) write(dir string) error {
	data, err := j.encode()
	if err != nil {
		return err
	}
	name := filepath.Join(dir, journalName)
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		_ = os.Remove(name + ".new") // on a full disk half a file is in the way of the next one
		return fmt.Errorf("journal: %w", err)
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// remove deletes the journal.
func removeJournal(dir string) error {
	err := os.Remove(filepath.Join(dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// inventory is what a start found, and what follows from it.
type inventory struct {
	// leftovers are objects that an earlier run left: they are removed first.
	leftovers []effect.Object
	// kept are the objects of the plan that were there before and stay.
	kept []effect.Object
	// journal is the new one.
	journal journal
}

// takeInventory compares what is there with the plan and the journal before (nil for none). An object
// of the journal is a leftover. One that only the plan names was there before and is kept, unless it
// bears keepalived's protocol number: then a keepalived or karun without a journal left it.
func takeInventory(p *plan.Plan, before *journal, have []effect.Object) inventory {
	var inv inventory
	old := make(map[string]effect.Object)
	if before != nil {
		old = before.byKey(have)
	}
	may := effect.All(p)
	planned := make(map[string]effect.Object, len(may))
	for _, w := range may {
		planned[w.Key()] = w.Object
	}
	kept := make(map[string]bool)
	for _, h := range have {
		k := h.Key()
		switch {
		case old[k] != nil && !foreign(old[k], h), planned[k] != nil && marked(planned[k], h):
			inv.leftovers = append(inv.leftovers, h)
		case planned[k] != nil:
			kept[k] = true
			inv.kept = append(inv.kept, h)
		}
	}
	inv.journal = journal{Version: journalVersion, Node: p.Node}
	inJournal := make(map[string]bool)
	for _, w := range may {
		// A setting is named with what it was before: by who has set it, or when it is.
		if !kept[w.Key()] && w.Kind() != effect.KindSysctl {
			inv.journal.add(w.Object)
			inJournal[w.Key()] = true
		}
	}
	// Until they are known to be gone, leftovers of another plan stay in the journal.
	for _, h := range inv.leftovers {
		if !inJournal[h.Key()] {
			inv.journal.add(h)
		}
	}
	return inv
}

// foreign reports whether the object says of itself that somebody else added it than who wrote the journal:
// an administrator may have added what the journal names while it was not there. Addresses say nothing on
// kernels before 5.18; an interface says it by being another one, a table by what is in it. Routes and rules
// bear the protocol number that the text gives them.
func foreign(ours, o effect.Object) bool {
	protocol, says := protocolOf(o)
	switch o := o.(type) {
	case effect.Link:
		return !ours.Equal(o)
	case effect.Table:
		return o.Foreign
	}
	own, _ := protocolOf(ours)
	return says && protocol != own
}

// marked reports whether the object says of itself that keepalived or karun added it. An interface that is
// just as the plan wants it, virtual MAC and all, is nobody else's; nor is a table with keepalived's chains.
func marked(wanted, o effect.Object) bool {
	switch o := o.(type) {
	case effect.Link:
		return wanted.Equal(o)
	case effect.Table:
		return !o.Foreign
	}
	protocol, says := protocolOf(o)
	return says && protocol == effect.ProtocolKeepalived
}

// protocolOf is who added the object by its own words; false where it does not say.
func protocolOf(o effect.Object) (protocol uint8, says bool) {
	switch o := o.(type) {
	case effect.Address:
		return o.Protocol, o.Protocol != 0
	case effect.Route:
		return o.Protocol, true
	case effect.Rule:
		return o.Protocol, true
	}
	return 0, false
}
