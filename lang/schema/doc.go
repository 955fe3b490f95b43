// Package schema is the keyword table: the one place where the keywords of keepalived.conf, their
// arguments, ranges, defaults, versions and documentation are written, and the dead words that
// tutorials teach and keepalived does not read.
package schema
