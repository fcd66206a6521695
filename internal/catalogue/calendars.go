package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"minqing/internal/audit"
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
	if !json.Valid([]byte(y.Content)) {
		return false, fmt.Errorf("calendar %s %d is not JSON", y.Code, y.Year)
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
			if sameJSON(old.Content, y.Content) && old.Source == y.Source {
				return nil
			}
			y.ID, y.Version = old.ID, old.Version+1
		}
		if err := s.writeYear(tx, y, old.Version); err != nil {
			return err
		}
		changed = true
		version := versionRow{ItemID: y.ID, Version: y.Version, Kind: "calendar", Code: fmt.Sprintf("%s-%d", y.Code, y.Year), Content: y.Content, RecordedAt: now}
		if err := s.db.From(ctx).Create(&version).Error; err != nil {
			return fmt.Errorf("keep a version of a calendar year: %w", err)
		}
		return s.audit.Record(ctx, audit.Entry{
			Action: "catalogue.calendar.saved", Kind: "calendar", ID: y.ID,
			Fields: []audit.Change{{Field: "year", After: version.Code}},
		})
	})
	return changed, err
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
