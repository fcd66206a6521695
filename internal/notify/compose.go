package notify

import (
	"context"
	"fmt"
	"net/url"

	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/vault"
)

func argsOf(pairs []any) i18n.Args {
	args := i18n.Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			args[name] = pairs[i+1]
		}
	}
	return args
}

// mailPage is what the templates may show. Codes and personal links are empty
// unless the address is proven.
type mailPage struct {
	Lang        string
	Subject     string
	Proven      bool
	CaseNo      string
	QueryCode   string
	TrackURL    string
	EvaluateURL string
	Hotline     string
	RingsOn     string // the day on which somebody is rung again
	ConfirmURL  string
	PortalURL   string
	Code        string // to sign in
	LinkURL     string // to choose a new password
	SecurityURL string
	Megabytes   int
	CanReply    bool      // answers to this mail come to the case
	DeskURL     string    // of the case, for staff
	Follower    bool      // it goes to somebody who follows a published question
	Title       string    // of that, or of the permit that it is about
	Says        string    // what happened to the permit
	StopURL     string    // to follow it no more
	Own         []ownLine // the words that somebody set
	Entries     []digestEntry
	List        string // the entries as plain text
	WishesURL   string // where somebody says how mail comes
	Why         string // a campaign writes to the reader
}

// compose makes the mail of a delivery in its language.
func (s *Service) compose(ctx context.Context, d *delivery) (Message, error) {
	address, err := s.Vault.Open(ctx, purposeAddress, d.AddressCipher)
	if err != nil {
		return Message{}, fmt.Errorf("open the address of a message: %w", err)
	}
	if len(address) == 0 { // erased since it was queued
		return Message{}, vault.ErrErased
	}
	p := mailPage{Lang: d.Locale, Proven: d.Proven, PortalURL: s.BaseURL + "/", SecurityURL: s.BaseURL + "/me/security"}
	switch {
	case d.Kind.secret():
		return s.composeSecret(ctx, d, string(address), p)
	case d.Kind.ofCampaign():
		return s.composeCampaign(ctx, d, string(address), p)
	case d.Channel == SMS:
		return s.composeText(ctx, d, string(address), p)
	case d.Kind.ofFollower():
		return s.composeFollower(ctx, d, string(address), p)
	case d.Kind.ofStaff():
		return s.composeStaff(ctx, d, string(address), p)
	}
	if err := s.aboutOffer(ctx, d, &p); err != nil {
		return Message{}, err
	}
	var replyTo, thread string
	if d.CaseID != nil {
		f, err := s.Cases.Facts(ctx, *d.CaseID)
		if err != nil {
			return Message{}, fmt.Errorf("read what a message says: %w", err)
		}
		if p.CaseNo = f.CaseNo; s.Replies != "" {
			thread = s.messageID("case." + *d.CaseID)
			if f.ReplyCode != "" && (d.Proven || f.ByMail) {
				replyTo, p.CanReply = ReplyAddress(s.Replies, f.CaseNo, f.ReplyCode), true
			}
		}
		p.TrackURL = s.trackURL(f.CaseNo)
		if d.Proven {
			p.QueryCode, p.EvaluateURL = shownCode(f.QueryCode), s.evaluateURL(f)
		}
		if err := s.aboutRings(ctx, d, f, &p); err != nil {
			return Message{}, err
		}
	}
	if !d.Proven {
		if p.ConfirmURL, err = s.confirmURL(ctx, d, string(address)); err != nil {
			return Message{}, err
		}
	}
	lang := i18n.Lang(d.Locale)
	p.Subject = s.Subject(lang, d.Kind, p.CaseNo)
	m := Message{ID: d.MessageID, To: string(address), Lang: d.Locale, Subject: p.Subject, Date: s.Now(),
		ReplyTo: replyTo, Return: s.returnAddress(d.ID), Thread: thread}
	err = s.write(ctx, &m, TextKey{d.Kind, d.Channel, lang}, p)
	return m, err
}

// confirmURL is the link that proves an address; empty when there is none.
func (s *Service) confirmURL(ctx context.Context, d *delivery, address string) (string, error) {
	to, err := s.Directory.Contact(ctx, recipientOf(d))
	if err != nil {
		return "", fmt.Errorf("look up how to reach somebody: %w", err)
	}
	token := to.ConfirmToken
	if to.Mail != address {
		token = to.Pending[address]
	}
	if token == "" {
		return "", nil
	}
	return s.BaseURL + "/confirm/" + url.PathEscape(token), nil
}

// composeSecret makes the message that carries a code or link, derived anew.
func (s *Service) composeSecret(ctx context.Context, d *delivery, address string, p mailPage) (Message, error) {
	secret, err := s.Secrets.Secret(ctx, d.Kind, deref(d.AboutID))
	if err != nil {
		return Message{}, fmt.Errorf("read what a message carries: %w", err)
	}
	lang := i18n.Lang(d.Locale)
	p.Code, p.Subject = secret.Code, s.Subject(lang, d.Kind, "")
	m := Message{ID: d.MessageID, To: address, Lang: d.Locale, Subject: p.Subject, Date: s.Now(), Return: s.returnAddress(d.ID)}
	if d.Channel == SMS {
		m.ID, m.Subject = d.ID, ""
	}
	if secret.LinkPath != "" {
		p.LinkURL = s.BaseURL + secret.LinkPath
	}
	err = s.write(ctx, &m, TextKey{d.Kind, d.Channel, lang}, p)
	return m, err
}

// composeStaff makes a message that leads to a case on the desk. It carries
// nothing that opens a case without signing in.
func (s *Service) composeStaff(ctx context.Context, d *delivery, address string, p mailPage) (Message, error) {
	f, err := s.Cases.Facts(ctx, deref(d.CaseID))
	if err != nil {
		return Message{}, fmt.Errorf("read what a message says: %w", err)
	}
	lang := i18n.Lang(d.Locale)
	p.CaseNo, p.DeskURL = f.CaseNo, s.BaseURL+DeskPath(d.Kind, d.ID, f.CaseNo)
	p.Subject = s.Subject(lang, d.Kind, f.CaseNo)
	m := Message{ID: d.MessageID, To: address, Lang: d.Locale, Subject: p.Subject, Date: s.Now()}
	err = s.write(ctx, &m, TextKey{d.Kind, d.Channel, lang}, p)
	return m, err
}

// DeskPath is where a message leads on the desk: to the case, and of one about a
// note to that note, by the moment that the message's id has from it.
func DeskPath(k Kind, id, caseNo string) string {
	path := "/desk/cases/" + url.PathEscape(caseNo)
	if at := db.Moment(id); k == Mentioned && at != "" {
		path += "?at=" + at + "#at-" + at
	}
	return path
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// Subject is the one line that says what a message is about.
func (s *Service) Subject(l i18n.Lang, k Kind, caseNo string) string {
	return s.Words.T(l, "notify."+string(k)+".subject", i18n.Args{"CaseNo": caseNo})
}

// shownCode parts a query code in the middle, as people read it from paper.
func shownCode(code string) string {
	if len(code) < 8 {
		return code
	}
	return code[:len(code)/2] + "-" + code[len(code)/2:]
}

func recipientOf(d *delivery) Recipient {
	var r Recipient
	if d.ConstituentID != nil {
		r.ConstituentID = *d.ConstituentID
	}
	if d.AccountID != nil {
		r.AccountID = *d.AccountID
	}
	return r
}
