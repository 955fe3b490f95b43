//go:build !linux

package kac

import (
	"errors"

	"ka/compiler/effect"
)

// live fails: only Linux has what is compared.
func live(bool) ([]effect.Object, []string, error) {
	return nil, nil, errors.New("the running kernel can be read on Linux only")
}
