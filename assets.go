// Package minqing carries the files that the program is built with: templates,
// compiled static files, locale files and access policies.
package minqing

import "embed"

// Files holds templates/, static/dist/, locales/ and policies/.
//
//go:embed templates static/dist locales policies
var Files embed.FS
