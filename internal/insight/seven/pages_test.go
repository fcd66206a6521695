package seven_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/insight/seven"
)

// campaign stores one that began at a time, with as many told and held back of whom
// so many took it up.
func (c *town) campaign(segment int, at time.Time, told, took, held, heldTook, unreached, refused int) string {
	id := db.NewID(at)
	owner := db.NewID(at)
	key := db.NewID(at)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, at)
	c.exec("INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at) VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)", owner, []byte(owner), key, []byte{1}, at)
	c.exec(`INSERT INTO campaigns (id, segment_id, segment_version, author_id, name, purpose, basis, basis_text, hold_percent, window_days, per_hour, cost, state, started_at, window_ends_at, created_at, updated_at)
 VALUES (?, ?, 1, ?, '{"en":"Told"}', 'offer', 'benefit', '{}', 10, 30, 100, 6000, 'done', ?, ?, ?, ?)`, id, c.segments[segment], owner, at, at.AddDate(0, 0, 30), at, at)
	var keys, people, rows [][]any
	for i := range told + held {
		arm, status, taken := "told", "sent", i < took
		queued, gone := &at, (*time.Time)(nil)
		switch {
		case i >= told:
			arm, status, taken, queued = "held", "kept", i-told < heldTook, nil
		case i >= told-unreached:
			status, queued = "skipped", nil
		case i < refused:
			gone = &at
		}
		var up *time.Time
		if taken {
			up = &at
		}
		who, lock := db.NewID(at), db.NewID(at)
		keys = append(keys, []any{lock, "constituent", "aes256gcm", "k1", at})
		people = append(people, []any{who, "person", lock, "en", at})
		rows = append(rows, []any{id, who, arm, status, queued, up, gone, i%20 > 0})
	}
	c.many("vault_keys", "id, owner_kind, suite, ring_key, created_at", keys)
	c.many("constituents", "id, kind, vault_key_id, locale, created_at", people)
	c.many("campaign_assignments", "campaign_id, constituent_id, arm, status, queued_at, taken_at, refused_at, contactable", rows)
	return id
}

// The vector of the definition: told 180 of 1,000, held back 120 of 1,000.
func TestPromotionByHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.exec("DELETE FROM segment_members")
		id := c.campaign(1, start.AddDate(0, -2, 0), 1000, 180, 1000, 120, 100, 6)
		p := c.page(c.official, seven.Query{Page: seven.Promotion})
		require.Len(t, p.Campaigns, 1)
		uplift := line(t, p, "uplift", id, "")
		require.InDelta(t, 0.0600, *uplift.Value, 0.00005)
		require.InDelta(t, 0.0288, *uplift.Low, 0.00005)
		require.InDelta(t, 0.0912, *uplift.High, 0.00005)
		require.True(t, uplift.Marked)
		require.Equal(t, [2]int64{180, 1000}, c.parts(line(t, p, "uptake", id, "")), "whether or not a message reached them")
		require.Equal(t, [2]int64{900, 2000}, c.parts(line(t, p, "reach", id, "")), "delivered of eligible")
		require.InDelta(t, 60, *line(t, p, "additional", id, "").Value, 1e-9)
		require.InDelta(t, 100, *line(t, p, "cost_each", id, "").Value, 1e-9)
		refused := line(t, p, "opt_out", id, "")
		require.Equal(t, [2]int64{6, 900}, c.parts(refused))
		require.True(t, refused.Marked, "above one in two hundred")
		require.Equal(t, [2]int64{0, 900}, c.parts(line(t, p, "complaints", id, "")))
		for stage, n := range map[string]float64{"eligible": 2000, "contactable": 1900, "opened": 0, "told": 1000, "control": 1000, "sent": 900, "delivered": 900, "applied": 180} {
			require.InDelta(t, n, *line(t, p, "funnel", id, stage).Value, 1e-9, stage)
		}
		require.Nil(t, line(t, p, "reach_gap", "", "").Value, "there is one segment only")
		small := c.campaign(0, start.AddDate(0, -1, 0), 40, 3, 40, 0, 0, 0)
		p = c.page(c.official, seven.Query{Page: seven.Promotion})
		require.True(t, line(t, p, "uptake", small, "").Suppressed, "three people")
		require.True(t, line(t, p, "uplift", small, "").Suppressed, "or they could be worked out")
		p = c.page(c.head, seven.Query{Page: seven.Promotion})
		require.Len(t, p.Campaigns, 1, "of segments of the bureau")
		require.Equal(t, id, p.Campaigns[0].ID)
		require.Empty(t, c.page(c.official, seven.Query{Page: seven.Promotion, Group: "segment:" + c.segments[0], From: calendar.NewDate(2026, 3, 1), To: calendar.NewDate(2026, 4, 1)}).Campaigns)
	})
}

