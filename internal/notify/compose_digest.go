package notify

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Digest is the mail that holds several messages.
const Digest Kind = "digest"

// digestEntry is one message of a gathered mail.
type digestEntry struct {
	Line   string
	CaseNo string // empty when the line has it
	URL    string
}

// composeDigest makes a gathered mail, and gives the messages that it holds: one
// about a case that is gone is taken out of it. No entry has a code.
func (s *Service) composeDigest(ctx context.Context, id string, list []delivery, to Contact) (Message, []delivery, error) {
	lang := langOf(to.Locale)
	p := mailPage{Lang: string(lang), Proven: to.MailProven, PortalURL: s.BaseURL + "/", WishesURL: s.BaseURL + "/me/notifications"}
	if !to.MailProven && to.ConfirmToken != "" {
		p.ConfirmURL = s.BaseURL + "/confirm/" + url.PathEscape(to.ConfirmToken)
	}
	var kept []delivery
	for i := range list {
		e, err := s.entry(ctx, &list[i], lang, to.MailProven)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			if err := s.settle(ctx, &list[i], Suppressed, Erased); err != nil {
				return Message{}, list, err
			}
			continue
		}
		if err != nil {
			return Message{}, append(kept, list[i:]...), err
		}
		p.Entries, kept = append(p.Entries, e), append(kept, list[i])
	}
	p.List = listed(p.Entries)
	p.Subject = s.Subject(lang, Digest, "")
	m := Message{ID: s.messageID(id), To: to.Mail, Lang: p.Lang, Subject: p.Subject, Date: s.Now(), Return: s.returnAddress(id)}
	err := s.write(ctx, &m, TextKey{Digest, Mail, lang}, p)
	return m, kept, err
}

// entry is the line of one message, which is the subject that it would have
// alone, and where it leads.
func (s *Service) entry(ctx context.Context, d *delivery, lang i18n.Lang, proven bool) (e digestEntry, err error) {
	var f Facts
	if d.CaseID != nil {
		if f, err = s.Cases.Facts(ctx, *d.CaseID); err != nil {
			return e, fmt.Errorf("read what a message says: %w", err)
		}
	}
	e.URL = s.trackURL(f.CaseNo)
	switch {
	case d.Kind.ofStaff():
		e.URL = s.BaseURL + DeskPath(d.Kind, d.ID, f.CaseNo)
	case d.Kind == JudgeReminder && proven && f.EvaluationToken != "":
		e.URL = s.evaluateURL(f)
	}
	e.Line = s.Subject(lang, d.Kind, f.CaseNo)
	own, ok, err := s.inForce(ctx, TextKey{d.Kind, Mail, lang})
	if err != nil {
		return e, err
	}
	if ok {
		p := mailPage{CaseNo: f.CaseNo, PortalURL: s.BaseURL + "/"}
		if line := strings.Join(filled(own.Subject, p.values()), " "); line != "" {
			e.Line = line
		}
	}
	if !strings.Contains(e.Line, f.CaseNo) {
		e.CaseNo = f.CaseNo
	}
	return e, nil
}

// listed is the entries as plain text.
func listed(entries []digestEntry) string {
	var all []string
	for _, e := range entries {
		lines := []string{e.Line, e.CaseNo, e.URL}
		all = append(all, strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n"))
	}
	return strings.Join(all, "\n\n")
}
