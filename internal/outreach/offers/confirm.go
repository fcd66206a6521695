package offers

import (
	"context"
	"errors"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

func isErased(err error) bool { return errors.Is(err, vault.ErrErased) }

// Confirm decides that everybody still on a list is told. It is a second person's
// act; version is that of the list which their page carried.
func (s *Service) Confirm(ctx context.Context, listID string, version int64) error {
	l, b, err := s.listFor(ctx, listID, access.OfferConfirm)
	if err != nil {
		return err
	}
	if err := s.MayConfirm(ctx, l, b); err != nil {
		return err
	}
	if ctx, err = s.Access.For(ctx, access.OfferConfirm, access.Object{UnitPaths: []string{b.UnitPath}}); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		now := s.now()
		n, err := s.exec(ctx, "confirm a list", `UPDATE offer_lists SET state = 'confirmed', confirmer_id = ?, confirmed_at = ?, version = version + 1, updated_at = ?
 WHERE id = ? AND version = ? AND state = 'matched'`, actor.From(ctx).AccountID, now, now, listID, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		n, err = s.exec(ctx, "confirm the offers of a list", "UPDATE offers SET state = 'confirmed', version = version + 1, updated_at = ? WHERE list_id = ? AND state = 'matched'", now, listID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.list.nobody")
		}
		if err := s.Jobs.Add(ctx, TellJob{ListID: listID}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer.confirm", Kind: "benefit", ID: b.ID, Fields: []audit.Change{{Field: "list", After: listID}, {Field: "people", After: strconv.FormatInt(n, 10)}}})
	})
}

// ConfirmMost is how many lists that wait to be confirmed are told of; where there are more,
// one more is given.
const ConfirmMost = 50

// ToConfirm lists what waits for a second person who may be the actor, the longest waiting
// first: ConfirmMost, and one more where there are more.
func (s *Service) ToConfirm(ctx context.Context) (lists []List, err error) {
	scope, err := s.Access.Scope(ctx, access.OfferConfirm)
	if err != nil || !scope.Open() {
		return nil, err
	}
	within, args := scope.Where("u.path")
	for after := db.FirstID(time.Time{}); ; {
		var open []List
		err = s.DB.Reader(ctx).Raw(listRows+"l.state = ? AND l.id > ? AND l.benefit_id IN (SELECT b.id FROM benefits b JOIN units u ON u.id = b.unit_id WHERE "+within+") ORDER BY l.id LIMIT ?",
			append(append([]any{Open, after}, args...), ConfirmMost)...).Scan(&open).Error
		if err != nil {
			return nil, fail("find the lists that wait", err)
		}
		if lists, err = s.confirmable(ctx, lists, open); err != nil || len(lists) > ConfirmMost || len(open) < ConfirmMost {
			return lists[:min(len(lists), ConfirmMost+1)], err
		}
		after = open[len(open)-1].ID
	}
}

// confirmable adds to some lists those of others that the actor may confirm.
func (s *Service) confirmable(ctx context.Context, lists, open []List) ([]List, error) {
	for i := range open {
		b, err := s.find(ctx, "b.id = ?", open[i].BenefitID)
		if err != nil {
			return nil, err
		}
		switch err := s.MayConfirm(ctx, &open[i], b); {
		case err == nil:
			lists = append(lists, open[i])
		case fault.KindOf(err) != fault.Forbidden && fault.KindOf(err) != fault.Conflict:
			return nil, err
		}
	}
	return lists, nil
}

// Drop throws a list away that nobody has confirmed.
func (s *Service) Drop(ctx context.Context, listID string, version int64) error {
	_, b, err := s.listFor(ctx, listID, access.OfferWrite)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "drop a list", "UPDATE offer_lists SET state = 'dropped', version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND state IN ('matching', 'matched')", s.now(), listID, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		if _, err := s.exec(ctx, "drop the offers of a list", "UPDATE offers SET state = 'dropped', version = version + 1, updated_at = ? WHERE list_id = ?", s.now(), listID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer.drop", Kind: "benefit", ID: b.ID, Fields: []audit.Change{{Field: "list", After: listID}}})
	})
}

// TellJob tells everybody on a confirmed list.
type TellJob struct {
	ListID string `json:"list_id"`
}

// Kind names the job.
func (TellJob) Kind() string { return "offers.tell" }

// tell opens the window of each offer of a list and tells the person, each in a
// transaction of its own: interrupted, it goes on where it was.
func (s *Service) tell(ctx context.Context, listID string) error {
	for {
		var ids []string
		if err := s.DB.From(ctx).Raw("SELECT id FROM offers WHERE list_id = ? AND state = 'confirmed' ORDER BY id LIMIT ?", listID, chunk).Scan(&ids).Error; err != nil {
			return fail("find whom to tell", err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.tellOne(ctx, id) }); err != nil {
				return err
			}
		}
	}
}

func (s *Service) tellOne(ctx context.Context, id string) error {
	o, err := s.lock(ctx, id, Confirmed)
	if err != nil || o == nil {
		return err
	}
	head, gone, err := s.stands(ctx, o)
	if err != nil {
		return err
	}
	if gone {
		return s.settle(ctx, o, Refused, "gone", nil)
	}
	on, by := s.window(o.WindowDays)
	now := s.now()
	if _, err := s.exec(ctx, "open the window of an offer", "UPDATE offers SET state = 'offered', told_at = ?, respond_on = ?, respond_by = ?, version = version + 1, updated_at = ? WHERE id = ?", now, on, by, now, id); err != nil {
		return err
	}
	return s.Tell(ctx, notify.Telling{Kind: notify.OfferMade, To: notify.Recipient{ConstituentID: head}, About: o.ID, Cause: o.ID})
}

// window is the last day on which somebody may answer, and the instant at which
// that day ends.
func (s *Service) window(days int) (calendar.Date, any) {
	on := s.today().Add(days)
	return on, on.Add(1).Start(s.Zone).UTC()
}

// lock reads an offer that stands in a state and keeps it from others until the
// open transaction ends; nil when it stands elsewhere by now.
func (s *Service) lock(ctx context.Context, id string, in ...State) (*Offer, error) {
	n, err := s.exec(ctx, "hold an offer", "UPDATE offers SET version = version WHERE id = ? AND state IN ?", id, in)
	if err != nil || n == 0 {
		return nil, err
	}
	return s.one(ctx, "o.id = ?", id)
}

// stands finds the record that stands for the person now; gone when they were
// erased.
func (s *Service) stands(ctx context.Context, o *Offer) (head string, gone bool, err error) {
	if head, err = s.Constituents.Head(ctx, o.ConstituentID); err != nil {
		return "", false, err
	}
	var v constituents.View
	if v, err = s.Constituents.Masked(ctx, head); err != nil {
		return "", false, err
	}
	return head, v.Erased, nil
}

// settle ends an offer in the open transaction. Why, when given, are the verdicts
// that it ends by.
func (s *Service) settle(ctx context.Context, o *Offer, to State, reason string, why any) error {
	set, args := "state = ?, reason = ?, settled_at = ?, version = version + 1, updated_at = ?", []any{to, reason, s.now(), s.now()}
	if why != nil {
		set, args = set+", why = ?", append(args, why)
	}
	if _, err := s.exec(ctx, "settle an offer", "UPDATE offers SET "+set+" WHERE id = ?", append(args, o.ID)...); err != nil {
		return err
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "offer." + string(to), Kind: "offer", ID: o.ID, Fields: []audit.Change{{Field: "state", Before: string(o.State), After: string(to)}}, Reason: reason})
}
