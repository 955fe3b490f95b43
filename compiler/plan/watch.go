package plan

// Tracker ties an instance to something that changes its priority or makes it faulty.
type Tracker struct {
	Origin Origin
	// Name is that of the interface or of the definition.
	Name string
	// Weight is what counts (the line's own or the definition's); 0 makes a failure a fault.
	Weight  int
	Reverse bool
}

type jsonTracker struct {
	Origin  origin `json:"origin"`
	Name    text   `json:"name"`
	Weight  int    `json:"weight" jsonschema:"0 makes a failure a fault"`
	Reverse bool   `json:"reverse"`
}

func toTracker(t *Tracker) jsonTracker {
	return jsonTracker{Origin: toOrigin(t.Origin), Name: text(t.Name), Weight: t.Weight, Reverse: t.Reverse}
}

func (r *reader) tracker(path string, t *jsonTracker) Tracker {
	return Tracker{
		Origin: r.origin(path+".origin", t.Origin), Name: r.name(path+".name", t.Name),
		Weight: r.weight(path+".weight", t.Weight), Reverse: t.Reverse,
	}
}
