package register_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/register"
)

// run lets the daily job work on a day, twice, so that it must be idempotent.
func (o *office) run(day calendar.Date) register.Passed {
	o.t.Helper()
	o.now = day.Start(o.Zone).Add(2 * time.Hour)
	done, err := o.Expire(system())
	require.NoError(o.t, err)
	again, err := o.Expire(system())
	require.NoError(o.t, err)
	require.Zero(o.t, again)
	return done
}

func (o *office) runOnce(day calendar.Date) register.Passed {
	o.t.Helper()
	o.now = day.Start(o.Zone).Add(2 * time.Hour)
	done, err := o.Expire(system())
	require.NoError(o.t, err)
	return done
}

func TestAPermitIsFollowedToItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		end := today.Add(100)
		no := o.issue(until(end))
		forever := o.issue(func(i *register.Issue) { i.ValidUntil = nil })
		for day := today; day <= end.Add(3); day++ {
			done := o.run(day)
			switch left := int(end - day); left {
			case 90, 60, 30:
				require.Equal(t, register.Passed{Noticed: 1}, done, left)
			case -1:
				require.Equal(t, register.Passed{Expired: 1}, done)
			default:
				require.Zero(t, done, left)
			}
			want := register.Valid
			if day > end {
				want = register.Expired
			}
			require.Equal(t, want, o.get(no).State, day)
		}
		require.Equal(t, []string{"issued", "noticed 90", "noticed 60", "noticed 30", "expired"}, o.acts(no))
		require.Equal(t, []string{"issued"}, o.acts(forever))
		require.Nil(t, o.get(no).NextOn)
		var told int64
		require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM river_job WHERE kind = 'register.tell'").Scan(&told).Error)
		require.EqualValues(t, 2+3+1, told)
	})
}

func TestAJobThatWasAwayTellsTheNewestNoticeOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.issue(until(today.Add(100)))
		require.Equal(t, register.Passed{Noticed: 1}, o.run(today.Add(55))) // 45 days left
		require.Equal(t, register.Passed{Noticed: 1}, o.run(today.Add(75)))
		require.Equal(t, []string{"issued", "noticed 60", "noticed 30"}, o.acts(no))
		require.Equal(t, register.Expired, o.get(no).On(today.Add(101)), "whether or not the job was there")
		require.Equal(t, register.Passed{Expired: 1}, o.run(today.Add(300)))

		short := o.issue(func(i *register.Issue) {
			i.ValidFrom = o.Today()
			end := o.Today().Add(3)
			i.ValidUntil = &end
		})
		require.Zero(t, o.run(o.Today()), "whom a permit of three days was given needs no warning at once")
		require.Equal(t, []string{"issued"}, o.acts(short))
	})
}

func TestWithdrawnPermitsAreToldNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		head := as(o.staff("head", "CG03"))
		revoked, suspended := o.issue(until(today.Add(100))), o.issue(until(today.Add(100)))
		_, err := o.do(head, revoked, register.Do{Act: register.Revoke, Ground: "deceit", Reason: "不實", Version: 1})
		require.NoError(t, err)
		_, err = o.Act(head, suspended, register.Do{Act: register.Suspend, Ground: "danger", Reason: "危險", Version: 1})
		require.NoError(t, err)
		require.Equal(t, register.Passed{Noticed: 1}, o.run(today.Add(10)))
		require.Equal(t, register.Passed{Expired: 1}, o.run(today.Add(101)))
		require.Equal(t, register.Revoked, o.get(revoked).State)
		require.Equal(t, register.Expired, o.get(suspended).State)
	})
}

// waiting are applications to renew that nobody decides.
type waiting struct {
	o       *office
	asked   map[string]bool
	owed    map[string]bool
	broken  bool
	renewed []string
}

func (w *waiting) Undecided(_ context.Context, nos []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, no := range nos {
		out[no] = w.asked[no]
	}
	return out, nil
}

func (w *waiting) Owed(_ context.Context, nos []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, no := range nos {
		out[no] = w.owed[no]
	}
	return out, nil
}

