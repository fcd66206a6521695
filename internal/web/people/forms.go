package people

import (
	"context"
	"strconv"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/record"
	"minqing/internal/web"
)

// filled is a form as it is opened: with what is known already.
func filled(sheet *record.Sheet) partInput {
	in := partInput{District: sheet.DistrictCode, Stage: string(sheet.Stage), Industry: sheet.Industry, Locale: sheet.View.Locale, Source: string(constituents.FromSelf),
		PointKind: string(constituents.Phone)}
	if sheet.BirthYear > 0 {
		in.BirthYear = strconv.Itoa(sheet.BirthYear)
	}
	if sheet.EstablishedOn != nil {
		in.EstablishedOn = sheet.EstablishedOn.String()
	}
	return in
}

func words[T ~string](name, value, prefix string, list []T, empty string) field {
	f := field{Kind: "select", Field: web.Field{Name: name, Label: web.Say("people.field." + name), Value: value}}
	if empty != "" {
		f.Options = append(f.Options, web.Option{Words: web.Say(empty)})
	}
	for _, x := range list {
		f.Options = append(f.Options, web.Option{Value: string(x), Words: web.Say(prefix + string(x))})
	}
	return f
}

func line(name, value, width string) field {
	return field{Kind: "text", Field: web.Field{Name: name, Label: web.Say("people.field." + name), Value: value, Width: width, Complete: "off"}}
}

func dated(name, value string) field {
	f := line(name, value, "10")
	f.Type = "date"
	return f
}

// told sources are those that a member of staff may name.
var toldBy = []constituents.Source{constituents.FromSelf, constituents.FromStaff, constituents.FromCase}

func profileForm(p *partPage, in partInput, sheet *record.Sheet, n look) []field {
	list := []field{words("locale", in.Locale, "people.language.", i18n.Langs, "")}
	if sheet.Kind == constituents.Person {
		f := line("birth_year", in.BirthYear, "5")
		f.Mode, f.Hint = "numeric", web.Say("people.field.birth_year.hint")
		list = append(list, f)
	} else {
		list = append(list, dated("established_on", in.EstablishedOn), words("stage", in.Stage, "people.stage.", constituents.Stages, "people.unknown"),
			line("industry", in.Industry, "20"))
	}
	where := field{Kind: "select", Field: web.Field{Name: "district_code", Label: web.Say("people.field.district_code"), Value: in.District, Options: []web.Option{{Words: web.Say("people.unknown")}}}}
	today := calendar.DateOf(p.Now(), p.Zone)
	for _, b := range n.areas.At(place.Borough, "", today) {
		where.Options = append(where.Options, web.Option{Value: b.Code, Words: web.Data(b.Name)})
		for _, d := range n.areas.At(place.Subdistrict, b.ID, today) {
			where.Options = append(where.Options, web.Option{Value: d.Code, Words: n.district(d.Code)})
		}
	}
	return append(list, where, words("source", in.Source, "people.source.", toldBy, ""))
}

func saveProfile(ctx context.Context, r *record.Service, id string, in partInput) error {
	p := constituents.Profile{DistrictCode: in.District, Stage: constituents.Stage(in.Stage), Industry: in.Industry, Locale: in.Locale,
		Source: constituents.Source(in.Source), Version: in.Version}
	var c fault.Check
	if in.BirthYear != "" {
		year, err := strconv.Atoi(in.BirthYear)
		if err != nil || year < 1 {
			year = -1 // which is refused
		}
		p.BirthYear = year
	}
	if in.EstablishedOn != "" {
		day, err := calendar.ParseDate(in.EstablishedOn)
		c.That(err == nil, "established_on", "constituents.profile.established_on")
		p.EstablishedOn = &day
	}
	if err := c.Err(); err != nil {
		return err
	}
	return r.SetProfile(ctx, id, p)
}

func endButton(past bool, key string) []web.Button {
	if past {
		return nil
	}
	return []web.Button{{Words: web.Say(key), Kind: "secondary", Name: "do", Value: "end"}}
}

func reachRows(sheet *record.Sheet, _ look, now time.Time) (rows []partRow) {
	for i, one := range reached(sheet, now) {
		row := partRow{pointRow: one}
		for _, pt := range sheet.Points {
			if sameRow(one, pt, now) && !listed(rows[:i], pt.ID) {
				row.ID, row.Version = pt.ID, pt.Version
				if !one.Past && !pt.Preferred {
					row.Buttons = append(row.Buttons, web.Button{Words: web.Say("people.prefer"), Kind: "secondary", Name: "do", Value: "prefer"})
				}
				if !one.Past && pt.Kind == constituents.Address && pt.VerifiedAt == nil {
					row.Buttons = append(row.Buttons, web.Button{Words: web.Say("people.see"), Kind: "secondary", Name: "do", Value: "seen"})
				}
				break
			}
		}
		row.Buttons = append(row.Buttons, endButton(one.Past, "people.end")...)
		rows = append(rows, row)
	}
	return rows
}

func sameRow(row pointRow, pt constituents.Point, now time.Time) bool {
	return row.Value.Plain == pt.Value && row.Since.Equal(pt.ValidFrom) && row.Past == pt.Over(now)
}

func listed(rows []partRow, id string) bool {
	for _, r := range rows {
		if r.ID == id {
			return true
		}
	}
	return false
}

