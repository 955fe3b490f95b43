package plan

import (
	"math"
	"net/netip"
	"time"
)

// Trackables are what instances and sync groups watch, beside scripts and interfaces.
type Trackables struct {
	Files     []TrackFile
	Processes []TrackProcess
	BFD       []BFDInstance
}

// Watch is how much something that is watched counts, unless the one that watches it says otherwise.
type Watch struct {
	// Weight is added to the priority; 0 makes a failure a fault.
	Weight  int
	Reverse bool
}

// TrackFile is a track_file: the number in it times the weight is added to the priority (reference vrrp 7.3).
type TrackFile struct {
	Origin Origin
	Name   string
	Path   string
	Watch  Watch
	// Init is what is written into the file at the start; nil: nothing.
	Init *FileInit
}

// FileInit is the value that a file begins with.
type FileInit struct {
	Value int
	// Overwrite writes it even where the file is there.
	Overwrite bool
}

// ProcessMatch says how the words of a process are compared.
type ProcessMatch string

// The ways: its name only; all words; words that begin with the ones given, of which the last may go on; the
// first words.
const (
	MatchName    ProcessMatch = "name"
	MatchExact   ProcessMatch = "exact"
	MatchInitial ProcessMatch = "initial"
	MatchPartial ProcessMatch = "partial"
)

// TrackProcess is a vrrp_track_process (reference vrrp 7.4).
type TrackProcess struct {
	Origin Origin
	Name   string
	// Command is the program, Parameters the words behind it that are compared.
	Command    string
	Parameters []string
	// FullCommand compares the command line, not the name that the kernel keeps of it (15 bytes).
	FullCommand bool
	Match       ProcessMatch
	Watch       Watch
	// Quorum is how many processes must be there; QuorumMax how many at most, nil: any number.
	Quorum    uint16
	QuorumMax *uint16
	// ForkDelay and TerminateDelay are how long a gained or lost quorum must last before it counts.
	ForkDelay, TerminateDelay time.Duration
}

// BFDInstance is a bfd_instance (RFC 5880; reference vrrp 7.5).
type BFDInstance struct {
	Origin   Origin
	Name     string
	Neighbor netip.Addr
	// Source is not valid where the kernel chooses it.
	Source netip.Addr
	// MinRx and MinTx are the shortest times between packets that are received and sent, IdleTx the time
	// between packets while the session is down.
	MinRx, MinTx, IdleTx time.Duration
	// Multiplier is how many packets may be missing.
	Multiplier uint8
	// Passive waits for the neighbour to begin.
	Passive bool
	// TTL is that of packets that are sent (IPv6: hop limit); MaxHops how many routers a received packet
	// may have passed, -1 for any number.
	TTL     uint8
	MaxHops int
	// Multihop uses the port of RFC 5883, 4784.
	Multihop bool
	Watch    Watch
	// VRRP and Checker say which processes are told.
	VRRP, Checker bool
}

type jsonTrackables struct {
	Files     []jsonTrackFile    `json:"track_files,omitempty" jsonschema:"files with a number that counts"`
	Processes []jsonTrackProcess `json:"track_processes,omitempty" jsonschema:"processes that must run"`
	BFD       []jsonBFDInstance  `json:"bfd_instances,omitempty" jsonschema:"BFD sessions"`
}

type jsonTrackFile struct {
	Origin    origin `json:"origin"`
	Name      text   `json:"name"`
	Path      text   `json:"path"`
	Weight    int    `json:"weight" jsonschema:"0 makes any number but 0 a fault"`
	Reverse   bool   `json:"reverse"`
	InitValue *int   `json:"init_value,omitempty" jsonschema:"written at the start where the file is not there"`
	Overwrite bool   `json:"overwrite,omitempty" jsonschema:"init_value is written in any case"`
}

type jsonTrackProcess struct {
	Origin           origin  `json:"origin"`
	Name             text    `json:"name"`
	Command          text    `json:"command"`
	Parameters       []text  `json:"parameters,omitempty"`
	FullCommand      bool    `json:"full_command"`
	Match            string  `json:"match" jsonschema:"name, exact, initial or partial"`
	Weight           int     `json:"weight" jsonschema:"0 makes a missing quorum a fault"`
	Reverse          bool    `json:"reverse"`
	Quorum           int     `json:"quorum"`
	QuorumMax        *uint16 `json:"quorum_max,omitempty" jsonschema:"absent: any number"`
	ForkDelayUs      int64   `json:"fork_delay_us"`
	TerminateDelayUs int64   `json:"terminate_delay_us"`
}

type jsonBFDInstance struct {
	Origin     origin   `json:"origin"`
	Name       text     `json:"name"`
	Neighbor   addrText `json:"neighbor"`
	Source     addrText `json:"source,omitempty"`
	MinRxUs    int64    `json:"min_rx_us"`
	MinTxUs    int64    `json:"min_tx_us"`
	IdleTxUs   int64    `json:"idle_tx_us"`
	Multiplier int      `json:"multiplier"`
	Passive    bool     `json:"passive"`
	TTL        int      `json:"ttl"`
	MaxHops    int      `json:"max_hops" jsonschema:"-1 is any number"`
	Multihop   bool     `json:"multihop"`
	Weight     int      `json:"weight" jsonschema:"0 makes a lost session a fault"`
	Reverse    bool     `json:"reverse"`
	VRRP       bool     `json:"vrrp" jsonschema:"VRRP is told"`
	Checker    bool     `json:"checker" jsonschema:"health checks are told"`
}

