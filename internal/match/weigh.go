package match

import (
	"bytes"
	"slices"
)

// Mark is a keyed hash that can be compared but not read; Proven says that
// somebody has shown that it is theirs.
type Mark struct {
	Kind   string // of a number of identity; empty else
	Hash   string
	Proven bool
}

// Record is what is compared of somebody.
type Record struct {
	Kind      string // person, enterprise
	Name      []byte // keyed hash of the whole name; empty without one
	Parts     []byte // as Pack gives it
	Phones    []Mark
	Mails     []Mark
	Addresses []Mark
	IDs       []Mark
	BirthYear int // 0 when nobody said
	Account   bool
}

// Rule is one thing that is compared.
type Rule string

// The rules, in the order in which they are shown.
const (
	RuleID      Rule = "id"
	RuleName    Rule = "name"
	RulePhone   Rule = "phone"
	RuleMail    Rule = "email"
	RuleAddress Rule = "address"
	RuleYear    Rule = "birth_year"
)

// How two records compare by one rule.
type How string

// The ways in which two values compare.
const (
	Equal   How = "equal"
	Similar How = "similar" // no word for either side
	Differ  How = "differ"
	Unknown How = "unknown" // one of them, or both, say nothing
)

// weights are points for and against. They were chosen so that no single thing
// but a number of identity is enough, that people of one household who share a
// phone and an address stay apart, and that a contradiction weighs as much as an
// address does.
var weights = map[Rule]map[How]int{
	RuleID:      {Equal: 100, Differ: -100},
	RuleName:    {Equal: 30, Differ: -40},
	RulePhone:   {Equal: 35},
	RuleMail:    {Equal: 40},
	RuleAddress: {Equal: 20},
	RuleYear:    {Equal: 15, Differ: -40},
}

// From how many points on two records are taken for likely the same, and for as
// good as certainly the same. Possible is for somebody who looks for one person.
const (
	Possible = 40
	Likely   = 60
	Certain  = 100
)

// Finding is what one rule says.
type Finding struct {
	Rule   Rule
	How    How
	Weight int
}

// Verdict is how two records compare.
type Verdict struct {
	Score    int
	Findings []Finding
	// Identified says that a certain identifier makes them one: a number of
	// identity that was checked on both sides, or a mailbox that was proven on both
	// sides and belongs to the account of one; and that nothing speaks against it.
	Identified bool
	// Apart says that they cannot be the same: checked numbers of the same kind differ.
	Apart bool
}

// Weigh compares two records; the order does not matter. A person and an
// enterprise are never the same.
func Weigh(a, b Record) Verdict {
	if a.Kind != b.Kind {
		return Verdict{Apart: true}
	}
	var v Verdict
	add := func(r Rule, h How) {
		w := weights[r][h]
		v.Score += w
		v.Findings = append(v.Findings, Finding{r, h, w})
	}
	id, idProven := ids(a.IDs, b.IDs)
	phone, _ := marks(a.Phones, b.Phones)
	mail, mailProven := marks(a.Mails, b.Mails)
	address, _ := marks(a.Addresses, b.Addresses)
	name, year := names(a, b), years(a.BirthYear, b.BirthYear)
	add(RuleID, id)
	add(RuleName, name)
	add(RulePhone, phone)
	add(RuleMail, mail)
	add(RuleAddress, address)
	if a.Kind == "person" {
		add(RuleYear, year)
	}
	v.Apart = id == Differ && idProven
	against := name == Differ || year == Differ || id == Differ || a.Account && b.Account
	v.Identified = !against && (id == Equal && idProven || mail == Equal && mailProven && a.Account != b.Account)
	return v
}

// marks compares two lists of which one common value is enough: people have
// several phones, so that others do not count against it.
func marks(a, b []Mark) (h How, proven bool) {
	if len(a) == 0 || len(b) == 0 {
		return Unknown, false
	}
	h = Similar
	for _, x := range a {
		for _, y := range b {
			if x.Hash == y.Hash {
				h, proven = Equal, proven || x.Proven && y.Proven
			}
		}
	}
	return h, proven
}

// ids compares numbers of identity of the same kind. A person has one of each, so
// that two that differ speak against it.
func ids(a, b []Mark) (h How, proven bool) {
	h = Unknown
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.Kind != y.Kind || x.Kind == "other" && x.Hash != y.Hash:
			case x.Hash == y.Hash && h != Differ:
				h, proven = Equal, proven || x.Proven && y.Proven
			case x.Hash != y.Hash:
				if h != Differ {
					proven = false
				}
				h, proven = Differ, proven || x.Proven && y.Proven
			}
		}
	}
	return h, proven
}

func years(a, b int) How {
	switch {
	case a == 0 || b == 0:
		return Unknown
	case a == b:
		return Equal
	case a-b == 1 || b-a == 1:
		return Similar // counted another way, or before or after the new year
	}
	return Differ
}

// names compares the hashes of names. Names that share no script cannot be
// compared; those that have a word or a character of the given name in common may
// be one that was misheard.
func names(a, b Record) How {
	if len(a.Name) == 0 || len(b.Name) == 0 {
		return Unknown
	}
	if bytes.Equal(a.Name, b.Name) {
		return Equal
	}
	x, y := unpack(a.Parts), unpack(b.Parts)
	if x == nil || y == nil || x.mark != y.mark {
		return Unknown
	}
	compared, alike := false, false
	if x.has(Family) && y.has(Family) {
		compared = true
		given := x.common(y, Given) > 0
		alike = given || x.common(y, Family) > 0 && x.common(y, Rune) > 0
	}
	if x.has(Word) && y.has(Word) {
		compared = true
		// Half of the words of the shorter name, and more than the one of a family.
		few := min(x.count(Word), y.count(Word))
		common := x.common(y, Word)
		alike = alike || common == few && few > 0 || common > 1 && 2*common >= few
	}
	switch {
	case !compared:
		return Unknown
	case alike:
		return Similar
	}
	return Differ
}

// sum is how many bytes of a hash a part keeps: it is only compared between two
// records that were found by something else.
const sum = 8

type packed struct {
	mark  [2]byte // of the key that the hashes are under
	parts [][1 + sum]byte
}

// Pack writes the parts of a name in one value: hash gives the keyed hash of one,
// which begins with the two bytes that tell its key.
func Pack(parts []Part, hash func(string) []byte) []byte {
	if len(parts) == 0 {
		return nil
	}
	var out []byte
	list := make([][]byte, 0, len(parts))
	for _, p := range parts {
		h := hash(string(p.Class) + p.Value)
		if out == nil {
			out = append(out, h[:2]...)
		}
		list = append(list, append([]byte{p.Class}, h[2:2+sum]...))
	}
	slices.SortFunc(list, bytes.Compare)
	return append(out, bytes.Join(list, nil)...)
}

func unpack(raw []byte) *packed {
	if len(raw) < 2 || (len(raw)-2)%(1+sum) != 0 {
		return nil
	}
	p := &packed{mark: [2]byte(raw[:2])}
	for rest := raw[2:]; len(rest) > 0; rest = rest[1+sum:] {
		p.parts = append(p.parts, [1 + sum]byte(rest[:1+sum]))
	}
	return p
}

func (p *packed) has(class byte) bool { return p.count(class) > 0 }

func (p *packed) count(class byte) (n int) {
	for _, x := range p.parts {
		if x[0] == class {
			n++
		}
	}
	return n
}

func (p *packed) common(o *packed, class byte) (n int) {
	for _, x := range p.parts {
		if x[0] == class && slices.Contains(o.parts, x) {
			n++
		}
	}
	return n
}
