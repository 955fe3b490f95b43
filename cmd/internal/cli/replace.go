package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile puts data into a file with the given mode: a temporary file beside it, then a rename, so
// that a reader sees the old text or the new one and never half of one.
func WriteFile(name string, data []byte, mode os.FileMode) error {
	return WriteFileWith(name, mode, whole(data))
}

// WriteFileWith is WriteFile for a text that a function writes, perhaps in pieces.
func WriteFileWith(name string, mode os.FileMode, text func(io.Writer) error) error {
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		return fmt.Errorf("cannot write %q: is a directory", name)
	}
	return writeError(name, write(name, text, mode, nil))
}

// whole writes data at once.
func whole(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// ReplaceFile puts data in the place of old, which is what was read before. Mode, owner and symbolic
// links stay; a file that was changed since is an error.
func ReplaceFile(name string, old, data []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return PlainError(err)
	}
	now, err := os.ReadFile(target)
	if err != nil {
		return PlainError(err)
	}
	if !bytes.Equal(now, old) {
		return fmt.Errorf("cannot write %q: it was changed while it was read", name)
	}
	st, err := os.Stat(target)
	if err != nil {
		return PlainError(err)
	}
	return writeError(name, write(target, whole(data), st.Mode().Perm(), st))
}

// writeError says "cannot write FILE: reason" without the name of the temporary file.
func writeError(name string, err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot write %q: %w", name, err)
}

// write makes the new file; like gives the owner, nil leaves it to the system.
func write(name string, text func(io.Writer) error, mode os.FileMode, like os.FileInfo) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".ka-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if err = text(tmp); err != nil {
		return err
	}
	if like != nil {
		if err = keepOwner(tmp.Name(), like); err != nil {
			return err
		}
	}
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
