package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must resolve in a container without system files
)

// rule says what a value should have been, or nothing when it is right.
type rule func(value string) (want string)

var rules = map[string]rule{
	"MINQING_DATABASE_URL":        databaseURL,
	"MINQING_REPLICA_URLS":        each(postgresURL),
	"MINQING_AUTO_MIGRATE":        onOff,
	"MINQING_LISTEN":              hostPort,
	"MINQING_BASE_URL":            baseURL,
	"MINQING_METRICS_LISTEN":      orOff(hostPort),
	"MINQING_RATE_LIMITS":         onOff,
	"MINQING_TRUSTED_PROXIES":     each(network),
	"MINQING_SECOND_FACTOR_ROLES": orOff(each(role)),
	"MINQING_KEYS":                anything,
	"MINQING_AUDIT_ANCHORS":       anything,
	"MINQING_BLOB_URL":            blobURL,
	"MINQING_SCANNER_URL":         scannerURL,
	"MINQING_SMTP_URL":            smtpURL,
	"MINQING_SMS_URL":             smsURL,
	"MINQING_SMS_A_DAY":           textsADay,
	"MINQING_PAYMENT_URL":         paymentURL,
	"MINQING_IMAP_URL":            imapURL,
	"MINQING_SECURITY_CONTACT":    contact,
	"MINQING_ENTERPRISE_REGISTER": anything,

	"MINQING_OIDC_PUBLIC_ISSUER":        issuer,
	"MINQING_OIDC_PUBLIC_CLIENT_ID":     anything,
	"MINQING_OIDC_PUBLIC_CLIENT_SECRET": anything,
	"MINQING_OIDC_PUBLIC_NAME":          anything,
	"MINQING_OIDC_STAFF_ISSUER":         issuer,
	"MINQING_OIDC_STAFF_CLIENT_ID":      anything,
	"MINQING_OIDC_STAFF_CLIENT_SECRET":  anything,
	"MINQING_OIDC_STAFF_NAME":           anything,
	"MINQING_OIDC_STAFF_ROLES":          groupRoles,
	"MINQING_OIDC_STAFF_GROUPS_CLAIM":   anything,
	"MINQING_OIDC_STAFF_SECOND_FACTOR":  anything,
	"MINQING_OIDC_STAFF_ADOPT":          onOff,

	"MINQING_TIMEZONE":  zone,
	"MINQING_CALENDAR":  calendarCode,
	"MINQING_LOCALE":    locale,
	"MINQING_LOG_LEVEL": level,

	"MINQING_REMINDER_DAYS": days,
	"MINQING_CALLBACK_DAYS": days,

	"MINQING_OTEL_ENDPOINT": collector,
}

// hidden names are passwords and nothing else.
var hidden = []string{"MINQING_SMS_URL", "MINQING_PAYMENT_URL", "MINQING_OIDC_PUBLIC_CLIENT_SECRET", "MINQING_OIDC_STAFF_CLIENT_SECRET"}

// secret names may carry a password: their values are never repeated whole.
var secret = []string{"MINQING_KEYS", "MINQING_DATABASE_URL", "MINQING_REPLICA_URLS", "MINQING_SMTP_URL", "MINQING_IMAP_URL", "MINQING_BLOB_URL", "MINQING_OTEL_ENDPOINT"}

func check(given, aws map[string]string) (problems Problems) {
	for name, value := range given {
		if value == "" {
			continue // as if it had not been set
		}
		want := rules[name](value)
		switch {
		case want == "":
		case slices.Contains(secret, name), slices.Contains(hidden, name):
			problems = append(problems, fmt.Sprintf("%s: want %s", name, want))
		default:
			problems = append(problems, fmt.Sprintf("%s=%q: want %s", name, value, want))
		}
	}
	if given["MINQING_REPLICA_URLS"] != "" && postgresURL(given["MINQING_DATABASE_URL"]) != "" {
		problems = append(problems, "MINQING_REPLICA_URLS: only a PostgreSQL database has replicas; set MINQING_DATABASE_URL to postgres://…")
	}
	problems = append(problems, bucketKey(given, aws)...)
	for _, who := range []string{"MINQING_OIDC_PUBLIC_", "MINQING_OIDC_STAFF_"} {
		problems = append(problems, provider(given, who)...)
	}
	return problems
}

// provider says what a provider lacks.
func provider(given map[string]string, who string) (problems Problems) {
	on := given[who+"ISSUER"] != ""
	if on && given[who+"CLIENT_ID"] == "" {
		problems = append(problems, who+"CLIENT_ID: want the name under which the provider knows this portal")
	}
	if on && given["MINQING_BASE_URL"] == "" {
		problems = append(problems, who+"ISSUER: set MINQING_BASE_URL too: the provider sends people back there")
	}
	for name, value := range given {
		if rest, ok := strings.CutPrefix(name, who); ok && value != "" && !on {
			problems = append(problems, who+rest+": set "+who+"ISSUER too")
		}
	}
	return problems
}

func anything(string) string { return "" }

func each(one rule) rule {
	return func(list string) string {
		for value := range strings.SplitSeq(list, ",") {
			if want := one(strings.TrimSpace(value)); want != "" {
				return want + ", several with commas between"
			}
		}
		return ""
	}
}

func orOff(r rule) rule {
	return func(value string) string {
		if value == Off {
			return ""
		}
		if want := r(value); want != "" {
			return want + ", or off"
		}
		return ""
	}
}

