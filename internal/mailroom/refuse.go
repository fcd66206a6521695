package mailroom

import "strings"

// refusal says why a mail is not answered or filed; empty when it is. RFC 3834
// asks programs to know each other; the rest is what mail systems do instead.
func (s *Service) refusal(l *letter) string {
	switch {
	case s.own(l):
		return "loop"
	case l.report("disposition-notification"):
		return "receipt"
	case l.has("Auto-Submitted") && !strings.EqualFold(word(l.get("Auto-Submitted")), "no"):
		return "auto_reply"
	case in(word(l.get("Precedence")), "bulk", "junk", "list", "auto_reply"):
		return "bulk"
	case l.has("List-Id"), l.has("List-Unsubscribe"):
		return "bulk"
	case l.has("X-Auto-Response-Suppress"), l.has("X-Autoreply"), l.has("X-Autorespond"):
		return "auto_reply"
	case l.has("Return-Path") && strings.Trim(l.get("Return-Path"), " <>") == "":
		return "no_sender"
	case l.From.Address == "":
		return "no_sender"
	case in(local(l.From.Address), "mailer-daemon", "postmaster", "no-reply", "noreply", "donotreply"):
		return "no_reply"
	}
	return ""
}

// own says whether a mail is one of ours that came back.
func (s *Service) own(l *letter) bool {
	name, host, _ := strings.Cut(l.From.Address, "@")
	name, _, _ = strings.Cut(name, "+")
	return s.Notify.Own(l.MessageID) || strings.EqualFold(name+"@"+host, s.Box.Address)
}

func word(value string) string {
	value, _, _ = strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(value))
}

func in(value string, list ...string) bool {
	for _, one := range list {
		if value == one {
			return true
		}
	}
	return false
}

func local(address string) string {
	l, _, _ := strings.Cut(address, "@")
	return strings.ToLower(l)
}
