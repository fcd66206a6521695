package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FileMost bounds what Parse reads, in bytes; a published year takes about 2 KB.
const FileMost = 1 << 20

// file is the TOML form of a calendar; docs/calendars.md describes it.
type file struct {
	Code    string   `toml:"code"`
	Extends string   `toml:"extends"`
	Version string   `toml:"version"`
	Source  string   `toml:"source"`
	Zone    string   `toml:"zone"`
	Profile string   `toml:"profile"`
	Name    Names    `toml:"name"`
	Weekend []string `toml:"weekend"`
	Shifts  []string `toml:"office_hours"`
	Rules   struct {
		Roll            *bool `toml:"roll"`
		SaturdayMorning *bool `toml:"saturday_morning"`
	} `toml:"rules"`
	Years []fileYear `toml:"year"`
}

type fileYear struct {
	Year     int           `toml:"year"`
	Source   string        `toml:"source"`
	Work     []string      `toml:"work"`
	Holidays []fileHoliday `toml:"holiday"`
}

type fileHoliday struct {
	Name Names    `toml:"name"`
	Days []string `toml:"days"`
}

// profiles are the named sets of rules.
var profiles = map[string]Rules{
	"prc":    {Roll: true},
	"taiwan": {Roll: true, SaturdayMorning: true},
	"plain":  {},
}

var codePattern = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,31}$`)

// Parse reads a calendar file (TOML, at most 1 MiB, format in
// docs/calendars.md). A file may extend a built-in calendar and then need only
// name what differs: a year that it lists replaces that year. Errors name the
// entry to mend.
func Parse(r io.Reader) (*Calendar, error) { return parse(r, Builtin) }

// Listed says which calendar a file is of and which years it publishes.
func Listed(r io.Reader) (code string, years []int, err error) {
	f, err := decode(r)
	if err != nil {
		return "", nil, err
	}
	if code = f.Code; code == "" {
		code = f.Extends
	}
	for _, y := range f.Years {
		years = append(years, y.Year)
	}
	return code, years, nil
}

// Over reads a calendar file that may extend a calendar as it stands with what
// was published before; nil is none.
func Over(base *Calendar, r io.Reader) (*Calendar, error) {
	return parse(r, func(code string) (*Calendar, error) {
		if base != nil && base.code == code {
			return base, nil
		}
		return Builtin(code)
	})
}

func parse(r io.Reader, builtin func(code string) (*Calendar, error)) (*Calendar, error) {
	f, err := decode(r)
	if err != nil {
		return nil, err
	}
	c := &Calendar{years: map[int]string{}, holidays: map[Date]Names{}}
	if f.Extends != "" && builtin != nil {
		base, err := builtin(f.Extends)
		if err != nil {
			return nil, err
		}
		c = base.clone()
	}
	if err := c.head(f); err != nil {
		return nil, err
	}
	if len(f.Years) > 100 {
		return nil, fmt.Errorf("calendar: %d years are too many", len(f.Years))
	}
	seen := map[int]bool{}
	for _, y := range f.Years {
		if seen[y.Year] {
			return nil, fmt.Errorf("calendar: year %d is listed twice", y.Year)
		}
		seen[y.Year] = true
		if err := c.addYear(y); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// decode reads the TOML and refuses entries that it does not know.
func decode(r io.Reader) (f file, err error) {
	text, err := io.ReadAll(io.LimitReader(r, FileMost+1))
	if err != nil {
		return f, fmt.Errorf("calendar: read: %w", err)
	}
	if len(text) > FileMost {
		return f, fmt.Errorf("calendar: the file is larger than %d bytes", FileMost)
	}
	err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&f)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		return f, fmt.Errorf("calendar: unknown entry %q", strings.Join(unknown.Errors[0].Key(), "."))
	}
	if err != nil {
		return f, fmt.Errorf("calendar: %w", err)
	}
	return f, nil
}

func (c *Calendar) clone() *Calendar {
	out := *c
	out.years, out.holidays = maps.Clone(c.years), maps.Clone(c.holidays)
	out.days = append([]day(nil), c.days...)
	return &out
}

// head sets everything but the years.
func (c *Calendar) head(f file) error {
	if f.Code != "" || c.code == "" {
		c.code = f.Code
	}
	if !codePattern.MatchString(c.code) {
		return fmt.Errorf("calendar: code %q must be 2 to 32 capital letters, digits or hyphens", c.code)
	}
	if f.Version == "" || len(f.Version) > 64 {
		return fmt.Errorf("calendar: version must be given, in at most 64 bytes")
	}
	if f.Source == "" {
		return fmt.Errorf("calendar: source must say where the data come from")
	}
	c.version, c.source = f.Version, f.Source
	c.id = c.code + "@" + c.version
	if f.Name != nil || c.name == nil {
		c.name = f.Name
	}
	if err := c.setZone(f.Zone); err != nil {
		return err
	}
	if err := c.setRules(f); err != nil {
		return err
	}
	if err := c.setWeekend(f.Weekend); err != nil {
		return err
	}
	if len(f.Shifts) == 0 {
		if c.shifts == nil {
			c.shifts = defaultShifts
		}
		return nil
	}
	c.shifts = nil
	for _, s := range f.Shifts {
		shift, err := ParseShift(s)
		if err != nil {
			return err
		}
		c.shifts = append(c.shifts, shift)
	}
	return checkShifts(c.shifts)
}

func (c *Calendar) setZone(name string) error {
	if name == "" && c.zone != nil {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return fmt.Errorf("calendar: zone %q is not a name like Asia/Shanghai", name)
	}
	c.zone = zone
	return nil
}

func (c *Calendar) setRules(f file) error {
	if f.Profile != "" || f.Extends == "" {
		rules, ok := profiles[f.Profile]
		if !ok {
			return fmt.Errorf("calendar: profile %q must be prc, taiwan or plain", f.Profile)
		}
		c.rules = rules
	}
	if f.Rules.Roll != nil {
		c.rules.Roll = *f.Rules.Roll
	}
	if f.Rules.SaturdayMorning != nil {
		c.rules.SaturdayMorning = *f.Rules.SaturdayMorning
	}
	return nil
}

func (c *Calendar) setWeekend(names []string) error {
	if len(names) == 0 {
		if c.weekend == 0 {
			c.weekend = 1<<time.Saturday | 1<<time.Sunday
		}
		return nil
	}
	if len(c.years) > 0 {
		return fmt.Errorf("calendar: a file that extends another cannot change its weekend")
	}
	c.weekend = 0
	for _, name := range names {
		found := false
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(name, d.String()) {
				c.weekend, found = c.weekend|1<<d, true
			}
		}
		if !found {
			return fmt.Errorf("calendar: %q is not a day of the week", name)
		}
	}
	if c.weekend == 1<<7-1 {
		return fmt.Errorf("calendar: a week needs at least one working day")
	}
	return nil
}
