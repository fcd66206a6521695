package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
	"minqing/internal/stats"
	"minqing/internal/web"
)

// resultView is what came of a campaign, each figure with what it means.
type resultView struct {
	Lead    web.Words // the answer in a sentence
	Running bool
	Stats   []web.Stat
	Brought []web.SummaryRow
	Became  *web.Table
	Ways    *web.Table // channel by channel, where there is more than mail
	Rails   []web.SummaryRow
	Defs    []web.SummaryRow
}

// after tells what came of it, once it has begun.
func (p *campaignPage) after(c *gin.Context, v *campaignView) error {
	ctx, k := c.Request.Context(), v.Campaign
	if k.StartedAt == nil {
		return nil
	}
	r, err := p.Campaigns.Result(ctx, k)
	if err != nil {
		return err
	}
	f := p.Kit.Format(v.Lang)
	out := &resultView{Running: k.State == campaign.Running, Lead: resultLead(k, r, f), Became: became(r, f), Ways: waysTable(r, f), Rails: rails(r, f)}
	var define []string
	if r.Contactable != nil {
		out.Stats, define = append(out.Stats, rateStat("contactable", stats.Rate{Numerator: *r.Contactable, Denominator: r.Eligible()}, f)), append(define, "contactable")
	}
	out.Stats, define = append(out.Stats, rateStat("reach", r.Reach(), f)), append(define, "reach")
	if k.MatterID != nil {
		out.Stats = append(out.Stats, rateStat("uptake", r.Uptake(), f))
		define = append(define, "uptake")
		if r.Control > 0 {
			out.Stats = append(out.Stats, rateStat("control", r.ControlUptake(), f))
			out.Brought = brought(k, r, f)
			define = append(define, "control", "uplift", "additional", "cost_each")
		}
	}
	for _, key := range append(define, "rails") {
		out.Defs = append(out.Defs, web.SummaryRow{Key: web.Say("campaign.figure." + key), Value: web.Say("campaign.define." + key)})
	}
	v.Result = out
	later, err := p.Campaigns.Later(ctx, k)
	if err != nil {
		return err
	}
	v.Later = laterNotice(later, f)
	doubts, total, err := p.Campaigns.Doubts(ctx, k)
	if err != nil || len(doubts) == 0 {
		return err
	}
	if total > len(doubts) {
		v.DoubtsOf = web.Say("campaign.doubts.of", "Listed", f.Number(int64(len(doubts))), "Total", f.Number(int64(total)))
	}
	v.Doubts = &web.Table{ID: "doubts", Caption: web.Say("campaign.doubts"), Columns: []web.Column{{Words: web.Say("campaign.doubts.at")}, {Words: web.Say("campaign.doubts.id")}}}
	for _, d := range doubts {
		v.Doubts.Rows = append(v.Doubts.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(f.DayTime(d.At))}, {Words: web.Plain(d.MessageID)}}})
	}
	return nil
}

// laterNotice warns of people who were to be told later and were not by their day, or
// will not be; nil when all is well. How many they are is not told where they are few.
func laterNotice(l *campaign.Later, f i18n.Format) *web.Notice {
	switch {
	case l.Dropped > 0:
		return &web.Notice{Tone: web.ToneOver, Title: web.Say("campaign.later.title"), Words: web.Say("campaign.later.dropped", "People", fewOr(l.Dropped, f))}
	case l.Late:
		return &web.Notice{Tone: web.ToneOver, Title: web.Say("campaign.later.title"), Words: web.Say("campaign.later.late", "People", fewOr(l.Open, f), "Day", f.Date(*l.By))}
	}
	return nil
}

// fewOr is a number of people as it may be told.
func fewOr(n int64, f i18n.Format) any {
	if n > 0 && n < stats.FloorInside {
		return i18n.Phrase{Key: "campaign.later.few", Args: i18n.Args{"Few": stats.FloorInside}}
	}
	return f.Number(n)
}

// rateStat is a share with its interval; of few people it is not told.
func rateStat(key string, r stats.Rate, f i18n.Format) web.Stat {
	s := web.Stat{Name: web.Say("campaign.figure." + key)}
	rest := r.Denominator - r.Numerator
	if r.Denominator < stats.RateLeast || r.Numerator > 0 && r.Numerator < stats.FloorInside || rest > 0 && rest < stats.FloorInside {
		s.Suppressed = true
		return s
	}
	s.Value, s.Low, s.High = r.Value(), r.Low(), r.High()
	s.Note = web.Say("campaign.rate", "N", f.Number(r.Numerator), "Of", f.Number(r.Denominator), "Low", f.Percent(s.Low), "High", f.Percent(s.High))
	return s
}