func toTrackables(t *Trackables) jsonTrackables {
	return jsonTrackables{
		Files: each(t.Files, toTrackFile), Processes: each(t.Processes, toTrackProcess), BFD: each(t.BFD, toBFDInstance),
	}
}

func toTrackFile(f *TrackFile) jsonTrackFile {
	out := jsonTrackFile{
		Origin: toOrigin(f.Origin), Name: text(f.Name), Path: text(f.Path), Weight: f.Watch.Weight, Reverse: f.Watch.Reverse,
	}
	if f.Init != nil {
		value := f.Init.Value
		out.InitValue, out.Overwrite = &value, f.Init.Overwrite
	}
	return out
}

func toTrackProcess(p *TrackProcess) jsonTrackProcess {
	return jsonTrackProcess{
		Origin: toOrigin(p.Origin), Name: text(p.Name), Command: text(p.Command), Parameters: texts(p.Parameters),
		FullCommand: p.FullCommand, Match: string(p.Match), Weight: p.Watch.Weight, Reverse: p.Watch.Reverse,
		Quorum: int(p.Quorum), QuorumMax: p.QuorumMax,
		ForkDelayUs: p.ForkDelay.Microseconds(), TerminateDelayUs: p.TerminateDelay.Microseconds(),
	}
}

func toBFDInstance(b *BFDInstance) jsonBFDInstance {
	return jsonBFDInstance{
		Origin: toOrigin(b.Origin), Name: text(b.Name), Neighbor: toAddr(b.Neighbor), Source: toAddr(b.Source),
		MinRxUs: b.MinRx.Microseconds(), MinTxUs: b.MinTx.Microseconds(), IdleTxUs: b.IdleTx.Microseconds(),
		Multiplier: int(b.Multiplier), Passive: b.Passive, TTL: int(b.TTL), MaxHops: b.MaxHops, Multihop: b.Multihop,
		Weight: b.Watch.Weight, Reverse: b.Watch.Reverse, VRRP: b.VRRP, Checker: b.Checker,
	}
}

func (r *reader) trackables(t *jsonTrackables) Trackables {
	return Trackables{
		Files:     read(r, "track_files", t.Files, maxEntries, r.trackFile),
		Processes: read(r, "track_processes", t.Processes, maxEntries, r.trackProcess),
		BFD:       read(r, "bfd_instances", t.BFD, maxEntries, r.bfdInstance),
	}
}

func (r *reader) trackFile(path string, f *jsonTrackFile) TrackFile {
	out := TrackFile{
		Origin: r.origin(path+".origin", f.Origin), Name: r.name(path+".name", f.Name), Path: r.name(path+".path", f.Path),
		Watch: Watch{Weight: r.weight(path+".weight", f.Weight), Reverse: f.Reverse},
	}
	if f.InitValue != nil {
		out.Init = &FileInit{Value: *f.InitValue, Overwrite: f.Overwrite}
	}
	return out
}

func (r *reader) trackProcess(path string, p *jsonTrackProcess) TrackProcess {
	match := ProcessMatch(p.Match)
	switch match {
	case MatchName, MatchExact, MatchInitial, MatchPartial:
	default:
		r.fail(path+".match", "%q is not name, exact, initial or partial", p.Match)
	}
	return TrackProcess{
		Origin: r.origin(path+".origin", p.Origin), Name: r.name(path+".name", p.Name),
		Command: r.name(path+".command", p.Command), Parameters: r.words(path+".parameters", p.Parameters, maxWords),
		FullCommand: p.FullCommand, Match: match,
		Watch:  Watch{Weight: r.weight(path+".weight", p.Weight), Reverse: p.Reverse},
		Quorum: uint16(r.number(path+".quorum", int64(p.Quorum), 0, math.MaxUint16)), QuorumMax: p.QuorumMax,
		ForkDelay:      r.duration(path+".fork_delay_us", p.ForkDelayUs, time.Microsecond),
		TerminateDelay: r.duration(path+".terminate_delay_us", p.TerminateDelayUs, time.Microsecond),
	}
}

func (r *reader) bfdInstance(path string, b *jsonBFDInstance) BFDInstance {
	out := BFDInstance{
		Origin: r.origin(path+".origin", b.Origin), Name: r.name(path+".name", b.Name),
		Neighbor: r.addr(path+".neighbor", b.Neighbor, true), Source: r.addr(path+".source", b.Source, false),
		MinRx:      r.duration(path+".min_rx_us", b.MinRxUs, time.Microsecond),
		MinTx:      r.duration(path+".min_tx_us", b.MinTxUs, time.Microsecond),
		IdleTx:     r.duration(path+".idle_tx_us", b.IdleTxUs, time.Microsecond),
		Multiplier: uint8(r.number(path+".multiplier", int64(b.Multiplier), 1, math.MaxUint8)), Passive: b.Passive,
		TTL:     uint8(r.number(path+".ttl", int64(b.TTL), 1, math.MaxUint8)),
		MaxHops: int(r.number(path+".max_hops", int64(b.MaxHops), -1, math.MaxUint8)), Multihop: b.Multihop,
		Watch: Watch{Weight: r.weight(path+".weight", b.Weight), Reverse: b.Reverse}, VRRP: b.VRRP, Checker: b.Checker,
	}
	if out.Source.IsValid() && out.Source.Is4() != out.Neighbor.Is4() {
		r.fail(path, "addresses of both families")
	}
	return out
}
