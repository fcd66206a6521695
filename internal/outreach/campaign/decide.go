package campaign

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/outreach"
)

const noteMost = 500

// open gives a campaign on which the actor may do a verb and in whose state an act
// is open.
func (s *Service) open(ctx context.Context, id string, a Act, v access.Verb) (*Campaign, error) {
	c, err := s.may(ctx, id, v)
	if err != nil {
		return nil, err
	}
	if _, ok := c.State.After(a); !ok {
		return nil, fault.New(fault.Conflict, "campaign.state."+string(a))
	}
	return c, nil
}

// step moves a campaign on in the open transaction, if it still has the version of
// c, and says so in the trail. set is what changes besides.
func (s *Service) step(ctx context.Context, c *Campaign, a Act, set string, args ...any) error {
	to, ok := c.State.After(a)
	if !ok {
		return fault.New(fault.Conflict, "campaign.state."+string(a))
	}
	args = append(append([]any{to, s.moment()}, args...), c.ID, c.Version, c.State)
	n, err := s.exec(ctx, "move a campaign on", "UPDATE campaigns SET state = ?, updated_at = ?, version = version + 1"+set+" WHERE id = ? AND version = ? AND state = ?", args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return errChanged
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "campaign." + string(a), Kind: "campaign", ID: c.ID,
		Fields: []audit.Change{{Field: "state", Before: string(c.State), After: string(to)}}})
}

// Ask asks a second person to decide.
func (s *Service) Ask(ctx context.Context, id string, version int64) error {
	c, err := s.open(ctx, id, Ask, access.CampaignWrite)
	if err != nil {
		return err
	}
	c.Version = version
	if err := s.sendable(c); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.step(ctx, c, Ask, ", asked_at = ?, note = ''", s.moment())
	})
}

// TakeBack makes a draft again of what nobody decided on yet.
func (s *Service) TakeBack(ctx context.Context, id string, version int64) error {
	c, err := s.open(ctx, id, TakeBack, access.CampaignWrite)
	if err != nil {
		return err
	}
	c.Version = version
	return s.DB.Tx(ctx, func(ctx context.Context) error { return s.step(ctx, c, TakeBack, ", asked_at = NULL") })
}

// Return gives a campaign back, with what is to be mended.
func (s *Service) Return(ctx context.Context, id string, version int64, note string) error {
	ctx, c, err := s.deciding(ctx, id, Return)
	if err != nil {
		return err
	}
	if note, err = noted(note); err != nil {
		return err
	}
	c.Version = version
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.step(ctx, c, Return, ", asked_at = NULL, note = ?", note)
	})
}

func noted(note string) (string, error) {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.That(note != "", "note", "campaign.note.required")
	c.That(utf8.RuneCountInString(note) <= noteMost, "note", "campaign.text.long", "Max", noteMost)
	return note, c.Err()
}

// deciding gives a campaign on which the actor may decide, and the context in which
// they do. Whoever wrote any of it may not, nor may somebody in their place.
func (s *Service) deciding(ctx context.Context, id string, a Act) (context.Context, *Campaign, error) {
	c, err := s.open(ctx, id, a, access.CampaignApprove)
	if err != nil {
		return ctx, nil, err
	}
	if ctx, err = s.Access.For(ctx, access.CampaignApprove, access.Object{UnitPaths: []string{c.UnitPath}}); err != nil {
		return ctx, nil, err
	}
	wrote, err := s.wrote(ctx, c)
	if err != nil {
		return ctx, nil, err
	}
	if wrote {
		return ctx, nil, fault.New(fault.Forbidden, "campaign.approve.own")
	}
	return ctx, c, nil
}

// DecideMost is how many campaigns that wait for a decision are told of; where there are
// more, one more is given.
const DecideMost = 50

// ToDecide lists the campaigns that wait for a second person who may be the actor, the
// oldest first: DecideMost, and one more where there are more.
func (s *Service) ToDecide(ctx context.Context) (list []Campaign, err error) {
	scope, err := s.Access.Scope(ctx, access.CampaignApprove)
	if err != nil || !scope.Open() {
		return nil, err
	}
	within, args := scope.Where("u.path")
	for after := db.FirstID(time.Time{}); ; {
		var asked []Campaign
		if err := s.DB.Reader(ctx).Raw(columns+"k.state = ? AND k.id > ? AND "+within+" ORDER BY k.id LIMIT ?", append(append([]any{Asked, after}, args...), DecideMost)...).Scan(&asked).Error; err != nil {
			return nil, fail("list the campaigns that wait", err)
		}
		for i := range asked {
			after = asked[i].ID
			may, err := s.MayApprove(ctx, &asked[i])
			if err != nil {
				return nil, err
			}
			if may {
				list = append(list, asked[i])
			}
			if len(list) > DecideMost {
				return list, nil
			}
		}
		if len(asked) < DecideMost {
			return list, nil
		}
	}
}

