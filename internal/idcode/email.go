package idcode

import "strings"

// NormaliseEmail is the canonical form of a mail address: trimmed, half width,
// lower case. It must look like one that mail servers accept: ASCII, at most
// 254 bytes, a local part of at most 64, a domain with a dot. Whether it exists
// only a message can tell.
func NormaliseEmail(s string) (string, error) {
	if len(s) > 1024 {
		return "", ErrForm
	}
	mail := strings.ToLower(strings.TrimSpace(strings.Map(narrow, s)))
	local, domain, ok := strings.Cut(mail, "@")
	if !ok || len(mail) > 254 || !validLocal(local) || !validDomain(domain) {
		return "", ErrForm
	}
	return mail, nil
}

func validLocal(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if b := s[i]; !digit(b) && !('a' <= b && b <= 'z') && strings.IndexByte(".!#$%&'*+-/=?^_`{|}~", b) < 0 {
			return false
		}
	}
	return true
}

func validDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 || allDigits(labels[len(labels)-1]) {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if b := label[i]; !digit(b) && !('a' <= b && b <= 'z') && b != '-' {
				return false
			}
		}
	}
	return len(labels[len(labels)-1]) >= 2
}
