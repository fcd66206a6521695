package campaign

import (
	"cmp"
	"context"
	"math"
	"slices"

	"minqing/internal/notify"
	"minqing/internal/stats"
)

// Result is what came of a campaign, in people. Rows that are the same person are
// counted once. The definitions are those of P7 of docs/7p.md, and every page that tells
// of campaigns takes them from here.
type Result struct {
	Told, Control int64  // assigned to be told, and held back or delayed
	Contactable   *int64 // of both, who could be written to at approval; nil: approved before that was noted
	Wrote         int64  // of both, to whom a message went or was put into the portal
	Sent          int64  // of those told: the mail server took it and it did not come back, or it was opened in the portal
	Laid          int64  // of those told: it lies in the portal alone, not opened
	Opened        int64  // of both, in the portal; of mails nobody looks whether they were
	ToldTook      int64  // up what was offered, within the window, told or not
	ControlTook   int64
	Waiting       int64
	Failed        int64
	Uncertain     int64
	Skipped       []Skip // by reason, of those to be told
	Refused       int64
	Complained    int64
	DelayedSent   int64 // of the delayed, after the window
	Delivered     int64 // of all: Sent and DelayedSent
	Ways          []Way // of those told, by channel
}

// Eligible are the members at approval, of both arms.
func (r *Result) Eligible() int64 { return r.Told + r.Control }

// Way is how far one channel carried. Who was told by mail and in the portal counts
// for both.
type Way struct {
	Channel notify.Channel
	Went    int64 // messages that were sent, or put into the portal
	Reached int64 // that the mail server or the gateway took, or that were opened in the portal
}

// Reach is the share of its messages that reached somebody.
func (w Way) Reach() stats.Rate { return stats.Rate{Numerator: w.Reached, Denominator: w.Went} }

// Skip is how many were not written to for one reason.
type Skip struct {
	Reason string
	People int64
}

// Result counts what came of a campaign, from its rows; or gives what was kept of
// it when those went.
func (s *Service) Result(ctx context.Context, c *Campaign) (*Result, error) {
	all, err := s.Results(ctx, []string{c.ID})
	if err != nil {
		return nil, err
	}
	r := all[c.ID]
	if r.Ways == nil {
		r.Ways, err = s.waysOf(ctx, c)
	}
	return r, err
}

