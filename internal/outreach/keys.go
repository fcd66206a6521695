package outreach

import "minqing/internal/vault"

// Sealed is what a constituent's data key seals in the tables of this package: why
// somebody was put into a segment, or taken out of it.
func Sealed() vault.Sealed {
	return vault.Sealed{Table: "segment_fixed", ID: "id", Owner: "constituent_id", Column: "reason_cipher", Purpose: "'" + purposeReason + "'"}
}
