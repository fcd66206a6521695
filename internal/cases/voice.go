package cases

import (
	"context"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Voice says whether question and answer of a case may be published, or are.
type Voice string

// What a case says of it; nothing while its person has not agreed.
const (
	VoiceAgreed    Voice = "agreed"
	VoicePublished Voice = "published"
	VoiceDeclined  Voice = "declined" // by the government
)

// MayPublish says whether the person can be asked at all: whose name is hidden
// anywhere is not, nor who reports somebody else or has a case of a sensitive matter.
func (c *Case) MayPublish(snap *catalogue.Snapshot) bool {
	if c.Kind == Report || c.Confidentiality != Normal || c.ParentID != nil || c.FrozenAt != nil || c.AnonymisedAt != nil {
		return false
	}
	if c.MatterID == nil {
		return true
	}
	m, err := snap.Matter(*c.MatterID)
	return err == nil && !m.Sensitive
}

// Own finds a case for its citizen, as Track does, who wants to say something of
// it: who may only read it for an enterprise is refused.
func (s *Service) Own(ctx context.Context, k Key) (*Case, error) {
	c, err := s.owned(ctx, k)
	if err == nil {
		_, err = s.speaking(ctx, k, c)
	}
	if err != nil {
		c = nil
	}
	return c, s.alarmed(ctx, k.CaseNo, wayOpen, err)
}

// SetVoice moves what a case says of publication on, in the open transaction; a
// Conflict when somebody else did meanwhile. Its version stays: no act on the
// case is concerned.
func (s *Service) SetVoice(ctx context.Context, c *Case, to Voice) error {
	id := c.VoiceID
	switch {
	case to == "":
		id = nil
	case c.VoiceID == nil:
		id = db.Ref(db.NewID(s.Now().UTC()))
	}
	res := s.DB.From(ctx).Exec(`UPDATE cases SET voice = ?, voice_id = ?, concerns = CASE WHEN ? THEN concerns ELSE 0 END
 WHERE id = ? AND voice = ? AND frozen_at IS NULL`, to, id, to == VoicePublished, c.ID, c.Voice)
	if res.Error != nil {
		return fmt.Errorf("note whether a case may be published: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "case.changed")
	}
	c.Voice, c.VoiceID = to, id
	return nil
}

// CountConcern adds to those whom a published case concerns too, in the open
// transaction; a NotFound when it is published no more.
func (s *Service) CountConcern(ctx context.Context, caseID string, more int64) error {
	res := s.DB.From(ctx).Exec("UPDATE cases SET concerns = concerns + ? WHERE id = ? AND voice = 'published'", more, caseID)
	if res.Error != nil {
		return fmt.Errorf("count whom a case concerns: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.NotFound, "voices.missing")
	}
	return nil
}

// Named lists the names of everybody who takes part in a case, in the clear, so
// that they can be masked in a text; they are not to be shown.
func (s *Service) Named(ctx context.Context, v *View) ([]string, error) {
	var names []string
	var ids []string
	var parties []Party
	if err := s.DB.Together(ctx, db.Rows(&parties, readParties+"? ORDER BY p.id", v.ID)); err != nil {
		return nil, fmt.Errorf("read who takes part: %w", db.Fault(err, "", ""))
	}
	for _, p := range parties {
		if p.ConstituentID != nil {
			ids = append(ids, *p.ConstituentID)
		}
		name, err := s.Vault.Open(ctx, purposeParty, p.NameCipher)
		if err != nil {
			return nil, err
		}
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	known, err := s.Constituents.NamesToMask(ctx, ids)
	return append(names, known...), err
}

// WhenGone has f called, in the transaction, when the texts of cases may be used
// no more: their people were erased, or their term is over.
func (s *Service) WhenGone(f func(ctx context.Context, caseIDs []string) error) {
	s.gone = append(s.gone, f)
}

func (s *Service) isGone(ctx context.Context, caseIDs ...string) error {
	if len(caseIDs) == 0 {
		return nil
	}
	if err := s.DB.From(ctx).Exec("UPDATE cases SET voice = '', voice_id = NULL, concerns = 0 WHERE id IN ? AND voice <> ''", caseIDs).Error; err != nil {
		return fmt.Errorf("end the publication of cases: %w", db.Fault(err, "", ""))
	}
	for _, f := range s.gone {
		if err := f(ctx, caseIDs); err != nil {
			return err
		}
	}
	return nil
}

// VoiceItem is a case that waits to be published, or is.
type VoiceItem struct {
	ID         string
	CaseNo     string
	Title      string
	MatterID   *string
	DistrictID *string
	Voice      Voice
}

// VoicesMost is how many a list shows.
const VoicesMost = 100

// ToPublish lists the concluded cases of units that the actor may publish for and
// whose people agree, the oldest first, and says whether there are more than
// VoicesMost.
func (s *Service) ToPublish(ctx context.Context) (list []VoiceItem, more bool, err error) {
	scope, err := s.Access.Scope(ctx, access.CasePublish)
	if err != nil {
		return nil, false, err
	}
	inside, args := scope.Where("cu.unit_path")
	where := "c.voice = 'agreed' AND c.concluded_at IS NOT NULL AND NOT c.appealed AND c.matter_id IS NOT NULL AND " + inside
	if scope.Recuses() {
		others, values := notAbout(scope, "c.id")
		where, args = where+" AND "+others, append(args, values...)
	}
	err = s.DB.Reader(ctx).Raw(`SELECT c.id, c.case_no, c.title, c.matter_id, c.district_id, c.voice FROM cases c
 JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE `+where+` ORDER BY c.concluded_at, c.id LIMIT ?`, append(args, VoicesMost+1)...).Scan(&list).Error
	if err != nil {
		return nil, false, fmt.Errorf("list what may be published: %w", db.Fault(err, "", ""))
	}
	more = len(list) > VoicesMost
	return list[:min(len(list), VoicesMost)], more, nil
}

// MayPublishFor says whether the actor publishes for the unit that has the case.
func (s *Service) MayPublishFor(ctx context.Context, v *View) (bool, error) {
	scope, err := s.Access.Scope(ctx, access.CasePublish)
	if err != nil {
		return false, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	unit, err := snap.Unit(v.UnitID)
	if err != nil {
		return false, err
	}
	return scope.Covers(v.pathAt(unit)), nil
}
