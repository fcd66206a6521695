package catalogue

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// Codes is an ordered list of codes, a JSON array in the database.
type Codes []string

// Has says whether the code is in the list.
func (c Codes) Has(code string) bool { return slices.Contains(c, code) }

// Value writes the list as JSON; no list is an empty one.
func (c Codes) Value() (driver.Value, error) {
	if c == nil {
		return "[]", nil
	}
	return toJSON([]string(c))
}

// Scan reads the JSON array.
func (c *Codes) Scan(src any) error { return fromJSON(src, (*[]string)(c)) }

// Words are search words by language.
type Words map[i18n.Lang][]string

// Value writes the words as JSON.
func (w Words) Value() (driver.Value, error) {
	if w == nil {
		return "{}", nil
	}
	return toJSON(map[i18n.Lang][]string(w))
}

// Scan reads the JSON object.
func (w *Words) Scan(src any) error { return fromJSON(src, (*map[i18n.Lang][]string)(w)) }

// Schema is the text of a JSON Schema document; empty means no questions.
type Schema json.RawMessage

// Value writes the schema, an empty object when there are no questions.
func (s Schema) Value() (driver.Value, error) {
	if len(s) == 0 {
		return "{}", nil
	}
	return string(s), nil
}

// Scan reads the schema; the empty object is no questions.
func (s *Schema) Scan(src any) error {
	raw, err := rawJSON(src)
	if err != nil {
		return err
	}
	*s = Schema(raw)
	if bytes.Equal(bytes.TrimSpace(raw), []byte("{}")) {
		*s = nil
	}
	return nil
}

// MarshalJSON shows the document itself, {} when there are no questions.
func (s Schema) MarshalJSON() ([]byte, error) {
	if len(s) == 0 {
		return []byte("{}"), nil
	}
	return s, nil
}

// UnmarshalJSON takes the document as it stands.
func (s *Schema) UnmarshalJSON(raw []byte) error { return s.Scan(slices.Clone(raw)) }

// MarshalYAML writes the document as a text.
func (s Schema) MarshalYAML() (any, error) { return string(s), nil }

// UnmarshalYAML reads the document from a text.
func (s *Schema) UnmarshalYAML(into func(any) error) error {
	var text string
	if err := into(&text); err != nil {
		return err
	}
	return s.Scan(text)
}

// OfficeHours are the shifts of each working day, written as a JSON array of
// texts like "09:00-12:00".
type OfficeHours []calendar.Shift

// Value writes the shifts as JSON, NULL when the unit has none of its own.
func (h OfficeHours) Value() (driver.Value, error) {
	if len(h) == 0 {
		return nil, nil
	}
	return toJSON(h.texts())
}

// Scan reads the JSON array or NULL.
func (h *OfficeHours) Scan(src any) error {
	if src == nil {
		*h = nil
		return nil
	}
	var texts []string
	if err := fromJSON(src, &texts); err != nil {
		return err
	}
	return h.parse(texts)
}

// MarshalJSON writes the shifts as texts.
func (h OfficeHours) MarshalJSON() ([]byte, error) { return json.Marshal(h.texts()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (h *OfficeHours) UnmarshalJSON(raw []byte) error { return h.Scan(slices.Clone(raw)) }

// MarshalYAML writes the shifts as texts.
func (h OfficeHours) MarshalYAML() (any, error) { return h.texts(), nil }

// UnmarshalYAML reads a list of texts.
func (h *OfficeHours) UnmarshalYAML(into func(any) error) error {
	var texts []string
	if err := into(&texts); err != nil {
		return err
	}
	return h.parse(texts)
}

func (h OfficeHours) texts() []string {
	texts := make([]string, len(h))
	for i, shift := range h {
		texts[i] = shift.String()
	}
	return texts
}

func (h *OfficeHours) parse(texts []string) error {
	*h = nil
	for _, text := range texts {
		shift, err := calendar.ParseShift(text)
		if err != nil {
			return fmt.Errorf("read office hours: %w", err)
		}
		*h = append(*h, shift)
	}
	return nil
}

func toJSON(v any) (driver.Value, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a JSON column: %w", err)
	}
	return string(raw), nil
}

func rawJSON(src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return slices.Clone(v), nil
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("read a JSON column: unexpected %T", src)
}

func fromJSON(src, into any) error {
	raw, err := rawJSON(src)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read a JSON column: %w", err)
	}
	return nil
}
