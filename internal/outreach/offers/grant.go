package offers

import (
	"context"
	"encoding/json"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// GrantJob grants one offer. However often it runs, the person gets it once.
type GrantJob struct {
	OfferID string `json:"offer_id"`
}

// Kind names the job.
func (GrantJob) Kind() string { return "offers.grant" }

// SweepJob looks for windows that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "offers.sweep" }

const sweepEvery = 10 * time.Minute

// Sweep grants what nobody objected to in time, and lets lapse what somebody
// would have had to agree to.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		var ids []string
		err := s.DB.From(ctx).Raw("SELECT id FROM offers WHERE state = 'offered' AND respond_by <= ? ORDER BY respond_by, id LIMIT ?", s.now(), chunk).Scan(&ids).Error
		if err != nil {
			return fail("find windows that are over", err)
		}
		for _, id := range ids {
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.over(ctx, id) }); err != nil {
				return err
			}
		}
		if len(ids) < chunk {
			return nil
		}
	}
}

// over ends the window of one offer: silence grants what moves no money.
func (s *Service) over(ctx context.Context, id string) error {
	o, err := s.lock(ctx, id, Offered)
	if err != nil || o == nil || o.RespondBy == nil || o.RespondBy.After(s.Now()) {
		return err
	}
	if !o.MovesMoney {
		if _, err := s.exec(ctx, "let an offer be granted", "UPDATE offers SET state = 'agreed', reason = 'silent', version = version + 1, updated_at = ? WHERE id = ?", s.now(), id); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, GrantJob{OfferID: id}, jobs.Unique(id))
	}
	if err := s.settle(ctx, o, Lapsed, "silent", nil); err != nil {
		return err
	}
	return s.tellEnded(ctx, o)
}

// tellEnded tells a person that nothing comes of an offer.
func (s *Service) tellEnded(ctx context.Context, o *Offer) error {
	head, gone, err := s.stands(ctx, o)
	if err != nil || gone {
		return err
	}
	return s.Tell(ctx, notify.Telling{Kind: notify.OfferEnded, To: notify.Recipient{ConstituentID: head}, About: o.ID, Cause: o.ID})
}

// grant makes the case of an offer, once: the offer is held, the record that
// stands for the person is held, everything that was merged into it is looked at
// for the same benefit, and the conditions are asked again. What fits no more is
// refused, with what each condition came to.
func (s *Service) grant(ctx context.Context, id string) error {
	ctx = actor.AsSystem(ctx, GrantJob{}.Kind())
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		o, err := s.lock(ctx, id, Agreed)
		if err != nil || o == nil {
			return err
		}
		head, err := s.Constituents.Hold(ctx, o.ConstituentID)
		if err != nil {
			return err
		}
		twice, err := s.twice(ctx, o, head)
		if err != nil {
			return err
		}
		if twice {
			return s.settle(ctx, o, Refused, "twice", nil)
		}
		if o.Reason != string(Agree) {
			if no, err := s.unwanted(ctx, o, head); err != nil || no {
				return err
			}
		}
		l, b, err := s.listed(ctx, o.ListID)
		if err != nil {
			return err
		}
		held, verdicts, err := s.stillFits(ctx, l, head)
		if err != nil {
			return err
		}
		switch {
		case verdicts == nil:
			return s.settle(ctx, o, Refused, "gone", nil)
		case held != outreach.Yes:
			if err := s.settle(ctx, o, Refused, "no_longer", string(verdicts)); err != nil {
				return err
			}
			return s.tellEnded(ctx, o)
		}
		return s.confer(ctx, o, l, b, head)
	})
}

// twice says whether somebody has the benefit already, under whichever of their
// records.
func (s *Service) twice(ctx context.Context, o *Offer, head string) (bool, error) {
	family, err := s.Constituents.Whole(ctx, head)
	if err != nil {
		return false, err
	}
	var n int
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM offers WHERE benefit_id = ? AND period = ? AND state = 'granted' AND id <> ? AND constituent_id IN ?", o.BenefitID, o.Period, o.ID, family).Scan(&n).Error
	return n > 0, db.Fault(err, "", "")
}

// unwanted ends an offer that silence alone would grant when it moves money, or
// when the same person objects to the benefit under another of their records.
func (s *Service) unwanted(ctx context.Context, o *Offer, head string) (bool, error) {
	if o.MovesMoney {
		return true, s.settle(ctx, o, Lapsed, "silent", nil)
	}
	whole, err := s.Constituents.Whole(ctx, head)
	if err != nil {
		return false, err
	}
	var n int
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM offers WHERE benefit_id = ? AND period = ? AND state = 'objected' AND constituent_id IN ?", o.BenefitID, o.Period, whole).Scan(&n).Error
	if err != nil || n == 0 {
		return false, db.Fault(err, "", "")
	}
	return true, s.settle(ctx, o, Objected, "elsewhere", nil)
}

// stillFits asks the conditions of a list again for one person; no verdicts when
// they were erased.
func (s *Service) stillFits(ctx context.Context, l *List, personID string) (held outreach.Held, verdicts []byte, err error) {
	root, err := outreach.Parse([]byte(l.Definition))
	if err != nil {
		return "", nil, err
	}
	terms, err := s.Outreach.Terms(ctx, root)
	if err != nil {
		return "", nil, err
	}
	all, err := s.Outreach.Judge(ctx, terms, []string{personID})
	if err != nil || all[personID] == nil {
		return outreach.Unknown, nil, err
	}
	verdicts, err = json.Marshal(all[personID])
	return s.Outreach.Reason(terms, all[personID], i18n.En).Held, verdicts, err
}

func (s *Service) confer(ctx context.Context, o *Offer, l *List, b *Benefit, head string) error {
	view, err := s.Constituents.Masked(ctx, head)
	if err != nil {
		return err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	unit, err := snap.Unit(b.UnitID)
	if err != nil {
		return err
	}
	matter, err := snap.Matter(b.MatterID)
	if err != nil {
		return err
	}
	lang, known := i18n.ParseLang(view.Locale)
	if !known {
		lang = i18n.ZhHant
	}
	args := i18n.Args{"Name": b.Name.In(lang), "Gives": b.Gives.In(lang), "Law": o.Law.In(lang), "Unit": unit.Name.In(lang)}
	handler := ""
	if l.ConfirmerID != nil {
		handler = *l.ConfirmerID
	}
	r, err := s.Cases.Confer(ctx, cases.Conferral{RequesterID: head, UnitCode: unit.Code, MatterCode: matter.Code, HandlerID: handler, Locale: string(lang),
		Title: b.Name.In(lang), Description: s.Words.T(lang, "offer.case.description", args), Decision: s.Words.T(lang, "offer.case.decision", args)})
	if err != nil {
		return err
	}
	reason := o.Reason
	n, err := s.exec(ctx, "note that an offer was granted", "UPDATE offers SET state = 'granted', case_id = ?, reason = ?, settled_at = ?, version = version + 1, updated_at = ? WHERE id = ? AND state = 'agreed'",
		r.CaseID, reason, s.now(), s.now(), o.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "offer.changed")
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "offer.granted", Kind: "offer", ID: o.ID, Fields: []audit.Change{{Field: "state", Before: string(Agreed), After: string(Granted)}, {Field: "case", After: r.CaseNo}}})
}
