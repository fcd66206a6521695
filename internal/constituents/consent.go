package constituents

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Consent is what somebody may agree to or refuse: one purpose by one channel,
// in words that have versions.
type Consent struct {
	Purpose string
	Channel string
	Wording int // version of the words: "constituents.consent.<purpose>.<channel>.v<wording>"
	Given   bool
	Default bool // nobody has said anything: Given is what holds until then
	ByBasis bool // until then the ground in law of each message decides, and Given is false
	At      time.Time
}

// Key is the message with the words of this version.
func (c Consent) Key() string {
	return fmt.Sprintf("constituents.consent.%s.%s.v%d", c.Purpose, c.Channel, c.Wording)
}

// CaseMail is mail about the progress of one's cases. It comes with the request,
// so that it holds until somebody refuses it.
const (
	CaseMail    = "case_news"
	ChannelMail = "mail"
)

// Outreach is being told unasked of what may be one's own or concerns one. Where
// the ground in law is consent it needs a word first; else it holds until refused.
const (
	Outreach      = "outreach"
	ChannelSMS    = "sms"
	ChannelPortal = "inapp" // in their messages on the portal
)

// OutreachChannels are those by which people may be told unasked.
var OutreachChannels = []string{ChannelMail, ChannelSMS, ChannelPortal}

// offered are the purposes that there are, in the newest words.
var offered = []Consent{{Purpose: CaseMail, Channel: ChannelMail, Wording: 1, Given: true, Default: true},
	{Purpose: Outreach, Channel: ChannelMail, Wording: 1, Default: true, ByBasis: true},
	{Purpose: Outreach, Channel: ChannelSMS, Wording: 1, Default: true, ByBasis: true},
	{Purpose: Outreach, Channel: ChannelPortal, Wording: 1, Default: true, ByBasis: true}}

// consentRow is a line of the ledger. It is only added to.
type consentRow struct {
	ID            string
	ConstituentID string
	Purpose       string
	Channel       string
	Given         bool
	Wording       int
	Digest        []byte
	Locale        string
	AccountID     *string
	RequestID     string
	At            time.Time
}

// TableName names the table for gorm.
func (consentRow) TableName() string { return "consents" }

// Consents tells what holds for somebody: the newest word on each purpose.
func (s *Service) Consents(ctx context.Context, id string) ([]Consent, error) {
	all := append([]Consent{}, offered...)
	ledger, err := s.Ledger(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, c := range ledger { // the newest comes last
			if c.Purpose == all[i].Purpose && c.Channel == all[i].Channel {
				all[i].Given, all[i].Default, all[i].At = c.Given, false, c.At
			}
		}
	}
	return all, nil
}

// Ledger lists everything that somebody agreed to or refused, the oldest first.
func (s *Service) Ledger(ctx context.Context, id string) ([]Consent, error) {
	var rows []consentRow
	if err := s.DB.From(ctx).Where("constituent_id = ?", id).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the ledger of consents: %w", db.Fault(err, "", ""))
	}
	out := make([]Consent, len(rows))
	for i, r := range rows {
		out[i] = Consent{Purpose: r.Purpose, Channel: r.Channel, Wording: r.Wording, Given: r.Given, At: r.At}
	}
	return out, nil
}

// Agrees says whether a purpose holds for somebody.
func (s *Service) Agrees(ctx context.Context, id, purpose, channel string) (bool, error) {
	all, err := s.Consents(ctx, id)
	for _, c := range all {
		if c.Purpose == purpose && c.Channel == channel {
			return c.Given, err
		}
	}
	return false, err
}

// MayReach says whether one person may be told something unasked by a channel. The
// ids are all records of theirs; a refusal on any of them holds, and where the
// ground in law is consent one of them must have given it.
func (s *Service) MayReach(ctx context.Context, ids []string, channel string, consented bool) (bool, error) {
	var rows []consentRow
	err := s.DB.From(ctx).Raw("SELECT * FROM consents WHERE constituent_id IN ? AND purpose = ? ORDER BY id", ids, Outreach).Scan(&rows).Error
	if err != nil {
		return false, fmt.Errorf("read whether somebody may be written to: %w", db.Fault(err, "", ""))
	}
	w, spoke := strictest(rows, Outreach, channel)
	if spoke && !w.Given {
		return false, nil
	}
	return !consented || spoke, nil
}