func (w *waiting) Renew(ctx context.Context, p *register.Permit) error {
	if w.broken {
		return errors.New("no type in force")
	}
	delete(w.asked, p.PermitNo)
	i := w.o.one(ctx, func(i *register.Issue) { i.Replaces, i.ValidFrom, i.Silent = p.PermitNo, p.ValidUntil.Add(1), true })
	end := i.ValidFrom.Add(364)
	i.ValidUntil = &end
	no, err := w.o.Issue(ctx, i)
	w.renewed = append(w.renewed, no)
	return err
}

// TestSilenceRenews: PRC Administrative Licensing Law art. 50. The end is Monday,
// 21 December 2026: the tenth working day before it is Monday the 7th, the fifth
// Monday the 14th, the second Thursday the 17th.
func TestSilenceRenews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		cal, err := calendar.Builtin("CN")
		require.NoError(t, err)
		o.CalendarOf = func(context.Context, string) (*calendar.Calendar, error) { return cal, nil }
		end := calendar.NewDate(2026, 12, 21)
		o.now = at.AddDate(0, 0, -10) // when a renewal could still be asked for in time
		since := func(i *register.Issue) { i.ValidFrom = today.Add(-300) }
		no, other := o.issue(until(end), since), o.issue(until(end), since)
		w := &waiting{o: o, asked: map[string]bool{no: true}}
		o.Renewals = w
		raised := map[string]int{}
		for day := today; day <= end; day++ {
			before := len(o.acts(no))
			o.run(day)
			if acts := o.acts(no); len(acts) > before {
				raised[acts[len(acts)-1]] = int(end - day)
			}
		}
		require.Equal(t, map[string]int{"noticed 30": 27, "alarmed 10": 14, "alarmed 5": 7, "alarmed 2": 4}, raised)
		require.Equal(t, []string{"issued", "noticed 30"}, o.acts(other))
		w.broken = true
		o.now = end.Add(1).Start(o.Zone).Add(time.Hour)
		_, err = o.Expire(system())
		require.ErrorContains(t, err, no)
		require.Equal(t, register.Valid, o.get(no).State, "it is not taken away while its renewal fails")
		require.Equal(t, register.Expired, o.get(other).State, "and nobody else waits for that")
		w.broken = false
		o.now = end.Add(2).Start(o.Zone).Add(time.Hour)
		done, err := o.Expire(system())
		require.NoError(t, err)
		require.Equal(t, 1, done.Renewed)
		require.Equal(t, register.Cancelled, o.get(no).State)
		require.Equal(t, register.Valid, o.get(w.renewed[0]).On(o.Today()))
		require.Equal(t, end.Add(1), o.get(w.renewed[0]).ValidFrom)
		story, err := o.Story(system(), o.get(w.renewed[0]))
		require.NoError(t, err)
		require.Equal(t, register.GroundSilence, story[0].Ground)
	})
}

// TestAlarmsOfAProvisionalYearComeInTime: nobody has published the year in which the
// permit ends, and Spring Festival lies just before. The head is warned while there are as
// many working days as each alarm says, whatever the calendar will say; once it is
// published, the rest is counted by it, and silence renews on the same day as ever.
func TestAlarmsOfAProvisionalYearComeInTime(t *testing.T) {
	plain, err := calendar.Builtin("CN")
	require.NoError(t, err)
	end := calendar.NewDate(2027, 2, 12) // a Friday
	require.False(t, plain.Published(2027), "or the test shows nothing")
	official, err := calendar.Parse(strings.NewReader(`extends = "CN"
version = "test"
source = "test"
[[year]]
year = 2027
source = "test"
[[year.holiday]]
name = { en = "Spring Festival" }
days = ["2027-02-05..2027-02-12"]
`))
	require.NoError(t, err)
	raised := func(t *testing.T, d *db.DB, published calendar.Date) map[string]calendar.Date {
		o := newOffice(t, d)
		o.CalendarOf = func(context.Context, string) (*calendar.Calendar, error) {
			if o.Today() >= published {
				return official, nil
			}
			return plain, nil
		}
		o.now = end.Add(-40).Start(o.Zone)
		no := o.issue(until(end), func(i *register.Issue) { i.ValidFrom = end.Add(-300) })
		o.Renewals = &waiting{o: o, asked: map[string]bool{no: true}}
		out := map[string]calendar.Date{}
		for day := end.Add(-40); day <= end; day++ {
			before := len(o.acts(no))
			o.run(day)
			for _, act := range o.acts(no)[before:] {
				out[act] = day
			}
		}
		require.Equal(t, 1, o.runOnce(end.Add(1)).Renewed, "no calendar moves the end")
		return out
	}
	t.Run("never published", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			on := raised(t, d, end.Add(100))
			for _, days := range []int{10, 5} {
				require.NotZero(t, on[fmt.Sprintf("alarmed %d", days)])
				require.GreaterOrEqual(t, official.WorkingDaysBetween(on[fmt.Sprintf("alarmed %d", days)], end), days)
			}
			require.Equal(t, plain.AddWorkingDays(end, -2), on["alarmed 2"], "and once more before the end")
		})
	})
	t.Run("published meanwhile", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			on := raised(t, d, end.Add(-20))
			require.Equal(t, official.AddWorkingDays(end, -5), on["alarmed 5"])
			require.Equal(t, official.AddWorkingDays(end, -2), on["alarmed 2"])
		})
	})
}

