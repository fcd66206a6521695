package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// LinkLength is the length of derived link tokens: 130 bits.
const LinkLength = 26

// CurrentKey names the ring key that codes are derived under now; a row that
// gives out a code keeps it beside the generation.
func (v *Vault) CurrentKey() string { return v.Ring().current.id }

// Derive makes a link token under the current ring key. Codes and links are
// derived, never stored: a replay, a receipt and a mail job make the same one,
// and a new generation revokes the old.
func (v *Vault) Derive(purpose, id string, generation int) string {
	return v.DeriveWith(v.Ring().current.id, purpose, id, generation, LinkLength)
}

// DeriveWith makes a code of n Crockford base-32 characters, 51 at most, under a
// named ring key; empty when the ring no longer holds that key.
func (v *Vault) DeriveWith(ringKey, purpose, id string, generation, n int) string {
	m := v.Ring().all[ringKey]
	if m == nil {
		if m = v.reloaded().all[ringKey]; m == nil { // another process may have promoted a new one
			return ""
		}
	}
	h := hmac.New(sha256.New, m.codesKey)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(id))
	var g [8]byte
	binary.BigEndian.PutUint64(g[:], uint64(generation))
	h.Write(g[:])
	sum := h.Sum(nil)
	out := make([]byte, n)
	for i := range out {
		bit := i * 5
		pair := uint16(sum[bit/8]) << 8
		if bit/8+1 < len(sum) {
			pair |= uint16(sum[bit/8+1])
		}
		out[i] = crockford[pair>>(11-bit%8)&31]
	}
	return string(out)
}

// Matches compares a typed code with the derived one in constant time.
func Matches(typed, derived string) bool {
	return derived != "" && subtle.ConstantTimeCompare([]byte(typed), []byte(derived)) == 1
}

// BlindIndex is the keyed hash under which a normalised value is stored, to be
// looked up. It starts with a tag of the ring key, so that indexes under two
// keys can stand side by side while one is replaced.
func (v *Vault) BlindIndex(purpose, normalised string) []byte {
	return v.Ring().current.blindIndex(purpose, normalised)
}

// BlindIndexes are the hashes to look a value up by: the current one first, then
// those under the older keys of the ring, under which rows may still stand.
func (v *Vault) BlindIndexes(purpose, normalised string) [][]byte {
	r := v.Ring()
	all := [][]byte{r.current.blindIndex(purpose, normalised)}
	for _, id := range r.IDs() {
		if m := r.all[id]; m != r.current {
			all = append(all, m.blindIndex(purpose, normalised))
		}
	}
	return all
}

// IndexMark is how every blind index under a ring key begins; two keys in 256
// share one.
func IndexMark(ringKey string) []byte {
	tag := sha256.Sum256([]byte(ringKey))
	return []byte{suiteAES, tag[0]}
}

// IndexRange are the bounds between which the blind indexes of a ring key sort,
// the second outside.
func IndexRange(ringKey string) (from, to []byte) {
	from = IndexMark(ringKey)
	if from[1] == 0xff {
		return from, []byte{from[0] + 1}
	}
	return from, []byte{from[0], from[1] + 1}
}

// IsCurrentIndex says whether a blind index stands under the current key.
func (v *Vault) IsCurrentIndex(index []byte) bool {
	return bytes.HasPrefix(index, IndexMark(v.CurrentKey()))
}

func (m *master) blindIndex(purpose, normalised string) []byte {
	h := hmac.New(sha256.New, m.indexKey)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(normalised))
	return append(append(make([]byte, 0, 2+20), IndexMark(m.id)...), h.Sum(nil)[:20]...)
}
