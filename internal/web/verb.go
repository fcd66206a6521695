package web

import "minqing/internal/access"

// Verb is what a route lets someone do; see the verbs of package access.
type Verb = access.Verb

// Public is the verb of pages that anybody may open.
const Public = access.Public
