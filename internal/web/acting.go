package web

// Acting says for whom the reader acts, above pages on which it matters, and for
// whom else they may.
type Acting struct {
	ID      string // of the enterprise that the session acts for; empty: the reader in person
	Name    string
	Says    Words
	Choices []ActingChoice
	To      string // where the switch leads back to
}

// ActingChoice is one to act for instead; an empty ID is the reader in person.
type ActingChoice struct {
	ID    string
	Words Words
}

// About says whose the thing is that the page shows. Where that is somebody else than
// the session acts for, as when a member opens the enterprise's permit without having
// switched, the page says so: what is done on it is done for its owner. The reader in
// person has no name.
func (p *Page) About(id, name string) {
	a := p.Acting
	if a == nil || a.ID == id || a.Name == name {
		return
	}
	switch {
	case a.Name == "":
		a.Says = Say("house.acting.page.self", "Name", name)
	case name == "":
		a.Says = Say("house.acting.page.mine", "Other", a.Name)
	default:
		a.Says = Say("house.acting.page", "Name", name, "Other", a.Name)
	}
}
