// Package voices publishes questions and answers that help others too. Nothing is
// published unless the person who asked agrees, which they may take back at any
// time, and a member of staff has read it; names, numbers and addresses are
// masked, and nothing else of the case is shown.
package voices

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// Deps are what the service works with.
type Deps struct {
	DB        *db.DB
	Audit     *audit.Service
	Cases     *cases.Service
	Catalogue *catalogue.Service
	Places    *place.Service
	Now       func() time.Time

	Vault *vault.Vault
	Jobs  *jobs.Queue
	Tell  func(ctx context.Context, t notify.Telling) error // mails those who follow; nil where none can leave
}

// Service is the only writer of what is published.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	d.Cases.WhenGone(s.remove)
	d.Cases.WhenGone(s.forget)
	return s
}

// Voice is a row of voices: published, or declined and why.
type Voice struct {
	ID          string
	CaseID      string
	State       cases.Voice
	DecidedAt   time.Time
	DecidedByID *string
	PublishedAt *time.Time
	Locale      string
	Title       string
	Question    string
	Answer      string
	Reason      string
	MatterID    *string
	DistrictID  *string
	Version     int64

	Concerns int64 `gorm:"->"` // whom it concerns too; the case counts
	Open     bool  `gorm:"->"` // and more may say so
}

// TableName names the table for gorm.
func (Voice) TableName() string { return "voices" }

// Agree notes that the person lets question and answer be published, or no longer
// does: then what is published is gone at once.
func (s *Service) Agree(ctx context.Context, k cases.Key, yes bool) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if actor.From(ctx).Kind == actor.Staff {
		return fault.New(fault.Forbidden, "voices.staff") // the person agrees, never the clerk
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		c, err := s.Cases.Own(ctx, k)
		if err != nil {
			return err
		}
		switch {
		case yes == (c.Voice != ""):
			return nil // pressed twice
		case yes && !c.MayPublish(snap):
			return fault.New(fault.Conflict, "voices.not_offered")
		case yes:
			return s.note(ctx, c, cases.VoiceAgreed, "voice.agreed", "")
		}
		return s.note(ctx, c, "", "voice.revoked", "")
	})
}

// Consent notes what somebody said elsewhere: that question and answer of their
// case may be published. No page leads here; the demo city does.
func (s *Service) Consent(ctx context.Context, caseNo string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Cases.View(ctx, caseNo)
		if err != nil {
			return err
		}
		return s.note(ctx, &v.Case, cases.VoiceAgreed, "voice.agreed", "")
	})
}

// note moves the case on with an audit entry; what stood there before goes.
func (s *Service) note(ctx context.Context, c *cases.Case, to cases.Voice, action, reason string) error {
	was := c.Voice
	if err := s.Cases.SetVoice(ctx, c, to); err != nil {
		return err
	}
	if err := s.remove(ctx, []string{c.ID}); err != nil {
		return err
	}
	if to != cases.VoicePublished {
		if err := s.forget(ctx, []string{c.ID}); err != nil {
			return err
		}
	}
	return s.Audit.Record(c.Confidentiality.For(ctx), audit.Entry{Action: action, Kind: "case", ID: c.CaseNo, Reason: reason,
		Fields: []audit.Change{{Field: "voice", Before: string(was), After: string(to)}}})
}

