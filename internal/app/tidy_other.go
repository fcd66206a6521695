//go:build !linux

package app

// unmapProgram is left to the system.
func unmapProgram() {}