// An uplift is told from 200 people held back on.
func TestNoUpliftIsToldOfFewerThan200HeldBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		short := c.campaign(1, start.AddDate(0, -2, 0), 600, 240, 199, 20, 0, 0)
		enough := c.campaign(1, start.AddDate(0, -1, 0), 600, 240, 200, 20, 0, 0)
		p := c.page(c.official, seven.Query{Page: seven.Promotion})
		for _, figure := range []string{"uplift", "additional", "cost_each"} {
			l := line(t, p, figure, short, "")
			require.Nil(t, l.Value, figure)
			require.False(t, l.Suppressed, figure)
			require.Equal(t, "seven.note.no_control", l.Note, figure)
			require.NotNil(t, line(t, p, figure, enough, "").Value, figure)
		}
		require.Equal(t, [2]int64{20, 199}, c.parts(line(t, p, "control_uptake", short, "")))
		require.InDelta(t, 0.4-0.1, *line(t, p, "uplift", enough, "").Value, 1e-9)
	})
}

// The gap between segments is over all of the period, whether or not their campaigns are
// listed.
func TestThePageListsTheNewestCampaignsAndCountsAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Cleanup(seven.ListCampaigns(1))
		c := newTown(t, d)
		c.exec("DELETE FROM segment_members")
		old := c.campaign(1, start.AddDate(0, -2, 0), 100, 18, 100, 12, 10, 0)
		newest := c.campaign(0, start.AddDate(0, -1, 0), 40, 10, 40, 8, 0, 0)
		p := c.page(c.official, seven.Query{Page: seven.Promotion})
		require.Len(t, p.Campaigns, 1)
		require.Equal(t, newest, p.Campaigns[0].ID)
		require.Equal(t, 2, p.CampaignsOf)
		for _, l := range p.Lines {
			require.NotEqual(t, old, l.Item)
		}
		require.InDelta(t, 40.0/80-90.0/200, *line(t, p, "reach_gap", "", "").Value, 1e-9)
		file := c.page(c.official, seven.Query{Page: seven.Promotion, Export: true})
		require.Len(t, file.Campaigns, 2, "a file has all of them")
		require.NotNil(t, line(t, file, "reach", old, "").Value)
	})
}

func TestAReaderSeesTheirOwnUnitsAndSegments(t *testing.T) {
	c := newTown(t, dbtest.New(t))
	for i := range 60 {
		unit := []string{"LJ/CG/01/", "LJ/GS/"}[i%2]
		c.file(a{person: c.person("person", "D1", 0), unit: unit, matter: "roads0", at: start.AddDate(0, -1, 0), done: 24 * time.Hour})
	}
	require.NoError(t, c.s.Count(t.Context()))
	whole, own := c.page(c.official, seven.Query{Page: seven.Profiling}), c.page(c.head, seven.Query{Page: seven.Profiling})
	require.EqualValues(t, 60, *line(t, whole, "penetration", "", "").Numerator)
	require.EqualValues(t, 30, *line(t, own, "penetration", "", "").Numerator)
	require.Equal(t, "CG", own.Unit.Code)
	var keys []string
	for _, g := range own.Groups {
		keys = append(keys, g.Key)
	}
	require.Contains(t, keys, "segment:"+c.segments[1])
	require.NotContains(t, keys, "segment:"+c.segments[0], "a segment of the whole city")
	for _, q := range []seven.Query{{Unit: "LJ"}, {Unit: "GS"}, {Group: "segment:" + c.segments[0]}, {Group: "district:nowhere"}, {Matter: "nothing"}} {
		q.Page, q.From, q.To = seven.PublicValue, day(start).Add(-90), day(start)
		_, err := c.s.Page(c.head, q)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", q)
		q.Export = true
		_, err = c.s.Page(c.head, q)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", q)
	}
	_, err := c.s.Page(c.staff("handler", "CG"), seven.Query{Page: seven.Profiling, From: day(start), To: day(start)})
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	_, err = c.s.Page(c.staff(access.WhistleOfficer, "LJ"), seven.Query{Page: seven.Profiling, From: day(start), To: day(start)})
	require.Equal(t, fault.Forbidden, fault.KindOf(err), "of whistle-blowers' cases alone")
	for _, q := range []seven.Query{{From: day(start), To: day(start).Add(-60)}, {From: day(start), To: day(start).Add(60)}, {From: day(start).Add(-365 * 4), To: day(start)}} {
		q.Page = seven.Persistency
		_, err = c.s.Page(c.official, q)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", q)
	}
}

