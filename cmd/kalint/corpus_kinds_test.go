package main

import "regexp"

// unplacedKind is a message of keepalived that names no line: how it reads, the block that it is about
// (NAME is what it names; "" is the file), and the rules whose finding in that block says the same or the
// reason of it.
type unplacedKind struct {
	text  *regexp.Regexp
	head  string
	rules []string
}

// residue are the rules about text that nobody filled in: what it leaves unset follows from it.
var residue = []string{"template-residue", "not-configuration", "invalid-value", "unexpected-brace"}

var unplacedKinds = []unplacedKind{
	{regexp.MustCompile(`^\((\S+)\) Ignoring track_interface`), `^vrrp_instance\s+NAME\b`, []string{"track-own-interface"}},
	{regexp.MustCompile(`^\((\S+)\) Warning - nopreempt`), `^vrrp_instance\s+NAME\b`, []string{"nopreempt-ignored"}},
	{regexp.MustCompile(`^\((\S+)\) Warning - preempt delay`), `^vrrp_instance\s+NAME\b`, []string{"preempt-delay-ignored"}},
	{regexp.MustCompile(`^\((\S+)\) No VIP`), `^vrrp_instance\s+NAME`, append([]string{"vip-missing", "missing-keyword"}, residue...)},
	{regexp.MustCompile(`^\((\S+)\) the virtual router id`), `^vrrp_instance\s+NAME`, append([]string{"missing-keyword"}, residue...)},
	{regexp.MustCompile(`^\((\S+)\) A unicast keyword`), `^vrrp_instance\s+NAME`, append([]string{"unicast-empty"}, residue...)},
	{regexp.MustCompile(`^\((\S+)\) ignoring tracked script`), `^vrrp_instance\s+NAME\b`, []string{"group-weight-ignored"}},
	{regexp.MustCompile(`^\((\S+)\) Specifying lvs_sync`), `^vrrp_instance\s+NAME\b`, []string{"deprecated-keyword"}},
	{regexp.MustCompile(`^Sync group (\S+) has only 1`), `^vrrp_sync_group\s+NAME\b`, []string{"single-member-group"}},
	{regexp.MustCompile(`^Sync group (\S+), no matching`), `^vrrp_sync_group\s+NAME\b`, []string{"undefined-reference"}},
	{regexp.MustCompile(`^Virtual server \[([0-9.]+)\]\S*: no forwarding`), `^virtual_server\s+NAME\b`, []string{"method-missing", "invalid-value"}},
	{regexp.MustCompile(`^Virtual server \[([0-9.]+)\]\S*: no scheduler`), `^virtual_server\s+NAME\b`, []string{"scheduler-missing", "invalid-value"}},
	{regexp.MustCompile(`Virtual server FWM (\d+): protocol`), `^virtual_server\s+fwmark\s+NAME\b`, []string{"setting-ignored"}},
	{regexp.MustCompile(`^There are (\d+) missing`), "", []string{"unclosed-block", "unexpected-brace", "template-residue"}},
	{regexp.MustCompile(`^Extra '(})'`), "", []string{"unexpected-brace"}},
}
