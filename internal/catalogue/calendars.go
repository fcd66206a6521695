package catalogue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
)

// CalendarYear is one published year of an official calendar, as imported.
type CalendarYear struct {
	ID         string    `json:"id"`
	Code       string    `json:"code"` // "CN", "TW" or a code of one's own
	Year       int       `json:"year"`
	Content    string    `json:"content"` // JSON object; its "file" is a calendar file as calendar.Parse reads it
	ImportedAt time.Time `json:"imported_at"`
	Version    int64     `json:"version"`
	Source     string    `json:"source"`
}

// TableName binds the type to its table.
func (CalendarYear) TableName() string { return "calendars" }

// File is the calendar file that the year was imported from; empty when it
// brought none.
func (y CalendarYear) File() string {
	var content struct {
		File string `json:"file"`
	}
	if json.Unmarshal([]byte(y.Content), &content) != nil {
		return "" // SaveCalendarYear stores JSON only
	}
	return content.File
}

// Published are the imported years of a calendar, earliest first.
func (s *Snapshot) Published(code string) []*CalendarYear {
	var list []*CalendarYear
	for _, y := range s.Years {
		if y.Code == code && y.File() != "" {
			list = append(list, y)
		}
	}
	return list
}

// ImportCalendar stores every year that a calendar file publishes. What it says
// counts from the next due time on, and open ones are counted anew by a job.
func (s *Service) ImportCalendar(ctx context.Context, file string) (code string, years []int, changed bool, err error) {
	return s.importCalendar(ctx, file, "import", "")
}

func (s *Service) importCalendar(ctx context.Context, file, source, reason string) (code string, years []int, changed bool, err error) {
	code, years, err = calendar.Listed(strings.NewReader(file))
	if err != nil {
		return "", nil, false, err
	}
	if len(years) == 0 {
		return "", nil, false, errors.New("the file publishes no year")
	}
	content, err := json.Marshal(map[string]string{"file": file})
	if err != nil {
		return "", nil, false, fmt.Errorf("keep a calendar file: %w", err)
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		for _, y := range years {
			did, err := s.saveCalendarYear(ctx, CalendarYear{Code: code, Year: y, Content: string(content), Source: source}, reason)
			if err != nil {
				return err
			}
			changed = changed || did
		}
		return nil
	})
	return code, years, changed, err
}

// CalendarYears lists the imported years of a calendar, earliest first.
func (s *Service) CalendarYears(ctx context.Context, code string) ([]CalendarYear, error) {
	var years []CalendarYear
	if err := s.db.From(ctx).Where("code = ?", code).Order("year").Find(&years).Error; err != nil {
		return nil, fmt.Errorf("read the years of a calendar: %w", err)
	}
	return years, nil
}

// SaveCalendarYear stores a published year. A year that says the same is left
// alone (changed is false); another text becomes its next version, and due
// times that it touches have to be counted again.
func (s *Service) SaveCalendarYear(ctx context.Context, y CalendarYear) (changed bool, err error) {
	return s.saveCalendarYear(ctx, y, "")
}

func (s *Service) saveCalendarYear(ctx context.Context, y CalendarYear, reason string) (changed bool, err error) {
	if !json.Valid([]byte(y.Content)) {
		return false, fmt.Errorf("calendar %s %d is not JSON", y.Code, y.Year)
	}
	if file := y.File(); file != "" {
		base, _ := calendar.Builtin(y.Code) // nil for a code of one's own
		if _, err := calendar.Over(base, strings.NewReader(file)); err != nil {
			return false, fmt.Errorf("calendar %s %d: %w", y.Code, y.Year, err)
		}
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		now := s.now().UTC()
		tx := s.db.From(ctx)
		var old CalendarYear
		found := tx.Where("code = ? AND year = ?", y.Code, y.Year).Limit(1).Find(&old)
		if found.Error != nil {
			return fmt.Errorf("read a calendar year: %w", found.Error)
		}
		y.ID, y.Version, y.ImportedAt = db.NewID(now), 1, now
		if found.RowsAffected > 0 {
			if sameJSON(old.Content, y.Content) {
				return nil
			}
			y.ID, y.Version = old.ID, old.Version+1
		}
		if err := s.writeYear(tx, y, old.Version); err != nil {
			return err
		}
		changed = true
		if err := s.renew(ctx, now); err != nil {
			return err
		}
		version := versionRow{ItemID: y.ID, Version: y.Version, Kind: "calendar", Code: fmt.Sprintf("%s-%d", y.Code, y.Year), Content: y.Content, RecordedAt: now}
		if err := s.db.From(ctx).Create(&version).Error; err != nil {
			return fmt.Errorf("keep a version of a calendar year: %w", err)
		}
		return s.audit.Record(ctx, audit.Entry{
			Action: "catalogue.calendar.saved", Kind: "calendar", ID: y.ID, Reason: reason,
			Fields: []audit.Change{{Field: "year", After: version.Code}},
		})
	})
	return changed, err
}

// renew makes every process read the catalogue again.
func (s *Service) renew(ctx context.Context, now time.Time) error {
	s.changing(ctx)
	err := s.db.From(ctx).Exec(`INSERT INTO reference_state (area, revision) VALUES (?, ?)
 ON CONFLICT (area) DO UPDATE SET revision = excluded.revision`, catalogueArea, db.NewID(now)).Error
	if err != nil {
		return fmt.Errorf("renew the catalogue's revision: %w", err)
	}
	return nil
}

func (s *Service) writeYear(tx *gorm.DB, y CalendarYear, was int64) error {
	if was == 0 {
		if err := tx.Session(&gorm.Session{}).Create(&y).Error; err != nil {
			return fmt.Errorf("add a calendar year: %w", err)
		}
		return nil
	}
	res := tx.Session(&gorm.Session{}).Model(&y).Where("id = ? AND version = ?", y.ID, was).
		Select("content", "imported_at", "version", "source").Updates(y)
	if res.Error != nil || res.RowsAffected == 0 {
		return fmt.Errorf("change a calendar year: %w", db.Fault(res.Error, "", ""))
	}
	return nil
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	ca, _ := json.Marshal(x)
	cb, _ := json.Marshal(y)
	return string(ca) == string(cb)
}