// However many segments there are, the newest has its figures too.
func TestTheNewestOfManySegmentsHasItsFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() {
			for range 250 {
				id := db.NewID(c.now)
				c.exec(`INSERT INTO segments (id, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at)
 SELECT ?, unit_id, owner_id, name, purpose, basis, basis_text, definition, ?, ? FROM segments WHERE id = ?`, id, c.now.Add(time.Hour), c.now.Add(time.Hour), c.segments[0])
				c.segments = append(c.segments, id)
			}
			for range 40 {
				c.file(a{person: c.person("person", "D1", len(c.segments)-1), unit: "LJ/CG/01/", matter: "roads0", at: start.AddDate(0, -1, 0), done: 24 * time.Hour})
			}
		})
		require.NoError(t, c.s.Count(t.Context()))
		newest := "segment:" + c.segments[len(c.segments)-1]
		p := c.page(c.official, seven.Query{Page: seven.Profiling})
		require.EqualValues(t, 40, *line(t, p, "penetration", newest, "").Numerator)
		require.Equal(t, [2]int64{40, 40}, c.parts(line(t, p, "gap_on_time", newest, "1.00")))
		require.EqualValues(t, 40, *line(t, c.page(c.official, seven.Query{Page: seven.Profiling, Group: newest}), "penetration", "", "").Numerator)
	})
}

func TestWhatIsLackingIsSaidAndNotGuessed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		for i := range 40 {
			c.file(a{person: c.person("person", ""), matter: []string{"roads0", "tax0"}[i%2], channel: []string{"web", "phone"}[i/2%2], at: start.AddDate(0, -2, 0), done: 24 * time.Hour})
		}
		require.NoError(t, c.s.Count(t.Context()))
		p := c.page(c.official, seven.Query{Page: seven.PublicValue})
		for _, figure := range []string{"cost_to_serve", "burden", "time_saved", "net_value"} {
			l := line(t, p, figure, "", "")
			require.Nil(t, l.Value, figure)
			require.NotEmpty(t, l.Missing, figure)
		}
		// A case on roads takes 30 minutes of a clerk at 60 an hour, 2 by web or 10 by
		// telephone, and 5 of overhead: 37 and 45. Nobody knows of tax.
		for _, e := range []seven.Entry{{Kind: seven.StaffMinutes, Item: "roads0", Part: "clerk", Amount: "30"}, {Kind: seven.HourlyCost, Item: "clerk", Amount: "60"},
			{Kind: seven.ChannelCost, Item: "web", Amount: "2"}, {Kind: seven.ChannelCost, Item: "phone", Amount: "10"}, {Kind: seven.Overhead, Amount: "5"}} {
			c.enter(e)
		}
		p = c.page(c.official, seven.Query{Page: seven.PublicValue})
		l := line(t, p, "cost_to_serve", "", "")
		require.InDelta(t, 41, *l.Value, 1e-9)
		require.InDelta(t, 20, *l.Denominator, 1e-9)
		require.Equal(t, []seven.Need{{seven.StaffMinutes, "tax0", "clerk"}}, l.Missing)
		require.Nil(t, line(t, p, "cost_to_serve", "tax0", "").Value)
		require.InDelta(t, 45, *line(t, p, "cost_by_channel", "phone", "").Value, 1e-9)
		// (10 + 20 + 30) minutes at 40 an hour and 3 paid: 43; before, 90 minutes and 8: 68.
		for _, m := range []string{"roads0", "tax0"} {
			for k, n := range map[seven.Kind]string{seven.FormMinutes: "10", seven.TravelMinutes: "20", seven.WaitingMinutes: "30", seven.OutOfPocket: "3", seven.BaselineMinutes: "90", seven.BaselinePocket: "8"} {
				c.enter(seven.Entry{Kind: k, Item: m, Amount: n})
			}
		}
		for k, n := range map[seven.Kind]string{seven.ValueOfTime: "40", seven.AgencySaving: "100", seven.IncrementalCost: "70.50"} {
			c.enter(seven.Entry{Kind: k, Amount: n})
		}
		p = c.page(c.official, seven.Query{Page: seven.PublicValue})
		require.InDelta(t, 43, *line(t, p, "burden", "", "").Value, 1e-9)
		require.InDelta(t, 43*40, *line(t, p, "burden_total", "", "").Value, 1e-9)
		require.InDelta(t, 25*40, *line(t, p, "time_saved", "", "").Value, 1e-9)
		require.InDelta(t, 25*40+1200-846, *line(t, p, "net_value", "", "").Value, 1e-9, "twelve months")
		require.Len(t, p.Of("net_value"), 5, "its parts always stand beside it")
		part := c.page(c.official, seven.Query{Page: seven.PublicValue, Unit: "CG"})
		require.Nil(t, line(t, part, "net_value", "", "").Value, "what was saved is of the whole government")

		p = c.page(c.official, seven.Query{Page: seven.Persistency})
		require.NotEmpty(t, line(t, p, "trust_slope", "", "").Missing)
		for i, good := range []string{"500", "520", "540", "560", "580", "600"} { // two points in each quarter of 1,000 answers
			c.enter(seven.Entry{Kind: seven.Trust, AsOf: calendar.NewDate(2025, time.Month(4+3*i), 1).Add(-1).String(), Amount: good, Whole: "1000"})
		}
		p = c.page(c.official, seven.Query{Page: seven.Persistency})
		require.InDelta(t, 8, *line(t, p, "trust_slope", "", "").Value, 0.1)
		require.InDelta(t, 0.02, *line(t, p, "trust_change", "", "").Value, 1e-9)
		c.enter(seven.Entry{Kind: seven.EnterpriseStay, Amount: "90", Whole: "100"})
		require.InDelta(t, 0.9, *line(t, c.page(c.official, seven.Query{Page: seven.Persistency}), "enterprise_stay", "", "").Value, 1e-9)
	})
}

