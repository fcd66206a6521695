package nextstep

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// All stands for every rule, also those to come.
const All = ""

// Offs are what somebody does not want to be shown, and since when.
type Offs map[string]time.Time

// Hides says whether steps of a rule are left out.
func (o Offs) Hides(code string) bool {
	_, all := o[All]
	_, one := o[code]
	return all || one
}

// Offs are what the signed-in person switched off, for whomever they act.
func (s *Service) Offs(ctx context.Context) (Offs, error) {
	me, err := s.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil || len(me) == 0 {
		return Offs{}, err
	}
	return s.offs(ctx, me)
}

// offs reads for a family: what was switched off on one of its records holds for
// the person.
func (s *Service) offs(ctx context.Context, me []string) (Offs, error) {
	var rows []struct {
		Rule string
		At   time.Time
	}
	if err := s.DB.From(ctx).Raw("SELECT rule, at FROM next_step_offs WHERE constituent_id IN ? ORDER BY at DESC", me).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what is switched off: %w", db.Fault(err, "", ""))
	}
	out := Offs{}
	for _, r := range rows {
		out[r.Rule] = r.At
	}
	return out, nil
}

// Switch turns a rule, or all, off or on for the signed-in person. To say the
// same again changes nothing.
func (s *Service) Switch(ctx context.Context, code string, off bool) error {
	if code != All && RuleOf(code) == nil {
		return fault.InvalidInput(fault.Field{Name: "rule", Key: "next.rule.unknown"})
	}
	me, err := s.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil {
		return err
	}
	if len(me) == 0 {
		return fault.New(fault.Forbidden, "next.nobody")
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		now := s.Now().UTC()
		tx := s.DB.From(ctx)
		if off {
			tx = tx.Exec(`INSERT INTO next_step_offs (id, constituent_id, rule, at) VALUES (?, ?, ?, ?)
 ON CONFLICT (constituent_id, rule) DO NOTHING`, db.NewID(now), me[0], code, now)
		} else {
			tx = tx.Exec("DELETE FROM next_step_offs WHERE constituent_id IN ? AND rule = ?", me, code)
		}
		if tx.Error != nil {
			return fmt.Errorf("switch steps off or on: %w", db.Fault(tx.Error, "", ""))
		}
		if tx.RowsAffected == 0 {
			return nil
		}
		word := map[bool]string{true: "off", false: "on"}
		name := code
		if code == All {
			name = "all"
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.next_step", Kind: "constituent", ID: me[0],
			Fields: []audit.Change{{Field: name, Before: word[!off], After: word[off]}}})
	})
}

// Of lists what people switched off, for the copy of their data.
func (s *Service) Of(ctx context.Context, ids []string) (list []string, err error) {
	offs, err := s.offs(ctx, ids)
	for code := range offs {
		if code == All {
			code = "all"
		}
		list = append(list, code)
	}
	return list, err
}

// Forget removes it with those who are erased, in the open transaction.
func (s *Service) Forget(ctx context.Context, ids []string) error {
	if err := s.DB.From(ctx).Exec("DELETE FROM next_step_offs WHERE constituent_id IN ?", ids).Error; err != nil {
		return fmt.Errorf("forget what was switched off: %w", db.Fault(err, "", ""))
	}
	return nil
}
