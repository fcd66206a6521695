package seven_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/insight/seven"
)

// told has the people of the table say and prove things at random.
func (c *town) told() {
	r := rand.New(rand.NewPCG(3, 5))
	var all []struct {
		ID     string
		Merged bool
	}
	require.NoError(c.t, c.d.From(c.ctx).Raw("SELECT id, merged_into_id IS NOT NULL AS merged FROM constituents ORDER BY id").Scan(&all).Error)
	for _, one := range all {
		id := one.ID
		for _, kind := range []string{"phone", "email"} {
			if r.IntN(3) == 0 {
				continue
			}
			at := c.now.AddDate(0, 0, -r.IntN(900))
			if r.IntN(2) == 0 {
				at = c.now.AddDate(-1, 0, -r.IntN(2)) // at the limit, and a day past it
			}
			var until *time.Time
			if r.IntN(4) == 0 {
				end := c.now.AddDate(0, 0, 20-r.IntN(40))
				until = &end
			}
			c.exec("INSERT INTO contact_points (id, constituent_id, kind, value_cipher, blind_index, verified_at, valid_from, valid_to, link_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'k1')",
				db.NewID(c.now), id, kind, []byte{1}, []byte(id+kind), at, at, until)
		}
		for _, channel := range []string{"mail", "sms"} {
			if one.Merged { // whose words would stand in one ledger with those of another record
				break
			}
			at, yes := c.now.AddDate(0, 0, -700), true
			for range r.IntN(4) {
				at = at.AddDate(0, 0, 1+r.IntN(300))
				if at.After(c.now) {
					break
				}
				c.exec("INSERT INTO consents (id, constituent_id, purpose, channel, given, wording, digest, locale, at) VALUES (?, ?, 'offers', ?, ?, 1, ?, 'en', ?)", db.NewID(at), id, channel, yes, []byte{1}, at)
				yes = !yes
			}
		}
	}
}

// deep has whoever stands at the end of a chain of merges verified under its beginning
// alone, and puts them into the segment.
func (c *town) deep() {
	c.t.Helper()
	const chain = " FROM constituents a JOIN constituents b ON b.id = a.merged_into_id WHERE b.merged_into_id IS NOT NULL"
	c.exec("DELETE FROM contact_points WHERE constituent_id IN (SELECT COALESCE(head_id, id) FROM constituents WHERE merged_into_id IS NOT NULL) OR constituent_id IN (SELECT id FROM constituents WHERE merged_into_id IS NOT NULL)")
	var begins, heads []string
	require.NoError(c.t, c.d.From(c.ctx).Raw("SELECT a.id"+chain).Scan(&begins).Error)
	require.NotEmpty(c.t, begins)
	for _, id := range begins {
		c.exec("INSERT INTO contact_points (id, constituent_id, kind, value_cipher, blind_index, verified_at, valid_from, link_key) VALUES (?, ?, 'phone', ?, ?, ?, ?, 'k1')",
			db.NewID(c.now), id, []byte{1}, []byte(id+"deep"), c.now, c.now)
	}
	require.NoError(c.t, c.d.From(c.ctx).Raw("SELECT DISTINCT b.merged_into_id"+chain).Scan(&heads).Error)
	for _, id := range heads {
		c.exec("DELETE FROM segment_members WHERE segment_id = ? AND constituent_id = ?", c.segments[0], id)
		c.exec("INSERT INTO segment_members (segment_id, constituent_id, since) VALUES (?, ?, '2026-01-01')", c.segments[0], id)
	}
}

// number asks by SQL of a test's own.
func (c *town) number(query string, args ...any) (n float64) {
	c.t.Helper()
	require.NoError(c.t, c.d.From(c.t.Context()).Raw(query, args...).Scan(&n).Error)
	return n
}

