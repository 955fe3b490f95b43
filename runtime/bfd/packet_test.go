package bfd

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"
)

// sample is a packet of keepalived 2.2.7 whose session is up: min_tx and min_rx 100 ms, multiplier 3.
const sample = "20c003182f1c9a04000103e7000186a0000186a000000000"

func TestParse(t *testing.T) {
	b, _ := hex.DecodeString(sample)
	p, err := Parse(b)
	want := Packet{State: Up, DetectMultiplier: 3, MyDiscriminator: 0x2f1c9a04, YourDiscriminator: 0x000103e7,
		DesiredMinTx: 100 * time.Millisecond, RequiredMinRx: 100 * time.Millisecond}
	if err != nil || p != want {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := hex.EncodeToString(p.AppendBinary(nil)); got != sample {
		t.Errorf("written: %s", got)
	}
	if _, err := Parse(append(b, 0, 0)); err != nil {
		t.Errorf("with something behind it: %v", err)
	}
	for _, tt := range []struct {
		at   int
		to   byte
		want error
	}{
		{0, 0x40, ErrVersion}, {3, 23, ErrLength}, {3, 25, ErrLength}, {1, 0xc4, ErrLength}, {2, 0, ErrMultiplier},
		{1, 0xc1, ErrMultipoint}, {1, 0xf0, ErrPollAndFinal},
	} {
		c := append([]byte(nil), b...)
		c[tt.at] = tt.to
		if _, err := Parse(c); !errors.Is(err, tt.want) {
			t.Errorf("byte %d is %#x: %v, want %v", tt.at, tt.to, err, tt.want)
		}
	}
	c := append([]byte(nil), b...)
	clear(c[4:8])
	if _, err := Parse(c); !errors.Is(err, ErrMyDiscriminator) {
		t.Error(err)
	}
	c = append([]byte(nil), b...)
	clear(c[8:12])
	if _, err := Parse(c); !errors.Is(err, ErrDiscriminator) {
		t.Error(err)
	}
	if _, err := Parse(b[:23]); !errors.Is(err, ErrTooShort) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	b, _ := hex.DecodeString(sample)
	f.Add(b)
	f.Add(b[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil || p.Auth {
			return
		}
		again, err := Parse(p.AppendBinary(nil))
		if err != nil || again != p {
			t.Errorf("%+v became %+v, %v", p, again, err)
		}
	})
}
