package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ka/compiler"
	"ka/lang"
	"ka/lang/diag"
)

// TextEnv is what a text may ask for: the flags --config-id and --env.
type TextEnv struct {
	// ConfigID is what @id conditions compare with; "" is the host name up to its first dot.
	ConfigID string
	vars     []string
}

// Register adds the flags to a command.
func (t *TextEnv) Register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&t.ConfigID, "config-id", "i", "", "the `id` that @id lines compare with (default the host name up to its first dot)")
	cmd.Flags().StringArrayVar(&t.vars, "env", nil, "`NAME=VALUE` that ${_ENV NAME} stands for; other names are taken from the environment of this command")
}

// Check finds a wrong --env.
func (t *TextEnv) Check() error {
	for _, v := range t.vars {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return fmt.Errorf("wrong value %q for --env; write NAME=VALUE", v)
		}
	}
	return nil
}

// options are the options of the language that follow from the flags and the machine.
func (t *TextEnv) options(io IO) lang.Options {
	opt := lang.Options{Reader: OSReader{}, ConfigID: t.ConfigID, Dir: workingDir()}
	if opt.ConfigID == "" {
		host, _ := os.Hostname() // without a name no condition holds, as in keepalived
		opt.ConfigID, _, _ = strings.Cut(host, ".")
	}
	given := map[string]string{}
	for _, v := range t.vars {
		name, value, _ := strings.Cut(v, "=")
		given[name] = value
	}
	opt.Env = func(name string) (string, bool) {
		if v, ok := given[name]; ok {
			return v, true
		}
		if io.Getenv == nil {
			return "", false
		}
		v := io.Getenv(name)
		return v, v != ""
	}
	return opt
}

// workingDir is the directory that relative names start from.
func workingDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}

// Environment is what the compilation of the node takes besides the text: of all that the machine has, only
// what the text asked for, so that the same text gives the same plan on another machine.
func (n Node) Environment() compiler.Environment {
	asked := n.Tree.Asked
	env := compiler.Environment{Node: n.Name, EnvVars: asked.EnvVars}
	if asked.ConfigID {
		env.ConfigID = n.options.ConfigID
	}
	if asked.Random {
		env.Seed = n.options.Seed
	}
	if asked.Dir {
		env.Dir = n.options.Dir
	}
	return env
}

// Expand returns the text of the node after includes, conditions, parameters and loops, and what is wrong
// with these.
func (n Node) Expand() ([]byte, diag.List) { return lang.Expand(n.File, n.options) }
