package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// holdBundle lets nobody else change a draft until the transaction ends. With a
// version it has to be that of the page.
func (s *Service) holdBundle(ctx context.Context, b *Bundle, version int64) error {
	sql, args := "UPDATE permit_bundles SET version = version + 1, updated_at = ? WHERE id = ? AND sent_at IS NULL", []any{s.now(), b.ID}
	if version == 0 {
		sql = strings.Replace(sql, "version = version + 1", "version = version", 1)
	} else {
		sql, args = sql+" AND version = ?", append(args, version)
	}
	res := s.DB.From(ctx).Exec(sql, args...)
	if res.Error != nil {
		return fmt.Errorf("hold a bundle: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		return nil
	}
	var now []Bundle
	if err := s.DB.From(ctx).Where("id = ?", b.ID).Find(&now).Error; err != nil {
		return fmt.Errorf("read a bundle: %w", err)
	}
	if len(now) > 0 && now[0].SentAt != nil {
		return errSent
	}
	return fault.New(fault.Conflict, "permit.changed")
}

// writable opens a draft for a change.
func (s *Service) writable(ctx context.Context, id string) (*OwnBundle, error) {
	o, err := s.BundleOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if !o.MayWrite {
		for _, p := range o.Parts {
			if err := s.may(ctx, o.HolderID, p.Type.Code, true); err != nil {
				return nil, err
			}
		}
		return nil, errMissing
	}
	if o.SentAt != nil {
		return nil, errSent
	}
	return o, nil
}

// AnswerBundle keeps the answers to the one form with every application that asks
// them, well or not; what is wrong comes back as an Invalid error after they were
// kept. The version is that of the page.
func (s *Service) AnswerBundle(ctx context.Context, id string, version int64, values map[string][]string) error {
	o, err := s.writable(ctx, id)
	if err != nil {
		return err
	}
	answers := o.Spread(values)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.holdBundle(ctx, o.Bundle, version); err != nil {
			return err
		}
		for _, p := range o.Parts {
			if err := s.keepAnswers(ctx, p.Application, answers[p.Type.Code]); err != nil {
				return err
			}
			p.Application.Answers = answers[p.Type.Code]
		}
		return s.spreadAll(ctx, o)
	})
	if err != nil {
		return db.Fault(err, "", "permit.changed")
	}
	return s.checkBundle(ctx, o)
}

// keepAnswers seals and writes the answers of an application, in the open transaction.
func (s *Service) keepAnswers(ctx context.Context, a *Application, answers map[string]any) error {
	body, err := json.Marshal(answers)
	if err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	if len(body) > answersMost {
		return fault.New(fault.Invalid, "fault.too_large")
	}
	cipher, err := s.Vault.Seal(ctx, a.VaultKeyID, purposeAnswers, body)
	if err != nil {
		return err
	}
	if err := s.changed(ctx, a, map[string]any{"answers_cipher": cipher}); err != nil {
		return err
	}
	if err := s.compare(ctx, a, answers); err != nil {
		return err
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.answer", Kind: "application", ID: a.ID, Fields: []audit.Change{{Field: "answers"}}})
}

// checkBundle names what is wrong with the answers by the fields of the one form, each
// once.
func (s *Service) checkBundle(ctx context.Context, o *OwnBundle) error {
	var fields []fault.Field
	for _, p := range o.Parts {
		err := s.checkAnswers(ctx, p.Application, p.Type, p.Application.Answers)
		e, ours := fault.As(err)
		if err != nil && (!ours || e.Kind != fault.Invalid || len(e.Fields) == 0) {
			return err
		}
		if err == nil {
			continue
		}
		for _, f := range e.Fields {
			if name, ok := strings.CutPrefix(f.Name, "answers."); ok {
				f.Name = "answers." + o.key(p.Type.Code, name)
			}
			if !slices.ContainsFunc(fields, func(g fault.Field) bool { return g.Name == f.Name }) {
				fields = append(fields, f)
			}
		}
	}
	if len(fields) > 0 {
		return fault.InvalidInput(fields...)
	}
	return nil
}

// SubmitBundle signs and sends all applications of a draft, or none: each becomes a
// case of its own. Of two who send at once one wins, and the other hears that it is
// sent.
func (s *Service) SubmitBundle(ctx context.Context, id string, version int64, sign Signature, lang i18n.Lang) ([]*cases.Receipt, error) {
	o, err := s.writable(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.readyBundle(ctx, o, sign); err != nil {
		return nil, err
	}
	var list []*cases.Receipt
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		list = nil
		if err := s.holdBundle(ctx, o.Bundle, version); err != nil {
			return err
		}
		now, err := s.BundleOf(ctx, id) // as nobody changes it any more
		if err != nil {
			return err
		}
		if err := s.spreadAll(ctx, now); err != nil {
			return err
		}
		missing, codes, err := s.completeBundle(ctx, now)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return fault.InvalidInput(missing...)
		}
		for _, p := range now.Parts {
			r, err := s.sendPart(ctx, p, codes[p.Application.ID], sign, lang)
			if err != nil {
				return fmt.Errorf("send the application for %s: %w", p.Type.Code, err)
			}
			list = append(list, r)
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_bundles SET sent_at = ? WHERE id = ?", s.now(), id).Error; err != nil {
			return fmt.Errorf("send a bundle: %w", err)
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.bundle.send", Kind: "bundle", ID: id, Fields: []audit.Change{{Field: "count", After: fmt.Sprint(len(list))}}})
	})
	if err != nil {
		return nil, db.Fault(err, "", "permit.changed")
	}
	return list, nil
}

