package compiler

import (
	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/syntax"
)

// Environment is all that a compilation takes besides the text.
type Environment struct {
	// Node is the node's name in the plan and in messages.
	Node string
	// ConfigID is the id that @id conditions compare with.
	ConfigID string
	// EnvVars are the environment variables that the text may ask for.
	EnvVars map[string]string
	// Seed is the seed of random parameters.
	Seed int64
}

// Options change what is compiled.
type Options struct {
	// AsKeepalived compiles what keepalived would run: lines that it reports and does not act on are
	// left out and listed in the plan.
	AsKeepalived bool
}

// Compile makes the plan of a checked tree. The plan is never nil; whether it may be used is said by
// [Refused] over the diagnostics of the tree and of Compile together.
func Compile(t *syntax.Tree, env Environment, opt Options) (*plan.Plan, diag.List) {
	return &plan.Plan{Node: env.Node}, nil
}

// Refused reports whether the diagnostics of a tree and its compilation forbid the use of the plan: any
// error does. With AsKeepalived only those errors do that no leaving out can mend.
func Refused(list diag.List, opt Options) bool {
	return list.HasErrors()
}
