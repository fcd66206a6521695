package db

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// NewID mints a UUIDv7 (RFC 9562) from the row's own time, so that ids of
// events, audit entries and deliveries sort by when they happened and a table
// can be split by ranges of id. The twelve bits after the version hold the
// fraction of the millisecond (section 6.2, method 3), so ids sort by the
// microsecond; the next fourteen count the ids that one process mints for one
// instant, so those keep their order; the last 48 are random.
func NewID(at time.Time) string {
	var u [16]byte
	if _, err := rand.Read(u[10:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	tick, n := next(ticks(at))
	binary.BigEndian.PutUint64(u[:8], tick>>12<<16|0x7000|tick&0xfff)
	binary.BigEndian.PutUint16(u[8:10], 0x8000|n)
	var s [36]byte
	hex.Encode(s[:8], u[:4])
	hex.Encode(s[9:13], u[4:6])
	hex.Encode(s[14:18], u[6:8])
	hex.Encode(s[19:23], u[8:10])
	hex.Encode(s[24:], u[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// ticks counts 4096ths of a millisecond since 1970; earlier times count as 1970.
func ticks(at time.Time) uint64 {
	ms := at.UnixMilli()
	if ms < 0 {
		return 0
	}
	fraction := uint64(at.Nanosecond()%int(time.Millisecond)) << 12 / uint64(time.Millisecond)
	return uint64(ms)<<12 | fraction
}

// instantsMost is how many instants are remembered at least: an operation mints its ids
// for one, while others mint theirs.
const instantsMost = 4096

// minted counts the ids of the instants that were minted for last.
var minted struct {
	sync.Mutex
	counts, older map[uint64]uint64 // by tick
}

// next counts within an instant. A count past fourteen bits runs on into the
// following tick: order matters more than a quarter of a microsecond.
func next(tick uint64) (uint64, uint16) {
	minted.Lock()
	defer minted.Unlock()
	n, known := minted.counts[tick]
	if !known {
		if len(minted.counts) >= instantsMost || minted.counts == nil {
			minted.older, minted.counts = minted.counts, make(map[uint64]uint64, instantsMost)
		}
		n = minted.older[tick]
	}
	minted.counts[tick] = n + 1
	return tick + n>>14, uint16(n & 0x3fff)
}

// IDTime gives back the millisecond from which NewID minted an id; the zero time
// for what NewID did not make.
func IDTime(id string) time.Time {
	if len(id) != 36 || id[14] != '7' {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(id[:8]+id[9:13], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Moment is the part of an id that tells its time, as text: the same for an event
// and for what came of it, where that id was minted from the event's.
func Moment(id string) string {
	if IDTime(id).IsZero() {
		return ""
	}
	return id[:8] + id[9:13]
}

// FirstID is the smallest id that NewID mints for the millisecond of a time: ids
// from a time on are not less than it.
func FirstID(at time.Time) string {
	ms := uint64(max(at.UnixMilli(), 0))
	return fmt.Sprintf("%08x-%04x-7000-8000-000000000000", ms>>16, ms&0xffff)
}

// Ref turns an id that may be absent into a bindable value: NULL when empty.
func Ref(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

// IsID says whether a text has the form of an id. PostgreSQL takes no other where
// one belongs, and the fault would be ours.
func IsID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}
