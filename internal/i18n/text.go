package i18n

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
)

// Text is data in several languages: the name of a unit, a reply template. In
// the database it is a JSON object by language.
type Text map[Lang]string

// In gives the text for a reader of l, falling back to the nearest language
// that has one; empty when no language has.
func (t Text) In(l Lang) string {
	for _, try := range l.Fallback() {
		if s := t[try]; s != "" {
			return s
		}
	}
	return ""
}

// Empty says whether no language has a text.
func (t Text) Empty() bool {
	for _, s := range t {
		if strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// Complete says whether every language of the product has a text.
func (t Text) Complete() bool {
	for _, l := range Langs {
		if strings.TrimSpace(t[l]) == "" {
			return false
		}
	}
	return true
}

// Value stores the text as JSON; no text is an empty object, never NULL.
func (t Text) Value() (driver.Value, error) {
	if len(t) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(map[Lang]string(t))
	return string(b), err
}

// Scan reads what Value stored; NULL is no text.
func (t *Text) Scan(src any) error {
	var raw []byte
	switch v := src.(type) {
	case nil:
		*t = Text{}
		return nil
	case []byte:
		raw = v
	case string:
		raw = []byte(v)
	default:
		return fmt.Errorf("read a text in several languages: unexpected %T", src)
	}
	got := Text{}
	if err := json.Unmarshal(raw, (*map[Lang]string)(&got)); err != nil {
		return fmt.Errorf("read a text in several languages: %w", err)
	}
	if got == nil {
		got = Text{}
	}
	*t = got
	return nil
}
