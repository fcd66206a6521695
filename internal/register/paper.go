package register

import (
	"context"
	"slices"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/document"
	"minqing/internal/i18n"
)

// Paper is a permit as it is printed.
type Paper struct {
	Permit     *Permit
	Lang       i18n.Lang
	Holder     string // whole for the holder, masked for staff; empty once erased
	Conditions string // of the decision; not public
	ForStaff   bool   // says that it is a copy for the file
}

// Print writes a permit as a PDF that can be kept (PDF/A-2b), with the QR code that
// leads to how it stands now. What it says of that is as of today.
func (s *Service) Print(ctx context.Context, one Paper) ([]byte, error) {
	p, now := one.Permit, s.Now()
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	k, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	w := &paper{Paper: one, words: s.Words}
	format := i18n.Format{Lang: one.Lang, Zone: s.Zone}
	name := p.TypeName.In(one.Lang)
	w.PDF, err = document.New(document.About{Title: name + " " + p.PermitNo, Lang: one.Lang, Head: p.PermitNo + " · " + name, Maker: "Minqing", At: now, Lasting: true,
		Foot: w.say("verify.paper.foot", "No", p.PermitNo, "At", format.DateTime(now))})
	if err != nil {
		return nil, err
	}
	unit, above := "", ""
	if root := snap.Root(); root != nil {
		above = root.Name.In(one.Lang)
	}
	if u := p.unitOf(snap); u != nil {
		unit = u.Name.In(one.Lang)
	}
	if unit != "" && unit != above {
		above = strings.TrimPrefix(above+" · "+unit, " · ")
	}
	w.Title(above, name)
	w.Gap()
	w.stands(s.Today())
	w.facts(unit)
	if one.Conditions != "" {
		w.Heading(w.say("verify.paper.conditions"))
		w.Text(one.Conditions)
	}
	w.Heading(w.say("verify.paper.check"))
	address := s.VerifyURL(p.PermitNo)
	if err := w.Code(address, w.say("verify.paper.scan")+"\n"+address+"\n\n"+w.say("verify.paper.beware", "Host", s.BaseURL)); err != nil {
		return nil, err
	}
	w.Heading(w.say("verify.paper.signature"))
	w.Pairs([]document.Pair{{Key: w.say("verify.paper.signed_by"), Value: unit + "\n" + w.day(p.IssuedOn)},
		{Key: w.say("verify.paper.key"), Value: "Ed25519 (EdDSA)\n" + k.id}, {Key: w.say("verify.paper.keys"), Value: s.BaseURL + JWKSPath}})
	w.Note(w.say("verify.paper.signed"))
	return w.Bytes()
}

// JWKSPath is where the public keys are found.
const JWKSPath = "/.well-known/jwks.json"

type paper struct {
	*document.PDF
	Paper
	words *i18n.Bundle
}

func (w *paper) say(key string, pairs ...any) string {
	args := i18n.Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return w.words.T(w.Lang, key, args)
}

func (w *paper) day(d calendar.Date) string { return i18n.Format{Lang: w.Lang}.Date(d.UTC()) }

// stands says how the permit stood when it was printed, unless it is valid.
func (w *paper) stands(today calendar.Date) {
	p := w.Permit
	if w.ForStaff {
		w.Note(w.say("verify.paper.copy"))
	}
	state := p.On(today)
	if state == Valid {
		return
	}
	w.Heading(w.say("verify.is." + string(state)))
	w.Text(w.say("verify.means."+string(state), "Day", w.day(p.SinceDay(state))))
}

// SinceDay is the day that belongs to a state: its beginning, the last day of one
// that has expired, and the first of one that is still to come.
func (p *Permit) SinceDay(state State) calendar.Date {
	switch {
	case state == Future:
		return p.ValidFrom
	case state == Expired && p.ValidUntil != nil:
		return *p.ValidUntil
	}
	return p.SinceOn
}

func (w *paper) facts(unit string) {
	p := w.Permit
	holder := w.Holder
	if holder == "" {
		holder = w.say("verify.holder.erased")
	}
	until := w.say("verify.endless")
	if p.ValidUntil != nil {
		until = w.day(*p.ValidUntil)
	}
	list := []document.Pair{{Key: w.say("verify.fact.number"), Value: p.PermitNo}, {Key: w.say("verify.fact.holder"), Value: holder},
		{Key: w.say("verify.fact.type"), Value: p.TypeName.In(w.Lang)}}
	for _, name := range p.Particulars.Names() {
		list = append(list, document.Pair{Key: w.fact(name), Value: p.Particulars[name]})
	}
	list = append(list, document.Pair{Key: w.say("verify.fact.from"), Value: w.day(p.ValidFrom)}, document.Pair{Key: w.say("verify.fact.until"), Value: until},
		document.Pair{Key: w.say("verify.fact.unit"), Value: unit}, document.Pair{Key: w.say("verify.fact.issued"), Value: w.day(p.IssuedOn)})
	if p.CaseNo != "" {
		list = append(list, document.Pair{Key: w.say("verify.fact.case"), Value: p.CaseNo})
	}
	w.Pairs(list)
}

func (w *paper) fact(name string) string {
	if key := FactKey(name); key != "" {
		return w.say(key)
	}
	return name
}

// namedFacts are the public facts that have words of their own, in the order of papers.
var namedFacts = []string{"place", "scope", "area", "purpose"}

// FactKey is the message that names a public fact; empty for one that was brought
// over from elsewhere and is its own name.
func FactKey(name string) string {
	if slices.Contains(namedFacts, name) {
		return "verify.fact." + name
	}
	return ""
}

// Names lists the facts in the order of papers: those with words of their own, then
// the others by name.
func (f Facts) Names() []string {
	names := make([]string, 0, len(f))
	for _, name := range namedFacts {
		if _, has := f[name]; has {
			names = append(names, name)
		}
	}
	n := len(names)
	for name := range f {
		if !slices.Contains(namedFacts, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[n:])
	return names
}
