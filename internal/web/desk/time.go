package desk

import (
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// time asks what the acts on the clock need.
func (b *asking) time(a cases.Action) {
	switch a {
	case cases.ActSuspend:
		b.pick("reason", "", b.suspensions()).Label = web.Say("desk.field.suspension")
		ground := b.write("ground", "ground")
		ground.Rows, ground.Optional, ground.Hint = 2, true, web.Say("desk.field.ground.hint")
		until := b.line("until")
		until.Type, until.Width, until.Hint = "date", "10", b.usual()
		b.write("text", "notice").Rows = 5
		b.note()
	case cases.ActResume:
		b.note()
	case cases.ActRequestExtension:
		days := b.line("days")
		days.Mode, days.Width = "numeric", "5"
		if most, _, err := b.p.Cases.Extendable(b.c.Request.Context(), &b.one.Case); err == nil {
			days.Label = web.Say("desk.field.days." + string(most.Unit()))
			days.Hint = web.Say("desk.field.days.hint", "Max", most.Number())
		}
		b.write("ground", "extension_ground")
	case cases.ActDecideExtension:
		b.f.Quote = lastText(b.one, cases.ActRequestExtension)
		choices := []web.Option{{Value: "yes", Words: web.Say("desk.extension.yes")}, {Value: "no", Words: web.Say("desk.extension.no")}}
		refuses := b.p.Cases.MayExtend(b.c.Request.Context(), &b.one.Case) != nil
		if refuses {
			choices = choices[1:]
		}
		b.choose("allow", choices)
		field := &b.f.Fields[len(b.f.Fields)-1]
		field.Label = web.Say("desk.field.extension")
		if refuses {
			field.Hint = web.Say("desk.extension.government")
		}
		text := b.write("text", "extension_text")
		text.Hint = web.Say("desk.field.extension_text.hint")
	}
}

// line asks for one line.
func (b *asking) line(name string) *web.Field {
	f := b.add("text", name, "", web.Say("desk.field."+name))
	f.Complete = "off"
	return f
}

// suspensions are the reasons in force for which a clock may stand still.
func (b *asking) suspensions() []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	today, err := b.p.Cases.LocalDay(b.c.Request.Context(), &b.one.Case, b.p.Now())
	if err != nil {
		return options
	}
	for _, t := range b.n.snap.SuspensionsOn(today, b.n.matterOf(&b.one.Case)) {
		o := web.Option{Value: t.Code, Words: web.Data(t.Name)}
		if !t.Ground.Empty() {
			o.Words = web.Say("desk.suspension.option", "Name", t.Name, "Ground", t.Ground)
		}
		options = append(options, o)
	}
	return options
}

// usual says when what the reasons of this case usually take is over: that counts where
// no day is entered.
func (b *asking) usual() web.Words {
	ctx, one := b.c.Request.Context(), &b.one.Case
	today, err := b.p.Cases.LocalDay(ctx, one, b.p.Now())
	if err != nil {
		return web.Say("desk.field.until.hint")
	}
	for _, t := range b.n.snap.SuspensionsOn(today, b.n.matterOf(one)) {
		if by, err := b.p.Cases.Expected(ctx, one, t); err == nil && by != nil {
			return web.Say("desk.field.until.usual", "Name", t.Name, "Limit", limitWords(t.Usual), "Day", dayText(*by))
		}
	}
	return web.Say("desk.field.until.hint")
}

// suspension names a reason for which a clock stands still.
func (n names) suspension(code string) web.Words {
	if t, err := n.snap.Suspension(code); err == nil {
		return web.Data(t.Name)
	}
	return web.Plain(code)
}

// limitWords are a limit in words: 5 working days.
func limitWords(l calendar.Limit) any {
	return i18n.Phrase{Key: "portal.limit." + string(l.Unit()), Args: i18n.Args{"Count": l.Number()}}
}

// dayText is a day in every language.
func dayText(d calendar.Date) i18n.Text {
	t := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		t[l] = i18n.Format{Lang: l}.Day(d.UTC())
	}
	return t
}

// moved tells what an event did to the due time.
func (t teller) moved(a cases.Action, f cases.Facts) []web.Chip {
	var chips []web.Chip
	if f.Until != "" {
		if d, err := calendar.ParseDate(f.Until); err == nil {
			key := "desk.chip.until"
			if a == cases.ActSupervise {
				key = "desk.chip.order_due"
			}
			chips = append(chips, web.Chip{Icon: "clock", Words: web.Say(key, "Day", dayText(d))})
		}
	}
	if f.Stands != "" {
		chips = append(chips, web.Chip{Icon: "hourglass", Words: web.Say("desk.chip.stands." + f.Stands)})
	}
	if f.By != "" {
		chips = append(chips, extended(f)...)
	}
	if f.OldDue == "" || f.NewDue == "" {
		return chips
	}
	before, errBefore := time.Parse(time.RFC3339, f.OldDue)
	after, errAfter := time.Parse(time.RFC3339, f.NewDue)
	if errBefore == nil && errAfter == nil && !before.Equal(after) {
		chips = append(chips, web.Chip{Icon: "clock", Words: web.Say("desk.chip.moved", "Before", dayText(calendar.DateOf(before, t.zone)),
			"After", dayText(calendar.DateOf(after, t.zone)))})
	}
	return chips
}

// extended tells of more time, asked for or decided on.
func extended(f cases.Facts) []web.Chip {
	by, err := calendar.ParseLimit(f.By)
	if err != nil {
		return nil
	}
	key, tone := "desk.chip.extension", web.ToneDue
	if f.Approved != nil && *f.Approved {
		key, tone = "desk.chip.extended", web.ToneDone
	} else if f.Approved != nil {
		key, tone = "desk.chip.extension_refused", web.ToneNone
	}
	return []web.Chip{{Tone: tone, Words: web.Say(key, "By", limitWords(by))}}
}
