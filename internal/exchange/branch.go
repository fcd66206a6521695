package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// slug writes capital letters, digits and hyphens; other characters vanish.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch {
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// code makes the code of an item from what the file calls it. The last part
// keeps names apart that look alike.
func (m *Mapping) code(level, name string) string {
	sum := sha256.Sum256([]byte(level + "\x00" + name))
	short := slug(name[strings.LastIndexByte(name, 0)+1:])
	if len(short) > 32 {
		short = strings.Trim(short[:32], "-")
	}
	if short != "" {
		short += "-"
	}
	return m.Branch.Code + "-" + short + strings.ToUpper(hex.EncodeToString(sum[:3]))
}

func plain(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }

// branch makes the import's part of the tree of units and matters.
type branch struct {
	m       *Mapping
	content catalogue.Content
	snap    *catalogue.Snapshot
	until   calendar.Date // its matters are closed to new filings
	asked   map[string]bool
}

// place finds each record's unit and matter, and adds those that are missing.
func (s *Service) place(ctx context.Context, m *Mapping, records []*record) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	b := &branch{m: m, snap: snap, asked: map[string]bool{}, until: calendar.DateOf(s.Now(), m.zone) - 1}
	b.content = catalogue.Content{Source: m.Source, ValidFrom: calendar.NewDate(1970, 1, 1)}
	b.root(s.Calendar)
	for _, r := range records {
		b.want(r)
	}
	if len(b.content.Units)+len(b.content.Fields)+len(b.content.Matters) > 0 {
		if _, err := s.Catalogue.Load(ctx, b.content); err != nil {
			return err
		}
		if snap, err = s.Catalogue.Snapshot(ctx); err != nil {
			return err
		}
	}
	for _, r := range records {
		u, err := snap.Unit(b.unitCode(r))
		if err != nil {
			return err
		}
		r.caseUnit, r.unitPath = u.ID, u.Path
		if r.matter == "" {
			continue
		}
		matter, err := snap.Matter(m.code("matter", r.matter))
		if err != nil {
			return err
		}
		r.caseMatter, r.matterVersion = matter.ID, matter.Version
	}
	return nil
}

// missing says once for each code that nothing has it yet.
func (b *branch) missing(code string, find func(string) error) bool {
	if b.asked[code] {
		return false
	}
	b.asked[code] = true
	return find(code) != nil
}

func (b *branch) unit(code string) error { _, err := b.snap.Unit(code); return err }

func (b *branch) root(cal string) {
	code := b.m.Branch.Code
	if !b.missing(code, b.unit) {
		return
	}
	d := catalogue.UnitDef{Life: catalogue.Life{Code: code}, Name: b.m.Branch.Name, Kind: catalogue.UnitBureau, Zone: b.m.Zone}
	if top := b.snap.Root(); top != nil {
		d.Parent = top.Code
	} else { // an empty installation: the branch stands alone
		d.Kind, d.Calendar, d.LegalProfile = catalogue.UnitCity, cal, "prc"
		d.OfficeHours = catalogue.OfficeHours{{From: 9 * 3600, To: 12 * 3600}, {From: 14 * 3600, To: 18 * 3600}}
	}
	b.content.Units = append(b.content.Units, d)
}

func (b *branch) unitCode(r *record) string {
	switch {
	case r.unit == "":
		return b.m.Branch.Code
	case r.section == "":
		return b.m.code("unit", r.unit)
	}
	return b.m.code("section", r.unit+"\x00"+r.section)
}

func (b *branch) want(r *record) {
	if r.unit != "" {
		code := b.m.code("unit", r.unit)
		if b.missing(code, b.unit) {
			b.addUnit(code, r.unit, b.m.Branch.Code, catalogue.UnitBureau)
		}
		if lower := b.unitCode(r); b.missing(lower, b.unit) {
			b.addUnit(lower, r.section, code, catalogue.UnitSection)
		}
	}
	if r.matter == "" {
		return
	}
	field := b.m.Branch.Code
	name := b.m.Branch.Name
	if r.field != "" {
		field, name = b.m.code("field", r.field), plain(r.field)
	}
	if b.missing("field "+field, func(string) error { _, err := b.snap.Field(field); return err }) {
		b.content.Fields = append(b.content.Fields, catalogue.FieldDef{Life: catalogue.Life{Code: field, ValidTo: &b.until}, Name: name, Position: 9000})
	}
	code := b.m.code("matter", r.matter)
	if b.missing("matter "+code, func(string) error { _, err := b.snap.Matter(code); return err }) {
		var kinds catalogue.Codes
		for _, k := range allKinds {
			kinds = append(kinds, string(k))
		}
		b.content.Matters = append(b.content.Matters, catalogue.MatterDef{Life: catalogue.Life{Code: code, ValidTo: &b.until}, Field: field,
			Name: plain(r.matter), Kinds: kinds, Track: catalogue.TrackHotline, HandlingLimit: b.m.HandlingLimit, Unit: b.m.Branch.Code})
	}
}

func (b *branch) addUnit(code, name, parent string, kind catalogue.UnitKind) {
	b.content.Units = append(b.content.Units, catalogue.UnitDef{Life: catalogue.Life{Code: code}, Name: plain(name), Parent: parent, Kind: kind})
}
