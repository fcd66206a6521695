package cases

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// EvaluationToken is the single-use link by which the person judges the newest
// result: the case number and a derived code. Another result makes another link
// and ends the old one, and so does mending after a bad review.
func (s *Service) EvaluationToken(c *Case) string {
	return c.CaseNo + "-" + s.evaluationCode(c)
}

func (s *Service) evaluationCode(c *Case) string {
	return s.Vault.DeriveWith(c.CodeKey, purposeEvaluate, c.ID, c.judgement(), vault.LinkLength)
}

// judgement numbers what a link is for: each result, and the second time of each.
func (c *Case) judgement() int {
	if c.Rectify == Mended || c.Rectify == Settled {
		return int(c.ConclusionNo) + secondTime
	}
	return int(c.ConclusionNo)
}

// secondTime is above every number of results that a case may have.
const secondTime = 1 << 20

// ByEvaluationToken finds the ended case behind a link. A wrong code, an
// unknown number and a superseded link answer alike.
func (s *Service) ByEvaluationToken(ctx context.Context, token string) (*Case, error) {
	no, code, ok := strings.Cut(token, "-")
	if !ok {
		return nil, errMissing
	}
	c, err := s.find(ctx, no)
	if err != nil {
		return nil, err
	}
	typed := strings.ToUpper(code)
	if !c.Status.Ended() || c.FrozenAt != nil || !vault.Matches(typed, s.evaluationCode(c)) {
		return nil, errMissing
	}
	if err := s.recused(ctx, c); err != nil {
		return nil, s.alarmed(ctx, no, wayOpen, err)
	}
	return c, s.unseal(ctx, c)
}

// LocalDay is the local date of an instant where the case is handled.
func (s *Service) LocalDay(ctx context.Context, c *Case, at time.Time) (calendar.Date, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		return 0, err
	}
	cal, err := s.Clocks.Of(snap, unit)
	if err != nil {
		return 0, err
	}
	return cal.ReceivedOn(at), nil
}

// ByID reads a case for a job or another package of the house; never for a page.
func (s *Service) ByID(ctx context.Context, id string) (*Case, error) {
	var c Case
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&c).Error; err != nil {
		return nil, fmt.Errorf("read case %s: %w", id, db.Fault(err, "case.missing", ""))
	}
	return &c, s.unseal(ctx, &c)
}

// Requester is the constituent who asks, empty for an anonymous case.
func (s *Service) Requester(ctx context.Context, caseID string) (string, error) {
	var id string
	err := s.DB.From(ctx).Raw(`SELECT constituent_id FROM case_parties WHERE case_id = ? AND role = 'requester'
 AND constituent_id IS NOT NULL LIMIT 1`, caseID).Scan(&id).Error
	if err != nil {
		return "", fmt.Errorf("read who asks: %w", db.Fault(err, "", ""))
	}
	return id, nil
}

// ParseNumber says whether something typed is a case number.
func ParseNumber(s string) bool {
	_, err := idcode.ParseCaseNumber(s)
	return err == nil
}
