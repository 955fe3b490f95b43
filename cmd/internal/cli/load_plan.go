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

// IsPlan tells a plan from a configuration: by the name, or by what JSON begins with. Templates of configurations
// may begin with a brace, too.
func IsPlan(f *source.File) bool {
	const blanks = " \t\r\n"
	object, ok := bytes.CutPrefix(bytes.TrimLeft(f.Data, blanks), []byte("{"))
	return filepath.Ext(f.Name) == ".json" || ok && bytes.HasPrefix(bytes.TrimLeft(object, blanks), []byte(`"`))
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
