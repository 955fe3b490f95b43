// Package kw names the words of the keyword table as constants, so that no keyword stands as a literal
// outside lang/schema.
//
// The constants are made from the table by the package's test: a new row there, then
//
//	go test ./lang/schema/kw -update
//
// and kw.VirtualRouterID is "virtual_router_id". The package knows nothing else of the words; that is
// in lang/schema.
package kw