// TestACorrectedRenewalIsAlarmedAgain: while the applicant is to correct something the
// renewal waits for them; once they did, it waits for the authority, whose head hears.
func TestACorrectedRenewalIsAlarmedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		end := calendar.NewDate(2026, 12, 21)
		o.now = at.AddDate(0, 0, -10)
		no := o.issue(until(end), func(i *register.Issue) { i.ValidFrom = today.Add(-300) })
		w := &waiting{o: o, asked: map[string]bool{}}
		o.Renewals = w
		for day := today; day <= end; day++ {
			w.asked[no] = day < today.Add(3) || day >= end.Add(-6) // corrected six days before the end
			o.run(day)
		}
		require.Equal(t, []string{"issued", "noticed 30", "alarmed 10", "alarmed 5", "alarmed 2"}, o.acts(no))
		require.Equal(t, 1, o.runOnce(end.Add(1)).Renewed)
	})
}

// TestARenewalThatOwesACorrectionIsWarnedOf: it was never accepted, so silence renews
// nothing; both sides hear of it ten, five and two working days before the end, each once,
// and at the end. One that is corrected on the last days waits for the head, who is
// alarmed whatever was told before.
func TestARenewalThatOwesACorrectionIsWarnedOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		cal, err := calendar.Builtin("CN")
		require.NoError(t, err)
		o.CalendarOf = func(context.Context, string) (*calendar.Calendar, error) { return cal, nil }
		end := calendar.NewDate(2026, 12, 21)
		o.now = at.AddDate(0, 0, -10)
		since := func(i *register.Issue) { i.ValidFrom = today.Add(-300) }
		no, mended := o.issue(until(end), since), o.issue(until(end), since)
		w := &waiting{o: o, asked: map[string]bool{}, owed: map[string]bool{no: true, mended: true}}
		o.Renewals = w
		raised := map[string]int{}
		for day := today; day <= end; day++ {
			if day == end.Add(-1) {
				w.asked[mended], w.owed[mended] = true, false
			}
			before := len(o.acts(no))
			o.run(day)
			if acts := o.acts(no); len(acts) > before {
				raised[acts[len(acts)-1]] = int(end - day)
			}
		}
		require.Equal(t, map[string]int{"noticed 30": 27, "stalled 10": 14, "stalled 5": 7, "stalled 2": 4}, raised)
		require.Equal(t, []string{"issued", "noticed 30", "stalled 10", "stalled 5", "stalled 2", "alarmed 2"}, o.acts(mended))
		done := o.runOnce(end.Add(1))
		require.Equal(t, register.Passed{Expired: 1, Renewed: 1}, done)
		require.Equal(t, register.Expired, o.get(no).State)
		story, err := o.Story(system(), o.get(no))
		require.NoError(t, err)
		require.Equal(t, []any{register.Ended, register.GroundUncorrected}, []any{story[0].Act, story[0].Ground})
	})
}

