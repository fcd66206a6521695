package catalogue

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"minqing/internal/fault"
)

func (l *loader) saveUnits() error {
	defs, err := sorted(l.content.Units, func(d UnitDef) string { return d.Code },
		func(d UnitDef) []string { return []string{d.Parent, d.Successor} })
	if err != nil {
		return err
	}
	paths := map[string]string{}
	for code, u := range l.units {
		paths[code] = u.Path
	}
	var rows []*Unit
	var moved []move
	for _, d := range defs {
		u, err := l.unit(d, paths)
		if err != nil {
			return err
		}
		if old, ok := l.units[d.Code]; ok && old.Path != u.Path {
			moved = append(moved, move{from: old.Path, to: u.Path})
		}
		paths[d.Code] = u.Path
		rows = append(rows, u)
	}
	for i, m := range moved {
		if m.from == m.to {
			continue // the unit above it took it along
		}
		if err := l.repath(m); err != nil {
			return err
		}
		for j := range moved[i+1:] {
			if below := &moved[i+1+j]; strings.HasPrefix(below.from, m.from) {
				below.from = m.to + below.from[len(m.from):]
			}
		}
	}
	return save(l, "unit", l.units, rows)
}

func (l *loader) unit(d UnitDef, paths map[string]string) (*Unit, error) {
	u := &Unit{
		Name: d.Name, Kind: d.Kind, Duty: d.Duty, Phone: d.Phone, OfficeHours: d.OfficeHours, ClockRules: d.ClockRules, Path: d.Code + "/",
		Zone: optional(d.Zone), Calendar: optional(d.Calendar), LegalProfile: optional(d.LegalProfile),
	}
	at := "unit." + d.Code
	var err error
	if u.Record, err = l.life("unit", d.Life); err != nil {
		return nil, err
	}
	if u.DistrictID, err = l.refer("district", d.District, at); err != nil {
		return nil, err
	}
	if d.Parent == "" {
		return u, nil
	}
	if u.ParentID, err = l.refer("unit", d.Parent, at); err != nil {
		return nil, err
	}
	above := paths[d.Parent]
	if old, ok := l.units[d.Code]; ok && strings.HasPrefix(above, old.Path) {
		return nil, fault.InvalidInput(fault.Field{Name: at, Key: "catalogue.reference.circle"})
	}
	u.Path = above + u.Path
	return u, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type move struct{ from, to string }

// repath takes a moved unit and everything below it along. The rows of this
// load are written afterwards with their own paths.
func (l *loader) repath(m move) error {
	end := strings.TrimSuffix(m.from, "/") + "0" // "0" follows "/" in byte order
	err := l.tx.Session(&gorm.Session{}).Exec(
		`UPDATE units SET path = ? || substr(path, ?) WHERE path >= ? AND path < ?`,
		m.to, len(m.from)+1, m.from, end).Error
	if err != nil {
		return fmt.Errorf("move what stands below a unit: %w", err)
	}
	for _, tell := range l.service.moved {
		if err := tell(l.ctx, m.from, m.to); err != nil {
			return err
		}
	}
	return nil
}
