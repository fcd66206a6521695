package offers

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/outreach"
	"minqing/internal/vault"
)

// Mine is an offer as its person sees it.
type Mine struct {
	Offer
	Benefit *Benefit
	Reason  *outreach.Reason
	Note    string // what they wrote with an objection
	Open    bool   // they may answer now
}

// seen are the states that the person sees.
var seen = []State{Offered, Agreed, Objected, Lapsed, Refused, Granted}

// Own lists what was offered to the signed-in person, or to the enterprise that they
// act for, under any of their records, the newest first.
func (s *Service) Own(ctx context.Context, lang i18n.Lang) ([]Mine, error) {
	records, err := s.records(ctx)
	if err != nil || records == nil {
		return nil, err
	}
	list, err := s.Of(ctx, records, lang)
	if err != nil {
		return nil, err
	}
	return list, s.hideNotes(ctx, list)
}

// self is as whom the actor asks: the enterprise that they act for, else themselves.
// Nobody when nobody is signed in, and for agents: an enterprise gave them authority
// for permits, not for what it is entitled to.
func (s *Service) self(ctx context.Context) (id string, as *cases.For, err error) {
	as, err = s.Cases.Acting(ctx)
	switch {
	case err != nil || as == nil:
		return actor.From(ctx).ConstituentID, nil, err
	case as.OwnOnly:
		return "", as, nil
	}
	return as.ConstituentID, as, nil
}

// records are those under which the signed-in person, or the enterprise that they act
// for, is offered something: what they have proven to be theirs, and what staff merged
// with it, save what belongs to the account of somebody else, who sees it there. Nil
// when nobody is signed in as a person or enterprise.
func (s *Service) records(ctx context.Context) ([]string, error) {
	me, _, err := s.self(ctx)
	if err != nil || me == "" {
		return nil, err
	}
	ids, err := s.Constituents.Family(ctx, me)
	if err != nil {
		return nil, err
	}
	head, err := s.Constituents.Head(ctx, me)
	if err != nil {
		return nil, err
	}
	whole, err := s.Constituents.Whole(ctx, head)
	if err != nil {
		return nil, err
	}
	var merged []string
	err = s.DB.From(ctx).Raw(`SELECT c.id FROM constituents c WHERE c.id IN ? AND c.id NOT IN ? AND c.erased_at IS NULL
 AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = c.id OR (c.merged_how IS NULL AND a.constituent_id = c.merged_into_id)) ORDER BY c.id`, whole, ids).Scan(&merged).Error
	if err != nil {
		return nil, fail("find what was merged with somebody", err)
	}
	return append(ids, merged...), nil
}

// hideNotes leaves out what was written under records that staff merged: should
// they be wrong, one person's words stay hidden from another.
func (s *Service) hideNotes(ctx context.Context, list []Mine) error {
	me, _, err := s.self(ctx)
	if err != nil {
		return err
	}
	family, err := s.Constituents.Family(ctx, me)
	for i := range list {
		if !slices.Contains(family, list[i].ConstituentID) {
			list[i].Note = ""
		}
	}
	return err
}

// Of lists what people were offered, in the clear: for nobody but themselves.
func (s *Service) Of(ctx context.Context, family []string, lang i18n.Lang) (list []Mine, err error) {
	var rows []Offer
	err = s.DB.From(ctx).Raw(offerRows+"o.constituent_id IN ? AND o.state IN ? AND NOT (o.state = 'refused' AND o.reason = 'twice') ORDER BY o.id DESC", family, seen).Scan(&rows).Error
	if err != nil {
		return nil, fail("read somebody's offers", err)
	}
	for i := range rows {
		m, err := s.mine(ctx, &rows[i], lang)
		if err != nil {
			return nil, err
		}
		list = append(list, *m)
	}
	return list, nil
}

func (s *Service) mine(ctx context.Context, o *Offer, lang i18n.Lang) (*Mine, error) {
	l, b, err := s.listed(ctx, o.ListID)
	if err != nil {
		return nil, err
	}
	m := &Mine{Offer: *o, Benefit: b, Open: s.open(o)}
	if m.Note, err = s.note(ctx, o); err != nil {
		return nil, err
	}
	m.Reason, err = s.reasonOf(ctx, l.Definition, o.Verdicts(), lang)
	return m, err
}

func (s *Service) open(o *Offer) bool {
	return (o.State == Offered || o.State == Objected) && o.RespondBy != nil && s.Now().Before(*o.RespondBy)
}