func reachForm(_ *partPage, in partInput, _ *record.Sheet, _ look) []field {
	return []field{words("point_kind", in.PointKind, "people.point.", []constituents.PointKind{constituents.Phone, constituents.Email, constituents.Address}, ""), line("point", in.Point, "20")}
}

func saveReach(ctx context.Context, r *record.Service, id string, in partInput) error {
	return r.AddPoint(ctx, id, constituents.PointKind(in.PointKind), in.Point)
}

func needRows(sheet *record.Sheet, _ look, _ time.Time) (rows []partRow) {
	for _, x := range sheet.Known.Needs {
		row := partRow{ID: x.ID, Version: x.Version, Buttons: endButton(x.ValidTo != nil, "people.end")}
		row.pointRow = pointRow{Kind: web.Say("people.need." + string(x.Kind)), Value: web.Say("people.source." + string(x.Source)), Since: x.ValidFrom, Until: x.ValidTo, Past: x.ValidTo != nil}
		rows = append(rows, row)
	}
	return rows
}

func needForm(_ *partPage, in partInput, _ *record.Sheet, _ look) []field {
	return []field{words("need", in.Need, "people.need.", constituents.NeedKinds, "people.choose"), words("source", in.Source, "people.source.", toldBy, "")}
}

func saveNeed(ctx context.Context, r *record.Service, id string, in partInput) error {
	return r.AddNeed(ctx, id, constituents.NeedKind(in.Need), constituents.Source(in.Source))
}

func numberRows(sheet *record.Sheet, _ look, _ time.Time) (rows []partRow) {
	for i, one := range numbered(sheet) {
		x := sheet.Known.Numbers[i]
		rows = append(rows, partRow{pointRow: one, ID: x.ID, Version: x.Version, Buttons: endButton(one.Past, "people.end")})
	}
	return rows
}

func seenField(in partInput) field {
	f := field{Kind: "checkboxes", Field: web.Field{Name: "seen", Label: web.Say("people.field.seen"), Options: []web.Option{{Value: "yes", Words: web.Say("people.field.seen.yes")}}}}
	if in.Seen != "" {
		f.Values = []string{in.Seen}
	}
	return f
}

func numberForm(_ *partPage, in partInput, sheet *record.Sheet, _ look) []field {
	return []field{words("number_kind", in.NumberKind, "people.number.", constituents.IDKinds(sheet.Kind), ""), line("number", in.Number, "20"), seenField(in)}
}

func saveNumber(ctx context.Context, r *record.Service, id string, in partInput) error {
	return r.AddNumber(ctx, id, constituents.Document{Kind: constituents.IDKind(in.NumberKind), Value: in.Number, Seen: in.Seen != ""})
}

func tieRows(sheet *record.Sheet, _ look, _ time.Time) (rows []partRow) {
	for i, one := range tied(sheet) {
		x := sheet.Known.Relations[i]
		row := partRow{ID: x.ID, Version: x.Version, Buttons: endButton(one.Past, "people.end")}
		row.pointRow = pointRow{Kind: one.Words, Value: one.Name, Chips: one.Chips, Since: x.ValidFrom, Until: x.ValidTo, Past: one.Past}
		rows = append(rows, row)
	}
	return rows
}

// ways are the relations with their direction, as they are chosen.
var ways = []string{"household.to", "guardian.to", "guardian.from", "agent.to", "agent.from", "member.to", "member.from"}

func tieForm(_ *partPage, in partInput, _ *record.Sheet, _ look) []field {
	other := line("other", in.Other, "20")
	other.Hint = web.Say("people.field.other.hint")
	return []field{words("relation", in.Relation, "people.relation.", ways, "people.choose"), other, words("source", in.Source, "people.source.", toldBy, ""), seenField(in)}
}

func saveTie(ctx context.Context, r *record.Service, id string, in partInput) error {
	kind, way, _ := strings.Cut(in.Relation, ".")
	return r.Relate(ctx, id, record.NewRelation{Other: in.Other, Kind: constituents.RelationKind(kind), From: way == "from", Seen: in.Seen != "", Source: constituents.Source(in.Source)})
}

func noteRows(sheet *record.Sheet, _ look, _ time.Time) (rows []partRow) {
	for _, x := range sheet.Known.Notes {
		until := x.KeepUntil.UTC()
		row := partRow{ID: x.ID, Version: x.Version, Buttons: []web.Button{{Words: web.Say("people.drop"), Kind: "secondary", Name: "do", Value: "drop"}}}
		row.pointRow = pointRow{Kind: web.Say("people.note." + string(x.Purpose)), Value: web.Plain(x.Text), Since: x.CreatedAt, Until: &until}
		rows = append(rows, row)
	}
	return rows
}

func noteForm(_ *partPage, in partInput, _ *record.Sheet, _ look) []field {
	text := field{Kind: "textarea", Field: web.Field{Name: "note", Label: web.Say("people.field.note"), Hint: web.Say("people.field.note.hint"), Value: in.Note, Rows: 4, Max: constituents.NoteMost}}
	return []field{words("note_purpose", in.Purpose, "people.note.", constituents.NotePurposes, "people.choose"), text, dated("keep_until", in.KeepUntil)}
}

func saveNote(ctx context.Context, r *record.Service, id string, in partInput) error {
	until, _ := calendar.ParseDate(in.KeepUntil) // no date is before every day that is allowed
	return r.AddNote(ctx, id, in.Note, constituents.NotePurpose(in.Purpose), until)
}
