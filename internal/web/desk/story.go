package desk

import (
	"context"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/text"
	"minqing/internal/web"
)

// story is what happened, newest first, grouped by local day. What the citizen
// sees and what stays inside differ in shape.
func (p *casePage) story(ctx context.Context, v *caseView, one *cases.View, n names) error {
	var accounts []string
	for _, e := range one.Events {
		if e.AccountID != nil {
			accounts = append(accounts, *e.AccountID)
		}
	}
	known, err := p.People.Names(ctx, accounts...)
	if err != nil {
		return err
	}
	zone, err := p.Cases.Zone(ctx, &one.Case)
	if err != nil {
		return err
	}
	said := map[string][]cases.Message{}
	for _, m := range one.Messages {
		said[m.EventID] = append(said[m.EventID], m)
	}
	var last calendar.Date
	for _, e := range slices.Backward(one.Events) {
		day := calendar.DateOf(e.At, zone)
		if len(v.Story.Days) == 0 || day != last {
			v.Story.Days = append(v.Story.Days, web.StoryDay{Day: e.At})
			last = day
		}
		d := &v.Story.Days[len(v.Story.Days)-1]
		d.Items = append(d.Items, p.event(e, said[e.ID], known, n))
	}
	return nil
}

func (p *casePage) event(e cases.Event, said []cases.Message, known map[string]string, n names) web.StoryItem {
	it := web.StoryItem{At: e.At, Title: web.Say("desk.event." + string(e.Action)), Text: e.Text, Internal: !e.Public}
	switch {
	case e.AccountID != nil && known[*e.AccountID] != "" && e.ActorKind == "staff":
		it.By = web.Plain(known[*e.AccountID])
	case e.ActorKind == "citizen" || e.ActorKind == "anonymous":
		it.By = web.Say("desk.by.citizen")
	default:
		it.By = web.Say("desk.by.system")
	}
	for _, m := range said {
		if it.Text != m.Text {
			if it.Text != "" {
				it.Text += "\n\n"
			}
			it.Text += m.Text
		}
		if !m.Published {
			it.Chips = append(it.Chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.unpublished")})
		}
	}
	if e.ActorKind != "staff" {
		it.Text = text.MaskFree(it.Text)
	}
	facts := e.Facts()
	if code, ok := facts["unit"].(string); ok && code != "" {
		it.Chips = append(it.Chips, web.Chip{Icon: "building", Words: n.unit(code)})
	}
	if approved, ok := facts["approved"].(bool); ok {
		key, tone := "desk.chip.sent_back", web.ToneDue
		if approved {
			key, tone = "desk.chip.approved", web.ToneDone
		}
		it.Chips = append(it.Chips, web.Chip{Tone: tone, Words: web.Say(key)})
	}
	if outcome, ok := facts["outcome"].(string); ok {
		it.Chips = append(it.Chips, web.Chip{Tone: web.ToneDone, Words: web.Say("case.outcome." + outcome)})
	}
	return it
}
