package campaign

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

// Past is a campaign whose messages have left when it is brought here.
type Past struct {
	Plan     Plan
	Approver string              // an account
	Without  []string            // constituents who are left out
	Became   func(n int) Outcome // of the nth who was to be told
}

// Outcome is what became of a member who was to be told.
type Outcome struct {
	Status   Status        // Sent, Failed, Skipped
	Reason   string        // of the last two
	After    time.Duration // the beginning, of the message
	Refused  time.Duration // after the message; 0: never
	Complain bool          // with the refusal
}

// Brought is a campaign that was brought, with its members in order.
type Brought struct {
	ID      string
	Told    []string
	Control []string
}

// Bring writes down a campaign of the actor's that began now, by the clock of the
// service: for those of its segment who were known by then, parted by the lot. Run
// then counts from the cases who took it up, and ends it when its window is over.
func (s *Service) Bring(ctx context.Context, p Past) (*Brought, error) {
	if err := s.Access.Can(ctx, access.CampaignWrite); err != nil {
		return nil, err
	}
	if actor.From(ctx).AccountID == p.Approver {
		return nil, fault.New(fault.Forbidden, "campaign.approve.own")
	}
	p.Plan = p.Plan.tidied()
	g, matter, err := s.check(ctx, p.Plan)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	c := &Campaign{ID: db.NewID(now), SegmentID: g.ID, MatterID: matter, Basis: g.Basis, Purpose: g.Purpose, HoldPercent: p.Plan.HoldPercent, Entitlement: p.Plan.Entitlement}
	b := &Brought{ID: c.ID}
	return b, s.DB.Tx(ctx, func(ctx context.Context) error {
		rows, n, err := s.brought(ctx, c, p, b)
		if err != nil {
			return err
		}
		err = s.DB.InsertAll(ctx, db.Insert("campaigns", `id, segment_id, segment_version, author_id, approver_id, name, purpose, basis, basis_text, matter_id, entitlement, hold_percent,
 window_days, per_hour, cost, state, targeted, asked_at, approved_at, started_at, window_ends_at, created_at, updated_at`, c.ID, g.ID, g.Version, actor.From(ctx).AccountID, p.Approver,
			p.Plan.Name, g.Purpose, g.Basis, g.BasisText, matter, p.Plan.Entitlement, p.Plan.HoldPercent, p.Plan.WindowDays, p.Plan.PerHour, p.Plan.Cost, Running, n,
			now, now, now, now.AddDate(0, 0, p.Plan.WindowDays), now, now))
		if err != nil {
			return fail("keep a campaign", err)
		}
		if err := s.DB.Store(ctx, rows); err != nil {
			return fail("write down whom a campaign was for", err)
		}
		if err := s.kept(ctx, c.ID, 1, p.Plan, "campaign.bring"); err != nil {
			return err
		}
		return s.couldBeTold(ctx, c)
	})
}

// couldBeTold notes who could be written to: as things stand, but of those who were
// to be told what became of them goes before.
func (s *Service) couldBeTold(ctx context.Context, c *Campaign) error {
	if err := s.fixContactable(ctx, c, func(notify.Channel) bool { return true }); err != nil {
		return err
	}
	_, err := s.exec(ctx, "note who could be written to", "UPDATE campaign_assignments SET contactable = (status <> 'skipped') WHERE campaign_id = ? AND arm = 'told'", c.ID)
	return err
}

// brought gives the rows of the members, who are parted as at an approval.
func (s *Service) brought(ctx context.Context, c *Campaign, p Past, b *Brought) (*db.Bulk, int, error) {
	ids, err := s.members(ctx, c, s.moment())
	if err != nil {
		return nil, 0, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(p.Without, id) })
	rows, arms := db.NewBulk("campaign_assignments"), c.parted(ids)
	for i, who := range ids {
		arm, o := arms[i], Outcome{Status: Kept}
		if arm == Told {
			o = p.Became(len(b.Told))
			b.Told = append(b.Told, who)
		} else {
			b.Control = append(b.Control, who)
		}
		var queued, refused, complained *time.Time
		var by *notify.Channel
		if o.Status == Sent || o.Status == Failed {
			queued, by = new(s.moment().Add(o.After)), new(notify.Mail)
		}
		if queued != nil && o.Refused > 0 {
			if refused = new(queued.Add(o.Refused)); o.Complain {
				complained = refused
			}
		}
		rows.Add(db.Insert("campaign_assignments", "campaign_id, constituent_id, arm, status, reason, channel, queued_at, refused_at, complained_at", c.ID, who, arm, o.Status, o.Reason, by, queued, refused, complained))
	}
	return rows, len(ids), nil
}