func TestProfilesAndConsentsAreWhatTheRecordsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(80, 420); c.told(); c.deep() })
		c.link()
		require.NoError(t, c.s.Count(t.Context()))
		c.enter(seven.Entry{Kind: seven.FieldWeight, Item: "phone", Amount: "3", Whole: "12"})
		c.enter(seven.Entry{Kind: seven.FieldWeight, Item: "email", Amount: "1", Whole: "6"})
		from, to := calendar.NewDate(2025, 12, 1), day(c.now)
		p := c.page(c.official, seven.Query{Page: seven.Profiling, From: from, To: to, Group: "segment:" + c.segments[0]})

		const served = "SELECT COUNT(DISTINCT x.head) FROM linked_cases x JOIN segment_members g ON g.constituent_id = x.head AND g.segment_id = ? WHERE x.channel <> 'offer' AND x.received_on >= '2025-12-01'"
		fresh := func(kind, since string) float64 {
			return c.number(served+` AND EXISTS (SELECT 1 FROM contact_points p JOIN linked_people m ON m.under = p.constituent_id WHERE m.head = x.head AND p.kind = ?
 AND p.verified_at >= ? AND (p.valid_to IS NULL OR p.valid_to > ?))`, c.segments[0], kind, since, c.now)
		}
		people, phone, mail := c.number(served, c.segments[0]), fresh("phone", "2025-11-20"), fresh("email", "2026-05-20")
		require.Equal(t, [2]int64{int64(phone), int64(people)}, c.parts(line(t, p, "completeness", "phone", "")))
		require.Equal(t, [2]int64{int64(mail), int64(people)}, c.parts(line(t, p, "completeness", "email", "")))
		if people >= 30 {
			require.InDelta(t, (3*phone+mail)/(4*people), *line(t, p, "completeness", "", "").Value, 1e-9)
		}

		mine := " AND EXISTS (SELECT 1 FROM segment_members g WHERE g.constituent_id = x.head AND g.segment_id = '" + c.segments[0] + "')"
		filed := func(where string) float64 {
			return c.number("SELECT COUNT(*) FROM linked_cases x WHERE x.channel <> 'offer' AND NOT x.duplicate AND x.matter IS NOT NULL AND x.received_on BETWEEN ? AND ?"+where, from, to)
		}
		for _, m := range []string{"roads0", "tax1"} {
			of := " AND x.matter = '" + m + "'"
			nsm, ns, nm, n := filed(mine+of), filed(mine), filed(of), filed("")
			l := line(t, p, "concentration", m, "")
			if nsm < 5 {
				require.True(t, l.Suppressed, m)
				continue
			}
			require.Equal(t, [2]int64{int64(nsm), int64(ns)}, c.parts(l))
			require.InDelta(t, nsm/ns/(nm/n), *l.Value, 1e-9)
			se := math.Sqrt(1/nsm - 1/ns + 1/nm - 1/n)
			require.InEpsilon(t, nsm/ns/(nm/n)*math.Exp(-1.959963984540054*se), *l.Low, 1e-6)
		}

		// Opt-ins in force as the first day began, by person, purpose and channel, and
		// those of them not withdrawn since.
		const word = `SELECT COUNT(*) FROM (SELECT k.constituent_id AS id, k.channel, MAX(k.at) AS last FROM consents k JOIN constituents m ON m.id = k.constituent_id
 WHERE m.erased_at IS NULL AND k.at < ? GROUP BY 1, 2) w JOIN consents g ON g.constituent_id = w.id AND g.channel = w.channel AND g.at = w.last WHERE g.given`
		begins := time.Date(2025, 11, 30, 16, 0, 0, 0, time.UTC) // midnight in the zone
		held := c.number(word, begins)
		kept := c.number(word+" AND NOT EXISTS (SELECT 1 FROM consents z WHERE z.constituent_id = w.id AND z.channel = w.channel AND NOT z.given AND z.at > w.last AND z.at < ?)", begins, time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC))
		require.Equal(t, [2]int64{int64(kept), int64(held)}, c.parts(line(t, c.page(c.official, seven.Query{Page: seven.Persistency, From: from, To: calendar.NewDate(2026, 2, 28)}), "consent", "", "")))
	})
}

// prices are what the matters and channels of the table cost, as the test enters them.
var prices = map[string]float64{"roads0": 30, "roads1": 12, "tax0": 45, "tax1": 8, "web": 2, "email": 3, "phone": 10, "counter": 14, "api": 1}

