//go:build !unix

package db

// nothingToRead does not know here; the connection is asked instead.
func nothingToRead(uintptr) bool { return false }
