//go:build linux

package karun

import (
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// dumpSignals make keepalived write its state into files: SIGUSR1, SIGUSR2, SIGRTMIN+2 (JSON) and SIGRTMAX-1
// (reference vrrp 14). Without a handler each of them would end karun.
var dumpSignals = []os.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.Signal(36), syscall.Signal(63)}

// explainSignals says what to do in place of a signal that keepalived's tools send. The function that it
// returns gives the signals back.
func explainSignals(log *slog.Logger) (restore func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, dumpSignals...)
	go func() {
		for {
			select {
			case s := <-signals:
				log.Warn("nothing is written at a signal; ask \"karun status --format json\"", "signal", s.String())
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
