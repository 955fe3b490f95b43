//go:build !linux

package kac

import (
	"errors"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// live fails: only Linux has what is compared.
func live(*plan.Plan) (*plan.Plan, []effect.Object, []string, error) {
	return nil, nil, nil, errors.New("the running kernel can be read on Linux only")
}
