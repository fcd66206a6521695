package seven

import (
	"slices"
	"strings"
	"time"

	"minqing/internal/i18n"
	"minqing/internal/outreach/campaign"
	"minqing/internal/stats"
)

// Campaign is one of the period.
type Campaign struct {
	ID           string
	SegmentID    string
	Name         i18n.Text
	Cost         int64
	StartedAt    time.Time
	WindowEndsAt time.Time
	Shown        bool // the reader may read figures of its segment
}

// Stages of a campaign, from whom it was for to who took it up. Opened are messages in
// the portal: of mails nobody looks, for that would need a spy in them.
var Stages = []string{"eligible", "contactable", "told", "control", "sent", "delivered", "opened", "applied"}

// optOutMost is the share of people told of whom more may not opt out.
const optOutMost = 0.005

// outcome is a campaign with what came of it, in people.
type outcome struct {
	Campaign
	result *campaign.Result
}

// campaignsMost is how many campaigns have lines of their own on a page; in a file all
// have.
var campaignsMost = 100

// promotion is P7: what it brings to be told, against a group that was not. The newest
// campaigns have lines of their own; the gap is over all of the period.
func (r *reading) promotion() error {
	list, err := r.campaigns()
	if err != nil {
		return err
	}
	r.page.CampaignsOf = len(list)
	reach := map[string]stats.Rate{} // by segment
	for i := range list {
		o := &list[i]
		if r.export || i < campaignsMost {
			r.page.Campaigns = append(r.page.Campaigns, o.Campaign)
			r.told(o)
		}
		reach[o.SegmentID] = reach[o.SegmentID].Plus(o.result.Reach())
	}
	r.reachGap(reach)
	return nil
}

// campaigns are those that began in the period, of segments of the page's unit,
// the newest first, with what came of each, counted in one go.
func (r *reading) campaigns() ([]outcome, error) {
	segment, only := strings.CutPrefix(r.page.Group, SegmentGroup)
	where, args := "", []any{r.page.Unit.Path, strings.TrimSuffix(r.page.Unit.Path, "/") + "0", r.page.From.Start(r.s.Zone).UTC(), r.page.To.Add(1).Start(r.s.Zone).UTC()}
	if only {
		where, args = " AND c.segment_id = ?", append(args, segment)
	}
	if r.page.Matter != "" {
		where, args = where+" AND c.matter_id IN (SELECT id FROM matters WHERE code = ?)", append(args, r.page.Matter)
	}
	var found []Campaign
	err := r.s.DB.Reader(r.ctx).Raw(`SELECT CAST(c.id AS text) AS id, CAST(c.segment_id AS text) AS segment_id, c.name, c.cost, c.started_at, c.window_ends_at
 FROM campaigns c JOIN segments g ON g.id = c.segment_id JOIN units u ON u.id = g.unit_id
 WHERE u.path >= ? AND u.path < ? AND c.started_at >= ? AND c.started_at < ? AND c.window_ends_at IS NOT NULL`+where+" ORDER BY c.started_at DESC, c.id", args...).Scan(&found).Error
	if err != nil {
		return nil, fail("list the campaigns of a period", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	results, err := r.s.Campaigns.Results(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]outcome, len(found))
	for i, c := range found {
		c.Shown = slices.ContainsFunc(r.page.Groups, func(g Group) bool { return g.Key == SegmentGroup+c.SegmentID })
		list[i] = outcome{Campaign: c, result: results[c.ID]}
	}
	return list, nil
}

// told says what came of one campaign.
func (r *reading) told(o *outcome) {
	res, all := o.result, o.result.Eligible()
	stages := map[string]int64{"eligible": all, "told": res.Told, "control": res.Control, "sent": res.Wrote, "delivered": res.Delivered, "opened": res.Opened, "applied": res.ToldTook}
	if res.Contactable != nil {
		stages["contactable"] = *res.Contactable
	}
	for _, stage := range Stages {
		l := Line{Figure: "funnel", Item: o.ID, Part: stage}
		// of what a stage leaves out nobody may be worked out
		if n, known := stages[stage]; !known {
			l.Note = "seven.note.not_noted"
		} else if few(n) || few(all-n) {
			l.Suppressed = true
		} else {
			l.Value = whole(n)
		}
		r.say(l)
	}
	took, control := guarded("uptake", o.ID, res.ToldTook, res.Told), guarded("control_uptake", o.ID, res.ControlTook, res.Control)
	r.say(guarded("reach", o.ID, res.Reach().Numerator, res.Reach().Denominator), took, control)
	uplift := Line{Figure: "uplift", Item: o.ID, Suppressed: took.Suppressed || control.Suppressed}
	additional, each := Line{Figure: "additional", Item: o.ID}, Line{Figure: "cost_each", Item: o.ID}
	switch {
	case uplift.Suppressed:
		additional.Suppressed, each.Suppressed = true, true
	case res.Control < campaign.HoldLeast:
		uplift.Note, additional.Note, each.Note = "seven.note.no_control", "seven.note.no_control", "seven.note.no_control"
	default:
		uplift = difference("uplift", o.ID, res.Uptake(), res.ControlUptake())
		if uplift.Value == nil {
			break
		}
		n := float64(res.Told)
		additional.Value, additional.Low, additional.High = of(*uplift.Value*n), of(*uplift.Low*n), of(*uplift.High*n)
		additional.Denominator = whole(res.Told)
		uplift.Marked = *uplift.Low > 0
		each.Note = "seven.note.no_uplift"
		if uplift.Marked {
			value, low, high := res.CostEach(o.Cost)
			each.Note, each.Numerator, each.Value, each.Low, each.High = "", whole(o.Cost), of(value), of(low), of(high)
		}
	}
	r.say(uplift, additional, each)
	refused := guarded("opt_out", o.ID, res.Refused, res.Delivered)
	refused.Marked = refused.Value != nil && *refused.Value > optOutMost
	r.say(refused, guarded("complaints", o.ID, res.Complained, res.Delivered))
}

// guarded is a share that says nothing of what fewer than five people did, or did
// not.
func guarded(figure, item string, n, of int64) Line {
	if few(n) || few(of-n) {
		return Line{Figure: figure, Item: item, Suppressed: true}
	}
	return share(figure, item, n, of)
}

// reachGap is the reach of the segment that was reached best less that of the one
// reached worst.
func (r *reading) reachGap(reach map[string]stats.Rate) {
	best, worst, n := "", "", 0
	for id, rate := range reach {
		if stats.ReliabilityOf(rate.Denominator) == stats.TooFew || few(rate.Numerator) || few(rate.Denominator-rate.Numerator) {
			continue
		}
		if n++; n == 1 || rate.Value() > reach[best].Value() {
			best = id
		}
		if n == 1 || rate.Value() < reach[worst].Value() {
			worst = id
		}
	}
	l := Line{Figure: "reach_gap", Note: "seven.note.no_two"}
	if n >= 2 {
		l = difference("reach_gap", "", reach[best], reach[worst])
	}
	r.say(l)
}
