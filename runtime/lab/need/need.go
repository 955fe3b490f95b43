// Package need says what a test needs of the machine. What is missing skips the test with a reason;
// with CI=true it fails instead, so that a skip never hides in a green run.
//
//	need.Root(t)
//	need.Program(t, "keepalived")
package need

import (
	"os"
	"os/exec"
	"testing"
)

// Missing skips the test for a reason, or fails it where CI=true. The reason is also appended to the
// file that KA_SKIPS names, from which "make test" prints its list.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if name := os.Getenv("KA_SKIPS"); name != "" {
		if f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			_, _ = f.WriteString(t.Name() + ": " + reason + "\n")
			_ = f.Close()
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("cannot run here: %s", reason)
	}
	t.Skip(reason)
}

// Root needs the rights to make network namespaces.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "needs root for network namespaces")
	}
}

// Program needs a program and returns its path; system directories are searched as well as PATH.
func Program(t testing.TB, name string) string {
	t.Helper()
	if p, err := exec.LookPath(name); err == nil {
		return p
	}
	for _, dir := range []string{"/usr/sbin/", "/sbin/", "/usr/bin/"} {
		if st, err := os.Stat(dir + name); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return dir + name
		}
	}
	Missing(t, "needs the program "+name)
	return ""
}

// UserNamespaces needs that somebody without rights may make a network of his own. It returns the words
// that run a command as nobody. The test must be root, to become nobody.
func UserNamespaces(t testing.TB) []string {
	t.Helper()
	Root(t)
	nobody := []string{Program(t, "setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"}
	try := append(nobody[:len(nobody):len(nobody)], Program(t, "unshare"), "-Urnm", "mount", "-t", "tmpfs", "none", "/mnt")
	if out, err := exec.Command(try[0], try[1:]...).CombinedOutput(); err != nil {
		Missing(t, "needs user namespaces for users without rights: "+string(out))
	}
	return nobody
}
