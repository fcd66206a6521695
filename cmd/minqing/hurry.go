package main

import "runtime/debug"

// hurry lets the heap grow before the collector runs, for verbs that bring in
// many rows and then end: it takes a third of their processor time, and what
// lives at once is small. The result puts things back.
func hurry() (done func()) {
	before := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(before) }
}
