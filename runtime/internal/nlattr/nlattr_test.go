package nlattr_test

import (
	"errors"
	"testing"

	"ka/runtime/internal/nlattr"
)

func TestEachWalksPaddedAttributes(t *testing.T) {
	// Two attributes: type 3 with 1 byte and padding, type 1|NESTED with 4 bytes, the last unpadded.
	b := []byte{5, 0, 3, 0, 'x', 0, 0, 0, 8, 0, 1, 0x80, 1, 2, 3, 4}
	var kinds []uint16
	err := nlattr.Each(b, func(kind uint16, v []byte) error { kinds = append(kinds, kind); return nil })
	if err != nil || len(kinds) != 2 || kinds[0] != 3 || kinds[1] != 1 {
		t.Fatalf("kinds %v, error %v", kinds, err)
	}
	for _, bad := range [][]byte{{3, 0, 0, 0}, {9, 0, 0, 0, 1}} {
		if err := nlattr.Each(bad, func(uint16, []byte) error { return nil }); !errors.Is(err, nlattr.ErrShort) {
			t.Errorf("%v: error %v, want ErrShort", bad, err)
		}
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte{5, 0, 3, 0, 'x', 0, 0, 0, 8, 0, 1, 0x80, 1, 2, 3, 4})
	f.Add([]byte{5, 0, 3, 0, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		_ = nlattr.Each(b, func(_ uint16, v []byte) error {
			total += len(v) + 4
			_, _ = nlattr.Uint8(v)
			_, _ = nlattr.Uint16(v)
			_, _ = nlattr.Uint32(v)
			_, _ = nlattr.Port(v)
			_, _ = nlattr.Addr(v)
			_ = nlattr.String(v)
			return nil
		})
		if total > len(b) {
			t.Fatalf("read %d bytes of %d", total, len(b))
		}
	})
}
