package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
)

// What people are told unasked, and what its author is sent to see how it looks.
const (
	Outreach     Kind = "outreach"
	OutreachTest Kind = "outreach_test"
)

func (k Kind) ofCampaign() bool { return k == Outreach || k == OutreachTest }

// Inviting is one message of a campaign to one person, or to its author as a test.
type Inviting struct {
	Kind       Kind
	CampaignID string
	To         Recipient
	By         Channel
	Lang       i18n.Lang // of a test; else the person's own
	Cause      string    // the campaign, so that nobody gets it twice; of a test a fresh id
	Danger     bool      // to life: it leaves in anybody's quiet hours
}

// Invitation is what a message of a campaign says.
type Invitation struct {
	Lang     i18n.Lang // of the words, which the person's may lack
	Subject  string
	Body     string
	Why      string // the reader gets it
	LinkPath string // below the portal's address; may be empty
	StopPath string // to be written to no more
}

// Leave says whether a message may leave now. With a reason it never may; with a
// time, not before. One about danger to life leaves in anybody's quiet hours.
type Leave struct {
	Reason string
	After  time.Time
	Danger bool
}

// Campaigns knows what campaigns say and to whom. The package of campaigns fills
// it.
type Campaigns interface {
	// Invitations are of the campaigns that are known, by the ids of the messages.
	// asked are the campaigns, by the same.
	Invitations(ctx context.Context, asked map[string]string, by Channel, l i18n.Lang) (map[string]Invitation, error)
	// MayLeave is asked in the transaction that lets a message leave.
	MayLeave(ctx context.Context, campaignID, constituentID string, by Channel) (Leave, error)
	// Ended says why messages in the portal are shown no more that nobody has opened;
	// those that may be are left out. It is asked each time until they are opened.
	Ended(ctx context.Context, asked []Laid) (map[Laid]string, error)
}

// Laid is a message of a campaign in the portal, by the campaign and whom it is to.
type Laid struct{ CampaignID, ConstituentID string }

// Carries says whether messages can leave by a channel at all.
func (s *Service) Carries(by Channel) bool { return by == InApp || s.carries(by) }

// CanInvite says whether somebody can be written to at an address that is proven
// and takes messages.
func (s *Service) CanInvite(ctx context.Context, constituentID string, by Channel) (bool, error) {
	if by == InApp {
		return s.comesIn(ctx, constituentID)
	}
	to, err := s.Directory.Contact(ctx, Recipient{ConstituentID: constituentID})
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return false, nil
		}
		return false, fmt.Errorf("look up how to reach somebody: %w", err)
	}
	if by == SMS {
		return to.Phone != "" && to.PhoneProven && s.carries(SMS), nil
	}
	return to.mailArrives(s), nil
}

