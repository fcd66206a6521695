package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/insight"
)

// dump writes every cell of both roll-ups, in order.
func (c *city) dump() []string {
	c.t.Helper()
	var out []string
	for _, table := range []string{
		"SELECT CAST(day AS text) AS day, CAST(unit_id AS text) AS unit, '' AS dimension, '' AS item, %s FROM figures_day ORDER BY 1, 2",
		"SELECT CAST(month AS text) AS day, CAST(unit_id AS text) AS unit, dimension, item, %s FROM figures_month ORDER BY 1, 2, 3, 4",
	} {
		var rows []struct {
			Day, Unit, Dimension, Item string
			insight.Counts             `gorm:"embedded"`
		}
		const counts = "filed, response_due, responded, due, on_time, concluded, judged, evaluated, resolved_yes, resolved_partly, satisfied, bad, callbacks_due, callbacks_reached, reviews_due, reviews_mended, reviews_in_time"
		require.NoError(c.t, c.d.From(context.Background()).Raw(fmt.Sprintf(table, counts)).Scan(&rows).Error)
		for _, r := range rows {
			out = append(out, fmt.Sprint(r))
		}
	}
	return out
}

// act does something at random to one of the cases.
func (c *city) act(r *rand.Rand, ids []string) {
	id := ids[r.IntN(len(ids))]
	switch r.IntN(14) {
	case 11, 12:
		c.callback(id, []string{"open", "answered", "refused", "unreachable", "judged"}[r.IntN(5)])
	case 13:
		c.mend(id, r.IntN(2) == 0)
	case 9:
		c.merge(id, ids[r.IntN(len(ids))], r.IntN(2) == 0)
	case 10:
		c.unmerge(id)
	case 0:
		c.contact(id)
	case 1, 2:
		c.conclude(id)
	case 3:
		c.rework(id)
	case 4:
		c.move(id, r.IntN(len(c.units)))
	case 5:
		c.judge(id, 1+r.IntN(5), []string{"yes", "partly", "no"}[r.IntN(3)])
	case 6:
		c.exec("UPDATE cases SET status = 'archived' WHERE id = ? AND status = 'concluded'", id)
		c.event(id, "archive")
	case 7: // to a body outside, and back with a new promise
		c.exec("UPDATE cases SET status = 'transferred', conclusion_no = conclusion_no + 1 WHERE id = ? AND concluded_at IS NULL", id)
		c.event(id, "transfer")
		if r.IntN(2) == 0 {
			c.rework(id)
			c.postpone(id, time.Duration(r.IntN(300))*time.Hour)
		}
	default:
		if r.IntN(4) == 0 {
			c.withdraw(id)
		} else {
			c.postpone(id, time.Duration(r.IntN(300))*time.Hour)
		}
	}
}

func TestRefreshingGivesWhatARebuildGives(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		r := rand.New(rand.NewPCG(1, 2))
		ctx := context.Background()
		var ids []string
		for range 20 {
			c.now = c.now.Add(time.Duration(1+r.IntN(60*60)) * time.Minute)
			for range 1 + r.IntN(3) {
				ids = append(ids, c.file(a{unit: r.IntN(3), channel: []string{"web", "phone"}[r.IntN(2)],
					confidentiality: []string{"normal", "anonymous", "whistle"}[r.IntN(3)], due: time.Duration(1+r.IntN(400)) * time.Hour}))
			}
			for range r.IntN(8) {
				c.act(r, ids)
			}
			require.NoError(t, c.s.Refresh(ctx, c.now.Add(time.Second)))
		}
		c.now = c.now.Add(time.Second)
		kept := c.dump()
		require.NotEmpty(t, kept)
		require.NoError(t, c.s.Rebuild(ctx))
		require.Equal(t, c.dump(), kept)
	})
}

// Events of the last minutes are looked at again, and counted again only where one is new.
func TestWhatIsCountedIsNotCountedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := context.Background()
		id := c.file(a{})
		require.NoError(t, c.s.Refresh(ctx, c.now.Add(time.Second))) // the first counts everything
		c.contact(id)
		require.NoError(t, c.s.Refresh(ctx, c.now.Add(2*time.Second)))
		right := c.dump()

		c.exec("UPDATE figures_day SET filed = 99")
		require.NoError(t, c.s.Refresh(ctx, c.now.Add(time.Minute)))
		require.NotEqual(t, right, c.dump(), "nothing happened, and nothing was counted")
		c.event(id, "note")
		require.NoError(t, c.s.Refresh(ctx, c.now.Add(2*time.Minute)))
		require.Equal(t, right, c.dump())
	})
}

func TestAnOverdueOpenCaseCountsAsLateWithoutAnEvent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := context.Background()
		for i := range 10 {
			id := c.file(a{})
			if i < 4 {
				c.conclude(id)
			}
		}
		require.NoError(t, c.s.Refresh(ctx, c.now))
		got := rate(c.report(system(), insight.ByUnit).Total, "on_time")
		require.EqualValues(t, 0, *got.Denominator, "nothing is due yet, so nothing is decided")
		require.Nil(t, got.Value)

		c.now = c.now.Add(6 * 24 * time.Hour)
		require.NoError(t, c.s.Refresh(ctx, c.now))
		got = rate(c.report(system(), insight.ByUnit).Total, "on_time")
		require.EqualValues(t, 4, *got.Numerator)
		require.EqualValues(t, 10, *got.Denominator)
		response := rate(c.report(system(), insight.ByUnit).Total, "response")
		require.EqualValues(t, 10, *response.Denominator)
	})
}

