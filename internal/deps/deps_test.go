package deps

import (
	_ "github.com/getkin/kin-openapi/openapi3"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/peterldowns/pgtestdb"
	_ "github.com/stretchr/testify/require"
	_ "pgregory.net/rapid"
)
