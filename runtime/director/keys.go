//go:build linux

package director

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"ka/compiler/plan"
)

// The bounds of a key of signatures, in bytes, and of a file with one: keepalived's (reference vrrp 1.7).
const (
	minKey     = 32
	maxKey     = 64
	maxKeyFile = 4 + 2*maxKey + 7
)

// keyHex begins a key in hexadecimal digits.
var keyHex = []byte("hex:")

// eachKeyFile visits the keys of signatures that stand in files.
func eachKeyFile(p *plan.Plan, visit func(*plan.Instance, *plan.HMACKey)) {
	for i := range p.Instances {
		in := &p.Instances[i]
		if in.HMAC == nil {
			continue
		}
		for k := range in.HMAC.Keys {
			if in.HMAC.Keys[k].File != "" {
				visit(in, &in.HMAC.Keys[k])
			}
		}
	}
}

// badKeys lists the keys in files that are none. A file that is not there is a need, and named by it.
func badKeys(p *plan.Plan, m machine) []problem {
	var out []problem
	eachKeyFile(p, func(in *plan.Instance, k *plan.HMACKey) {
		if m.readable(k.File) != nil {
			return
		}
		if _, err := m.key(k.File); err != nil {
			name := in.Name
			out = append(out, problem{at(k.Origin) + fmt.Sprintf("instance %q: key %d in %q %v", name, k.ID, k.File, err), func(p *plan.Plan) {
				p.Instances = slices.DeleteFunc(slices.Clone(p.Instances), func(in plan.Instance) bool { return in.Name == name })
			}})
		}
	})
	return out
}

// withKeys returns a copy of p that holds the keys in place of the names of their files: what the vrrp
// process gets, which reads no files. The plan of the supervisor, its journal and its messages hold the
// names alone.
func withKeys(p *plan.Plan, key func(file string) (string, error)) (*plan.Plan, error) {
	q := *p
	q.Instances = slices.Clone(p.Instances)
	for i := range q.Instances {
		if h := q.Instances[i].HMAC; h != nil {
			settings := *h
			settings.Keys = slices.Clone(h.Keys)
			q.Instances[i].HMAC = &settings
		}
	}
	var failed error
	eachKeyFile(&q, func(in *plan.Instance, k *plan.HMACKey) {
		secret, err := key(k.File)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("instance %q: key %d in %q %w", in.Name, k.ID, k.File, err))
		}
		k.Secret, k.File = secret, ""
	})
	return &q, failed
}

// readKey reads a file with a key: text, or digits behind "hex:". Ends of lines behind it do not count.
func readKey(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", errors.New("cannot be read")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return "", errors.New("cannot be read")
	}
	if len(data) > maxKeyFile {
		return "", fmt.Errorf("is longer than %d bytes", maxKeyFile)
	}
	return decodeKey(data)
}

// decodeKey decodes the contents of a file. Nothing of it is in the error.
func decodeKey(data []byte) (string, error) {
	data = bytes.TrimRight(data, "\r\n")
	if digits, ok := bytes.CutPrefix(data, keyHex); ok {
		data = make([]byte, hex.DecodedLen(len(digits)))
		if _, err := hex.Decode(data, digits); err != nil {
			return "", errors.New("is not made of pairs of hexadecimal digits")
		}
	} else if end := bytes.IndexByte(data, 0); end >= 0 {
		data = data[:end]
	}
	if n := len(data); n < minKey || n > maxKey {
		return "", fmt.Errorf("has %d bytes, %d to %d are allowed", n, minKey, maxKey)
	}
	return string(data), nil
}

// warnOpenKeys warns of keys that others may read.
func warnOpenKeys(p *plan.Plan, log *slog.Logger) {
	eachKeyFile(p, func(in *plan.Instance, k *plan.HMACKey) {
		if st, err := os.Stat(k.File); err == nil && st.Mode().Perm()&0o077 != 0 {
			log.Warn("key-readable", "instance", in.Name, "key", k.ID, "file", k.File, "cause", "the group or others may read it")
		}
	})
}
