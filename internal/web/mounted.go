package web

import "slices"

// Mounted says whether something is served at a path such as "/a/:no", for links to
// what another package mounts, or does not.
func (k *Kit) Mounted(path string) bool {
	return slices.ContainsFunc(k.routes, func(r Route) bool { return r.Path == path })
}
