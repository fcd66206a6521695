package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/mailroom"
)

// mailbox signs in to the mailbox that people write to, and says what became of
// the mails of a week.
func (d *doctor) mailbox(ctx context.Context) {
	if d.c.IMAPURL == "" {
		return // most places have none
	}
	box, err := mailroom.OpenBox(d.c.IMAPURL)
	if err == nil {
		err = box.Check(ctx)
	}
	if err != nil {
		d.fail("mailbox", err.Error(), "start the mail server, or correct MINQING_IMAP_URL")
		return
	}
	d.ok("mailbox", "the mailbox of "+box.Address+" opens")
	if d.c.SMTPURL == "" {
		d.warn("mailbox", "no mail can be sent: whoever writes is never answered by mail", "set MINQING_SMTP_URL")
	}
	if !d.ready {
		return
	}
	counts, err := mailroom.Counts(ctx, d.db, time.Now().AddDate(0, 0, -7))
	if err != nil {
		d.fail("mailbox", err.Error(), "see the log of the database")
		return
	}
	var shown []string
	for _, c := range counts {
		shown = append(shown, fmt.Sprintf("%d %s", c.N, strings.TrimSpace(string(c.State)+" "+c.Reason)))
	}
	if len(shown) > 0 {
		d.ok("mailbox", "mails of seven days: "+strings.Join(shown, ", "))
	}
}
