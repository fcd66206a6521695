package permits

import (
	"context"
	"fmt"

	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/permittypes"
)

// Erase takes what holders who are erased wrote, signed and gave out of their
// applications, in the open transaction. Drafts go whole. What was sent is a file
// of the administration: type, dates, verdicts and the decision stay, the key of the
// answers and of the signature is destroyed, and so are those of the materials.
func (s *Service) Erase(ctx context.Context, holderIDs []string) error {
	// Whoever changes one meanwhile waits, and finds nothing to change.
	if err := s.DB.From(ctx).Exec("UPDATE permit_applications SET version = version + 1 WHERE holder_id IN ?", holderIDs).Error; err != nil {
		return fmt.Errorf("hold somebody's applications: %w", db.Fault(err, "", ""))
	}
	if err := s.untie(ctx, "holder_id IN ?", holderIDs); err != nil {
		return err
	}
	list, err := s.ofHolders(ctx, holderIDs)
	if err != nil {
		return err
	}
	for i := range list {
		end := s.strip
		if list[i].State == Draft {
			end = s.erase
		}
		if err := end(ctx, &list[i]); err != nil {
			return err
		}
	}
	for _, sql := range []string{"DELETE FROM permit_bundles WHERE sent_at IS NULL AND holder_id IN ?", "UPDATE permit_bundles SET guide = '' WHERE holder_id IN ?"} {
		if err := s.DB.From(ctx).Exec(sql, holderIDs).Error; err != nil {
			return fmt.Errorf("erase somebody's bundles: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}

// ofHolders reads applications without what is sealed in them.
func (s *Service) ofHolders(ctx context.Context, ids []string) (list []Application, err error) {
	if err := s.DB.From(ctx).Where("holder_id IN ?", ids).Order("created_at, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list somebody's applications: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// strip leaves of an application that was sent what the administration did with it.
func (s *Service) strip(ctx context.Context, a *Application) error {
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
	visits, err := s.inspections(ctx, a.ID)
	if err != nil {
		return err
	}
	for i := range visits {
		if err := s.Files.RemoveAll(ctx, visits[i].owner()); err != nil {
			return err
		}
	}
	if err := s.stripHearings(ctx, a.ID); err != nil {
		return err
	}
	if err := s.stripInterested(ctx, a.ID); err != nil {
		return err
	}
	for _, sql := range []string{
		"UPDATE permit_already_held SET held_cipher = NULL, reason_cipher = NULL WHERE application_id = ?",
		"UPDATE permit_notices SET answers_cipher = NULL WHERE application_id = ?",
		"UPDATE permit_answer_changes SET before_cipher = NULL, after_cipher = NULL, agreed_cipher = NULL WHERE application_id = ?",
		"UPDATE permit_applications SET answers_cipher = NULL, signer_cipher = NULL, counter_cipher = NULL WHERE id = ?",
	} {
		if err := s.DB.From(ctx).Exec(sql, a.ID).Error; err != nil {
			return fmt.Errorf("erase what somebody applied with: %w", db.Fault(err, "", ""))
		}
	}
	return s.Vault.Destroy(ctx, a.VaultKeyID)
}

// Held is an application with all that its holder wrote and gave, for that holder.
type Held struct {
	Application
	Type      *permittypes.Type
	Questions []catalogue.Question
	Given     []Version // every version of every material
	Decision  *Decision // once it is made
	Hearings  []Hearing // the newest first

	Changes     []AnswerChange
	Already     []Already    // answers, then materials, that nobody had to give
	Inspections []Inspection // the newest first
}

// Held lists the applications of holders, the oldest first. Whoever calls has made
// sure that it is they who ask.
func (s *Service) Held(ctx context.Context, holderIDs []string) ([]Held, error) {
	list, err := s.ofHolders(ctx, holderIDs)
	if err != nil {
		return nil, err
	}
	var out []Held
	for i := range list {
		h := Held{Application: list[i]}
		if err := s.hold(ctx, &h); err != nil {
			return nil, fmt.Errorf("read application %s for a copy: %w", h.ID, err)
		}
		out = append(out, h)
	}
	return out, nil
}

func (s *Service) hold(ctx context.Context, h *Held) error {
	if err := s.open(ctx, &h.Application); err != nil {
		return err
	}
	var err error
	if h.Type, err = s.typeOf(ctx, &h.Application); err != nil {
		return err
	}
	if h.Questions, err = s.Questions(ctx, h.Type); err != nil {
		return err
	}
	given, err := s.materials(ctx, h.ID)
	if err != nil {
		return err
	}
	for _, m := range given {
		v := Version{Material: m}
		if v.Files, err = s.Files.List(ctx, m.owner()); err != nil {
			return err
		}
		h.Given = append(h.Given, v)
	}
	for _, part := range []string{partQuestion, partMaterial} {
		list, err := s.already(ctx, h.ID, part)
		if err != nil {
			return err
		}
		h.Already = append(h.Already, list...)
	}
	if h.CaseID == nil {
		return nil
	}
	if h.Changes, err = s.answerChanges(ctx, h.ID); err != nil {
		return err
	}
	if h.Inspections, err = s.inspections(ctx, h.ID); err != nil {
		return err
	}
	if h.Hearings, err = s.hearings(ctx, h.ID); err != nil {
		return err
	}
	d, err := s.decisionOf(ctx, *h.CaseID)
	if d != nil && d.DecidedAt != nil {
		h.Decision = d
	}
	return err
}
