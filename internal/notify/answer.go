package notify

import (
	"context"

	"minqing/internal/i18n"
)

// Answering is a notice to somebody who wrote and is nobody's record yet.
type Answering struct {
	ID        string // of the mail that is answered
	Kind      Kind
	To        string
	Lang      i18n.Lang
	Megabytes int
}

// Answer sends a notice at once, without a row in the delivery log, where it
// would be an address without a person. Whoever calls sees to it that it is
// sent once.
func (s *Service) Answer(ctx context.Context, a Answering) error {
	if s.Transport == nil || a.To == "" {
		return nil
	}
	p := mailPage{Lang: string(a.Lang), Proven: true, PortalURL: s.BaseURL + "/", Megabytes: a.Megabytes, Subject: s.Subject(a.Lang, a.Kind, "")}
	m := Message{ID: s.messageID(a.ID), To: a.To, Lang: p.Lang, Subject: p.Subject, Date: s.Now()}
	var err error
	if m.HTML, m.Text, err = s.fill(a.Lang, a.Kind, p); err != nil {
		return err
	}
	return s.Transport.Send(ctx, m)
}
