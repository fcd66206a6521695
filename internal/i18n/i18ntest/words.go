// Package i18ntest gives tests the product's words.
package i18ntest

import (
	"sync"

	"minqing"
	"minqing/internal/i18n"
)

// Words are all messages of the product, read once for all tests of a package:
// a bundle does not change.
var Words = sync.OnceValues(func() (*i18n.Bundle, error) {
	b, err := i18n.Load(minqing.Files)
	if err != nil {
		return nil, err
	}
	return b, b.Check()
})
