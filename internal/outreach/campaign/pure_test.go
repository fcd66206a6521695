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
		low, high := rapid.IntRange(0, 50).Draw(t, "low"), rapid.IntRange(0, 50).Draw(t, "high")
		if low > high {
			low, high = high, low
		}
		if (split{percent: low}).arm(c, who) == Held {
			require.Equal(t, Held, split{percent: high}.arm(c, who), "a larger share holds back all of a smaller one")
		}
	})
}

func TestATenthIsHeldBackWhereverTheLotIsDrawn(t *testing.T) {
	const people = 20000
	for range 5 {
		id, held := db.NewID(time.Now()), 0
		for range people {
			if (split{percent: HoldUsual}).arm(id, db.NewID(time.Now())) == Held {
				held++
			}
		}
		require.InDelta(t, people/10, held, 4*42.5, "four standard deviations of a fair lot")
	}
}

func TestWhoIsHeldBack(t *testing.T) {
	matter := "m"
	usual := Campaign{MatterID: &matter, HoldPercent: 10, Basis: outreach.Benefit, Purpose: outreach.Offer}
	with := func(change func(*Campaign)) *Campaign { c := usual; change(&c); return &c }
	require.Equal(t, split{percent: 10}, splitOf(&usual, HoldLeast))
	require.Equal(t, split{}, splitOf(&usual, HoldLeast-1), "few: the comparison would tell nothing")
	require.Equal(t, split{percent: 10, delayed: true}, splitOf(with(func(c *Campaign) { c.Entitlement = true }), 5000))
	require.Equal(t, Delayed, split{percent: 100, delayed: true}.arm("a", "b"), "nobody is kept for good from what the law gives them")
	require.Equal(t, split{}, splitOf(with(func(c *Campaign) { c.Basis = outreach.Urgent }), 5000))
	require.Equal(t, split{}, splitOf(with(func(c *Campaign) { c.Purpose = outreach.Notice }), 5000))
	require.Equal(t, split{}, splitOf(with(func(c *Campaign) { c.MatterID = nil }), 5000))
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

	chance := &Result{Told: 1000, ToldTook: 125, Control: 100, ControlTook: 12}
	require.False(t, chance.Real())
	require.False(t, (&Result{Told: 1000, ToldTook: 125, Control: 29, ControlTook: 12}).Compared(), "fewer than 30")
	require.False(t, (&Result{Told: 1000, ToldTook: 125, Control: 100, ControlTook: 4}).Compared(), "a rate would tell who the four are")
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
