package register_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/register"
)

func TestAPermitIsIssuedOncePerCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		i := o.one(system())
		no, err := o.Issue(system(), i)
		require.NoError(t, err)
		require.Regexp(t, `^LJP2026\d{7}[0-9A-Z]$`, no)
		again, err := o.Issue(system(), i)
		require.NoError(t, err)
		require.Equal(t, no, again)

		p := o.get(strings.ToLower(no[:7]) + " " + no[7:])
		require.Equal(t, register.Valid, p.State)
		require.Equal(t, "臨江四海餐飲有限公司", p.HolderShown)
		require.Equal(t, "濱江區湖濱路 12 號前", p.Particulars["place"])
		require.Equal(t, calendar.NewDate(2027, 8, 26), *p.NextOn, "90 days before the end")
		require.Equal(t, []string{"issued"}, o.acts(no))
		var audited int64
		require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'permit.issued' AND object_id = ?", no).Scan(&audited).Error)
		require.EqualValues(t, 1, audited)

		masked := o.get(o.issue(func(i *register.Issue) { i.HolderID = o.person }))
		require.Equal(t, "張**", masked.HolderShown)
	})
}

func TestNothingIsIssuedWhenTheCallersTransactionFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		i, gone := o.one(system()), ""
		err := d.Tx(system(), func(ctx context.Context) (err error) {
			gone, err = o.Issue(ctx, i)
			require.NoError(t, err)
			return fault.New(fault.Conflict, "fault.conflict")
		})
		require.Error(t, err)
		_, err = o.ByNo(system(), gone)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		no, err := o.Issue(system(), i)
		require.NoError(t, err)
		o.get(no)
	})
}

func TestBadIssuesAreRefused(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	for key, change := range map[string]func(*register.Issue){
		"case":    func(i *register.Issue) { i.CaseID = "" },
		"type":    func(i *register.Issue) { i.TypeCode = "" },
		"holder":  func(i *register.Issue) { i.HolderID = "" },
		"nobody":  func(i *register.Issue) { i.HolderID = db.NewID(at) },
		"from":    func(i *register.Issue) { i.ValidFrom = 0 },
		"until":   until(today.Add(-1)),
		"unit":    func(i *register.Issue) { i.UnitID = db.NewID(at) },
		"fact":    func(i *register.Issue) { i.Particulars = map[string]string{"place": strings.Repeat("長", 301)} },
		"replace": func(i *register.Issue) { i.Replaces = "LJP20260000001Z" },
	} {
		_, err := o.Issue(system(), o.one(system(), change))
		require.Error(t, err, key)
		require.NotEqual(t, fault.Internal, fault.KindOf(err), "%s: %v", key, err)
	}
	_, err := o.Bring(as(o.staff("head", "CG03")), o.one(system()), at)
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
}

func TestBadActsAreRefused(t *testing.T) {
	for name, d := range map[string]register.Do{
		"ground":           {Act: register.Revoke, Ground: "whim", Reason: "不實"},
		"reason":           {Act: register.Revoke, Ground: "deceit", Reason: " "},
		"reason of change": {Act: register.Change, Ground: "request"},
		"fact of change":   {Act: register.Change, Ground: "request", Reason: "搬遷", Particulars: map[string]string{"place": strings.Repeat("長", 301)}},
		"act":              {Act: "forget"},
	} {
		require.Equal(t, fault.Invalid, fault.KindOf(d.Validate()), name)
	}
}

// legal is the table of transitions once more, as the law has it.
var legal = map[register.Act]map[register.State]register.State{
	register.Change:    {register.Valid: register.Valid},
	register.Suspend:   {register.Valid: register.Suspended},
	register.Reinstate: {register.Suspended: register.Valid},
	register.Revoke:    {register.Valid: register.Revoked, register.Suspended: register.Revoked},
	register.Cancel:    {register.Valid: register.Cancelled, register.Suspended: register.Cancelled, register.Expired: register.Cancelled},
}

func TestActsFollowTheTable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		head := as(o.staff("head", "CG03"))
		for _, act := range register.Acts {
			for _, from := range register.States {
				no := o.issue()
				require.NoError(t, d.From(system()).Exec("UPDATE permits SET state = ? WHERE permit_no = ?", from, no).Error)
				p := o.get(no)
				d := register.Do{Act: act, Ground: act.Grounds()[0], Reason: "依查核結果", Version: p.Version, ValidUntil: p.ValidUntil, Particulars: map[string]string{"place": "新址"}}
				after, err := o.do(head, no, d)
				to, possible := legal[act][from]
				if !possible {
					require.Equal(t, fault.Conflict, fault.KindOf(err), "%s from %s", act, from)
					require.Equal(t, from, o.get(no).State)
					continue
				}
				require.NoError(t, err, "%s from %s", act, from)
				require.Equal(t, to, o.get(no).State)
				done := []string{"issued", string(act)}
				if act == register.Revoke {
					done = []string{"issued", string(register.AskHolder), string(act)}
				}
				require.Equal(t, done, o.acts(no))
				require.Equal(t, p.Version+1, after.Version)

				_, err = o.do(head, no, d)
				require.Equal(t, fault.Conflict, fault.KindOf(err), "somebody else was quicker")
			}
		}
	})
}

func TestWhoMayActOnAPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.issue()
		do := register.Do{Act: register.Suspend, Ground: "breach", Reason: "逾越範圍", Version: 1}
		stranger, handler, head := as(o.staff("head", "MW")), as(o.staff("handler", "CG03")), as(o.staff("head", "CG"))
		_, err := o.Act(stranger, no, do)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = o.Read(stranger, no)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = o.Act(handler, no, do)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		require.Empty(t, o.Possible(handler, o.get(no)))
		require.Equal(t, []register.Act{register.Change, register.Suspend}, o.Possible(head, o.get(no)))
		require.Equal(t, []register.Act{register.Revoke, register.Cancel}, o.Proposable(handler, o.get(no)))
		require.Empty(t, o.Proposable(stranger, o.get(no)))
		for _, bad := range []register.Do{{Act: "burn"}, {Act: register.Suspend, Ground: "", Reason: "x"}, {Act: register.Suspend, Ground: "breach"},
			{Act: register.Suspend, Ground: "breach", Reason: strings.Repeat("x", 1001)}, {Act: register.Revoke, Ground: "breach", Reason: "x"},
			{Act: register.Change, Ground: "asked", Reason: "x", Version: 1, Particulars: o.get(no).Particulars, ValidUntil: o.get(no).ValidUntil}} {
			_, err = o.Act(head, no, bad)
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%+v", bad)
		}
		_, err = o.Act(head, no, do)
		require.NoError(t, err)
		list, err := o.List(head, register.Filter{State: register.Suspended})
		require.NoError(t, err)
		require.Len(t, list.Permits, 1)
		list, err = o.List(stranger, register.Filter{})
		require.NoError(t, err)
		require.Empty(t, list.Permits)
	})
}

func TestTwoAtOnceDoOneThing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no, head := o.issue(), as(o.staff("head", "CG03"))
		var all sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			all.Go(func() {
				_, results[i] = o.Act(head, no, register.Do{Act: register.Suspend, Ground: "danger", Reason: "有危險", Version: 1})
			})
		}
		all.Wait()
		done := 0
		for _, err := range results {
			if err == nil {
				done++
			} else {
				require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, done)
		require.Equal(t, []string{"issued", "suspend"}, o.acts(no))
	})
}

func TestARenewalTakesThePlaceOfThePermitBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		old := o.issue(until(today.Add(20)))
		next := o.issue(func(i *register.Issue) {
			i.Replaces, i.ValidFrom = old, today.Add(21)
			end := today.Add(400)
			i.ValidUntil = &end
		})
		require.Equal(t, register.Valid, o.get(old).On(today), "it runs to its own end")
		require.Equal(t, register.Future, o.get(next).On(today))
		o.now = at.AddDate(0, 0, 5)
		done, err := o.Expire(system())
		require.NoError(t, err)
		require.Zero(t, done, "nobody is told of the end of what is renewed")
		o.now = at.AddDate(0, 0, 21)
		done, err = o.Expire(system())
		require.NoError(t, err)
		require.Equal(t, register.Passed{Expired: 1}, done)
		require.Equal(t, register.Valid, o.get(next).On(o.Today()))

		third := o.issue(func(i *register.Issue) { i.Replaces = next })
		require.Equal(t, register.Cancelled, o.get(next).State)
		require.Equal(t, register.GroundReplaced, o.get(next).Ground)
		require.Equal(t, o.get(next).ID, *o.get(third).ReplacesID)
		_, err = o.Issue(system(), o.one(system(), func(i *register.Issue) { i.Replaces = next }))
		require.Equal(t, fault.Conflict, fault.KindOf(err), "what ended is not replaced again")
		_, err = o.Issue(system(), o.one(system(), func(i *register.Issue) { i.Replaces, i.HolderID = third, o.person }))
		require.Equal(t, fault.Conflict, fault.KindOf(err), "nor is somebody else's")
	})
}

func TestTheListGoesOnWhereItEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		want := map[string]bool{}
		for i := range 7 {
			o.now = at.Add(time.Duration(i/2) * time.Minute)
			want[o.issue(until(today.Add(10+i/3)))] = true
		}
		head := as(o.staff("head", "LJ"))
		for _, f := range []register.Filter{{Limit: 2}, {Limit: 2, Within: 30}, {Limit: 3, Unit: "CG"}} {
			seen := map[string]bool{}
			for {
				page, err := o.List(head, f)
				require.NoError(t, err)
				for _, p := range page.Permits {
					require.False(t, seen[p.PermitNo])
					seen[p.PermitNo] = true
				}
				if f.Cursor = page.Next; f.Cursor == "" {
					break
				}
			}
			require.Equal(t, want, seen)
		}
		for _, f := range []register.Filter{{Cursor: "x"}, {Cursor: db.EncodeCursor("a", "b")}, {Unit: "NOWHERE"}} {
			_, err := o.List(head, f)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
	})
}
