package files

import "minqing/internal/vault"

// KeyOwner says what the data key of a file seals: its name, and the key of its
// content, which stays as it is.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "file", Table: "files", Sealed: []vault.Sealed{
		{Table: "files", ID: "id", Owner: "id", Column: "name_cipher", Purpose: "'" + purposeName + "'"},
		{Table: "files", ID: "id", Owner: "id", Column: "key_cipher", Purpose: "'" + purposeKey + "'"},
	}}
}
