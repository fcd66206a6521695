package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// DraftLife is how long a draft is kept after its last change.
const DraftLife = 90 * 24 * time.Hour

// answersMost is how large the answers may be, in bytes.
const answersMost = 128 << 10

// Who applies; a type says for whom it is.
const (
	ForEnterprise = "enterprise"
	ForPerson     = "person"
)

// Applicant is for whom the actor applies at the moment.
func (s *Service) Applicant(ctx context.Context) (holderID, kind string, err error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return "", "", fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if s.Holders != nil {
		if holderID, err = s.Holders.Acting(ctx); err != nil || holderID != "" {
			return holderID, ForEnterprise, err
		}
	}
	if a.ConstituentID == "" {
		return "", "", fault.New(fault.Unauthenticated, "access.sign_in")
	}
	head, err := s.Cases.Constituents.Head(ctx, a.ConstituentID)
	return head, ForPerson, err
}

// Begin opens the draft of a type for whom the actor acts, the one that a colleague
// has begun where there is one.
func (s *Service) Begin(ctx context.Context, typeCode string) (*Application, error) {
	holder, kind, err := s.Applicant(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.Types.Type(ctx, typeCode)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(t.Audience, kind) {
		return nil, fault.New(fault.Conflict, "permit.audience."+kind)
	}
	if err := s.may(ctx, holder, t.Code, true); err != nil {
		return nil, err
	}
	var out *Application
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		head, err := s.Cases.Constituents.Hold(ctx, holder) // two members who begin at once share one draft
		if err != nil {
			return err
		}
		out, err = s.read(ctx, "holder_id = ? AND type_code = ? AND type_version = ? AND state = 'draft' AND purpose = 'new' AND bundle_id IS NULL AND counter_unit_id IS NULL", head, t.Code, t.Version)
		if err == nil || fault.KindOf(err) != fault.NotFound {
			return err
		}
		out = &Application{HolderID: head, TypeCode: t.Code, TypeVersion: t.Version, Purpose: ForNew}
		return s.create(ctx, out)
	})
	return out, db.Fault(err, "", "")
}

func (s *Service) create(ctx context.Context, a *Application) error {
	key, row, err := s.Vault.Mint(vault.OwnerCase)
	if err != nil {
		return err
	}
	a.ID, a.State, a.VaultKeyID, a.Version = db.NewID(s.now()), Draft, row.ID, 1
	a.BegunByID, a.CreatedAt, a.UpdatedAt = db.Ref(actor.From(ctx).AccountID), s.now(), s.now()
	a.ChangedByID = a.BegunByID
	if a.Answers == nil {
		a.Answers = map[string]any{}
	}
	held, err := s.prefill(ctx, a)
	if err != nil {
		return err
	}
	body, err := json.Marshal(a.Answers)
	if err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	if a.AnswersCipher, err = key.Seal(purposeAnswers, body); err != nil {
		return err
	}
	begun := audit.Entry{Action: "permit.begin", Kind: "application", ID: a.ID, Fields: []audit.Change{{Field: "type", After: a.TypeCode}}}
	if a.Counter != nil {
		if body, err = a.Counter.body(); err != nil {
			return err
		}
		if a.CounterCipher, err = key.Seal(purposeCounter, body); err != nil {
			return err
		}
		begun.Fields = append(begun.Fields, audit.Change{Field: "channel", After: cases.ChannelCounter})
	}
	if err := s.DB.InsertAll(ctx, row.Insert()); err != nil {
		return fmt.Errorf("store the key of an application: %w", err)
	}
	if err := s.DB.From(ctx).Create(a).Error; err != nil {
		return fmt.Errorf("begin an application: %w", err)
	}
	if err := s.keepAlready(ctx, a, held); err != nil {
		return err
	}
	return s.Audit.Record(ctx, begun)
}

// Answer keeps the answers of a draft, well or not; what is wrong comes back as an
// Invalid error after they were kept. The version is that of the page: when a
// colleague has changed the draft meanwhile, nothing is kept and it is a Conflict.
func (s *Service) Answer(ctx context.Context, id string, version int64, answers map[string]any) error {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return err
	}
	if err := alone(a); err != nil {
		return err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return err
	}
	a.Version = version
	err = s.DB.Tx(ctx, func(ctx context.Context) error { return s.keepAnswers(ctx, a, answers) })
	if err != nil {
		return db.Fault(err, "", "permit.changed")
	}
	return s.checkAnswers(ctx, a, t, answers)
}

// alone refuses what was sent, and a part of a bundle, which is written and sent as
// a whole.
func alone(a *Application) error {
	if a.State != Draft {
		return errSent
	}
	if a.BundleID != nil {
		return fault.New(fault.Conflict, "bundle.part")
	}
	return nil
}

// Drop throws a draft away with its files.
func (s *Service) Drop(ctx context.Context, id string, version int64) error {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return err
	}
	if err := alone(a); err != nil {
		return err
	}
	if a.Version != version {
		return fault.New(fault.Conflict, "permit.changed")
	}
	return s.erase(ctx, a)
}

func (s *Service) erase(ctx context.Context, a *Application) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE permit_applications SET version = version + 1 WHERE id = ? AND version = ? AND state = 'draft'", a.ID, a.Version)
		if res.Error != nil {
			return fmt.Errorf("hold a draft: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "permit.changed")
		}
		list, err := s.materials(ctx, a.ID)
		if err != nil {
			return err
		}
		if err := s.Files.Forget(ctx, a.ID); err != nil {
			return err
		}
		for i := range list {
			if err := s.Files.RemoveAll(ctx, files.Owner{Kind: files.Material, ID: list[i].ID}); err != nil {
				return err
			}
		}
		for _, sql := range []string{"DELETE FROM permit_already_held WHERE application_id = ?", "DELETE FROM permit_materials WHERE application_id = ?", "DELETE FROM permit_applications WHERE id = ?"} {
			if err := s.DB.From(ctx).Exec(sql, a.ID).Error; err != nil {
				return fmt.Errorf("erase a draft: %w", err)
			}
		}
		if err := s.Vault.Destroy(ctx, a.VaultKeyID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.drop", Kind: "application", ID: a.ID})
	})
	return db.Fault(err, "", "permit.changed")
}

// Forget is the job that erases drafts past their life.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "permit.forget_drafts" }

// Deem is the job that accepts what nobody spoke about in time.
type Deem struct{}

// Kind names the job.
func (Deem) Kind() string { return "permit.deem" }

// Workers makes the queue do them all.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Forget) error { return s.Purge(ctx) })
	q.Every(24*time.Hour, Forget{})
	jobs.Work(q, func(ctx context.Context, _ Deem) error { return s.DeemAll(ctx) })
	q.Every(time.Hour, Deem{})
	jobs.Work(q, func(ctx context.Context, _ Remind) error { return s.RemindAll(ctx) })
	q.Every(time.Hour, Remind{})
}

// Purge erases drafts past their life.
func (s *Service) Purge(ctx context.Context) error {
	if err := s.purgeBundles(ctx); err != nil {
		return err
	}
	for {
		var list []Application
		err := s.DB.From(ctx).Where("state = 'draft' AND bundle_id IS NULL AND updated_at < ?", s.now().Add(-DraftLife)).Order("updated_at, id").Limit(100).Find(&list).Error
		if err != nil {
			return fmt.Errorf("find old drafts: %w", db.Fault(err, "", ""))
		}
		for i := range list {
			if err := s.erase(ctx, &list[i]); err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
		}
		if len(list) < 100 {
			return nil
		}
	}
}