// resultLead is the answer in a sentence: whether it brought about more than would
// have come anyway, and what that cost.
func resultLead(k *campaign.Campaign, r *campaign.Result, f i18n.Format) web.Words {
	switch {
	case k.MatterID == nil:
		return web.Say("campaign.lead.notice")
	case r.Control == 0 && k.HoldOf(k.Targeted).Small:
		return web.Say("campaign.lead.small", "Least", campaign.HoldLeast, "Members", campaign.MembersLeast)
	case r.Control == 0:
		return web.Say("campaign.lead.alone")
	case !r.Compared():
		return web.Say("campaign.lead.few", "Held", campaign.HoldLeast, "Least", stats.RateLeast, "Took", stats.FloorInside)
	}
	value, low, high := r.Uplift()
	points := func(x float64) string { return f.Decimal(x*100, 1) }
	if !r.Real() {
		return web.Say("campaign.lead.chance", "Value", points(value), "Low", points(low), "High", points(high))
	}
	return web.Say("campaign.lead.real", "Value", points(value), "Low", points(low), "High", points(high), "Count", f.Decimal(r.Additional(), 0))
}

// brought is what the telling brought about beyond what came by itself, and what
// one more recipient cost; nil where the groups cannot be compared.
func brought(k *campaign.Campaign, r *campaign.Result, f i18n.Format) (rows []web.SummaryRow) {
	if !r.Compared() {
		return nil
	}
	line := func(key string, words web.Words) {
		rows = append(rows, web.SummaryRow{Key: web.Say("campaign.figure." + key), Value: words})
	}
	value, low, high := r.Uplift()
	points := func(x float64) string { return f.Decimal(x*100, 1) }
	line("uplift", web.Say("campaign.points", "Value", points(value), "Low", points(low), "High", points(high)))
	if !r.Real() {
		return rows
	}
	n := float64(r.Told)
	line("additional", web.Say("campaign.range", "Value", f.Decimal(r.Additional(), 0), "Low", f.Decimal(low*n, 0), "High", f.Decimal(high*n, 0)))
	if k.Cost > 0 {
		each, from, to := r.CostEach(k.Cost)
		line("cost_each", web.Say("campaign.range", "Value", f.Decimal(each, 0), "Low", f.Decimal(from, 0), "High", f.Decimal(to, 0)))
	}
	return rows
}

// became is what became of those who were to be told.
func became(r *campaign.Result, f i18n.Format) *web.Table {
	t := &web.Table{ID: "became", Caption: web.Say("campaign.became"), Columns: []web.Column{{Words: web.Say("campaign.became.what")}, {Words: web.Say("campaign.people"), Numeric: true}}}
	cells, hideTotal := r.Cells()
	for _, one := range cells {
		key := "campaign.status." + string(one.Status)
		if one.Status == campaign.Skipped {
			key = "campaign.skip." + one.Reason
			if !campaign.KnownSkip(one.Reason) {
				key = "campaign.skip.other"
			}
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Say(key)}, {Words: people(one.People, one.Hidden, f)}}})
	}
	t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("campaign.became.all")}, {Words: people(r.Told, hideTotal, f)}}})
	return t
}

// waysTable tells how far each channel carried; nil where all went by mail, which the
// figures above tell.
func waysTable(r *campaign.Result, f i18n.Format) *web.Table {
	if len(r.Ways) == 0 || len(r.Ways) == 1 && r.Ways[0].Channel == notify.Mail {
		return nil
	}
	t := &web.Table{ID: "ways", Caption: web.Say("campaign.ways"), Columns: []web.Column{{Words: web.Say("campaign.ways.channel")}, {Words: web.Say("campaign.ways.went"), Numeric: true},
		{Words: web.Say("campaign.ways.reached"), Numeric: true}, {Words: web.Say("campaign.ways.share"), Numeric: true}}}
	for _, w := range r.Ways {
		hide, hideAll := stats.Suppress([]int64{w.Reached, w.Went - w.Reached}, stats.FloorInside)
		share := web.Plain("–")
		if reach := w.Reach(); !hide[0] && !hideAll && w.Went >= stats.RateLeast {
			share = web.Say("campaign.ways.of", "Share", f.Percent(reach.Value()), "Low", f.Percent(reach.Low()), "High", f.Percent(reach.High()))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("campaign.ways." + string(w.Channel))}, {Words: people(w.Went, hideAll, f)}, {Words: people(w.Reached, hide[0], f)}, {Words: share}}})
	}
	return t
}

// rails are what would stop it by itself.
func rails(r *campaign.Result, f i18n.Format) (rows []web.SummaryRow) {
	for _, one := range []struct {
		key  string
		n    int64
		most float64
	}{{"refused", r.Refused, campaign.RefusedMost}, {"complained", r.Complained, campaign.ComplainedMost}} {
		limit := f.Decimal(one.most*100, 1)
		words := web.Say("campaign.rails.few", "Few", stats.FloorInside, "Limit", limit)
		switch {
		case one.n == 0:
			words = web.Say("campaign.rails.none", "Limit", limit)
		case one.n >= stats.FloorInside && r.Delivered >= one.n:
			share := stats.Rate{Numerator: one.n, Denominator: r.Delivered}
			words = web.Say("campaign.rails.of", "N", f.Number(one.n), "Share", f.Decimal(share.Value()*100, 2), "Low", f.Decimal(share.Low()*100, 2), "High", f.Decimal(share.High()*100, 2), "Limit", limit)
		}
		rows = append(rows, web.SummaryRow{Key: web.Say("campaign.rails." + one.key), Value: words})
	}
	return rows
}