// Waiting counts the offers that the signed-in person may still answer.
func (s *Service) Waiting(ctx context.Context) (n int, err error) {
	records, err := s.records(ctx)
	if err != nil || records == nil {
		return 0, err
	}
	err = s.DB.Reader(ctx).Raw("SELECT COUNT(*) FROM offers WHERE constituent_id IN ? AND state = 'offered' AND respond_by > ?", records, s.now()).Scan(&n).Error
	if err != nil {
		return 0, fail("count somebody's offers", err)
	}
	return n, nil
}

// Token is what the link carries by which somebody without an account answers an
// offer. It ends with the window.
func (s *Service) Token(o *Offer) string {
	return o.ID + "-" + s.Vault.DeriveWith(o.CodeKey, purposeLink, o.ID, o.CodeGeneration, vault.LinkLength)
}

const purposeLink = "offer.answer"

// ByToken finds the offer behind a link. A wrong code and an unknown offer answer
// alike.
func (s *Service) ByToken(ctx context.Context, token string, lang i18n.Lang) (*Mine, error) {
	o, err := s.tokened(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.mine(ctx, o, lang)
}

func (s *Service) tokened(ctx context.Context, token string) (*Offer, error) {
	const id = 36
	if len(token) <= id+1 || token[id] != '-' {
		return nil, errMissing
	}
	o, err := s.one(ctx, "o.id = ?", token[:id])
	if err != nil {
		return nil, err
	}
	if !slices.Contains(seen, o.State) || !vault.Matches(strings.ToUpper(token[id+1:]), s.Token(o)[id+1:]) {
		return nil, errMissing
	}
	return o, nil
}

// Response is what somebody says to an offer.
type Response string

// The responses.
const (
	Agree  Response = "agree"
	Object Response = "object"
	Back   Response = "back" // they object no more
)

// Answer notes what the signed-in person says to an offer of theirs, or of the
// enterprise that they act for and may speak for.
func (s *Service) Answer(ctx context.Context, offerID string, r Response, note string) error {
	records, err := s.records(ctx)
	if err != nil {
		return err
	}
	_, as, err := s.self(ctx)
	if err != nil {
		return err
	}
	o, err := s.one(ctx, "o.id = ?", offerID)
	if err != nil {
		return err
	}
	if !slices.Contains(records, o.ConstituentID) || !slices.Contains(seen, o.State) {
		return errMissing
	}
	if as != nil {
		if !as.Speaks {
			return cases.ErrReader
		}
		ctx = as.In(ctx)
	}
	return s.answer(ctx, o.ID, r, note, "account")
}

// AnswerByToken notes what somebody says who came by a link.
func (s *Service) AnswerByToken(ctx context.Context, token string, r Response, note string) error {
	o, err := s.tokened(ctx, token)
	if err != nil {
		return err
	}
	return s.answer(ctx, o.ID, r, note, "link")
}

func (s *Service) answer(ctx context.Context, id string, r Response, note, way string) error {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > NoteMost {
		return fault.InvalidInput(fault.Field{Name: "note", Key: "offer.text.long", Args: map[string]any{"Max": NoteMost}})
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		o, err := s.lock(ctx, id, Offered, Objected)
		if err != nil {
			return err
		}
		if o == nil || !s.open(o) {
			return fault.New(fault.Conflict, "offer.answer.late")
		}
		to, sealed := map[Response]State{Agree: Agreed, Object: Objected, Back: Offered}[r], []byte(nil)
		switch {
		case to == "" || r == Back && o.State != Objected:
			return fault.New(fault.Invalid, "fault.malformed")
		case to == o.State: // pressed twice
			return nil
		case r == Object:
			if sealed, err = s.sealNote(ctx, o, note); err != nil {
				return err
			}
		}
		_, err = s.exec(ctx, "note an answer", "UPDATE offers SET state = ?, reason = ?, note_cipher = ?, answered_at = ?, version = version + 1, updated_at = ? WHERE id = ?", to, string(r), sealed, s.now(), s.now(), id)
		if err != nil {
			return err
		}
		if r == Agree {
			if err := s.Jobs.Add(ctx, GrantJob{OfferID: id}, jobs.Unique(id)); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer." + string(r), Kind: "offer", ID: id, Fields: []audit.Change{{Field: "state", Before: string(o.State), After: string(to)}, {Field: "by", After: way}}})
	})
}
