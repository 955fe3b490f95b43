package kalint

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ka/lint"
)

// targetFlag declares --target.
func targetFlag(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringSliceVar(to, "target", nil, "judge for this `version` of keepalived or distribution, or NODE=VERSION for one node ("+
		lint.TargetNames()+"); default: the worst of the supported versions")
}

// targets are the versions to judge for: those of all nodes, and those of single ones by name.
type targets struct {
	all   []lint.Target
	nodes map[string]lint.Target
}

// parseTargets reads words like "debian-12" and "web2=el9".
func parseTargets(words []string) (targets, error) {
	out := targets{nodes: map[string]lint.Target{}}
	for _, word := range words {
		node, name := "", word
		at := strings.LastIndex(word, "=")
		if at >= 0 {
			node, name = word[:at], word[at+1:]
		}
		t, ok := lint.ParseTarget(name)
		switch {
		case !ok:
			return targets{}, fmt.Errorf("target %q is not known: %s are", name, lint.TargetNames())
		case at < 0:
			out.all = append(out.all, t)
		case node == "":
			return targets{}, fmt.Errorf("target %q is not NODE=TARGET", word)
		default:
			if have, twice := out.nodes[node]; twice && have != t {
				return targets{}, fmt.Errorf("node %q has two targets, %s and %s", node, have.Name, t.Name)
			}
			out.nodes[node] = t
		}
	}
	return out, nil
}

// override puts what the flags say in the place of what the settings file says: for all nodes, and for
// each node that they name.
func (t *targets) override(words []string) error {
	given, err := parseTargets(words)
	if err != nil {
		return err
	}
	if len(given.all) > 0 {
		t.all, t.nodes = given.all, nil
	}
	if t.nodes == nil {
		t.nodes = map[string]lint.Target{}
	}
	for node, target := range given.nodes {
		t.nodes[node] = target
	}
	return nil
}
