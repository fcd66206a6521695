// Package minqing carries the files that the program is built with: templates,
// compiled static files and locale files.
package minqing

import "embed"

// Files holds templates/, static/dist/ and locales/.
//
//go:embed templates static/dist locales
var Files embed.FS
