package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// WhenMoved has f called, in the transaction, when a case has another result, is
// handled again, or what is done about a bad review has moved on.
func (s *Service) WhenMoved(f func(ctx context.Context, was, is *Case, at time.Time) error) {
	s.moved = f
}

// tellMoved passes a change on to whoever follows results up.
func (s *Service) tellMoved(ctx context.Context, ch *change) error {
	was, is := &ch.was, ch.c
	same := was.ConclusionNo == is.ConclusionNo && was.Status.Ended() == is.Status.Ended() && was.Rectify == is.Rectify
	if s.moved == nil || same {
		return nil
	}
	return s.moved(ctx, was, is, ch.now)
}

// Reachable says whether whoever asks left a telephone number, and whether they
// said when they wish to be rung.
func (s *Service) Reachable(ctx context.Context, c *Case) (phone, wish bool, err error) {
	if c.Confidentiality == AnonymousFiler || c.Confidentiality == Whistle {
		return false, false, nil
	}
	var found struct{ Phone, Wish bool }
	err = s.DB.From(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM case_parties p JOIN contact_points t ON t.constituent_id = p.constituent_id
 WHERE p.case_id = ? AND p.role = 'requester' AND t.kind = 'phone' AND t.valid_to IS NULL) AS phone,
 EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = ? AND e.action = 'note' AND CAST(e.data AS text) LIKE '%"callback"%true%') AS wish`,
		c.ID, c.ID).Scan(&found).Error
	if err != nil {
		return false, false, fmt.Errorf("read how somebody is reached: %w", db.Fault(err, "", ""))
	}
	return found.Phone, found.Wish, nil
}

// WantsCallback says whether the matter of a case has the person rung after the
// result, judged or not.
func (s *Service) WantsCallback(ctx context.Context, c *Case) (bool, error) {
	if c.MatterID == nil {
		return false, nil
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	m, err := snap.Matter(*c.MatterID)
	if err != nil {
		return false, nil //nolint:nilerr // a matter that is gone asks for nothing
	}
	return m.Callback, nil
}

// callable is the SQL over cases c with its lead row cu of what the actor may
// ring about: in their scope, and not of a unit to which they belong.
func (s *Service) callable(ctx context.Context) (string, []any, error) {
	scope, err := s.Access.Scope(ctx, access.CaseCallback)
	if err != nil {
		return "", nil, err
	}
	where, args := seen(scope)
	for _, own := range scope.Recused {
		where, args = where+" AND substr(cu.unit_path, 1, length(?)) <> ?", append(args, own, own)
	}
	return where, args, nil
}

// calling is what a list of callbacks reads.
const calling = " FROM callbacks k JOIN cases c ON c.id = k.case_id JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE k.state = 'open' AND k.due_at <= ? AND (k.again_at IS NULL OR k.again_at <= ?) AND "

// Callable lists the cases of due callbacks that the actor may make, the longest
// due first.
func (s *Service) Callable(ctx context.Context, now time.Time, most int) ([]Item, error) {
	where, args, err := s.callable(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = s.DB.Reader(ctx).Raw("SELECT c.id"+calling+where+" ORDER BY k.due_at, k.case_id LIMIT "+strconv.Itoa(most),
		slices.Concat([]any{now.UTC(), now.UTC()}, args)...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("list the callbacks: %w", db.Fault(err, "", ""))
	}
	items, err := s.items(ctx, ids)
	if err != nil {
		return nil, err
	}
	return items, s.unsealItems(ctx, items)
}

// Calling reads a case for somebody who rings the person about its result. Who
// belongs to the unit that gave it, or had it in hand, is refused: they would ask
// after their own work.
func (s *Service) Calling(ctx context.Context, caseNo string) (*View, error) {
	v, err := s.ViewFor(ctx, caseNo, access.CaseCallback)
	if err != nil {
		return nil, err
	}
	return v, s.stranger(ctx, v)
}

func (s *Service) stranger(ctx context.Context, v *View) error {
	where, args, err := s.callable(ctx)
	if err != nil {
		return err
	}
	var n int
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM cases c JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE c.id = ? AND "+where,
		slices.Concat([]any{v.ID}, args)...).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("look whose work it was: %w", db.Fault(err, "", ""))
	}
	if n == 0 || v.handledBy(ctx) {
		return fault.New(fault.Forbidden, "callback.own_unit")
	}
	return nil
}

// handledBy says whether the actor had a hand in the result.
func (v *View) handledBy(ctx context.Context) bool {
	a := actor.From(ctx)
	if a.AccountID == "" {
		return false
	}
	if v.HandlerID != nil && *v.HandlerID == a.AccountID {
		return true
	}
	return slices.ContainsFunc(v.Events, func(e Event) bool {
		return e.AccountID != nil && *e.AccountID == a.AccountID && slices.Contains(resulting, e.Action)
	})
}

// resulting are the acts that make a result.
var resulting = []Action{ActReply, ActReviewReply, ActConclude, ActNotAccept}
