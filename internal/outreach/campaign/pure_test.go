package campaign

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/db"
	"minqing/internal/outreach"
)

func TestNothingThatSomebodyApprovedIsEdited(t *testing.T) {
	for _, s := range []State{Asked, Approved, Running, Stopped, Done} {
		_, ok := s.After(Edit)
		require.False(t, ok, s)
	}
	for s, acts := range moves {
		for a, to := range acts {
			if to == Approved {
				require.Equal(t, Asked, s, "by %s", a)
			}
			if to == Running {
				require.Equal(t, Approved, s, "nothing runs that nobody approved: %s", a)
			}
		}
	}
	require.True(t, Stopped.Over())
	require.True(t, Done.Over())
}

func TestTheLotIsTheSameWheneverItIsAsked(t *testing.T) {
	// Computed with sha256sum over "campaign|person", the first 53 bits of it.
	require.InDelta(t, 0.0573, lot("a", "b"), 0.00005)
	rapid.Check(t, func(t *rapid.T) {
		c, who := rapid.String().Draw(t, "campaign"), rapid.String().Draw(t, "who")
		at := lot(c, who)
		require.Equal(t, at, lot(c, who))
		require.True(t, at >= 0 && at < 1)
	})
}

// armOf is what becomes of each member.
func armOf(c *Campaign, members []string) map[string]Arm {
	arms := map[string]Arm{}
	for i, a := range c.parted(members) {
		arms[members[i]] = a
	}
	return arms
}

func heldOf(arms map[string]Arm) (n int) {
	for _, a := range arms {
		if a != Told {
			n++
		}
	}
	return n
}

func members(n int) (ids []string) {
	for range n {
		ids = append(ids, db.NewID(time.Now()))
	}
	return ids
}

func TestExactlyTheShareIsHeldBackAndNobodyIsFavoured(t *testing.T) {
	c := usual()
	often := map[string]int{}
	people := members(4000)
	for range 50 {
		c.ID = db.NewID(time.Now())
		arms := armOf(&c, people)
		require.Equal(t, 400, heldOf(arms))
		for who, a := range arms {
			if a == Held {
				often[who]++
			}
		}
		backwards := slices.Clone(people)
		slices.Reverse(backwards)
		require.Equal(t, arms, armOf(&c, backwards), "the order of the members tells nothing")
		more := c
		more.HoldPercent = 20
		for who, a := range armOf(&more, people) {
			require.False(t, a == Told && arms[who] == Held, "a larger share holds back all of a smaller one")
		}
	}
	for _, n := range often {
		require.LessOrEqual(t, n, 20, "of 50 campaigns each is held back of 5 or so")
	}
	require.Greater(t, len(often), 3900, "one in ten, fifty times over: hardly anybody is never drawn")
}

// usual is a campaign of which some are held back.
func usual() Campaign {
	return Campaign{ID: "c", MatterID: new("m"), HoldPercent: HoldUsual, Basis: outreach.Benefit, Purpose: outreach.Offer}
}

// A tenth by default, never fewer than 200 people, never more than half of the members.
func TestAHoldOutIsNeverBelow200People(t *testing.T) {
	for _, one := range []struct {
		percent int
		members int64
		hold    Hold
	}{
		{10, 1, Hold{Small: true}}, {10, 399, Hold{Small: true}}, {50, 399, Hold{Small: true}},
		{10, 400, Hold{People: 200, Raised: true}}, {50, 400, Hold{People: 200}}, {50, 401, Hold{People: 200}}, {50, 402, Hold{People: 201}},
		{10, 1999, Hold{People: 200, Raised: true}}, {10, 2000, Hold{People: 200}}, {10, 2009, Hold{People: 200}}, {10, 2010, Hold{People: 201}},
		{1, 19999, Hold{People: 200, Raised: true}}, {1, 20100, Hold{People: 201}}, {0, 1_000_000, Hold{}}, {0, 10, Hold{}}, {10, 1_000_000, Hold{People: 100_000}},
	} {
		c := usual()
		c.HoldPercent = one.percent
		require.Equal(t, one.hold, c.HoldOf(one.members), "%d %% of %d", one.percent, one.members)
	}
	c := usual()
	require.Zero(t, heldOf(armOf(&c, members(399))))
	require.Equal(t, 200, heldOf(armOf(&c, members(400))))
	rapid.Check(t, func(t *rapid.T) {
		c.HoldPercent = rapid.IntRange(0, HoldMost).Draw(t, "percent")
		n := rapid.Int64Range(0, 1_000_000).Draw(t, "members")
		h := c.HoldOf(n)
		require.True(t, h.People == 0 || h.People >= HoldLeast && h.People*100 <= n*HoldMost && h.People >= n*int64(c.HoldPercent)/100)
		require.Equal(t, c.HoldPercent > 0 && h.People == 0, h.Small)
	})
}

func TestWhoIsHeldBack(t *testing.T) {
	with := func(change func(*Campaign)) *Campaign { c := usual(); change(&c); return &c }
	require.Equal(t, Hold{People: 500}, with(func(*Campaign) {}).HoldOf(5000))
	require.Zero(t, with(func(c *Campaign) { c.Basis = outreach.Urgent }).HoldOf(5000))
	require.Zero(t, with(func(c *Campaign) { c.Purpose = outreach.Notice }).HoldOf(5000))
	require.Zero(t, with(func(c *Campaign) { c.MatterID = nil }).HoldOf(5000))
	require.Zero(t, with(func(c *Campaign) { c.MatterID = nil }).HoldOf(5), "nobody asked for a comparison, so nobody is told that there is none")
	for _, a := range with(func(c *Campaign) { c.Entitlement = true }).parted(members(500)) {
		require.NotEqual(t, Held, a, "nobody is kept for good from what the law gives them")
	}
}

