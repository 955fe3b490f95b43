//go:build unix

package kalint

import (
	"os"
	"syscall"
)

// keepOwner gives a new file the owner of the old one, as far as the user may.
func keepOwner(name string, st os.FileInfo) error {
	old, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	now, err := os.Stat(name)
	if err != nil {
		return err
	}
	if have, ok := now.Sys().(*syscall.Stat_t); ok && have.Uid == old.Uid && have.Gid == old.Gid {
		return nil
	}
	return os.Chown(name, int(old.Uid), int(old.Gid))
}
