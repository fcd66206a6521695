package mailroom

import (
	"regexp"
	"strings"
)

// failure is what a report says (RFC 3464).
type failure struct {
	failed    bool   // not only delayed, and not delivered
	status    string // "5.1.1"; empty when the report has none that is well formed
	messageID string // of the mail that it speaks of
}

var statusForm = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// failure reads the parts of a report. Of several recipients the last that
// failed counts: our mails have one.
func (l *letter) failure() (r failure) {
	for _, p := range l.Reports {
		switch p.ContentType {
		case "message/delivery-status":
			action := ""
			for line := range strings.Lines(valid(string(p.Content))) {
				name, value, _ := strings.Cut(line, ":")
				switch canonical(name) {
				case "action":
					action = strings.ToLower(strings.TrimSpace(value))
					r.failed = r.failed || action == "failed"
				case "status":
					value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
					if statusForm.MatchString(value) {
						r.status = value
					}
				}
			}
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/global":
			if list := headerOf(p.Content)["message-id"]; len(list) > 0 {
				r.messageID = list[0]
			}
		}
	}
	return r
}