func (c *town) priced() {
	enter := func(k seven.Kind, item, part string, amount float64) {
		c.enter(seven.Entry{Kind: k, Item: item, Part: part, Amount: fmt.Sprint(amount)})
	}
	for _, m := range []string{"roads0", "roads1", "tax0", "tax1"} {
		enter(seven.StaffMinutes, m, "clerk", prices[m])
		enter(seven.FormMinutes, m, "", prices[m]/2)
		enter(seven.TravelMinutes, m, "", 20)
		enter(seven.WaitingMinutes, m, "", 10)
		enter(seven.OutOfPocket, m, "", 3)
		enter(seven.BaselineMinutes, m, "", 90)
		enter(seven.BaselinePocket, m, "", 8)
	}
	for _, ch := range []string{"web", "email", "phone", "counter", "api"} {
		enter(seven.ChannelCost, ch, "", prices[ch])
	}
	enter(seven.HourlyCost, "clerk", "", 60)
	enter(seven.Overhead, "", "", 5)
	enter(seven.ValueOfTime, "", "", 40)
	enter(seven.AgencySaving, "", "", 100)
	enter(seven.IncrementalCost, "", "", 70)
}

// granted grants a benefit of an amount to as many people at a time.
func (c *town) granted(amount, people int, at time.Time) {
	c.t.Helper()
	benefit, list, author := db.NewID(at), db.NewID(at), actor.From(c.official).AccountID
	c.exec(`INSERT INTO benefits (id, code, unit_id, matter_id, author_id, state, name, gives, about, law, definition, amount, moves_money, window_days, per, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, 'published', '{}', '{}', '{}', '{}', '{}', ?, ?, 14, 'once', ?, ?)`, benefit, benefit, c.units["LJ/GS/"], c.matters["tax0"], author, amount, true, at, at)
	c.exec("INSERT INTO offer_lists (id, benefit_id, benefit_no, definition, author_id, state, matched_on, created_at, updated_at) VALUES (?, ?, 1, '{}', ?, 'confirmed', ?, ?, ?)", list, benefit, author, day(at), at, at)
	for range people {
		c.exec(`INSERT INTO offers (id, list_id, benefit_id, constituent_id, period, state, why, settled_at, code_key, created_at, updated_at) VALUES (?, ?, ?, ?, 0, 'granted', '[]', ?, 'k1', ?, ?)`,
			db.NewID(at), list, benefit, c.person("person", ""), at, at, at)
	}
}

// priceOf is SQL for one of the prices of a case x.
func priceOf(column string, of ...string) string {
	sql := "CASE x." + column
	for _, one := range of {
		sql += fmt.Sprintf(" WHEN '%s' THEN %v", one, prices[one])
	}
	return sql + " ELSE 0 END"
}

func TestPublicValueIsWhatTheCasesSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(60, 420) })
		c.granted(600, 9, c.now.AddDate(0, -2, 0))
		c.granted(250, 4, c.now.AddDate(0, -3, 0))
		c.granted(900, 6, c.now.AddDate(-2, 0, 0)) // before the period
		c.link()
		require.NoError(t, c.s.Count(t.Context()))
		c.priced()
		from, to := calendar.NewDate(2025, 12, 1), day(c.now)
		p := c.page(c.official, seven.Query{Page: seven.PublicValue, From: from, To: to})
		staff, channel := priceOf("matter", "roads0", "roads1", "tax0", "tax1"), priceOf("channel", "web", "email", "phone", "counter")
		each := "(" + staff + " / 60.0 * 60 + " + channel + " + 5)"
		const done = " FROM linked_cases x WHERE NOT x.duplicate AND x.matter IS NOT NULL AND x.concluded_on BETWEEN ? AND ?"
		asked := done + " AND x.channel <> 'offer'"
		sum := func(what, where string) float64 { return c.number("SELECT COALESCE(SUM("+what+"), 0)"+where, from, to) }
		n := sum("1", asked)
		require.InDelta(t, sum(each, asked)/n, *line(t, p, "cost_to_serve", "", "").Value, 1e-9)
		for _, m := range []string{"roads0", "tax1"} {
			of := asked + " AND x.matter = '" + m + "'"
			require.InDelta(t, sum(each, of)/sum("1", of), *line(t, p, "cost_to_serve", m, "").Value, 1e-9)
		}
		of := asked + " AND x.channel = 'phone'"
		require.InDelta(t, sum(each, of)/sum("1", of), *line(t, p, "cost_by_channel", "phone", "").Value, 1e-9)

		burden := "((" + staff + " / 2.0 + 30) / 60.0 * 40 + 3)"
		total := sum(burden, asked) // who is granted something unasked has no burden
		gain := sum("90 / 60.0 * 40 + 8", done) - total
		require.InDelta(t, total/sum("1", done), *line(t, p, "burden", "", "").Value, 1e-9)
		require.InDelta(t, total, *line(t, p, "burden_total", "", "").Value, 1e-6)
		require.InDelta(t, gain, *line(t, p, "time_saved", "", "").Value, 1e-6)
		const given = "FROM offers o JOIN benefits b ON b.id = o.benefit_id WHERE o.state = 'granted' AND o.settled_at >= '2025-12-01' AND o.settled_at <= ?"
		worth := c.number("SELECT SUM(b.amount) "+given, c.now)
		require.InDelta(t, 9*600+4*250, worth, 1e-9)
		got := line(t, p, "net_value", seven.PartBenefits, "")
		require.InDelta(t, worth, *got.Value, 1e-9)
		require.InDelta(t, c.number("SELECT COUNT(*) "+given, c.now), *got.Denominator, 1e-9)
		require.InDelta(t, gain+100*12+worth-70*12, *line(t, p, "net_value", "", "").Value, 1e-6)

		const filed = " FROM linked_cases x WHERE x.channel <> 'offer' AND x.matter IS NOT NULL AND x.received_on BETWEEN ? AND ?"
		again := " AND EXISTS (SELECT 1 FROM linked_cases y WHERE y.head = x.head AND y.field = x.field AND y.id <> x.id AND NOT y.duplicate AND y.channel <> 'offer' AND " +
			c.instant("x.received_at") + " > " + c.instant("y.concluded_at") + " AND " + c.instant("x.received_at") + " <= " + c.later("y.concluded_at", "30") + ")"
		about := " AND NOT (" + again[len(" AND "):] + ") AND EXISTS (SELECT 1 FROM case_parties s WHERE s.case_id = x.id AND s.role = 'subject')"
		asks := "(SELECT COUNT(*) FROM case_events e WHERE e.case_id = x.id AND e.action = 'request_info')"
		avoidable := sum(each, filed+" AND x.duplicate") + sum(each, filed+" AND NOT x.duplicate"+again) + sum(each, filed+" AND NOT x.duplicate"+about) + sum(each+" * "+asks, filed)
		require.InDelta(t, avoidable, *line(t, p, "avoidable_cost", "", "").Value, 1e-6)
	})
}

// The slope of trust by its definition: the median of the slopes of all pairs.
func TestTrustIsTheMedianOfItsSlopes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		require.NoError(t, c.s.Count(t.Context()))
		r := rand.New(rand.NewPCG(9, 1))
		for q := range 8 {
			c.enter(seven.Entry{Kind: seven.Trust, AsOf: calendar.NewDate(2024, time.Month(10+3*q), 1).Add(-1).String(), Amount: fmt.Sprint(400 + r.IntN(300)), Whole: fmt.Sprint(800 + r.IntN(300))})
		}
		c.enter(seven.Entry{Kind: seven.EnterpriseStay, Amount: "173", Whole: "190"})
		var rows []struct {
			AsOf          calendar.Date
			Amount, Whole float64
		}
		require.NoError(t, d.From(t.Context()).Raw("SELECT as_of, amount / 100.0 AS amount, whole / 100.0 AS whole FROM seven_inputs WHERE kind = 'trust' ORDER BY as_of").Scan(&rows).Error)
		require.Len(t, rows, 8)
		var slopes []float64
		for i, a := range rows {
			for _, b := range rows[i+1:] {
				slopes = append(slopes, (b.Amount/b.Whole-a.Amount/a.Whole)*100/(float64(b.AsOf-a.AsOf)/365.25))
			}
		}
		sort.Float64s(slopes)
		p := c.page(c.official, seven.Query{Page: seven.Persistency})
		require.InDelta(t, (slopes[13]+slopes[14])/2, *line(t, p, "trust_slope", "", "").Value, 1e-9, "28 pairs")
		last, before := rows[7], rows[6]
		require.InDelta(t, last.Amount/last.Whole-before.Amount/before.Whole, *line(t, p, "trust_change", "", "").Value, 1e-9)
		require.Equal(t, [2]int64{173, 190}, c.parts(line(t, p, "enterprise_stay", "", "")))
	})
}

func TestPromotionIsWhatTheRowsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		require.NoError(t, c.s.Count(t.Context()))
		one := c.campaign(0, start.AddDate(0, -2, 0), 420, 63, 220, 18, 37, 6)
		two := c.campaign(1, start.AddDate(0, -3, 0), 240, 41, 207, 21, 90, 30)
		c.exec("UPDATE campaign_assignments SET delivery_id = constituent_id, portal_id = constituent_id WHERE campaign_id = ? AND constituent_id IN (SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND status = 'sent' ORDER BY constituent_id LIMIT 80)", one, one)
		c.exec("UPDATE campaign_assignments SET opened_at = queued_at WHERE campaign_id = ? AND portal_id IN (SELECT portal_id FROM campaign_assignments WHERE campaign_id = ? ORDER BY portal_id LIMIT 25)", one, one)
		c.exec("UPDATE campaign_assignments SET same_as = (SELECT constituent_id FROM campaign_assignments z WHERE z.campaign_id = ? ORDER BY constituent_id DESC LIMIT 1) WHERE campaign_id = ? AND constituent_id IN (SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND status = 'sent' AND portal_id IS NULL ORDER BY constituent_id LIMIT 7)", two, two, two)
		// Complaints of people who were told, of some of them under a record that is the same person
		// as another: 9 of the first campaign, and of the second 16 of whom 7 are not counted twice.
		for id, n := range map[string]int{one: 9, two: 16} {
			c.exec("UPDATE campaign_assignments SET complained_at = queued_at WHERE campaign_id = ? AND constituent_id IN (SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND status = 'sent' AND portal_id IS NULL ORDER BY constituent_id LIMIT "+fmt.Sprint(n)+")", id, id)
		}
		require.InDelta(t, 7, c.number("SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND complained_at IS NOT NULL AND same_as IS NOT NULL", two), 1e-9)
		p := c.page(c.official, seven.Query{Page: seven.Promotion})
		reach := map[string]float64{}
		for _, id := range []string{one, two} {
			n := func(where string) float64 {
				return c.number("SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND same_as IS NULL AND "+where, id)
			}
			const delivered = "(opened_at IS NOT NULL OR status = 'sent' AND (portal_id IS NULL OR portal_id <> delivery_id))"
			all, told := n("1 = 1"), n("arm = 'told'")
			for stage, where := range map[string]string{"eligible": "1 = 1", "contactable": "contactable", "told": "arm = 'told'", "control": "arm <> 'told'", "sent": "queued_at IS NOT NULL",
				"delivered": delivered, "opened": "opened_at IS NOT NULL", "applied": "arm = 'told' AND taken_at IS NOT NULL"} {
				require.InDelta(t, n(where), *line(t, p, "funnel", id, stage).Value, 1e-9, stage)
			}
			reach[id] = n(delivered) / all
			require.Equal(t, [2]int64{int64(n(delivered)), int64(all)}, c.parts(line(t, p, "reach", id, "")))
			require.Equal(t, [2]int64{int64(n("arm = 'told' AND taken_at IS NOT NULL")), int64(told)}, c.parts(line(t, p, "uptake", id, "")))
			require.Equal(t, [2]int64{int64(n("arm <> 'told' AND taken_at IS NOT NULL")), int64(n("arm <> 'told'"))}, c.parts(line(t, p, "control_uptake", id, "")))
			require.Equal(t, [2]int64{int64(n("refused_at IS NOT NULL")), int64(n(delivered))}, c.parts(line(t, p, "opt_out", id, "")))
			require.Equal(t, [2]int64{9, int64(n(delivered))}, c.parts(line(t, p, "complaints", id, "")))
			require.Equal(t, [2]int64{int64(n("complained_at IS NOT NULL")), int64(n(delivered))}, c.parts(line(t, p, "complaints", id, "")))
			uplift := n("arm = 'told' AND taken_at IS NOT NULL")/told - n("arm <> 'told' AND taken_at IS NOT NULL")/n("arm <> 'told'")
			require.InDelta(t, uplift, *line(t, p, "uplift", id, "").Value, 1e-9)
			require.InDelta(t, uplift*told, *line(t, p, "additional", id, "").Value, 1e-9)
		}
		require.InDelta(t, math.Abs(reach[one]-reach[two]), *line(t, p, "reach_gap", "", "").Value, 1e-9)
	})
}
