//go:build linux

package director

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLogLimit: a warning that repeats itself is said so many times, then how often it was not.
func TestLogLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		log := slog.New(limitLog(slog.NewTextHandler(&b, nil)))
		for range logBurst + 150 {
			log.With("instance", "VI_1").Warn("announce")
			log.Info("address")
		}
		log.Error("kernel")
		time.Sleep(logWindow) // of synctest's clock
		log.Info("later")
		for text, want := range map[string]int{
			"msg=announce": logBurst, "msg=address": logBurst + 150, "msg=kernel": 1, "msg=suppressed text=announce records=150": 1, "msg=suppressed": 1,
		} {
			if n := strings.Count(b.String(), text); n != want {
				t.Errorf("%q %d times, want %d", text, n, want)
			}
		}
	})
}
