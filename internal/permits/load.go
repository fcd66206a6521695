package permits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// may checks for whom the actor acts: themselves, or an enterprise of theirs.
func (s *Service) may(ctx context.Context, holderID, typeCode string, write bool) error {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return errMissing
	}
	if a.ConstituentID != "" {
		me, err := s.Cases.Constituents.Family(ctx, a.ConstituentID)
		if err != nil {
			return err
		}
		if slices.Contains(me, holderID) {
			return nil
		}
	}
	if s.Holders == nil {
		return errMissing
	}
	err := s.Holders.Can(ctx, holderID, typeCode, write)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return errMissing
	}
	return err
}

// own reads an application for the applicant's side; at a counter that is the desk which
// wrote it down.
func (s *Service) own(ctx context.Context, id string, write bool) (*Application, error) {
	if !db.IsID(id) {
		return nil, errMissing
	}
	a, err := s.read(ctx, "id = ?", id)
	if err != nil {
		return nil, err
	}
	return a, s.noMore(ctx, a, s.side(ctx, a, write))
}

// noMoreKey is what people are told who may no longer act for an applicant.
const noMoreKey = "permit.no_more"

// noMore tells people who worked on an application, or acted for its applicant, and may no
// longer, that it is so: to them it is no secret that it exists.
func (s *Service) noMore(ctx context.Context, a *Application, err error) error {
	if err == nil || fault.KindOf(err) != fault.NotFound || a.CounterUnitID != nil {
		return err
	}
	me := actor.From(ctx).AccountID
	for _, by := range []*string{a.BegunByID, a.ChangedByID, a.SignedByID} {
		if me != "" && by != nil && *by == me {
			return fault.New(fault.NotFound, noMoreKey)
		}
	}
	if s.Holders == nil {
		return err
	}
	was, failed := s.Holders.Was(ctx, a.HolderID)
	switch {
	case failed != nil:
		return failed
	case was:
		return fault.New(fault.NotFound, noMoreKey)
	}
	return err
}

func (s *Service) read(ctx context.Context, where string, args ...any) (*Application, error) {
	var a Application
	err := s.DB.From(ctx).Where(where, args...).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("read an application: %w", db.Fault(err, "", ""))
	}
	return &a, s.open(ctx, &a)
}

func (s *Service) open(ctx context.Context, a *Application) error {
	a.Answers = map[string]any{}
	if len(a.AnswersCipher) > 0 {
		body, err := s.Vault.Open(ctx, purposeAnswers, a.AnswersCipher)
		if err != nil {
			return err
		}
		if len(body) > 0 { // of somebody erased nothing is left
			if err := json.Unmarshal(body, &a.Answers); err != nil {
				return fmt.Errorf("read the answers of an application: %w", err)
			}
		}
	}
	name, err := s.Vault.Open(ctx, purposeSigner, a.SignerCipher)
	if err != nil {
		return err
	}
	a.Signer = string(name)
	return s.openCounter(ctx, a)
}

// typeOf is the version of the type that the application keeps.
func (s *Service) typeOf(ctx context.Context, a *Application) (*permittypes.Type, error) {
	return s.Types.Version(ctx, a.TypeCode, a.TypeVersion)
}

// asks lends the catalogue's engine of questions to a type.
func asks(t *permittypes.Type) *catalogue.Matter { return &catalogue.Matter{Questions: t.Questions} }

// Questions are those of a type, in the order of asking.
func (s *Service) Questions(ctx context.Context, t *permittypes.Type) ([]catalogue.Question, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return snap.Questions(asks(t))
}

// askable are the questions of an application. A renewal begins when the permit before
// ends, whatever anybody says, and is not asked for its first day; one that was written
// when that was still asked shows what was answered.
func askable(a *Application, all []catalogue.Question) []catalogue.Question {
	return slices.DeleteFunc(slices.Clone(all), func(q catalogue.Question) bool { return a.spared(q.Name, a.Answers) })
}

// spared says that a question of the type is not asked in this application.
func (a *Application) spared(question string, answers map[string]any) bool {
	_, answered := answers[question]
	return a.Purpose == ForRenewal && question == permittypes.EventBegins && !answered
}

// checkAnswers names what is wrong with the answers of an application, as of today.
func (s *Service) checkAnswers(ctx context.Context, a *Application, t *permittypes.Type, answers map[string]any) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	err = snap.CheckAnswers(asks(t), answers)
	if bad, ours := fault.As(err); ours && bad.Kind == fault.Invalid {
		left := slices.DeleteFunc(slices.Clone(bad.Fields), func(f fault.Field) bool { return a.spared(strings.TrimPrefix(f.Name, "answers."), answers) })
		if len(left) < len(bad.Fields) {
			err = fault.InvalidInput(left...)
			if len(left) == 0 {
				err = nil
			}
		}
	}
	if err != nil {
		return err
	}
	return checkDays(t, answers, s.today(ctx))
}

// calendarOf counts for a case, by its unit.
func (s *Service) calendarOf(ctx context.Context, c *cases.Case) (*calendar.Calendar, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(c.UnitID)
	if err != nil {
		return nil, err
	}
	return s.Cases.Clocks.Of(snap, u)
}

// changed writes some columns of an application that nobody changed meanwhile.
func (s *Service) changed(ctx context.Context, a *Application, columns map[string]any) error {
	columns["version"], columns["updated_at"] = a.Version+1, s.now()
	if who := actor.From(ctx); who.Kind == actor.Citizen || a.CounterUnitID != nil && a.State == Draft {
		columns["changed_by_id"] = db.Ref(who.AccountID)
	}
	res := s.DB.From(ctx).Model(&Application{}).Where("id = ? AND version = ?", a.ID, a.Version).Updates(columns)
	if res.Error != nil {
		return fmt.Errorf("change an application: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "permit.changed")
	}
	a.Version++
	return nil
}
