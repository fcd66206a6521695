package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"
)

// How a server's memory is managed, where the environment does not say it by
// GOGC or GOMEMLIMIT. Pages are short-lived and what lasts is small, so garbage
// may lie up to four times what lives, as long as all of it together stays
// within space: that saves a tenth of the processor time of a page.
const (
	garbage = 400      // percent
	space   = 70 << 20 // bytes, also of what the database holds here; with the program itself below 128 MB
	room    = 3        // times what lives, where that is more than space
)

// looked is how often the space is fitted to what lives.
const looked = 10 * time.Second

// thrifty manages memory until ctx ends. A limit near what lives would make the
// collector run all the time, so the limit grows with it. Of what others hold in this
// process, in bytes, it must be told.
func thrifty(ctx context.Context, environ []string) (tell func(held int64)) {
	set := func(name string) bool {
		for _, v := range environ {
			if strings.HasPrefix(v, name+"=") {
				return true
			}
		}
		return false
	}
	if set("GOGC") || set("GOMEMLIMIT") {
		return func(int64) {}
	}
	var others atomic.Int64
	debug.SetGCPercent(garbage)
	debug.SetMemoryLimit(space)
	go func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(looked):
			}
			metrics.Read(live)
			debug.SetMemoryLimit(limit(live[0].Value.Uint64(), others.Load()))
		}
	}()
	return func(held int64) {
		others.Store(held)
		debug.SetMemoryLimit(limit(0, held))
	}
}

// limit is the space for so many bytes that live, beside those that others hold.
func limit(live uint64, held int64) int64 { return max(space-held, room*int64(live)) }

// hurry lets the heap grow before the collector runs, for verbs that bring in
// many rows and then end: it takes a third of their processor time, and what
// lives at once is small. The result puts things back.
func hurry() (done func()) {
	before := debug.SetGCPercent(garbage)
	return func() { debug.SetGCPercent(before) }
}