func TestNobodyIsWrittenToByNight(t *testing.T) {
	city := time.FixedZone("CST", 8*3600)
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, city) }
	require.Equal(t, day(24, 8, 0), wake(day(24, 0, 0)))
	require.Equal(t, day(24, 8, 0), wake(day(24, 7, 59)))
	require.Zero(t, wake(day(24, 8, 0)))
	require.Zero(t, wake(day(24, 20, 59)))
	require.Equal(t, day(25, 8, 0), wake(day(24, 21, 0)))
	require.Equal(t, time.Date(2026, 12, 1, 8, 0, 0, 0, city), wake(day(30, 23, 59)))
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).In(city)
		if w := wake(at); !w.IsZero() {
			require.True(t, w.After(at) && w.Sub(at) <= 11*time.Hour)
			require.Zero(t, wake(w), "then they may be")
		}
	})
}

func TestNobodyGetsMoreThanTheCapOfAllCampaigns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var got []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(t, "hours")) * time.Hour)
			shuffled := rapid.Permutation(slices.Clone(got)).Draw(t, "order")
			until := capped(shuffled, now)
			if until.IsZero() {
				got = append(got, now)
				continue
			}
			require.True(t, until.After(now))
			require.Zero(t, capped(shuffled, until), "once the time is over one more may come")
			require.NotZero(t, capped(shuffled, until.Add(-time.Second)), "and not before")
		}
		for i, at := range got {
			n := 0
			for _, later := range got[i:] {
				if later.Before(at.AddDate(0, 0, CapDays)) {
					n++
				}
			}
			require.LessOrEqual(t, n, CapMost)
		}
	})
}

func TestTheThrottleIsEvenAndWaitsForTheMailServer(t *testing.T) {
	require.Equal(t, 10, quota(600, 0, 0, 0))
	require.Equal(t, 1, quota(1, 0, 0, 0))
	require.Equal(t, 0, quota(1, 1, 0, 0))
	require.Equal(t, 4, quota(600, 596, 0, 0))
	require.Equal(t, 3, quota(600, 0, 7, 0), "seven left within the minute")
	require.Equal(t, 0, quota(600, 700, 0, 0))
	require.Equal(t, 0, quota(600, 0, 0, 311), "half an hour's worth and more waits for the mail server")
	rapid.Check(t, func(t *rapid.T) {
		perHour := rapid.IntRange(1, PerHourMost).Draw(t, "per hour")
		sent := []int{}
		for range 130 {
			hour := 0
			for _, n := range sent[max(0, len(sent)-59):] {
				hour += n
			}
			sent = append(sent, quota(perHour, hour, 0, 0))
		}
		for i := range sent {
			hour := 0
			for _, n := range sent[i:min(i+60, len(sent))] {
				hour += n
			}
			require.LessOrEqual(t, hour, perHour)
		}
	})
}

func TestChanceStopsNoCampaignButTroubleDoes(t *testing.T) {
	require.Empty(t, rail(0, 0, 0))
	require.Empty(t, rail(10, 2, 0), "two people")
	require.Empty(t, rail(1000, 5, 0), "one in two hundred")
	require.Empty(t, rail(1000, 9, 0), "95 % from 0.0047")
	require.Equal(t, ByRefusals, rail(1000, 10, 0), "95 % from 0.0054")
	require.Equal(t, ByRefusals, rail(50, 3, 0))
	require.Equal(t, ByComplaints, rail(1000, 10, 4), "complaints weigh more")
	require.Empty(t, rail(3000, 3, 3), "one in a thousand")
	require.Equal(t, ByRefusals, rail(0, 3, 0), "more than were sent: still a share")
}

// The vector of P7 of docs/7p.md: 180 of 1,000 told, 120 of 1,000 held back.
func TestTheUpliftIsTheVectorOfTheStandard(t *testing.T) {
	r := &Result{Told: 1000, ToldTook: 180, Control: 1000, ControlTook: 120}
	value, low, high := r.Uplift()
	require.InDelta(t, 0.0600, value, 0.00005)
	require.InDelta(t, 0.0288, low, 0.00005)
	require.InDelta(t, 0.0912, high, 0.00005)
	require.True(t, r.Real())
	require.True(t, r.Compared())
	require.InDelta(t, 60, r.Additional(), 1e-9)
	each, from, to := r.CostEach(6000)
	require.InDelta(t, 100, each, 1e-9)
	require.InDelta(t, 6000/(high*1000), from, 1e-9)
	require.InDelta(t, 6000/(low*1000), to, 1e-9)

	chance := &Result{Told: 1000, ToldTook: 125, Control: 200, ControlTook: 24}
	require.False(t, chance.Real())
	require.True(t, chance.Compared())
	require.False(t, (&Result{Told: 1000, ToldTook: 125, Control: 199, ControlTook: 24}).Compared(), "fewer than 200 held back")
	require.False(t, (&Result{Told: 29, ToldTook: 12, Control: 200, ControlTook: 24}).Compared(), "fewer than 30 told")
	require.False(t, (&Result{Told: 1000, ToldTook: 125, Control: 200, ControlTook: 4}).Compared(), "a rate would tell who the four are")
}

func TestSmallCellsCannotBeWorkedOut(t *testing.T) {
	r := &Result{Told: 400, Sent: 380, Skipped: []Skip{{SkipRefused, 17}, {SkipCapped, 3}}}
	cells, hideTotal := r.Cells()
	require.False(t, hideTotal)
	hidden := 0
	for _, c := range cells {
		if c.Hidden {
			require.Zero(t, c.People)
			hidden++
		}
	}
	require.Equal(t, 2, hidden, "the three, and another, or the total would tell them")
}
