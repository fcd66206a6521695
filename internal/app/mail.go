package app

import (
	"net/url"

	"minqing/internal/mailroom"
)

// wireMailroom has the workers read the mailbox that people write to.
func (a *App) wireMailroom() error {
	box, err := mailroom.OpenBox(a.Config.IMAPURL)
	if err != nil {
		return err
	}
	own := ""
	if u, err := url.Parse(a.baseURL()); err == nil {
		own = u.Hostname()
	}
	mailroom.New(mailroom.Deps{DB: a.DB, Jobs: a.Jobs, Words: a.Bundle, Cases: a.Cases, Files: a.Files, Limits: a.Limits, Notify: a.Notify,
		Box: box, Own: own, Locale: a.Config.Locale, Now: a.Options.Now})
	return nil
}
