package campaign

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/vault"
)

const (
	purposeRefuse = "campaign.refuse"
	codeLength    = 12
)

var idCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// token is the word of the link by which the reader of a message refuses more. It
// is derived, and works as long as the campaign is known.
func (s *Service) token(deliveryID string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(deliveryID, "-", ""))
	if err != nil || len(raw) != 16 {
		return ""
	}
	return strings.ToLower(idCode.EncodeToString(raw) + "." + s.Vault.DeriveWith(s.Vault.CurrentKey(), purposeRefuse, deliveryID, 1, codeLength))
}

var errLink = fault.New(fault.NotFound, "campaign.refuse.link")

// deliveryOf reads a token; any key of the ring may have made it.
func (s *Service) deliveryOf(token string) (string, error) {
	written, code, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(token)), ".")
	raw, err := idCode.DecodeString(written)
	if err != nil || len(raw) != 16 {
		return "", errLink
	}
	h := hex.EncodeToString(raw)
	id := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	for _, key := range s.Vault.Ring().IDs() {
		if vault.Matches(code, s.Vault.DeriveWith(key, purposeRefuse, id, 1, codeLength)) {
			return id, nil
		}
	}
	return "", errLink
}

// Refusal is what a link to refuse is about.
type Refusal struct {
	Test       bool // a test message, which nobody can refuse
	Gone       bool // so old that nobody knows any more to whom it went
	Refused    bool
	Complained bool
	Name       i18n.Text

	campaignID string
	memberID   string // of the row
	toID       string // the record that was written to
}

// Refusal reads a link.
func (s *Service) Refusal(ctx context.Context, token string) (*Refusal, error) {
	delivery, err := s.deliveryOf(token)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		CampaignID    string
		ConstituentID string
		RefusedAt     *time.Time
		ComplainedAt  *time.Time
		Name          i18n.Text
		ToID          *string
	}
	err = s.DB.From(ctx).Raw(`SELECT a.campaign_id, a.constituent_id, a.refused_at, a.complained_at, k.name, d.constituent_id AS to_id FROM campaign_assignments a
 JOIN campaigns k ON k.id = a.campaign_id LEFT JOIN deliveries d ON d.id = ? WHERE a.delivery_id = ? OR a.portal_id = ?`, delivery, delivery, delivery).Scan(&rows).Error
	if err != nil {
		return nil, fail("read a refusal", err)
	}
	if len(rows) == 0 {
		return s.unlisted(ctx, delivery)
	}
	r := rows[0]
	out := &Refusal{Refused: r.RefusedAt != nil, Complained: r.ComplainedAt != nil, Name: r.Name, campaignID: r.CampaignID, memberID: r.ConstituentID, toID: r.ConstituentID}
	if r.ToID != nil {
		out.toID = *r.ToID
	}
	return out, nil
}

// unlisted reads a link of ours that leads to no member: of a test, or of a
// campaign whose members went.
func (s *Service) unlisted(ctx context.Context, delivery string) (*Refusal, error) {
	var rows []struct {
		Kind          notify.Kind
		ConstituentID *string
	}
	if err := s.DB.From(ctx).Raw("SELECT kind, constituent_id FROM deliveries WHERE id = ?", delivery).Scan(&rows).Error; err != nil {
		return nil, fail("read a refusal", err)
	}
	switch {
	case len(rows) == 0:
		return &Refusal{Gone: true}, nil
	case rows[0].Kind == notify.OutreachTest || rows[0].ConstituentID == nil:
		return &Refusal{Test: true}, nil
	}
	may, err := s.Constituents.MayReach(ctx, []string{*rows[0].ConstituentID}, constituents.ChannelMail, false)
	return &Refusal{Refused: !may, toID: *rows[0].ConstituentID}, err
}

// Refuse notes that the reader of a message wants no more like it, by no channel
// and of no campaign. It may be repeated. words are what the reader saw.
func (s *Service) Refuse(ctx context.Context, token, words string, l i18n.Lang) error {
	r, err := s.Refusal(ctx, token)
	if err != nil || r.Test || r.Gone {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for _, by := range constituents.OutreachChannels {
			if err := s.Constituents.Decide(ctx, r.toID, constituents.Decision{Purpose: constituents.Outreach, Channel: by, Given: false, Words: words, Locale: string(l)}); err != nil {
				return err
			}
		}
		if err := s.Withdraw(ctx, r.toID); err != nil {
			return err
		}
		return s.mark(ctx, r, "refused_at")
	})
}

// Complain notes that the message should not have come at all.
func (s *Service) Complain(ctx context.Context, token, words string, l i18n.Lang) error {
	r, err := s.Refusal(ctx, token)
	if err != nil || r.Test || r.Gone {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.Refuse(ctx, token, words, l); err != nil {
			return err
		}
		return s.mark(ctx, r, "complained_at")
	})
}

// mark counts once, and has the campaign looked at: it may have to stop.
func (s *Service) mark(ctx context.Context, r *Refusal, column string) error {
	if r.campaignID == "" {
		return nil
	}
	n, err := s.exec(ctx, "note a refusal", "UPDATE campaign_assignments SET "+column+" = ? WHERE campaign_id = ? AND constituent_id = ? AND "+column+" IS NULL", s.moment(), r.campaignID, r.memberID)
	if err != nil || n == 0 {
		return err
	}
	return s.Jobs.Add(ctx, RunJob{CampaignID: r.campaignID})
}

// Invitations are what messages say, by their ids, for notify.Campaigns. asked are their
// campaigns; of those that are no more nothing is said.
func (s *Service) Invitations(ctx context.Context, asked map[string]string, by notify.Channel, l i18n.Lang) (map[string]notify.Invitation, error) {
	ids := slices.Compact(slices.Sorted(maps.Values(asked)))
	known, err := s.loadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	texts, err := s.textsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]notify.Invitation, len(asked))
	for delivery, id := range asked {
		c := known[id]
		if c == nil {
			continue
		}
		code, err := s.matterCode(ctx, c)
		if err != nil {
			return nil, err
		}
		if out[delivery], err = s.invitation(c, texts[id][by], code, l, s.token(delivery)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) invitation(c *Campaign, m Message, matter string, l i18n.Lang, token string) (notify.Invitation, error) {
	out := notify.Invitation{Lang: l, Body: m.Body.In(l), Subject: m.Subject.In(l), StopPath: "/refuse/" + token}
	for _, lang := range l.Fallback() {
		if m.Body[lang] != "" {
			out.Lang = lang
			break
		}
	}
	if matter != "" {
		out.LinkPath = "/matters/" + matter
	}
	out.Why = s.Why(l, c.Basis, c.BasisText)
	return out, nil
}

// Why tells the reader of a message why it came.
func (s *Service) Why(l i18n.Lang, b outreach.Basis, law i18n.Text) string {
	return s.Words.T(l, "campaign.why."+string(b), i18n.Args{"Law": strings.TrimRight(law.In(l), "。. ")}) // the words end with a stop of their own
}