func TestWhatEndsWithoutHandlingAndWhistleCasesAreLeftOut(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	for range 6 {
		c.conclude(c.file(a{}))
	}
	c.withdraw(c.file(a{}))
	c.file(a{confidentiality: "whistle"})
	first := c.file(a{})
	c.merge(c.file(a{}), first, true)
	c.merge(c.file(a{}), first, false)
	c.exec("UPDATE cases SET parent_id = ?, response_due_at = NULL, response_due_on = NULL WHERE id = ?", first, c.file(a{}))
	c.now = c.now.Add(6 * 24 * time.Hour)
	require.NoError(t, c.s.Refresh(context.Background(), c.now))
	total := c.report(system(), insight.ByUnit).Total
	require.EqualValues(t, 9, total.Filed.N, "who asked twice is counted once")
	require.EqualValues(t, 8, *rate(total, "on_time").Denominator, "what is handled as one is one piece of work")
	require.EqualValues(t, 8, *rate(total, "response").Denominator, "whom nobody contacted before they withdrew")
}

// Second judgements, those of refusals, and those that somebody found not to
// count are kept, and are in no rate, by a refresh as by a rebuild.
func TestWhatCountsOfJudgements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := context.Background()
		var ids []string
		for range 13 {
			id := c.file(a{})
			c.conclude(id)
			c.judge(id, 1, "no")
			ids = append(ids, id)
		}
		require.NoError(t, c.s.Refresh(ctx, c.now))
		c.exec("UPDATE evaluations SET round = 2 WHERE case_id = ?", ids[0])
		c.exec("UPDATE evaluations SET result = 'not_accepted' WHERE case_id = ?", ids[1])
		c.now = c.now.Add(time.Hour)
		c.exec("UPDATE evaluations SET excluded = ? WHERE case_id = ?", true, ids[2])
		for _, id := range ids[:3] {
			c.event(id, "decide_contest") // an act dirties the days of its case
		}
		require.NoError(t, c.s.Refresh(ctx, c.now.Add(time.Minute)))
		got := rate(c.report(system(), insight.ByUnit).Total, "satisfaction")
		require.EqualValues(t, 10, *got.Denominator)
		kept := c.dump()
		require.NoError(t, c.s.Rebuild(ctx))
		require.Equal(t, c.dump(), kept)
	})
}

// callback has the person of a case be due to be rung, or changes what became of it.
func (c *city) callback(id, state string) {
	due := c.now.Add(20 * time.Hour)
	c.exec(`INSERT INTO callbacks (id, case_id, conclusion_no, opened_at, due_at, due_on)
 SELECT ?, id, conclusion_no, ?, ?, ? FROM cases WHERE id = ? ON CONFLICT DO NOTHING`, db.NewID(c.now), c.now, due, day(due), id)
	c.event(id, "conclude")
	if state != "open" {
		c.exec("UPDATE callbacks SET state = ?, closed_at = ? WHERE case_id = ? AND state = 'open'", state, c.now, id)
	}
}

// mend sets by when a bad review is to be answered, and answers it.
func (c *city) mend(id string, done bool) {
	c.exec("UPDATE evaluations SET mend_due_at = ? WHERE case_id = ? AND grade <= 2 AND mend_due_at IS NULL", c.now.Add(30*time.Hour), id)
	if done {
		c.exec("UPDATE evaluations SET mended_at = ? WHERE case_id = ? AND mend_due_at IS NOT NULL", c.now, id)
	}
	c.event(id, "rectify")
}

func TestWhatFollowsAResultIsCountedAsItStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := context.Background()
		states := []string{"answered", "answered", "answered", "refused", "refused", "unreachable", "unreachable", "unreachable", "open", "open", "judged", "judged"}
		for i, state := range states {
			id := c.file(a{})
			c.conclude(id)
			if i < 8 {
				c.judge(id, 1, "no")
			}
			c.callback(id, state)
			if i < 6 {
				c.mend(id, i < 4)
			}
		}
		require.NoError(t, c.s.Refresh(ctx, c.now))
		require.Zero(t, *rate(c.report(system(), insight.ByUnit).Total, "callback_reach").Denominator, "not due yet")
		c.now = c.now.Add(3 * 24 * time.Hour)
		require.NoError(t, c.s.Refresh(ctx, c.now))
		total := c.report(system(), insight.ByUnit).Total
		of := func(id string) []int64 { r := rate(total, id); return []int64{*r.Numerator, *r.Denominator} }
		require.Equal(t, []int64{5, 10}, of("callback_reach"), "who could not be reached counts as due, who judged by the link does not")
		require.Equal(t, []int64{4, 6}, of("rectification"))
		require.Equal(t, []int64{4, 6}, of("rectified_in_time"))
		c.exec("UPDATE evaluations SET mended_at = ? WHERE mended_at IS NULL AND mend_due_at IS NOT NULL", c.now)
		require.NoError(t, c.s.Rebuild(ctx))
		total = c.report(system(), insight.ByUnit).Total
		require.Equal(t, []int64{6, 6}, of("rectification"))
		require.Equal(t, []int64{4, 6}, of("rectified_in_time"), "late is late")
	})
}
