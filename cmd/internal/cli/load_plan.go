package cli

import (
	"bytes"
	"fmt"
	"path/filepath"

	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/source"
)

// IsPlan tells a plan from a configuration: by the name, or by a brace in front, with which no
// configuration begins.
func IsPlan(f *source.File) bool {
	return filepath.Ext(f.Name) == ".json" || bytes.HasPrefix(bytes.TrimLeft(f.Data, " \t\r\n"), []byte("{"))
}

// DecodePlan reads a plan. The error names the file, help says what to do about it.
func DecodePlan(f *source.File) (p *plan.Plan, help string, err error) {
	if p, err = plan.Decode(f.Data); err != nil {
		return nil, fmt.Sprintf("build it again with this release: kac build FILE -o %s", f.Name), fmt.Errorf("%s: %w", f.Name, err)
	}
	return p, "", nil
}

// Compile reads and compiles a configuration. The findings are those of both, sorted; refused says that
// because of them there is no plan.
func Compile(io IO, f *source.File, env TextEnv, asKeepalived bool) (p *plan.Plan, list diag.List, refused bool) {
	node := ParseNode(io, f, env)
	opt := compiler.Options{AsKeepalived: asKeepalived}
	p, list = compiler.Compile(node.Tree, node.Environment(), opt)
	list = append(node.Diags[:len(node.Diags):len(node.Diags)], list...)
	list.Sort()
	return p, list, compiler.Refused(list, opt)
}
