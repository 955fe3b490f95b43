//go:build unix

package cli

import (
	"os"
	"syscall"
)

// keepOwner gives a new file the owner of the old one.
func keepOwner(name string, like os.FileInfo) error {
	old, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	st, err := os.Stat(name)
	if err != nil {
		return err
	}
	if now, ok := st.Sys().(*syscall.Stat_t); ok && now.Uid == old.Uid && now.Gid == old.Gid {
		return nil
	}
	return os.Chown(name, int(old.Uid), int(old.Gid))
}
