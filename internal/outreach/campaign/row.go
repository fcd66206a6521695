package campaign

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// Campaign is one campaign as it stands.
type Campaign struct {
	ID             string
	SegmentID      string
	SegmentVersion int64 // when it was last saved or asked for
	AuthorID       string
	ApproverID     *string
	Name           i18n.Text
	Purpose        outreach.Purpose
	Basis          outreach.Basis
	BasisText      i18n.Text
	MatterID       *string // what is to be taken up; nil when there is nothing
	Entitlement    bool    // the law gives it to whoever qualifies: nobody is held back for good
	HoldPercent    int
	WindowDays     int
	PerHour        int
	Cost           int64 // of the whole, in the currency's unit
	OpensOn        *calendar.Date
	State          State
	Targeted       int64 // members at approval
	AskedAt        *time.Time
	ApprovedAt     *time.Time
	StartedAt      *time.Time
	WindowEndsAt   *time.Time
	EndedAt        *time.Time
	CountedAt      *time.Time
	Note           string // why it was stopped, or given back
	Version        int64
	CreatedAt      time.Time
	UpdatedAt      time.Time

	UnitID         string
	UnitPath       string
	SegmentName    i18n.Text
	SegmentSize    int64
	SegmentState   outreach.State
	SegmentNow     int64      // its version
	SegmentRetired *time.Time // then nobody is its member any more
}

// Size is the number of members of its segment, as it may be shown.
func (c *Campaign) Size() outreach.Count {
	g := outreach.Segment{Size: c.SegmentSize}
	return g.Count()
}

const columns = `SELECT k.*, g.unit_id, u.path AS unit_path, g.name AS segment_name, g.size AS segment_size, g.state AS segment_state, g.version AS segment_now, g.retired_at AS segment_retired
 FROM campaigns k JOIN segments g ON g.id = k.segment_id JOIN units u ON u.id = g.unit_id WHERE `

var errMissing = fault.New(fault.NotFound, "campaign.missing")

// Filter narrows the list of campaigns.
type Filter struct {
	State  State // empty: whatever it is
	Cursor string
}

// List gives a page of the campaigns of the units for which the actor may read them,
// the newest first, and the cursor of the next page; it is empty after the last.
func (s *Service) List(ctx context.Context, f Filter) (list []Campaign, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.CampaignRead)
	if err != nil {
		return nil, "", err
	}
	after, args, err := db.Below("k.id", f.Cursor)
	if err != nil {
		return nil, "", err
	}
	if f.State != "" {
		after, args = after+" AND k.state = ?", append(args, f.State)
	}
	within, units := scope.Where("u.path")
	args = append(append(args, units...), outreach.PageSize+1)
	if err := s.DB.Reader(ctx).Raw(columns+after+" AND "+within+" ORDER BY k.id DESC LIMIT ?", args...).Scan(&list).Error; err != nil {
		return nil, "", fail("list the campaigns", err)
	}
	list, next = db.NextOf(list, outreach.PageSize, func(c *Campaign) string { return c.ID })
	return list, next, nil
}

// Get gives a campaign that the actor may read.
func (s *Service) Get(ctx context.Context, id string) (*Campaign, error) {
	if !db.IsID(id) {
		return nil, errMissing
	}
	c, err := s.load(ctx, id)
	if err != nil {
		return nil, err
	}
	scope, err := s.Access.Scope(ctx, access.CampaignRead)
	if err != nil {
		return nil, err
	}
	if !scope.Everything && !scope.Covers(c.UnitPath) {
		return nil, errMissing
	}
	return c, nil
}

func (s *Service) load(ctx context.Context, id string) (*Campaign, error) {
	all, err := s.loadAll(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if all[id] == nil {
		return nil, errMissing
	}
	return all[id], nil
}

func (s *Service) loadAll(ctx context.Context, ids []string) (map[string]*Campaign, error) {
	var list []Campaign
	if err := s.DB.From(ctx).Raw(columns+"k.id IN ?", ids).Scan(&list).Error; err != nil {
		return nil, fail("read a campaign", err)
	}
	out := make(map[string]*Campaign, len(list))
	for i := range list {
		out[list[i].ID] = &list[i]
	}
	return out, nil
}

// may gives a campaign on which the actor may do a verb.
func (s *Service) may(ctx context.Context, id string, v access.Verb) (*Campaign, error) {
	c, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{c.UnitPath}})
}

// MayWrite says whether the actor may change a campaign.
func (s *Service) MayWrite(ctx context.Context, c *Campaign) bool {
	return s.Access.CanOn(ctx, access.CampaignWrite, access.Object{UnitPaths: []string{c.UnitPath}}) == nil
}

// MayApprove says whether the actor may decide on a campaign: nobody who wrote
// any of its versions may.
func (s *Service) MayApprove(ctx context.Context, c *Campaign) (bool, error) {
	ctx, refused := s.Access.CanAs(ctx, access.CampaignApprove, access.Object{UnitPaths: []string{c.UnitPath}})
	if refused != nil {
		return false, nil
	}
	wrote, err := s.wrote(ctx, c)
	return !wrote, err
}

// wrote says whether the actor, or whoever they stand in for, wrote a version, or their
// deputy did in their place.
func (s *Service) wrote(ctx context.Context, c *Campaign) (bool, error) {
	a := actor.From(ctx)
	var n int64
	err := s.DB.From(ctx).Raw("SELECT COUNT(*) FROM campaign_versions WHERE campaign_id = ? AND (account_id IN ? OR as_account_id IN ?)", c.ID, actors(a), actors(a)).Scan(&n).Error
	if err != nil {
		return false, fail("read who wrote a campaign", err)
	}
	return n > 0, nil
}

func actors(a actor.Actor) []string {
	list := []string{a.AccountID}
	if a.AsAccountID != "" {
		list = append(list, a.AsAccountID)
	}
	return list
}

// Message is what a campaign says by one channel, by language.
type Message struct {
	Subject i18n.Text // of mails
	Body    i18n.Text
}

// MessagesBy is what a campaign says by each channel.
type MessagesBy map[notify.Channel]Message

// rings says whether a message of it rings at somebody's: who reads the portal has
// come by themselves.
func (m MessagesBy) rings() bool {
	return !m[notify.Mail].Body.Empty() || !m[notify.SMS].Body.Empty()
}

// Texts reads what a campaign says.
func (s *Service) Texts(ctx context.Context, id string) (MessagesBy, error) {
	all, err := s.textsOf(ctx, []string{id})
	return all[id], err
}

// textsOf reads what campaigns say.
func (s *Service) textsOf(ctx context.Context, ids []string) (map[string]MessagesBy, error) {
	var rows []struct {
		CampaignID string
		Locale     i18n.Lang
		Channel    notify.Channel
		Subject    string
		Body       string
	}
	if err := s.DB.From(ctx).Raw("SELECT campaign_id, locale, channel, subject, body FROM campaign_texts WHERE campaign_id IN ?", ids).Scan(&rows).Error; err != nil {
		return nil, fail("read the words of a campaign", err)
	}
	all := make(map[string]MessagesBy, len(ids))
	for _, id := range ids {
		all[id] = MessagesBy{}
	}
	for _, r := range rows {
		m, ok := all[r.CampaignID][r.Channel]
		if !ok {
			m = Message{Subject: i18n.Text{}, Body: i18n.Text{}}
			all[r.CampaignID][r.Channel] = m
		}
		m.Subject[r.Locale], m.Body[r.Locale] = r.Subject, r.Body
	}
	return all, nil
}
