package config

import (
	"net/url"
	"slices"
	"strings"
)

// redact makes a value fit to be shown: of an address that may hold a password
// only the parts that tell where it leads remain.
func redact(name, value string) string {
	if slices.Contains(hidden, name) && value != "" {
		return "(hidden)"
	}
	if !slices.Contains(secret, name) || value == "" {
		return value
	}
	if name == "MINQING_KEYS" { // a path, or the ring itself
		if strings.HasPrefix(strings.TrimSpace(value), "{") {
			return "(hidden)"
		}
		return value
	}
	parts := strings.Split(value, ",")
	for i, part := range parts {
		parts[i] = withoutSecrets(strings.TrimSpace(part))
	}
	return strings.Join(parts, ",")
}

func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(hidden)"
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	query := u.Query()
	for key := range query {
		switch strings.ToLower(key) {
		case "sslmode", "host", "port", "user", "dbname", "application_name", "connect_timeout", "from", "starttls", "address", "endpoint", "region", "path_style":
		default:
			query.Set(key, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// meant suggests the setting whose name is nearest to a mistyped one.
func meant(name string) string {
	best, distance := "", 4
	for _, known := range names() {
		if d := edits(name, known); d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return "; README.md lists them"
	}
	return "; did you mean " + best + "?"
}

func names() []string {
	list := make([]string, 0, len(rules))
	for name := range rules {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
