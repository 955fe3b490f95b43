// Package schema is the keyword table: the one place where the keywords of keepalived.conf, their
// arguments, ranges, defaults, versions and documentation are written, and the dead words that
// tutorials teach and keepalived does not read.
//
// The rows stand in the table_*.go files, one file a family of blocks; testdata/keywords.tsv holds the
// same facts in one flat file, and a test compares both ways. The package knows words and their
// grammar; it does not walk configurations, that is the work of lang/check.
//
//	ctx := schema.At("vrrp_instance")
//	k := ctx.Keyword("priority")                       // nil: no keyword of this block
//	used, problem := k.Spec().Match([]string{"300"})
//	if problem != nil {
//		fmt.Println(problem.Want())                    // a whole number from 1 to 255
//	}
//	near, ok := ctx.Nearest("prioritty")               // "priority", true
//	blocks := schema.BlocksWith("nopreempt")           // ["vrrp_instance"]
//	dead, ok := schema.Dead("virtual_server", "nat_mask")
package schema
