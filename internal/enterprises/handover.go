package enterprises

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Handover is an owner's wish that another member takes the enterprise over.
type Handover struct {
	ID           string
	EnterpriseID string
	FromID       string // accounts
	ToID         string
	State        string
	Version      int64
	CreatedAt    time.Time
}

// TableName names the table for gorm.
func (Handover) TableName() string { return "enterprise_handovers" }

var errNoHandover = fault.New(fault.NotFound, "enterprises.handover.missing")

// Handovers lists those that wait for an answer.
func (s *Service) Handovers(ctx context.Context, enterpriseID string) (list []Handover, err error) {
	if _, err := s.Members(ctx, enterpriseID); err != nil {
		return nil, err
	}
	err = s.DB.From(ctx).Where("enterprise_id = ? AND state = 'open'", enterpriseID).Order("id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what is to be handed over: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Offer asks a member to take the enterprise over. Nothing changes until they
// accept.
func (s *Service) Offer(ctx context.Context, enterpriseID, memberID string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.hold(ctx, enterpriseID, Own); err != nil {
			return err
		}
		list, err := s.members(ctx, enterpriseID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(m Member) bool { return m.ID == memberID })
		me := actor.From(ctx).AccountID
		if i < 0 || list[i].AccountID == me {
			return fault.InvalidInput(fault.Field{Name: "member", Key: "enterprises.handover.member"})
		}
		now := s.Now().UTC()
		err = s.DB.InsertAll(ctx, db.Insert("enterprise_handovers", "id, enterprise_id, from_id, to_id, state, version, created_at",
			db.NewID(now), enterpriseID, me, list[i].AccountID, "open", 1, now))
		if err != nil {
			return db.Fault(err, "", "enterprises.handover.open")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.offer", Kind: "enterprise", ID: enterpriseID, Fields: []audit.Change{{Field: "to", After: list[i].AccountID}}})
	})
}

// Answer takes an enterprise over, or declines to; Withdraw is the answer of who
// offered it. Who accepts becomes an owner, and who offered it a manager, who may
// leave.
func (s *Service) Answer(ctx context.Context, enterpriseID, handoverID string, accept bool) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.hold(ctx, enterpriseID, Read); err != nil {
			return err
		}
		var list []Handover
		if !db.IsID(handoverID) {
			return errNoHandover
		}
		if err := s.DB.From(ctx).Where("id = ? AND enterprise_id = ?", handoverID, enterpriseID).Find(&list).Error; err != nil {
			return fmt.Errorf("read what is to be handed over: %w", db.Fault(err, "", ""))
		}
		me := actor.From(ctx).AccountID
		if len(list) == 0 || list[0].ToID != me && list[0].FromID != me {
			return errNoHandover
		}
		h := list[0]
		state := "declined"
		switch {
		case h.State != "open":
			return fault.New(fault.Conflict, "enterprises.handover.over")
		case h.FromID == me && accept:
			return errForbidden
		case h.FromID == me:
			state = "revoked"
		case accept:
			state = "accepted"
			if err := s.takeOver(ctx, h); err != nil {
				return err
			}
		}
		err := s.DB.From(ctx).Exec("UPDATE enterprise_handovers SET state = ?, answered_at = ?, version = version + 1 WHERE id = ?", state, s.Now().UTC(), h.ID).Error
		if err != nil {
			return fmt.Errorf("answer a hand-over: %w", db.Fault(err, "", ""))
		}
		if state == "accepted" {
			if err := s.handed(ctx, h); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.handover", Kind: "enterprise", ID: enterpriseID, Fields: []audit.Change{{Field: "state", After: state}, {Field: "from", After: h.FromID}, {Field: "to", After: h.ToID}}})
	})
}

func (s *Service) takeOver(ctx context.Context, h Handover) error {
	list, err := s.members(ctx, h.EnterpriseID)
	if err != nil {
		return err
	}
	var from, to *Member
	for i := range list {
		switch list[i].AccountID {
		case h.FromID:
			from = &list[i]
		case h.ToID:
			to = &list[i]
		}
	}
	if to == nil || from == nil || from.Role != Owner {
		return fault.New(fault.Conflict, "enterprises.handover.over")
	}
	if to.Role != Owner {
		if err := s.setRole(ctx, to, Owner, to.Version); err != nil {
			return err
		}
	}
	return s.setRole(ctx, from, Manager, from.Version)
}
