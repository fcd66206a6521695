package notify

import "minqing/internal/vault"

// Sealed are the addresses in the delivery log, which lie under the keys of the
// people or accounts that they belong to.
func Sealed(owner string) vault.Sealed {
	return vault.Sealed{Table: "deliveries", ID: "id", Owner: owner, Column: "address_cipher", Purpose: "'" + purposeAddress + "'"}
}
