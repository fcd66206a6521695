package satisfaction

import "minqing/internal/vault"

// Sealed are the comments on confidential cases, which lie under the case's key.
func Sealed() vault.Sealed {
	return vault.Sealed{Table: "evaluations", ID: "id", Owner: "case_id", Column: "comment_cipher", Purpose: "'" + purpose + "'"}
}