// ConsentsOf tells what holds for one person with several records: as for sending, a
// refusal on any of them holds, whatever another record says.
func (s *Service) ConsentsOf(ctx context.Context, ids []string) ([]Consent, error) {
	var rows []consentRow
	if err := s.DB.From(ctx).Where("constituent_id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the ledgers of somebody: %w", db.Fault(err, "", ""))
	}
	all := append([]Consent{}, offered...)
	for i, c := range all {
		if w, spoke := strictest(rows, c.Purpose, c.Channel); spoke {
			all[i].Given, all[i].Default, all[i].At = w.Given, false, w.At
		}
	}
	return all, nil
}

// strictest is the word that holds on a purpose by a channel where several records are
// one person: the newest refusal that stands on any of them, else the newest consent.
// The rows are their ledgers, the oldest first.
func strictest(rows []consentRow, purpose, channel string) (w consentRow, spoke bool) {
	last := map[string]map[string]consentRow{}
	var records []string
	for _, r := range rows { // the newest comes last
		if r.Purpose != purpose {
			continue
		}
		if last[r.ConstituentID] == nil {
			last[r.ConstituentID] = map[string]consentRow{}
			records = append(records, r.ConstituentID)
		}
		last[r.ConstituentID][r.Channel] = r
	}
	for _, id := range records {
		said, here := last[id][channel]
		if !here && purpose == Outreach && channel == ChannelPortal {
			said, here = refusedAll(last[id])
		}
		stricter := !spoke || w.Given && !said.Given || w.Given == said.Given && said.ID > w.ID
		if here && stricter {
			w, spoke = said, true
		}
	}
	return w, spoke
}

// refusedAll is the word by which somebody wants no mail and no text, the later of the
// two: before the portal was a way of its own, that was how people refused everything.
func refusedAll(said map[string]consentRow) (consentRow, bool) {
	mail, mailed := said[ChannelMail]
	text, texted := said[ChannelSMS]
	if !mailed || !texted || mail.Given || text.Given {
		return consentRow{}, false
	}
	if text.ID > mail.ID {
		return text, true
	}
	return mail, true
}

// Decision is a word on one purpose, with the words that the person saw and in
// which language.
type Decision struct {
	Purpose string
	Channel string
	Given   bool
	Words   string
	Locale  string
}

// Decide writes down that somebody agrees to a purpose or refuses it. Saying the
// same again adds nothing.
func (s *Service) Decide(ctx context.Context, id string, d Decision) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		all, err := s.Consents(ctx, id)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Purpose != d.Purpose || c.Channel != d.Channel {
				continue
			}
			if c.Given == d.Given && !(c.Default && c.ByBasis) {
				return nil
			}
			a, now, digest := actor.From(ctx), s.Now().UTC(), sha256.Sum256([]byte(d.Words))
			r := consentRow{ID: db.NewID(now), ConstituentID: id, Purpose: d.Purpose, Channel: d.Channel, Given: d.Given, Wording: c.Wording,
				Digest: digest[:], Locale: language(d.Locale), AccountID: db.Ref(a.AccountID), RequestID: a.RequestID, At: now}
			if err := s.DB.From(ctx).Create(&r).Error; err != nil {
				return fmt.Errorf("write the ledger of consents: %w", db.Fault(err, "", ""))
			}
			return s.Audit.Record(ctx, audit.Entry{Action: "constituent.consent", Kind: "constituent", ID: id,
				Fields: []audit.Change{{Field: d.Purpose + "." + d.Channel, Before: fmt.Sprint(c.Given), After: fmt.Sprint(d.Given)}}})
		}
		return fault.InvalidInput(fault.Field{Name: "consent", Key: "constituents.consent.unknown"})
	})
}