// Results counts what came of several campaigns, but for how far each channel carried.
// It asks nobody's permission: whoever calls it has looked at that.
func (s *Service) Results(ctx context.Context, ids []string) (map[string]*Result, error) {
	out, err := s.forgotten(ctx, ids)
	if err != nil {
		return nil, err
	}
	var counted []string
	for _, id := range ids {
		if out[id] == nil {
			out[id], counted = &Result{}, append(counted, id)
		}
	}
	if len(counted) == 0 {
		return out, nil
	}
	var rows []tallied
	err = s.DB.From(ctx).Raw(`SELECT campaign_id, arm, `+stood+` AS status, CASE WHEN status = 'skipped' THEN reason ELSE '' END AS reason, COUNT(*) AS people, COUNT(taken_at) AS took, COUNT(refused_at) AS refused,
 COUNT(complained_at) AS angry, COUNT(CASE WHEN portal_id IS NOT NULL OR queued_at IS NOT NULL AND status <> 'skipped' THEN 1 END) AS wrote, COUNT(opened_at) AS opened, COUNT(contactable) AS looked, COUNT(CASE WHEN contactable THEN 1 END) AS contactable
 FROM campaign_assignments WHERE campaign_id IN ? AND same_as IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, counted).Scan(&rows).Error
	if err != nil {
		return nil, fail("count what came of campaigns", err)
	}
	looked := map[string]int64{}
	for _, x := range rows {
		r := out[x.CampaignID]
		if looked[x.CampaignID] += x.Looked; r.Contactable == nil {
			r.Contactable = new(int64)
		}
		*r.Contactable += x.Contactable
		r.add(x)
	}
	for _, id := range counted {
		r := out[id]
		if r.Delivered = r.Sent + r.DelayedSent; looked[id] < r.Eligible() {
			r.Contactable = nil
		}
		slices.SortStableFunc(r.Skipped, func(a, b Skip) int { return int(b.People - a.People) })
	}
	return out, nil
}

// tallied is how many rows of a campaign stand alike.
type tallied struct {
	CampaignID          string
	Arm                 Arm
	Status              Status
	Reason              string
	People              int64
	Took                int64
	Refused             int64
	Angry               int64
	Wrote               int64
	Opened              int64
	Looked, Contactable int64
}

func (r *Result) add(x tallied) {
	r.Refused, r.Complained = r.Refused+x.Refused, r.Complained+x.Angry
	r.Wrote, r.Opened = r.Wrote+x.Wrote, r.Opened+x.Opened
	if x.Arm != Told {
		r.Control, r.ControlTook = r.Control+x.People, r.ControlTook+x.Took
		if x.Status == Sent {
			r.DelayedSent += x.People
		}
		return
	}
	r.Told, r.ToldTook = r.Told+x.People, r.ToldTook+x.Took
	switch x.Status {
	case Sent:
		r.Sent += x.People
	case Laid:
		r.Laid += x.People
	case Failed:
		r.Failed += x.People
	case Uncertain:
		r.Uncertain += x.People
	case Skipped:
		r.Skipped = append(r.Skipped, Skip{x.Reason, x.People})
	default:
		r.Waiting += x.People
	}
}

// waysOf counts how far each channel carried.
func (s *Service) waysOf(ctx context.Context, c *Campaign) (list []Way, err error) {
	err = s.DB.From(ctx).Raw(`SELECT channel, COUNT(*) AS went, COUNT(CASE WHEN status = 'sent' THEN 1 END) AS reached FROM campaign_assignments
 WHERE campaign_id = ? AND same_as IS NULL AND arm = 'told' AND channel IN ('mail', 'sms') AND status IN ('queued', 'sent', 'failed', 'uncertain') GROUP BY channel
 UNION ALL SELECT 'inapp', COUNT(*), COUNT(opened_at) FROM campaign_assignments WHERE campaign_id = ? AND same_as IS NULL AND arm = 'told' AND portal_id IS NOT NULL HAVING COUNT(*) > 0`, c.ID, c.ID).Scan(&list).Error
	if err != nil {
		return nil, fail("count how far each channel carried", err)
	}
	slices.SortFunc(list, func(a, b Way) int {
		return cmp.Compare(slices.Index(channels, a.Channel), slices.Index(channels, b.Channel))
	})
	return list, nil
}

// Reach is the share of all members at approval, those held back too, whom a message
// reached.
func (r *Result) Reach() stats.Rate {
	return stats.Rate{Numerator: r.Delivered, Denominator: r.Eligible()}
}

// Uptake is the share of all who were assigned to be told that took it up,
// whether or not a message reached them: else the arms would not be alike.
func (r *Result) Uptake() stats.Rate {
	return stats.Rate{Numerator: r.ToldTook, Denominator: r.Told}
}

// ControlUptake is the same of those held back.
func (r *Result) ControlUptake() stats.Rate {
	return stats.Rate{Numerator: r.ControlTook, Denominator: r.Control}
}

// Compared says whether the arms are large enough to be compared: a control group below
// HoldLeast is none, as of campaigns of before that was so, or after records were merged.
func (r *Result) Compared() bool {
	return r.Told >= stats.RateLeast && r.Control >= HoldLeast && shown(r.ToldTook) && shown(r.ControlTook)
}

// Uplift is by how much more of those told took it up, with its 95 % Newcombe
// interval.
func (r *Result) Uplift() (value, low, high float64) {
	return stats.Difference(r.Uptake(), r.ControlUptake())
}

// Additional is how many took it up who would not have otherwise.
func (r *Result) Additional() float64 {
	value, _, _ := r.Uplift()
	return value * float64(r.Told)
}

// Real says whether the uplift is more than chance.
func (r *Result) Real() bool {
	_, low, _ := r.Uplift()
	return low > 0
}

// CostEach is what one additional recipient cost: the middle, and the range that
// the interval of the uplift allows. It means nothing unless the uplift is real.
func (r *Result) CostEach(cost int64) (value, low, high float64) {
	v, l, h := r.Uplift()
	n := float64(r.Told)
	each := func(uplift float64) float64 {
		if uplift <= 0 {
			return math.NaN()
		}
		return float64(cost) / (uplift * n)
	}
	return each(v), each(h), each(l)
}

// shown says whether a number of people may be shown: none is nobody.
func shown(n int64) bool { return n == 0 || n >= stats.FloorInside }

// Cell is one row of the table of what became of those to be told.
type Cell struct {
	Status Status
	Reason string // of the skipped
	People int64
	Hidden bool
}

// Cells are what became of those to be told, which add up to Told: so small ones
// are hidden, and others with them from which they could be worked out.
func (r *Result) Cells() (list []Cell, hideTotal bool) {
	list = []Cell{{Status: Sent, People: r.Sent}}
	for _, k := range r.Skipped {
		list = append(list, Cell{Status: Skipped, Reason: k.Reason, People: k.People})
	}
	for _, x := range []Cell{{Status: Laid, People: r.Laid}, {Status: Failed, People: r.Failed}, {Status: Uncertain, People: r.Uncertain}, {Status: Waiting, People: r.Waiting}} {
		if x.People > 0 {
			list = append(list, x)
		}
	}
	people := make([]int64, len(list))
	for i, x := range list {
		people[i] = x.People
	}
	hide, hideTotal := stats.Suppress(people, stats.FloorInside)
	for i := range list {
		if list[i].Hidden = hide[i]; hide[i] {
			list[i].People = 0
		}
	}
	return list, hideTotal
}
