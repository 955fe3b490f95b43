package plan

import (
	"errors"
	"fmt"
)

// Major and Minor are the version of plan.json. Another major is refused; a newer minor may have
// fields that this release does not know and reads over.
const (
	Major = 1
	Minor = 0
)

// VersionError says that a plan is of another major version.
type VersionError struct {
	// Major and Minor are the version that the plan names.
	Major, Minor int
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("plan has version %d.%d, this release reads %d.x", e.Major, e.Minor, Major)
}

var errUnfinished = errors.New("plan format is being written")

// Encode returns plan.json: deterministic, indented, with a newline at the end. It holds secrets.
func Encode(p *Plan) ([]byte, error) { return nil, errUnfinished }

// Decode reads plan.json.
func Decode(data []byte) (*Plan, error) { return nil, errUnfinished }

// Schema returns the JSON schema of plan.json.
func Schema() ([]byte, error) { return nil, errUnfinished }