// readyBundle names what is missing before a bundle can be sent: the signature, and
// answers.
func (s *Service) readyBundle(ctx context.Context, o *OwnBundle, sign Signature) error {
	var c fault.Check
	if err := c.Add(signatureOf(sign)); err != nil {
		return err
	}
	if err := c.Add(s.checkBundle(ctx, o)); err != nil {
		return err
	}
	for _, p := range o.Parts {
		err := s.explained(ctx, p.Application, p.Type)
		if e, ours := fault.As(err); ours {
			for _, f := range e.Fields {
				c.That(false, "why."+o.key(p.Type.Code, strings.TrimPrefix(f.Name, "why.")), f.Key)
			}
		} else if err != nil {
			return err
		}
	}
	return c.Err()
}

// completeBundle names the papers of the one list that are not there, each once, and
// lists those that are, by application.
func (s *Service) completeBundle(ctx context.Context, o *OwnBundle) (missing []fault.Field, codes map[string][]string, err error) {
	codes = map[string][]string{}
	keys := map[string]string{}
	for _, paper := range o.Papers() {
		for _, w := range paper.Of {
			keys[w.Type+" material."+w.Code] = "material." + paper.Code
		}
	}
	for _, p := range o.Parts {
		list, err := s.complete(ctx, p.Application, p.Type)
		codes[p.Application.ID] = list
		e, ours := fault.As(err)
		if err != nil && (!ours || e.Kind != fault.Invalid || len(e.Fields) == 0) {
			return nil, nil, err
		}
		if err == nil {
			continue
		}
		for _, f := range e.Fields {
			if key := keys[p.Type.Code+" "+f.Name]; key != "" {
				f.Name = key
			}
			if !slices.ContainsFunc(missing, func(g fault.Field) bool { return g.Name == f.Name }) {
				missing = append(missing, f)
			}
		}
	}
	return missing, codes, nil
}

// sendPart files one application of a bundle, in the transaction of them all.
func (s *Service) sendPart(ctx context.Context, p *Own, codes []string, sign Signature, lang i18n.Lang) (*cases.Receipt, error) {
	a, t := p.Application, p.Type
	if err := s.takePlace(ctx, a, t); err != nil {
		return nil, err
	}
	r, err := s.Cases.FileApplication(ctx, cases.Application{HolderID: a.HolderID, Filing: s.filing(a, t, lang), Completeness: t.Completeness, Promised: t.Promised})
	if err != nil {
		return nil, err
	}
	// what was spread a moment ago changed no version
	return r, s.sent(ctx, a, r, codes, sign)
}

// DropBundle throws a draft away, with all its applications and files.
func (s *Service) DropBundle(ctx context.Context, id string, version int64) error {
	o, err := s.writable(ctx, id)
	if err != nil {
		return err
	}
	return s.eraseBundle(ctx, o.Bundle, version)
}

func (s *Service) eraseBundle(ctx context.Context, b *Bundle, version int64) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.holdBundle(ctx, b, version); err != nil {
			return err
		}
		if err := s.untie(ctx, "id = ?", b.ID); err != nil {
			return err
		}
		parts, err := s.partsOf(ctx, b.ID)
		if err != nil {
			return err
		}
		for i := range parts {
			if err := s.erase(ctx, &parts[i]); err != nil {
				return err
			}
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM permit_bundles WHERE id = ?", b.ID).Error; err != nil {
			return fmt.Errorf("erase a bundle: %w", err)
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.bundle.drop", Kind: "bundle", ID: b.ID})
	})
	return db.Fault(err, "", "permit.changed")
}

// untie lets the materials of drafts stand by themselves, so that each can be erased.
func (s *Service) untie(ctx context.Context, where string, args ...any) error {
	err := s.DB.From(ctx).Exec(`UPDATE permit_materials SET reuses_id = NULL WHERE application_id IN (SELECT a.id FROM permit_applications a
 JOIN permit_bundles b ON b.id = a.bundle_id WHERE b.sent_at IS NULL AND b.`+where+")", args...).Error
	if err != nil {
		return fmt.Errorf("untie shared materials: %w", err)
	}
	return nil
}

// purgeBundles erases drafts past their life.
func (s *Service) purgeBundles(ctx context.Context) error {
	for {
		var list []Bundle
		err := s.DB.From(ctx).Where("sent_at IS NULL AND updated_at < ?", s.now().Add(-DraftLife)).Order("updated_at, id").Limit(100).Find(&list).Error
		if err != nil {
			return fmt.Errorf("find old bundles: %w", db.Fault(err, "", ""))
		}
		for i := range list {
			if err := s.eraseBundle(ctx, &list[i], list[i].Version); err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
		}
		if len(list) < 100 {
			return nil
		}
	}
}
