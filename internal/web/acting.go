package web

// Acting says for whom the reader acts, above pages on which it matters, and for
// whom else they may.
type Acting struct {
	Says    Words
	Choices []ActingChoice
	To      string // where the switch leads back to
}

// ActingChoice is one to act for instead; an empty ID is the reader in person.
type ActingChoice struct {
	ID    string
	Words Words
}
