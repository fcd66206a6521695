package register

import (
	"context"
	"maps"
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
	if w.says, err = s.Facts(ctx, p); err != nil {
		return nil, err
	}
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
	says  []Fact
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
	for _, f := range w.says {
		list = append(list, document.Pair{Key: f.Label.In(w.Lang), Value: f.Value.In(w.Lang)})
	}
	list = append(list, document.Pair{Key: w.say("verify.fact.from"), Value: w.day(p.ValidFrom)}, document.Pair{Key: w.say("verify.fact.until"), Value: until},
		document.Pair{Key: w.say("verify.fact.unit"), Value: unit}, document.Pair{Key: w.say("verify.fact.issued"), Value: w.day(p.IssuedOn)})
	if p.CaseNo != "" {
		list = append(list, document.Pair{Key: w.say("verify.fact.case"), Value: p.CaseNo})
	}
	w.Pairs(list)
}

// Facts are the public facts of a permit in words, in the order of papers.
func (s *Service) Facts(ctx context.Context, p *Permit) (list []Fact, err error) {
	if s.Says == nil {
		for _, name := range slices.Sorted(maps.Keys(p.Particulars)) {
			list = append(list, Fact{Name: name, Label: i18n.Text{i18n.ZhHant: name}, Value: i18n.Text{i18n.ZhHant: p.Particulars[name]}})
		}
	} else if list, err = s.Says(ctx, p); err != nil {
		return nil, err
	}
	for i, f := range list {
		if slices.Contains(places, f.Name) { // asked as a question, printed as a word
			list[i].Label = i18n.Text{}
			for _, l := range i18n.Langs {
				list[i].Label[l] = s.Words.T(l, "verify.fact."+f.Name, nil)
			}
		}
	}
	return list, nil
}

// places are the names of questions for where a permit counts.
var places = []string{"place", "address"}
