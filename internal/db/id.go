package db

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// NewID mints a UUIDv7 (RFC 9562) from the row's own time, so that ids of
// events, audit entries and deliveries sort by when they happened and a table
// can be split by ranges of id. Ids of one process and millisecond keep their
// order of minting through a counter in the twelve bits after the version.
func NewID(at time.Time) string {
	var u [16]byte
	ms := at.UnixMilli()
	if _, err := rand.Read(u[6:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	n := next(ms)
	u[0], u[1], u[2] = byte(ms>>40), byte(ms>>32), byte(ms>>24)
	u[3], u[4], u[5] = byte(ms>>16), byte(ms>>8), byte(ms)
	u[6] = 0x70 | byte(n>>8)&0x0f
	u[7] = byte(n)
	u[8] = 0x80 | u[8]&0x3f
	var s [36]byte
	hex.Encode(s[:8], u[:4])
	hex.Encode(s[9:13], u[4:6])
	hex.Encode(s[14:18], u[6:8])
	hex.Encode(s[19:23], u[8:10])
	hex.Encode(s[24:], u[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

var minted struct {
	sync.Mutex
	ms int64
	n  uint16
}

func next(ms int64) uint16 {
	minted.Lock()
	defer minted.Unlock()
	if ms != minted.ms {
		minted.ms, minted.n = ms, 0
	}
	minted.n++
	return minted.n
}

// Ref turns an id that may be absent into a bindable value: NULL when empty.
func Ref(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}
