package kalint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"gopkg.in/yaml.v3"

	"ka/cmd/internal/cli"
	"ka/lang/diag"
	"ka/lint"
)

// defaultSettings is the file that is read if it is there.
const defaultSettings = ".kalint.yaml"

// The keys of the settings file.
const (
	keyFailOn = "fail_on"
	keyRules  = "rules"
	keyTarget = "target"
)

// settings are what .kalint.yaml sets.
type settings struct {
	failOn   diag.Severity
	off      map[string]bool
	severity map[string]diag.Severity
	targets  targets
}

// readSettings reads the file; name "" is the default one, which may be missing.
func readSettings(name string) (settings, error) {
	out := settings{failOn: diag.Warning, off: map[string]bool{}, severity: map[string]diag.Severity{}}
	wanted := name != ""
	if !wanted {
		name = defaultSettings
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !wanted {
		return out, nil
	}
	if err != nil {
		return out, cli.Exit(cli.ExitUsage, cli.PlainError(err))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return out, cli.Exit(cli.ExitUsage, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	if len(doc.Content) == 0 {
		return out, nil
	}
	if err := out.read(doc.Content[0]); err != nil {
		return out, cli.Exit(cli.ExitUsage, fmt.Errorf("%s:%w", name, err))
	}
	return out, nil
}

func (s *settings) read(top *yaml.Node) error {
	if top.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: expected %q, %q and %q", top.Line, keyFailOn, keyRules, keyTarget)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		switch key.Value {
		case keyFailOn:
			level, err := parseFailOn(value.Value)
			if err != nil {
				return fmt.Errorf("%d: %w", value.Line, err)
			}
			s.failOn = level
		case keyRules:
			if err := s.readRules(value); err != nil {
				return err
			}
		case keyTarget:
			found, err := readTargets(value)
			if err != nil {
				return fmt.Errorf("%d: %w", value.Line, err)
			}
			s.targets = found
		default:
			return fmt.Errorf("%d: unknown key %q: %q, %q and %q are known", key.Line, key.Value, keyFailOn, keyRules, keyTarget)
		}
	}
	return nil
}

func (s *settings) readRules(rules *yaml.Node) error {
	if rules.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: expected rules and what they are: \"RULE: error|warning|info|off\"", rules.Line)
	}
	for i := 0; i+1 < len(rules.Content); i += 2 {
		key, value := rules.Content[i], rules.Content[i+1]
		rule, ok := lint.FindRule(key.Value)
		if !ok {
			return fmt.Errorf("%d: there is no rule %q: \"kalint --rules\" lists them", key.Line, key.Value)
		}
		switch value.Value {
		case "off", "false":
			if rule.Structural {
				return fmt.Errorf("%d: rule %q cannot be turned off: without it the file is not understood", value.Line, key.Value)
			}
			s.off[rule.Name] = true
		case diag.Error.String():
			s.severity[rule.Name] = diag.Error
		case diag.Warning.String():
			s.severity[rule.Name] = diag.Warning
		case diag.Info.String():
			s.severity[rule.Name] = diag.Info
		default:
			return fmt.Errorf("%d: %q is not allowed for rule %q: error, warning, info and off are", value.Line, value.Value, key.Value)
		}
	}
	return nil
}

// readTargets reads the words that --target takes: one, or a list of them.
func readTargets(value *yaml.Node) (targets, error) {
	items := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		items = value.Content
	}
	words := make([]string, len(items))
	for i, item := range items {
		if item.Kind != yaml.ScalarNode {
			return targets{}, errors.New("expected a target, or a list of targets and NODE=TARGET")
		}
		words[i] = item.Value
	}
	return parseTargets(words)
}

// parseFailOn reads a severity or "never", which is [diag.Invalid].
func parseFailOn(word string) (diag.Severity, error) {
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Info} {
		if word == s.String() {
			return s, nil
		}
	}
	if word == "never" {
		return diag.Invalid, nil
	}
	return diag.Invalid, fmt.Errorf("severity %q is not allowed to fail on: error, warning, info and never are", word)
}
