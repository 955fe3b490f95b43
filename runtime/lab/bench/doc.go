// Package bench measures karun beside keepalived: the same configuration, each on a wire of its own, in one
// run ("make bench"). It holds benchmarks only.
//
// Two nodes of one daemon make a duel. Adverts are read where the host's cable meets the bridge, with the
// kernel's time stamps; neither daemon is asked. A row reports both daemons' figures and what they say of
// each other; nothing here fails for being slow.
//
//	go test ./runtime/lab/bench -run '^$' -bench Failover -benchtime 1x
package bench
