// Package bench holds the benchmarks of the commands as whole processes, beside keepalived -t on the same
// files in the same run ("make bench"). It holds tests only; one of them bounds what the commands allocate.
//
// Each round runs kalint, kac build and keepalived -t in turn, so that a machine that slows down slows
// all of them. The figures are medians of the rounds; peak memory is the kernel's account of the ended
// process and never below that of the benchmark's own process, from which it was started.
package bench
