package exchange

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/i18n"
)

//go:embed mappings
var mappings embed.FS

// Mapping tells how the columns of a file become cases (docs/import.md).
type Mapping struct {
	Source      string   `yaml:"source"` // with the row's own id the key against importing twice
	Zone        string   `yaml:"zone"`   // IANA name, for times and local days
	TimeLayouts []string `yaml:"time_layouts"`
	Locale      string   `yaml:"locale"`
	Reversed    string   `yaml:"reversed"` // rows concluded before they were received: reject (default) or keep
	Branch      struct {
		Code string    `yaml:"code"`
		Name i18n.Text `yaml:"name"`
	} `yaml:"branch"`
	HandlingLimit calendar.Limit `yaml:"handling_limit"` // of matters that the import adds
	Columns       Columns        `yaml:"columns"`

	zone *time.Location
}

// Columns are the facts of a case and where each is read.
type Columns struct {
	SourceID    Column `yaml:"source_id"`
	ReceivedAt  Column `yaml:"received_at"`
	DueAt       Column `yaml:"due_at"`
	RepliedAt   Column `yaml:"replied_at"`
	ConcludedAt Column `yaml:"concluded_at"`
	Status      Column `yaml:"status"` // open or concluded
	Kind        Column `yaml:"kind"`
	Channel     Column `yaml:"channel"`
	Outcome     Column `yaml:"outcome"`
	Title       Column `yaml:"title"`
	Description Column `yaml:"description"`
	Reply       Column `yaml:"reply"`
	Address     Column `yaml:"address"`
	Lat         Column `yaml:"lat"`
	Lng         Column `yaml:"lng"`
	Unit        Column `yaml:"unit"`
	Section     Column `yaml:"section"` // a unit below Unit
	Field       Column `yaml:"field"`
	Matter      Column `yaml:"matter"`
}

// Column reads one value: from a column, perhaps translated, or a constant.
type Column struct {
	Column    string            `yaml:"column"`
	Constant  string            `yaml:"constant"`
	Values    map[string]string `yaml:"values"`    // what stands in the file → ours
	Otherwise string            `yaml:"otherwise"` // for values that Values does not name; without it they are rejected
	at        int               // position in the file's header; -1 for none
}

func (c *Columns) all() []*Column {
	return []*Column{&c.SourceID, &c.ReceivedAt, &c.DueAt, &c.RepliedAt, &c.ConcludedAt, &c.Status, &c.Kind, &c.Channel, &c.Outcome,
		&c.Title, &c.Description, &c.Reply, &c.Address, &c.Lat, &c.Lng, &c.Unit, &c.Section, &c.Field, &c.Matter}
}

// OpenMapping gives a ready-made mapping by its name, or reads a file.
func OpenMapping(name string) (*Mapping, error) {
	if raw, err := mappings.ReadFile("mappings/" + name + ".yaml"); err == nil {
		return ParseMapping(raw)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the mapping is neither a file nor one of %s: %w", strings.Join(Ready(), ", "), err)
	}
	return ParseMapping(raw)
}

// Ready names the ready-made mappings.
func Ready() []string {
	var names []string
	entries, _ := mappings.ReadDir("mappings") // embedded: it exists
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// ParseMapping reads and checks a mapping; an unknown key is an error.
func ParseMapping(raw []byte) (*Mapping, error) {
	m := &Mapping{}
	if err := yaml.UnmarshalWithOptions(raw, m, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	var err error
	if m.zone, err = time.LoadLocation(m.Zone); err != nil || m.Zone == "" {
		return nil, fmt.Errorf("mapping: zone %q is no IANA zone", m.Zone)
	}
	_, known := i18n.ParseLang(m.Locale)
	c := &m.Columns
	checks := []struct {
		ok  bool
		say string
	}{
		{m.Source != "", "source is missing"},
		{len(m.TimeLayouts) > 0, "time_layouts is missing"},
		{known, "locale must be zh-Hant, zh-Hans or en"},
		{slices.Contains([]string{"", "reject", "keep"}, m.Reversed), "reversed must be reject or keep"},
		{m.Branch.Code != "" && len(m.Branch.Code) <= 24 && slug(m.Branch.Code) == m.Branch.Code, "branch.code must be capital letters, digits and hyphens"},
		{len(m.Branch.Name) > 0, "branch.name is missing"},
		{c.SourceID.Column != "", "columns.source_id is missing"},
		{c.ReceivedAt.Column != "", "columns.received_at is missing"},
		{c.Title.used(), "columns.title is missing"},
		{c.Kind.used(), "columns.kind is missing"},
		{c.Section.Column == "" || c.Unit.used(), "columns.section needs columns.unit"},
		{c.Field.Column == "" || c.Matter.used(), "columns.field needs columns.matter"},
		{c.Lat.used() == c.Lng.used(), "columns.lat and columns.lng belong together"},
	}
	for _, check := range checks {
		if !check.ok {
			return nil, errors.New("mapping: " + check.say)
		}
	}
	return m, nil
}

func (c *Column) used() bool { return c.Column != "" || c.Constant != "" }

// bind finds the columns in the file's header.
func (m *Mapping) bind(header []string) error {
	var missing []string
	for _, c := range m.Columns.all() {
		c.at = -1
		if c.Column == "" {
			continue
		}
		if c.at = slices.Index(header, c.Column); c.at < 0 && !slices.Contains(missing, c.Column) {
			missing = append(missing, c.Column)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the file has no column %s", strings.Join(missing, ", "))
	}
	return nil
}

// read takes the value of a row; ok is false for one that Values does not name.
func (c *Column) read(row []string) (value string, ok bool) {
	value = c.Constant
	if c.Column != "" {
		value = strings.TrimSpace(row[c.at])
	}
	if c.Values == nil {
		return value, true
	}
	if ours, found := c.Values[value]; found {
		return ours, true
	}
	return c.Otherwise, c.Otherwise != "" || value == ""
}

var allKinds = cases.Kinds

func kindOf(s string) (cases.Kind, bool) {
	k := cases.Kind(s)
	return k, slices.Contains(cases.Kinds, k)
}
