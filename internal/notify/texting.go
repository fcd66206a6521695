package notify

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// TextedKinds lists what people are told of their cases by text.
var TextedKinds = slices.DeleteFunc(slices.Clone(Kinds), func(k Kind) bool { return k == ConfirmAddress })

func (k Kind) texted() bool { return slices.Contains(TextedKinds, k) }

// ways lists the channels by which a message leaves the portal. Mail goes to
// whoever has an address, as ever. A text goes to who wants one of the kind, and to
// who has no mail that surely arrives. What is always sent leaves by one of the two
// whatever somebody wishes.
func (s *Service) ways(ctx context.Context, t Telling, to Contact) (list []Channel, trusted bool, err error) {
	byMail := to.Mail != "" && !(t.Kind == ConfirmAddress && to.MailProven) && !(t.Kind.ofAccount() && !to.MailProven)
	byText, trusted, err := s.canText(ctx, t, to)
	if err != nil {
		return nil, false, err
	}
	if byText {
		byMail, byText, err = s.chosen(ctx, t, to, byMail, trusted)
		if err != nil {
			return nil, false, err
		}
	}
	if byMail {
		list = append(list, Mail)
	}
	if byText {
		list = append(list, SMS)
	}
	return list, trusted, nil
}

// chosen says which of two open ways a message takes.
func (s *Service) chosen(ctx context.Context, t Telling, to Contact, byMail, trusted bool) (mail, text bool, err error) {
	all, err := s.wishesOf(ctx, t.To.person())
	if err != nil {
		return false, false, err
	}
	must := t.Kind.Always() != ""
	text = s.textWish(all[t.Kind], t.Kind, to) == AtOnce
	if !trusted { // as little as can be goes to a number that somebody only typed
		text = must && !to.mailArrives(s)
	}
	if !must {
		return byMail, text, nil // a wish against mail counts when it is sent
	}
	text = text || !to.mailArrives(s)
	refused := all[t.Kind][Mail] == NotAtAll && text && trusted
	return byMail && !refused, text, nil
}

// canText says whether texts about a case may go to somebody, and whether the
// number is known to be theirs: it was proven, or staff wrote it down when they
// spoke with them. None are sent about a whistle-blower's case: they lie readable
// at the carrier and on a locked screen.
func (s *Service) canText(ctx context.Context, t Telling, to Contact) (can, trusted bool, err error) {
	if to.Phone == "" || t.CaseID == "" || !t.Kind.texted() || !s.carries(SMS) {
		return false, false, nil
	}
	f, err := s.Cases.Facts(ctx, t.CaseID)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return false, false, nil
		}
		return false, false, fmt.Errorf("read what a message says: %w", err)
	}
	return !f.Silent, to.PhoneProven || f.Spoken, nil
}

// mailArrives says whether mail is a way on which somebody can rely.
func (c Contact) mailArrives(s *Service) bool {
	return c.Mail != "" && c.MailProven && !c.Bounced && s.carries(Mail)
}

// along is the contact with the address of a channel in the place of the mail's.
func (c Contact) along(by Channel, trusted bool) Contact {
	if by == SMS {
		c.Mail, c.MailProven = c.Phone, trusted
	}
	return c
}

// composeText makes a text about a case. It never carries the query code nor a
// word of the case; towards a number that somebody only typed it carries no link
// but the one that proves it.
func (s *Service) composeText(ctx context.Context, d *delivery, number string, p mailPage) (Message, error) {
	f, err := s.Cases.Facts(ctx, deref(d.CaseID))
	if err != nil {
		return Message{}, fmt.Errorf("read what a message says: %w", err)
	}
	p.CaseNo, p.Hotline = f.CaseNo, f.Hotline
	if err := s.aboutRings(ctx, d, f, &p); err != nil {
		return Message{}, err
	}
	if d.Proven {
		p.TrackURL = s.trackURL(f.CaseNo)
		p.EvaluateURL = s.evaluateURL(f)
	}
	lang := i18n.Lang(d.Locale)
	m := Message{ID: d.ID, To: number, Lang: d.Locale, Date: s.Now()}
	if err := s.write(ctx, &m, TextKey{d.Kind, SMS, lang}, p); err != nil || d.Proven {
		return m, err
	}
	to, err := s.Directory.Contact(ctx, recipientOf(d))
	if err != nil {
		return Message{}, fmt.Errorf("look up how to reach somebody: %w", err)
	}
	if to.Phone == number && to.PhoneToken != "" {
		m.Text += "\n" + s.Words.T(lang, "notify.unproven.sms", i18n.Args{"URL": s.BaseURL + "/confirm/" + url.PathEscape(to.PhoneToken)})
	}
	return m, nil
}

func (s *Service) trackURL(caseNo string) string {
	return s.BaseURL + "/track?case_no=" + url.QueryEscape(caseNo)
}

// evaluateURL is empty when there is nothing to judge.
func (s *Service) evaluateURL(f Facts) string {
	if f.EvaluationToken == "" {
		return ""
	}
	return s.BaseURL + "/evaluate/" + url.PathEscape(f.EvaluationToken)
}