func TestProfilesAndConsentsAndConcentration(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		verified := start.AddDate(0, -3, 0)
		for i := range 100 {
			segments := []int{}
			if i < 40 {
				segments = append(segments, 0)
			}
			id := c.person("person", "D2-1", segments...)
			matter := "tax0"
			if i < 30 || i >= 90 {
				matter = "roads0"
			}
			c.file(a{person: id, matter: matter, at: start.AddDate(0, -1, 0)})
			if i%2 == 0 {
				c.exec("INSERT INTO contact_points (id, constituent_id, kind, value_cipher, blind_index, verified_at, valid_from, link_key) VALUES (?, ?, 'phone', ?, ?, ?, ?, 'k1')", db.NewID(start), id, []byte{1}, []byte(id), verified, verified)
			}
			// opted in a year and a half ago; a quarter withdrew in May, a tenth opted in since
			given := func(at time.Time, yes bool) {
				c.exec("INSERT INTO consents (id, constituent_id, purpose, channel, given, wording, digest, locale, at) VALUES (?, ?, 'offers', 'mail', ?, 1, ?, 'en', ?)", db.NewID(at), id, yes, []byte{1}, at)
			}
			if i%10 == 9 {
				given(start.AddDate(0, -2, 0), true)
				continue
			}
			given(start.AddDate(0, -18, 0), true)
			if i%4 == 0 {
				given(time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC), false)
			}
		}
		require.NoError(t, c.s.Count(t.Context()))
		c.enter(seven.Entry{Kind: seven.FieldWeight, Item: "phone", Amount: "3", Whole: "6"})
		c.enter(seven.Entry{Kind: seven.FieldWeight, Item: "email", Amount: "1", Whole: "12"})
		p := c.page(c.official, seven.Query{Page: seven.Profiling})
		require.Equal(t, [2]int64{50, 100}, c.parts(line(t, p, "completeness", "phone", "")))
		require.InDelta(t, 150.0/400, *line(t, p, "completeness", "", "").Value, 1e-9)
		require.NotEmpty(t, line(t, p, "completeness", "address", "").Missing, "no purpose was declared")
		p = c.page(c.official, seven.Query{Page: seven.Profiling, Group: "segment:" + c.segments[0]})
		l := line(t, p, "concentration", "roads0", "") // 30 of 40 against 40 of 100
		require.InDelta(t, 0.75/0.4, *l.Value, 1e-9)
		require.True(t, l.Marked)
		require.False(t, line(t, p, "concentration", "tax0", "").Marked)
		require.EqualValues(t, 40, *line(t, p, "penetration", "", "").Numerator)
		p = c.page(c.official, seven.Query{Page: seven.Persistency, Group: "district:D2"})
		require.Equal(t, [2]int64{65, 90}, c.parts(line(t, p, "consent", "", "")), "kept of those in force on the first day")
		require.NotEmpty(t, line(t, c.page(c.official, seven.Query{Page: seven.Persistency, Unit: "CG"}), "consent", "", "").Note)
	})
}