// remove deletes what is published or was declined of cases.
func (s *Service) remove(ctx context.Context, caseIDs []string) error {
	for _, sql := range []string{"DELETE FROM voice_terms WHERE voice_id IN (SELECT id FROM voices WHERE case_id IN ?)", "DELETE FROM voices WHERE case_id IN ?"} {
		if err := s.DB.From(ctx).Exec(sql, caseIDs).Error; err != nil {
			return fmt.Errorf("take what was published away: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}

// Of is what was decided on a case, for its person and for staff; nil while
// nothing was.
func (s *Service) Of(ctx context.Context, c *cases.Case) (*Voice, error) {
	if c.Voice != cases.VoicePublished && c.Voice != cases.VoiceDeclined {
		return nil, nil //nolint:nilnil // most cases are not published
	}
	var list []Voice
	if err := s.DB.From(ctx).Where("case_id = ?", c.ID).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read what was published: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // taken away meanwhile
	}
	return &list[0], nil
}

// load reads a case for somebody who publishes for the unit that has it.
func (s *Service) load(ctx context.Context, caseNo string) (*cases.View, error) {
	v, err := s.Cases.ViewFor(ctx, caseNo, access.CasePublish)
	if err != nil {
		return nil, err
	}
	may, err := s.Cases.MayPublishFor(ctx, v)
	if err != nil {
		return nil, err
	}
	if !may {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	return v, nil
}

// Draft is what would be published, masked.
type Draft struct {
	Case     *cases.View
	Decided  *Voice // what stands now
	Texts    Texts
	Possible bool   // the person agrees and there is a result
	Seen     string // stands for what was decided so far, and for the result; see Publish
}

// seen stands for the result of a case and what was last decided on publishing it.
func seen(c *cases.Case, decided *Voice) string {
	s := strconv.FormatInt(c.ConclusionNo, 10)
	if decided != nil {
		s += " " + decided.DecidedAt.UTC().Format(time.RFC3339Nano)
	}
	return s
}

// still refuses who decides by what stands no more.
func (s *Service) still(ctx context.Context, c *cases.Case, was string) (decided *Voice, err error) {
	if decided, err = s.Of(ctx, c); err != nil {
		return nil, err
	}
	if was != "" && was != seen(c, decided) {
		return nil, fault.New(fault.Conflict, "voices.changed")
	}
	return decided, nil
}

// Draft prepares the texts of a case: what is published already, or the masked
// question and the newest reply.
func (s *Service) Draft(ctx context.Context, caseNo string) (*Draft, error) {
	v, err := s.load(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	d := &Draft{Case: v}
	if d.Decided, err = s.Of(ctx, &v.Case); err != nil {
		return nil, err
	}
	d.Seen = seen(&v.Case, d.Decided)
	if d.Possible, err = s.possible(ctx, &v.Case); err != nil {
		return nil, err
	}
	if d.Decided != nil && d.Decided.State == cases.VoicePublished {
		d.Texts = Texts{Title: d.Decided.Title, Question: d.Decided.Question, Answer: d.Decided.Answer}
		return d, nil
	}
	m, err := s.masker(ctx, v)
	if err != nil {
		return nil, err
	}
	d.Texts = Texts{Title: m.mask(v.Title), Question: m.mask(v.Description), Answer: m.mask(reply(v))}
	return d, nil
}

// reply is the newest answer that the person got.
func reply(v *cases.View) (said string) {
	for _, m := range v.Messages {
		if m.Published && m.Direction == "out" && m.Kind == "reply" {
			said = m.Text
		}
	}
	return said
}

// possible says whether there is something to decide.
func (s *Service) possible(ctx context.Context, c *cases.Case) (bool, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	return c.Voice != "" && c.ConcludedAt != nil && !c.Appealed && c.MatterID != nil && c.MayPublish(snap), nil
}

// Publish puts question and answer before everybody. Texts of what is published
// already are replaced. A Conflict when somebody decided otherwise, or the case got
// another result, since the draft with this Seen was read; an empty one takes what
// stands.
func (s *Service) Publish(ctx context.Context, caseNo string, t Texts, was string) (*Voice, error) {
	t = t.tidy()
	if err := t.Validate(); err != nil {
		return nil, err
	}
	var out *Voice
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.open(ctx, caseNo)
		if err != nil {
			return err
		}
		m, err := s.masker(ctx, v)
		if err != nil {
			return err
		}
		if err := m.check(t); err != nil {
			return err
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		before, err := s.still(ctx, &v.Case, was)
		if err != nil {
			return err
		}
		if err := s.note(ctx, &v.Case, cases.VoicePublished, "voice.published", ""); err != nil {
			return err
		}
		out = &Voice{ID: *v.VoiceID, CaseID: v.ID, State: cases.VoicePublished, DecidedAt: now, DecidedByID: db.Ref(actor.From(ctx).AccountID),
			PublishedAt: &now, Locale: v.Locale, Title: t.Title, Question: t.Question, Answer: t.Answer, MatterID: v.MatterID, Version: 1}
		if before != nil && before.PublishedAt != nil {
			out.PublishedAt = before.PublishedAt
		}
		if out.DistrictID, err = s.borough(ctx, v.DistrictID); err != nil {
			return err
		}
		if err := s.DB.From(ctx).Create(out).Error; err != nil {
			return fmt.Errorf("publish a case: %w", db.Fault(err, "", "case.changed"))
		}
		if before != nil && before.State == cases.VoicePublished {
			if err := s.Jobs.Add(ctx, News{CaseID: v.ID, Cause: db.NewID(now), Of: notify.FollowReplied}); err != nil {
				return err
			}
		}
		return s.index(ctx, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Decline says why question and answer are not published, or are no more. A Conflict
// as Publish has it.
func (s *Service) Decline(ctx context.Context, caseNo, reason, was string) error {
	reason, err := checkedReason(reason)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.load(ctx, caseNo)
		if err != nil {
			return err
		}
		if v.Voice == "" {
			return fault.New(fault.Conflict, "voices.not_agreed")
		}
		if _, err := s.still(ctx, &v.Case, was); err != nil {
			return err
		}
		action := "voice.declined"
		if v.Voice == cases.VoicePublished {
			action = "voice.withdrawn"
		}
		if err := s.note(ctx, &v.Case, cases.VoiceDeclined, action, reason); err != nil {
			return err
		}
		row := &Voice{ID: *v.VoiceID, CaseID: v.ID, State: cases.VoiceDeclined, DecidedAt: s.Now().UTC(), DecidedByID: db.Ref(actor.From(ctx).AccountID),
			Reason: reason, Version: 1}
		if err := s.DB.From(ctx).Create(row).Error; err != nil {
			return fmt.Errorf("decline to publish a case: %w", db.Fault(err, "", "case.changed"))
		}
		return nil
	})
}

// open is load of a case that can be published now.
func (s *Service) open(ctx context.Context, caseNo string) (*cases.View, error) {
	v, err := s.load(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	possible, err := s.possible(ctx, &v.Case)
	if err == nil && !possible {
		err = fault.New(fault.Conflict, "voices.not_agreed")
	}
	return v, err
}

// borough is the district by which people look for something: that around the
// place of the case.
func (s *Service) borough(ctx context.Context, district *string) (*string, error) {
	if district == nil {
		return nil, nil //nolint:nilnil // the case has no place
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	d, err := areas.District(*district)
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // one that is gone from the map
	}
	for _, d := range areas.Chain(d) {
		if d.Level == place.Borough {
			return &d.ID, nil
		}
	}
	return nil, nil //nolint:nilnil // the whole city
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