func databaseURL(value string) string {
	if path, ok := strings.CutPrefix(value, "sqlite:"); ok && path != "" {
		return ""
	}
	if postgresURL(value) == "" {
		return ""
	}
	return "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"
}

func postgresURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		return ""
	}
	return "postgres://USER:PASSWORD@HOST/DATABASE"
}

func baseURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil {
		return ""
	}
	return "the address that people type, such as https://portal.example.org"
}

// collector takes plain http too, as long as no password goes there: a span holds
// no personal data.
func collector(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.RawQuery == "" && u.Fragment == "" && (u.User == nil || private(u)) {
		return ""
	}
	return "http://HOST:4318 or https://USER:PASSWORD@HOST"
}

func scannerURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "tcp" && u.Hostname() != "" && u.Port() != "" && u.Path == "" && u.User == nil || u.Scheme == "unix" && u.Host == "" && u.Path+u.Opaque != "") {
		return ""
	}
	return "tcp://HOST:PORT or unix:/PATH"
}

func smsURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && u.Hostname() != "" && private(u) {
		return ""
	}
	return "https://USER:PASSWORD@HOST/PATH or https://TOKEN@HOST/PATH"
}

func paymentURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && u.Hostname() != "" && u.User != nil && private(u) {
		if secret, _ := u.User.Password(); secret != "" && u.User.Username() != "" {
			return ""
		}
	}
	return "https://KEY:SECRET@HOST/PATH"
}

// contact is where people report holes, as RFC 9116 wants it.
func contact(value string) string {
	u, err := url.Parse(value)
	if err == nil && !strings.ContainsAny(value, " \t") && (u.Scheme == "mailto" && strings.Contains(u.Opaque, "@") ||
		u.Scheme == "tel" && u.Opaque != "" || u.Scheme == "https" && u.Hostname() != "" && u.User == nil) {
		return ""
	}
	return "mailto:ADDRESS, tel:NUMBER or https://PAGE"
}

// issuer is compared with the provider's own word for itself, to the letter.
func issuer(value string) string {
	u, err := url.Parse(value)
	if err == nil && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil && private(u) {
		return ""
	}
	return "the https:// address by which the provider names itself"
}

// private says whether nobody reads along: over TLS, or on this machine.
func private(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// groupRoles checks the form only: access knows the roles, the database the units.
func groupRoles(value string) string {
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		i := strings.LastIndexByte(part, '=')
		if i < 1 || !groupRole.MatchString(part[i+1:]) {
			return "GROUP=ROLE or GROUP=ROLE@UNIT, several with semicolons between"
		}
	}
	return ""
}

var groupRole = regexp.MustCompile(`^\s*[a-z][a-z_]*(@[^@;=\s]+)?\s*$`)

func smtpURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "smtp" || u.Scheme == "smtps") && u.Hostname() != "" {
		return ""
	}
	return "smtp://USER:PASSWORD@HOST:PORT or smtps://…"
}

// imapURL checks the form; mailroom reads the rest.
func imapURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "imap" || u.Scheme == "imaps") && u.Hostname() != "" && u.User.Username() != "" {
		if _, ok := u.User.Password(); ok {
			return ""
		}
	}
	return "imaps://USER:PASSWORD@HOST:PORT/MAILBOX or imap://…"
}

func hostPort(value string) string {
	host, port, err := net.SplitHostPort(value)
	if err == nil && !strings.ContainsAny(host, "/ ") {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil && n <= 65535 {
			return ""
		}
	}
	return "HOST:PORT or :PORT"
}

func network(value string) string {
	if _, err := netip.ParseAddr(value); err == nil {
		return ""
	}
	if _, err := netip.ParsePrefix(value); err == nil {
		return ""
	}
	return "addresses or networks such as 10.0.0.0/8"
}

func zone(value string) string {
	if _, err := time.LoadLocation(value); err != nil || value == "Local" {
		return "a zone of the IANA database, such as Asia/Shanghai"
	}
	return ""
}

var calendarPattern = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,31}$`)

// calendarCode checks the form only: calendars may be imported.
func calendarCode(value string) string {
	if calendarPattern.MatchString(value) {
		return ""
	}
	return "the code of a calendar, such as CN or TW"
}

func locale(value string) string {
	switch value {
	case "zh-Hant", "zh-Hans", "en":
		return ""
	}
	return "zh-Hant, zh-Hans or en"
}

var rolePattern = regexp.MustCompile(`^[a-z][a-z_]*$`)

// role checks the form only: access knows which roles there are.
func role(value string) string {
	if rolePattern.MatchString(value) {
		return ""
	}
	return "roles such as system_admin"
}

func level(value string) string {
	var l slog.Level
	if l.UnmarshalText([]byte(value)) == nil {
		return ""
	}
	return "debug, info, warn or error"
}

func onOff(value string) string {
	if _, err := parseSwitch(value); err != nil {
		return err.Error()
	}
	return ""
}

func parseSwitch(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	}
	return false, errors.New("on or off")
}

// textsMost bounds how many texts a number gets on a day.
const textsMost = 100

func textsADay(value string) string {
	if n, err := strconv.Atoi(value); err == nil && n >= 1 && n <= textsMost {
		return ""
	}
	return "a number of texts, 1 to " + strconv.Itoa(textsMost)
}

// daysMost is the longest time that anything waits for a person's judgement.
const daysMost = 90

func days(value string) string {
	if n, err := strconv.Atoi(value); err == nil && n >= 1 && n <= daysMost {
		return ""
	}
	return "a number of days, 1 to " + strconv.Itoa(daysMost)
}