// TestSilenceLiftsNoSuspension: what was suspended stays so when it is renewed.
func TestSilenceLiftsNoSuspension(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		end := today.Add(5)
		no := o.issue(until(end))
		w := &waiting{o: o, asked: map[string]bool{no: true}}
		o.Renewals = w
		_, err := o.Act(as(o.staff("head", "CG03")), no, register.Do{Act: register.Suspend, Ground: "danger", Reason: "危險", Version: 1})
		require.NoError(t, err)
		require.Equal(t, 1, o.runOnce(end.Add(1)).Renewed)
		next := o.get(w.renewed[0])
		require.Equal(t, register.Suspended, next.On(o.Today()))
		require.Equal(t, "danger", next.Ground)
		require.Equal(t, register.Cancelled, o.get(no).State)
	})
}

// TestADecisionStopsTheAlarms: a head who decides in time is not warned.
func TestADecisionStopsTheAlarms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		end := today.Add(20)
		no := o.issue(until(end))
		w := &waiting{o: o, asked: map[string]bool{no: true}}
		o.Renewals = w
		require.NoError(t, d.From(system()).Exec("UPDATE permits SET next_on = ? WHERE permit_no = ?", today, no).Error)
		o.run(end.Add(-9))
		require.ElementsMatch(t, []string{"issued", "noticed 30", "alarmed 10"}, o.acts(no))
		w.asked[no] = false
		for day := end.Add(-8); day <= end; day++ {
			o.run(day)
		}
		require.Equal(t, register.Passed{Expired: 1}, o.run(end.Add(1)))
		require.ElementsMatch(t, []string{"issued", "noticed 30", "alarmed 10", "expired"}, o.acts(no))
	})
}

func TestTwoDailyJobsAtOnceDoNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for range 30 {
			o.issue(until(today.Add(1)))
		}
		o.now = at.AddDate(0, 0, 2)
		sums := make(chan register.Passed, 3)
		for range 3 {
			go func() {
				done, err := o.Expire(system())
				if err != nil {
					t.Error(err)
				}
				sums <- done
			}()
		}
		total := 0
		for range 3 {
			total += (<-sums).Expired
		}
		require.Equal(t, 30, total)
		var events int64
		require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM permit_events WHERE act = 'expired'").Scan(&events).Error)
		require.EqualValues(t, 30, events)
	})
}

// TestExpireAMillion measures the daily job over a full register. REGISTER_PERMITS
// says how many there are, REGISTER_DUE how many of them have something to do.
func TestExpireAMillion(t *testing.T) {
	many, _ := strconv.Atoi(os.Getenv("REGISTER_PERMITS"))
	if many == 0 {
		t.Skip("set REGISTER_PERMITS=1000000, and REGISTER_DUE, to measure")
	}
	due, _ := strconv.Atoi(os.Getenv("REGISTER_DUE"))
	d := dbtest.Postgres(t)
	o := newOffice(t, d)
	o.fill(many, due)
	begun := time.Now()
	done, err := o.Expire(system())
	require.NoError(t, err)
	t.Logf("%d permits, %d with something to do: %+v in %s", many, due, done, time.Since(begun))
	require.Equal(t, due, done.Expired+done.Noticed)
}

// fill writes permits past the service: due of them are to be looked at today,
// half of those at their end and half with a notice.
func (o *office) fill(many, due int) {
	o.t.Helper()
	path := ""
	require.NoError(o.t, o.DB.From(system()).Raw("SELECT path FROM units WHERE id = ?", o.unit).Scan(&path).Error)
	const columns = "id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown, valid_from, valid_until, particulars, state, since, since_on, issued_at, issued_on, next_on, updated_at"
	for from := 0; from < many; from += 10_000 {
		b := db.NewBulk("permits")
		for i := from; i < min(many, from+10_000); i++ {
			end, next := today.Add(200+i%1000), today.Add(110+i%1000)
			if i < due {
				end, next = today.Add(-1), today
				if i%2 == 0 {
					end = today.Add(60)
				}
			}
			b.Add(db.Insert("permits", columns, db.NewID(at), fmt.Sprintf("LJP2025%07dX", i), "road_occupation", 1, "{}", o.unit, path, o.firm, "enterprise", "臨江四海餐飲有限公司",
				today.Add(-300), end, "{}", "valid", at, today, at, today, next, at))
		}
		require.NoError(o.t, o.DB.Store(system(), b))
	}
	require.NoError(o.t, o.DB.Analyze(system(), "permits"))
}
