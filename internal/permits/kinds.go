package permits

import (
	"minqing/internal/files"
	"minqing/internal/permittypes"
)

// KindsOf are the kinds of files that a material is wanted in; none: any.
func KindsOf(m *permittypes.Material) (kinds []files.Kind) {
	for _, k := range m.Kinds {
		kinds = append(kinds, files.Kind(k))
	}
	return kinds
}
