package people

import (
	"context"
	"strconv"
	"time"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/i18n"
	"minqing/internal/record"
	"minqing/internal/web"
)

// pointRow is one way to reach somebody, or one number of theirs.
type pointRow struct {
	Kind  web.Words
	Value web.Words
	Chips []web.Chip
	Since time.Time
	Until *time.Time
	Past  bool
}

// tieRow is one relation.
type tieRow struct {
	Words web.Words
	Name  web.Words
	Href  string
	Chips []web.Chip
	Past  bool
}

// noteRow is one note.
type noteRow struct {
	Text    string
	Purpose web.Words
	Until   time.Time
	At      time.Time
}

// who says who somebody is and how to deal with them.
func (v *sheetView) who(sheet *record.Sheet, n look) {
	v.Chips = append(v.Chips, web.Chip{Icon: "user-circle", Words: web.Say("people.kind." + string(sheet.Kind))})
	if sheet.Erased {
		return
	}
	v.Chips = append(v.Chips, web.Chip{Icon: "info-circle", Words: web.Say("people.language." + sheet.View.Locale)})
	for _, need := range sheet.Known.Needs {
		if need.ValidTo == nil {
			chip := web.Chip{Tone: web.ToneInfo, Words: web.Say("people.need." + string(need.Kind))}
			v.Chips, v.Needs = append(v.Chips, chip), append(v.Needs, chip)
		}
	}
	fact := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	if sheet.BirthYear > 0 {
		fact("people.birth_year", web.Plain(strconv.Itoa(sheet.BirthYear)))
	}
	if sheet.DistrictCode != "" {
		fact("people.district", n.district(sheet.DistrictCode))
	}
	if sheet.EstablishedOn != nil {
		fact("people.established_on", web.Data(web.DayText(*sheet.EstablishedOn)))
	}
	if sheet.Stage != "" {
		fact("people.stage", web.Say("people.stage."+string(sheet.Stage)))
	}
	if sheet.Industry != "" {
		fact("people.industry", web.Plain(sheet.Industry))
	}
}

// reached tells how to reach somebody, what is used now first.
func reached(sheet *record.Sheet, now time.Time) (rows []pointRow) {
	var past []pointRow
	for _, pt := range sheet.Points {
		row := pointRow{Kind: web.Say("people.point." + string(pt.Kind)), Value: web.Plain(pt.Value), Since: pt.ValidFrom, Until: pt.ValidTo, Past: pt.Over(now)}
		if row.Past {
			row.Chips = []web.Chip{{Words: web.Say("people.ended")}}
			past = append(past, row)
			continue
		}
		if pt.Preferred {
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneInfo, Icon: "check", Words: web.Say("people.preferred")})
		}
		switch {
		case pt.BouncedAt != nil:
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneOver, Words: web.Say("people.bounced")})
		case pt.VerifiedAt != nil && pt.Kind == constituents.Address: // by a document: no link proves one
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneDone, Words: web.Say("people.seen")})
		case pt.VerifiedAt != nil:
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneDone, Words: web.Say("people.proven")})
		default:
			row.Chips = append(row.Chips, web.Chip{Words: web.Say("people.unproven")})
		}
		rows = append(rows, row)
	}
	return append(rows, past...)
}

func numbered(sheet *record.Sheet) (rows []pointRow) {
	for _, x := range sheet.Known.Numbers {
		row := pointRow{Kind: web.Say("people.number." + string(x.Kind)), Value: web.Plain(x.Value), Since: x.ValidFrom, Until: x.ValidTo, Past: x.ValidTo != nil}
		switch {
		case row.Past:
			row.Chips = []web.Chip{{Words: web.Say("people.ended")}}
		case x.VerifiedAt != nil:
			row.Chips = []web.Chip{{Tone: web.ToneDone, Words: web.Say("people.seen")}}
		}
		rows = append(rows, row)
	}
	return rows
}

func tied(sheet *record.Sheet) (rows []tieRow) {
	for _, r := range sheet.Known.Relations {
		way, other := ".to", r.ToID // they are it to the other
		for _, id := range sheet.Family {
			if id == r.ToID {
				way, other = ".from", r.FromID
			}
		}
		row := tieRow{Words: web.Say("people.relation." + string(r.Kind) + way), Name: named(sheet.Others[other]), Href: "/people/" + other, Past: r.ValidTo != nil}
		switch {
		case row.Past:
			row.Chips = []web.Chip{{Words: web.Say("people.ended")}}
		case r.VerifiedAt != nil:
			row.Chips = []web.Chip{{Tone: web.ToneDone, Words: web.Say("people.seen")}}
		}
		rows = append(rows, row)
	}
	return rows
}