// sendable says whether the segment still is what the campaign was written for.
func (s *Service) sendable(c *Campaign) error {
	switch {
	case c.SegmentRetired != nil || c.SegmentState != outreach.Counted:
		return fault.New(fault.Conflict, "campaign.segment.uncounted")
	case c.SegmentNow != c.SegmentVersion:
		return fault.New(fault.Conflict, "campaign.segment.changed")
	case c.SegmentSize == 0:
		return fault.New(fault.Conflict, "campaign.segment.empty")
	case c.OpensOn != nil && *c.OpensOn < s.today():
		return fault.New(fault.Conflict, "campaign.opens_on.over")
	}
	return nil
}

// Approve fixes whom a campaign is for: the members of its segment at this moment,
// and by lot who of them is held back. It begins on its day, by itself.
func (s *Service) Approve(ctx context.Context, id string, version int64) error {
	ctx, c, err := s.deciding(ctx, id, Approve)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, "hold a segment", "UPDATE segments SET size = size WHERE id = ?", c.SegmentID); err != nil { // nobody counts it meanwhile
			return err
		}
		if c, err = s.load(ctx, id); err != nil {
			return err
		}
		if _, open := c.State.After(Approve); !open || c.Version != version {
			return errChanged
		}
		if err := s.sendable(c); err != nil {
			return err
		}
		n, err := s.assign(ctx, c)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "campaign.segment.empty")
		}
		now := s.moment()
		if err := s.step(ctx, c, Approve, ", approved_at = ?, approver_id = ?, targeted = ?, note = ''", now, actor.From(ctx).AccountID, n); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, RunJob{CampaignID: id})
	})
}

// assign writes down the members, each with the arm that the lot gives.
func (s *Service) assign(ctx context.Context, c *Campaign) (int64, error) {
	ids, err := s.members(ctx, c, s.moment())
	if err != nil {
		return 0, err
	}
	arms, rows := c.parted(ids), db.NewBulk("campaign_assignments")
	for i, who := range ids {
		arm, status := arms[i], Waiting
		if arm != Told {
			status = Kept
		}
		rows.Add(db.Insert("campaign_assignments", "campaign_id, constituent_id, arm, status", c.ID, who, arm, status))
	}
	if err := s.DB.Store(ctx, rows); err != nil {
		return 0, fail("write down whom a campaign is for", err)
	}
	return int64(len(ids)), s.fixContactable(ctx, c, s.Messages.Carries)
}

// members are those of the segment who may be written to and were known by a time.
func (s *Service) members(ctx context.Context, c *Campaign, by time.Time) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT m.constituent_id FROM segment_members m JOIN constituents x ON x.id = m.constituent_id
 WHERE m.segment_id = ? AND x.created_at <= ? AND x.erased_at IS NULL AND x.merged_into_id IS NULL AND `+known+" ORDER BY m.constituent_id", c.SegmentID, by).Scan(&ids).Error
	if err != nil {
		return nil, fail("read the members of a segment", err)
	}
	return ids, nil
}

// Stop ends a campaign before its time. What waits for the mail server is not sent
// any more; what has left cannot be called back.
func (s *Service) Stop(ctx context.Context, id string, version int64, note string) error {
	c, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	on := access.Object{UnitPaths: []string{c.UnitPath}}
	if err := s.Access.CanOn(ctx, access.CampaignWrite, on); err != nil {
		if refused := s.Access.CanOn(ctx, access.CampaignApprove, on); refused != nil { // who may let it run may stop it
			return err
		}
	}
	if note, err = noted(note); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		c.Version = version
		return s.stop(ctx, c, note)
	})
}

func (s *Service) stop(ctx context.Context, c *Campaign, note string) error {
	if err := s.step(ctx, c, Stop, ", ended_at = ?, note = ?", s.moment(), note); err != nil {
		return err
	}
	_, err := s.exec(ctx, "stop a campaign", "UPDATE campaign_assignments SET status = 'skipped', reason = ? WHERE campaign_id = ? AND (status = 'waiting' OR status = 'kept' AND arm = 'delayed')", SkipStopped, c.ID)
	if err != nil {
		return err
	}
	return s.takeBack(ctx, SkipStopped, "campaign_id = ?", c.ID)
}

// takeBack takes out of the portal what nobody has opened of some rows.
func (s *Service) takeBack(ctx context.Context, why, which string, args ...any) error {
	var ids []string
	err := s.DB.From(ctx).Raw("SELECT portal_id FROM campaign_assignments WHERE portal_id IS NOT NULL AND opened_at IS NULL AND "+which, args...).Scan(&ids).Error
	if err != nil {
		return fail("find what lies in the portal", err)
	}
	return s.Messages.TakeBack(ctx, ids, why)
}

// Withdraw takes out of the portal what somebody was sent and has not opened, after
// they said that they want none there.
func (s *Service) Withdraw(ctx context.Context, constituentID string) error {
	family, err := s.Constituents.Whole(ctx, constituentID)
	if err != nil {
		return err
	}
	return s.takeBack(ctx, SkipRefused, "constituent_id IN ?", family)
}
