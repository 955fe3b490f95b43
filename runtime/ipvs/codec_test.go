//go:build linux

package ipvs

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ka/compiler/effect"
)

type answer struct {
	text    string
	message []byte
}

// answers reads testdata/answers.txt: lines of ipvsadm -Sn, each followed by the kernel's message.
func answers(t testing.TB) []answer {
	f, err := os.Open("testdata/answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []answer
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "-"):
			out = append(out, answer{text: line})
		default:
			if out[len(out)-1].message, err = hex.DecodeString(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

func TestDecoderReadsCapturedAnswers(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Log("the captured messages are little-endian: nothing to compare here")
		return
	}
	var service effect.ServiceID
	for _, a := range answers(t) {
		var got effect.Object
		var err error
		if strings.HasPrefix(a.text, "-A") {
			var s effect.Service
			s, err = decodeService(a.message)
			got, service = s, s.ServiceID
		} else {
			got, err = decodeDestination(a.message, service)
		}
		if err != nil {
			t.Errorf("%s: %v", a.text, err)
		} else if got.String() != a.text {
			t.Errorf("got  %s\nwant %s", got, a.text)
		}
	}
}

func TestShortAnswersAreErrors(t *testing.T) {
	for _, a := range answers(t) {
		for n := range min(len(a.message), 60) {
			_, errService := decodeService(a.message[:n])
			_, errDestination := decodeDestination(a.message[:n], effect.ServiceID{})
			if errService == nil || errDestination == nil {
				t.Fatalf("%d bytes of %s were read", n, a.text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, a := range answers(f) {
		f.Add(a.message)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeService(b); err == nil {
			_ = s.String() + s.Key()
			if s.FirewallMark == 0 && !s.Address.IsValid() {
				t.Error("a service without an address")
			}
		}
		if d, err := decodeDestination(b, effect.ServiceID{FirewallMark: 1}); err == nil {
			_ = d.String() + d.Key()
			if !d.Address.IsValid() {
				t.Error("a destination without an address")
			}
		}
	})
}

func TestSchedulersAreFoundWithoutTouchingTheTable(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	loaded := write("modules", "ip_vs_rr 16384 1 - Live 0x0\nip_vs 1 2 ip_vs_rr, Live 0x0\n")
	write("modules.builtin", "kernel/net/netfilter/ipvs/ip_vs_sed.ko\n")
	write("modules.dep", "kernel/net/netfilter/ipvs/ip_vs_wlc.ko.zst: kernel/net/netfilter/ipvs/ip_vs.ko.zst\n")
	for name, want := range map[string]Availability{"rr": Loaded, "sed": Loaded, "wlc": Loadable, "nosuch": Missing, "": Missing, "../rr": Missing} {
		if got := hasScheduler(name, loaded, dir, []string{filepath.Join(dir, "none"), dir}); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	if got := hasScheduler("wlc", filepath.Join(dir, "none"), dir, nil); got != Unknown {
		t.Errorf("without any list: %s, want unknown", got)
	}
}