// work fills in the cases and everything else that the actor sees.
func (p *sheetPage) work(ctx context.Context, v *sheetView, sheet *record.Sheet, n look) error {
	now := p.Now()
	v.Reach, v.Numbers, v.Ties = reached(sheet, now), numbered(sheet), tied(sheet)
	for _, one := range sheet.Known.Notes {
		v.Notes = append(v.Notes, noteRow{one.Text, web.Say("people.note." + string(one.Purpose)), one.KeepUntil.UTC(), one.CreatedAt})
	}
	for _, one := range sheet.Consents {
		key := "people.consent.refused"
		if one.Given {
			key = "people.consent.given"
		}
		if one.Default {
			key = "people.consent.default"
		}
		if one.Default && one.ByBasis {
			key = "people.consent.by_basis"
		}
		v.Agreed = append(v.Agreed, web.SummaryRow{Key: web.Say("people.consent." + one.Purpose + "." + one.Channel), Value: web.Say(key)})
	}
	for i := range sheet.Open {
		it := &sheet.Open[i]
		due, err := p.due(ctx, &it.Case)
		if err != nil {
			return err
		}
		v.Open = append(v.Open, caseRow{Href: "/desk/cases/" + it.CaseNo, Words: caseWords(it, n), Status: web.Say("case.status." + string(it.Status)),
			Chips: []web.Chip{due}, Due: it.DueAt, Unit: n.unit(&it.UnitID)})
	}
	v.OpenMore = sheet.OpenMore
	if sheet.Past != nil {
		v.wrong(sheet.Past, n)
	}
	return nil
}

// caseWords is a case by its number and title, as staff read it.
func caseWords(it *cases.Item, n look) web.Words {
	title := it.ShownTitle()
	if title == "" {
		return web.Say("people.case.matter", "No", it.CaseNo, "Matter", matterArg(n.matter(it.MatterID)))
	}
	return web.Plain(it.CaseNo + " " + title)
}

func matterArg(w web.Words) any {
	if w.Key != "" {
		return i18n.Key(w.Key)
	}
	return w.Text
}

// due says how a promise stands.
func (p *sheetPage) due(ctx context.Context, c *cases.Case) (web.Chip, error) {
	switch {
	case c.SuspendedUntil != nil:
		return web.Chip{Tone: web.ToneInfo, Icon: "hourglass", Words: web.Say("people.waits")}, nil
	case c.DueAt == nil:
		return web.Chip{Words: web.Say("desk.due.none")}, nil
	}
	left, err := p.Cases.Left(ctx, c, *c.DueAt)
	if err != nil {
		return web.Chip{}, err
	}
	if left == 0 && p.Now().After(*c.DueAt) {
		return web.Chip{Tone: web.ToneOver, Words: web.Say("desk.due.past")}, nil
	}
	key, args := i18n.DaysLeft(left)
	chip := web.Chip{Icon: "clock", Words: web.Words{Key: key, Args: args}}
	switch {
	case left < 0:
		chip.Tone, chip.Icon = web.ToneOver, ""
	case left <= 1:
		chip.Tone = web.ToneDue
	}
	return chip, nil
}

// wrong lists what went wrong before.
func (v *sheetView) wrong(t *record.Trouble, n look) {
	for _, x := range []struct {
		key   string
		count int
	}{{"late", t.Late}, {"slow", t.Slow}, {"bad", t.Bad}, {"unmended", t.Unmended}, {"reopened", t.Reopened}, {"repeated", t.Repeated}} {
		if x.count > 0 {
			v.Past = append(v.Past, web.SummaryRow{Key: web.Say("people.past." + x.key), Value: web.Plain(strconv.Itoa(x.count))})
		}
	}
	for i := range t.Cases {
		v.Wrong = append(v.Wrong, wrongRow(&t.Cases[i], n))
	}
	v.WrongMore = t.More
	if t.Older {
		v.Within = record.TroubleMost
	}
}

func wrongRow(one *record.Troubled, n look) caseRow {
	row := caseRow{Href: "/desk/cases/" + one.CaseNo, Words: caseWords(&one.Item, n), Status: web.Say("case.status." + string(one.Status)), Due: &one.ReceivedAt}
	chip := func(so bool, tone web.Tone, key string) {
		if so {
			row.Chips = append(row.Chips, web.Chip{Tone: tone, Words: web.Say(key)})
		}
	}
	chip(one.Late, web.ToneOver, "people.past.late")
	chip(one.Slow, web.ToneOver, "people.past.slow")
	if one.Grade > 0 {
		chip(true, web.ToneOver, "satisfaction.grade."+strconv.Itoa(one.Grade))
	}
	chip(one.Unmended, web.ToneOver, "people.past.unmended")
	chip(one.Reopened, web.ToneDue, "people.past.reopened")
	chip(one.Repeated, web.ToneDue, "people.past.repeated")
	return row
}

// caseRow is one case of somebody.
type caseRow struct {
	Href   string
	Words  web.Words
	Status web.Words
	Chips  []web.Chip
	Due    *time.Time // of an open one; of another, when it came in
	Hour   *time.Time // of an appointment
	Unit   web.Words
}
