package desk

import (
	"context"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/text"
	"minqing/internal/web"
)

// story is what happened, newest first, grouped by local day. What the citizen
// sees and what stays inside differ in shape.
func (p *casePage) story(ctx context.Context, v *caseView, one *cases.View, t teller) error {
	zone, err := p.Cases.Zone(ctx, &one.Case)
	if err != nil {
		return err
	}
	said := map[string][]cases.Message{}
	for _, m := range one.Messages {
		said[m.EventID] = append(said[m.EventID], m)
	}
	var last calendar.Date
	anchored := ""
	items := make([]web.StoryItem, 0, len(one.Events))
	for _, e := range slices.Backward(one.Events) {
		day := calendar.DateOf(e.At, zone)
		if len(v.Story.Days) == 0 || day != last {
			v.Story.Days = append(v.Story.Days, web.StoryDay{Day: e.At})
			items, last = items[len(items):], day
		}
		it := t.event(e, said[e.ID])
		if at := db.Moment(e.ID); at != "" && at != anchored { // of two that happened at once, the later
			it.ID, it.Marked, anchored = "at-"+at, at == t.at, at
		}
		items = append(items, it)
		v.Story.Days[len(v.Story.Days)-1].Items = items
	}
	return nil
}

// teller puts events into words.
type teller struct {
	names
	known map[string]string // accounts
	files map[string]string // names, by id
	at    string            // the moment of an event that a link leads to
}

// made names the picture and the one that was made from it, while both are there.
func (t teller) made(f cases.Facts) string {
	if t.files[f.MadeFrom] == "" || t.files[f.Made] == "" {
		return ""
	}
	return t.files[f.MadeFrom] + " → " + t.files[f.Made]
}

// event is one item: what was said to or by the citizen is its text, what staff
// wrote for each other stays inside.
func (t teller) event(e cases.Event, said []cases.Message) web.StoryItem {
	it := web.StoryItem{At: e.At, Title: web.Say("desk.event." + string(e.Action)), By: t.by(e), Internal: !e.Public, Inside: e.Text}
	if f := e.Facts(); f.Case != "" && (e.Action == cases.ActMessage || e.Action == cases.ActAppeal) {
		it.Title = web.Say("desk.event.follower." + string(e.Action))
	}
	if f := e.Facts(); f.Callback {
		it.Title = web.Say("desk.event.note.callback")
	} else if f.Made != "" {
		it.Title, it.Inside = web.Say("desk.event.note.blacked_out"), t.made(f)
	}
	for _, m := range said {
		if it.Inside == m.Text {
			it.Inside = ""
		}
		if it.Text != "" {
			it.Text += "\n\n"
		}
		it.Text += m.Text
		if m.Published { // perhaps later than the event, once a review approved it
			it.Internal = false
		} else {
			it.Chips = append(it.Chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.unpublished")})
		}
	}
	if e.ActorKind != "staff" {
		it.Text, it.Inside = text.MaskFree(it.Text), text.MaskFree(it.Inside)
	}
	if it.Text == "" && (it.Internal || byCitizen(e)) {
		it.Text, it.Inside = it.Inside, ""
	}
	it.Chips = append(it.Chips, t.facts(e)...)
	return it
}

func (t teller) by(e cases.Event) web.Words {
	switch {
	case e.AccountID != nil && t.known[*e.AccountID] != "" && e.ActorKind == "staff":
		return web.Plain(t.known[*e.AccountID])
	case e.Action == cases.ActInterested && byCitizen(e):
		return web.Say("desk.by.third_party")
	case byCitizen(e):
		return web.Say("desk.by.citizen")
	}
	return web.Say("desk.by.system")
}

func byCitizen(e cases.Event) bool { return e.ActorKind == "citizen" || e.ActorKind == "anonymous" }

// facts are the codes that an event kept, as chips.
func (t teller) facts(e cases.Event) []web.Chip {
	var chips []web.Chip
	f := e.Facts()
	if f.Unit != "" {
		chips = append(chips, web.Chip{Icon: "building", Words: t.unit(f.Unit)})
	}
	if f.Case != "" {
		chips = append(chips, web.Chip{Icon: "info-circle", Words: web.Plain(f.Case)})
	}
	if f.Ended != "" {
		chips = append(chips, web.Chip{Words: web.Say("desk.chip.ended." + f.Ended)})
	}
	chips = append(chips, t.people(f)...)
	if f.Matter != "" {
		chips = append(chips, web.Chip{Words: t.matter(&f.Matter)})
	}
	if f.Reason != "" && e.Action == cases.ActSuspend {
		chips = append(chips, web.Chip{Icon: "hourglass", Words: t.suspension(f.Reason)})
	} else if f.Reason != "" {
		chips = append(chips, web.Chip{Icon: "info-circle", Words: reason(e.Action, f.Reason)})
	}
	chips = append(chips, graded(f)...)
	if f.Rung {
		chips = append(chips, web.Chip{Icon: "phone", Words: web.Say("desk.chip.rung")})
	}
	if f.Form != "" {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("case.order_form." + f.Form)})
	}
	chips = append(chips, t.objection(e.Action, f)...)
	chips = append(chips, t.moved(e.Action, f)...)
	if f.Approved != nil && (e.Action == cases.ActReviewReply) {
		key, tone := "desk.chip.sent_back", web.ToneDue
		if *f.Approved {
			key, tone = "desk.chip.approved", web.ToneDone
		}
		chips = append(chips, web.Chip{Tone: tone, Words: web.Say(key)})
	}
	chips = append(chips, t.mentions(f)...)
	if f.Contacted {
		chips = append(chips, web.Chip{Tone: web.ToneDone, Words: web.Say("desk.chip.contacted")})
	}
	if f.Upheld != nil && e.Action == cases.ActDecideContest {
		key, tone := "desk.chip.contest_declined", web.ToneNone
		if *f.Upheld {
			key, tone = "desk.chip.excluded", web.ToneDue
		}
		chips = append(chips, web.Chip{Tone: tone, Words: web.Say(key)})
	} else if f.Upheld != nil {
		key, tone := "desk.chip.appeal_declined", web.ToneNone
		if *f.Upheld {
			key, tone = "desk.chip.upheld", web.ToneDue
		}
		chips = append(chips, web.Chip{Tone: tone, Words: web.Say(key)})
	}
	if f.Outcome != "" {
		chips = append(chips, web.Chip{Tone: web.ToneDone, Words: web.Say("case.outcome." + f.Outcome)})
	}
	return chips
}

// people are the colleagues that the event is about.
func (t teller) people(f cases.Facts) (chips []web.Chip) {
	if f.HandlerID != "" {
		chips = append(chips, web.Chip{Icon: "user-circle", Words: web.Plain(t.known[f.HandlerID])})
	}
	if f.Account != "" {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Icon: "user-circle", Words: web.Plain(t.known[f.Account])})
	}
	if f.Lifted {
		chips = append(chips, web.Chip{Words: web.Say("desk.chip.lifted")})
	}
	return chips
}
