package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Line is a message in the portal as a list shows it.
type Line struct {
	Note
	Subject string      // in the language that was asked for
	About   string      // what it is about: the title of an offer, what happened to a permit
	Href    string      // where that is read; empty for what stands in the message alone
	Says    *Invitation // the message of a campaign itself
}

var errNote = fault.New(fault.NotFound, "notify.missing")

// Open gives a message in the portal that is to one of the constituents, and notes
// that they have opened it. Anybody else's is NotFound.
func (s *Service) Open(ctx context.Context, constituentIDs []string, id string) (n Note, err error) {
	if !db.IsID(id) || len(constituentIDs) == 0 {
		return n, errNote
	}
	gone := false
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var d delivery
		err := s.DB.From(ctx).Where("id = ? AND constituent_id IN ? AND channel = ? AND status IN ?", id, constituentIDs, InApp, []Status{Sent, Read}).Take(&d).Error
		if err != nil {
			return db.Fault(err, "notify.missing", "")
		}
		n = noteOf(&d)
		if n.Read {
			return nil // looking again writes nothing
		}
		stands, err := s.stands(ctx, n)
		if gone = !stands; gone || err != nil {
			return err
		}
		n.Read = true
		return s.read(ctx, "id = ?", id)
	})
	if err == nil && gone { // what was taken back is kept so
		err = errNote
	}
	return n, err
}

// OpenAll notes that somebody has seen all that the portal told them up to a time.
func (s *Service) OpenAll(ctx context.Context, constituentIDs []string, upTo time.Time) error {
	if len(constituentIDs) == 0 {
		return nil
	}
	return s.read(ctx, "constituent_id IN ? AND created_at <= ?", constituentIDs, upTo.UTC())
}

// read marks messages in the portal as read that were not, whoever else does it at
// the same time.
func (s *Service) read(ctx context.Context, which string, args ...any) error {
	args = append([]any{Read, s.Now().UTC(), InApp, Sent}, args...)
	err := s.DB.From(ctx).Exec("UPDATE deliveries SET status = ?, read_at = ?, version = version + 1 WHERE channel = ? AND status = ? AND "+which, args...).Error
	if err != nil {
		return fmt.Errorf("mark messages as read: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Line says what a message in the portal is about, in a language. caseNo is the
// number of its case, if it is about one. What a message was about may be gone; its
// subject stays.
func (s *Service) Line(ctx context.Context, l i18n.Lang, n Note, caseNo string) (Line, error) {
	line := Line{Note: n, Subject: s.Subject(l, n.Kind, caseNo)}
	var err error
	switch {
	case caseNo != "":
		line.Href = "/cases/" + caseNo
	case n.Kind == Outreach:
		var said Invitation
		if said, err = s.Campaigns.Invitation(ctx, n.AboutID, n.ID, InApp, l); err == nil {
			line.About, line.Subject, line.Says = line.Subject, said.Subject, &said
		}
	case n.Kind.ofOffer():
		line.Href = offersPath
		var f OfferFacts
		if f, err = s.Offers.OfferFacts(ctx, n.AboutID, l); err == nil {
			line.About = f.Title
		}
	case n.Kind.ofPermit():
		line.Href = permitsPath
		var f PermitFacts
		if f, err = s.Permits.PermitFacts(ctx, n.AboutID, l); err == nil {
			line.About, line.Href = f.Title, f.LinkPath
		}
	case n.Kind.ofNews():
		var f NewsFacts
		if f, err = s.News.NewsFacts(ctx, n.Kind, n.AboutID, l); err == nil {
			line.About, line.Href = f.Title, f.LinkPath
		}
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return line, fmt.Errorf("read what a message is about: %w", err)
	}
	return line, nil
}
