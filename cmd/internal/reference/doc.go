// Package reference writes the pages of docs/reference from the keyword table: one page a block, one for
// the flags of the top level, one for the text level, one for keepalived's own checks, and an index. The
// examples of the pages are files of this package; its tests read, check and compile them.
//
//	pages := reference.Pages()                     // "vrrp_instance.md": "# vrrp_instance\n…"
//	text := reference.ChecksPage(tsv, linkToRule)  // testdata/err/checks.tsv as a page
//
// It writes no file: its test holds docs/reference against the pages, and -update writes them.
package reference