// comesIn says whether somebody reads the portal: they have an account, or are an
// enterprise that somebody with an account is a member of.
func (s *Service) comesIn(ctx context.Context, constituentID string) (bool, error) {
	var n int64
	err := s.DB.From(ctx).Raw(`SELECT COUNT(*) FROM constituents x WHERE x.id = ? AND x.erased_at IS NULL AND (`+ComesIn+")", constituentID).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look whether somebody reads the portal: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// ComesIn is SQL that is true for a row of constituents x that reads the portal.
const ComesIn = `EXISTS (SELECT 1 FROM accounts c WHERE c.constituent_id = x.id AND c.status = 'active')
 OR EXISTS (SELECT 1 FROM enterprise_members m JOIN accounts c ON c.id = m.account_id WHERE m.enterprise_id = x.id AND m.ended_at IS NULL AND c.status = 'active')`

// Invite notes a message of a campaign in the open transaction, with the job that
// sends it, and gives its id. It may be repeated.
func (s *Service) Invite(ctx context.Context, i Inviting) (id string, err error) {
	to, err := s.Directory.Contact(ctx, i.To)
	if err != nil {
		return "", fmt.Errorf("look up how to reach somebody: %w", err)
	}
	if to.Mail == "" && i.By == Mail {
		return "", fault.New(fault.Conflict, "notify.outreach.no_mail")
	}
	if i.By == InApp {
		return s.lay(ctx, i, to)
	}
	if i.Lang != "" {
		to.Locale = string(i.Lang)
	}
	to = to.along(i.By, to.PhoneProven)
	to.NoNews, to.ConfirmToken = false, "" // a word of its own is asked for, in MayLeave
	t := Telling{Kind: i.Kind, To: i.To, About: i.CampaignID, Cause: i.Cause, Danger: i.Danger}
	return deliveryID(t, i.By), s.DB.Tx(ctx, func(ctx context.Context) error { return s.queue(ctx, t, to, i.By) })
}

// lay puts a message of a campaign into the portal, where it is at once.
func (s *Service) lay(ctx context.Context, i Inviting, to Contact) (string, error) {
	t := Telling{Kind: i.Kind, To: i.To, About: i.CampaignID, Cause: i.Cause}
	_, err := s.note(ctx, t, to, InApp)
	return deliveryID(t, InApp), err
}

// takeBackMost is how many messages are taken back in one statement.
const takeBackMost = 500

// TakeBack takes messages out of the portal that nobody has opened, in the open
// transaction.
func (s *Service) TakeBack(ctx context.Context, ids []string, reason string) error {
	for part := range slices.Chunk(ids, takeBackMost) {
		err := s.DB.From(ctx).Exec("UPDATE deliveries SET status = ?, reason = ?, version = version + 1 WHERE id IN ? AND channel = ? AND status = ?", Suppressed, reason, part, InApp, Sent).Error
		if err != nil {
			return fmt.Errorf("take messages out of the portal: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}

// standing gives the messages that may be shown. Of a campaign those that nobody has
// opened may be no more: they are taken out of the portal.
func (s *Service) standing(ctx context.Context, notes []Note) (stand []Note, err error) {
	var asked []Laid
	for _, n := range notes {
		if n.laid() && !slices.Contains(asked, n.asLaid()) {
			asked = append(asked, n.asLaid())
		}
	}
	if len(asked) == 0 {
		return notes, nil
	}
	ended, err := s.Campaigns.Ended(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("ask whether messages may be shown: %w", err)
	}
	gone := map[string][]string{}
	for _, n := range notes {
		if why := ended[n.asLaid()]; n.laid() && why != "" {
			gone[why] = append(gone[why], n.ID)
			continue
		}
		stand = append(stand, n)
	}
	for why, ids := range gone {
		if err := s.TakeBack(ctx, ids, why); err != nil {
			return nil, err
		}
	}
	return stand, nil
}

// laid says that a message is a campaign's and unopened.
func (n *Note) laid() bool { return n.Kind == Outreach && !n.Read }

func (n *Note) asLaid() Laid { return Laid{CampaignID: n.AboutID, ConstituentID: n.ConstituentID} }

// leave asks the moment before a message leaves whether it may: of a campaign, whether
// it still is to be sent; of every one that can be refused, whether its reader's quiet
// hours have begun since it was queued. It lets it wait or suppresses it where it may
// not, and says whether it may.
func (s *Service) leave(ctx context.Context, d *delivery) (bool, error) {
	l := Leave{}
	if d.Kind == Outreach {
		var err error
		if l, err = s.Campaigns.MayLeave(ctx, deref(d.AboutID), deref(d.ConstituentID), d.Channel); err != nil {
			return false, fmt.Errorf("ask whether a message may leave: %w", err)
		}
		if l.Reason != "" {
			return false, s.change(ctx, d, Suppressed, l.Reason)
		}
	}
	quiet, err := s.quietUntil(ctx, Telling{Kind: d.Kind, To: recipientOf(d), CaseID: deref(d.CaseID), Danger: l.Danger})
	if err != nil {
		return false, err
	}
	if quiet.After(l.After) {
		l.After = quiet
	}
	if l.After.IsZero() {
		return true, nil
	}
	if err := s.DB.From(ctx).Exec("UPDATE deliveries SET send_after = ? WHERE id = ?", l.After.UTC(), d.ID).Error; err != nil {
		return false, fmt.Errorf("let a message wait: %w", db.Fault(err, "", ""))
	}
	return false, s.Jobs.Add(ctx, Send{DeliveryID: d.ID}, jobs.On(jobs.QueueMail), jobs.At(l.After))
}

// composeCampaign makes a message that says why it comes and can be refused with
// one press, by its header too (RFC 8058).
func (s *Service) composeCampaign(ctx context.Context, d *delivery, address string, p mailPage) (Message, error) {
	lang := i18n.Lang(d.Locale)
	all, err := s.Campaigns.Invitations(ctx, map[string]string{d.ID: deref(d.AboutID)}, d.Channel, lang)
	said, err := only(all, d.ID, err)
	if err != nil {
		return Message{}, err
	}
	if said.LinkPath != "" {
		p.LinkURL = s.BaseURL + said.LinkPath
	}
	p.StopURL = s.BaseURL + said.StopPath
	m := Message{ID: d.MessageID, To: address, Lang: string(said.Lang), Date: s.Now(), Return: s.returnAddress(d.ID), Stop: p.StopURL}
	if d.Channel == SMS {
		m.ID, m.Text = d.ID, said.Body
		if p.LinkURL != "" {
			m.Text += "\n" + p.LinkURL
		}
		m.Text += "\n" + s.Words.T(lang, "notify.outreach.sms", i18n.Args{"URL": p.StopURL})
		return m, nil
	}
	p.Lang, p.Why, p.Subject = string(said.Lang), said.Why, said.Subject
	if d.Kind == OutreachTest {
		p.Subject = s.Words.T(lang, "notify.outreach_test.subject", i18n.Args{"Subject": said.Subject})
	}
	m.Subject = p.Subject
	for _, l := range filled(said.Body, nil) {
		p.Own = append(p.Own, ownLine{Words: l, Link: linkMark.FindString(l)})
	}
	m.HTML, m.Text, err = s.fill(lang, Outreach, p)
	return m, err
}
