package cases_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// firm is one enterprise: by account, what its members and agents may do for it, and
// who acts for it now.
type firm struct {
	id   string
	ways map[string]cases.For
	now  map[string]bool
}

func (f *firm) Acting(ctx context.Context) (*cases.For, error) {
	if !f.now[actor.From(ctx).AccountID] {
		return nil, nil //nolint:nilnil // for themselves
	}
	return f.Of(ctx, f.id)
}

func (f *firm) Of(ctx context.Context, id string) (*cases.For, error) {
	way, ok := f.ways[actor.From(ctx).AccountID]
	if !ok || id != f.id {
		return nil, nil //nolint:nilnil // a stranger
	}
	way.ConstituentID = id
	return &way, nil
}

func (w *town) firm() *firm {
	w.t.Helper()
	id, err := w.Constituents.Create(w.system(), constituents.Contact{Name: "臨江茶行"}, "zh-Hant")
	require.NoError(w.t, err)
	f := &firm{id: id, ways: map[string]cases.For{}, now: map[string]bool{}}
	w.Represented = f
	return f
}

// joins is a person who acts for the firm from now on.
func (w *town) joins(f *firm, way cases.For) context.Context {
	w.t.Helper()
	ctx := w.citizen()
	a := actor.From(ctx)
	f.ways[a.AccountID], f.now[a.AccountID] = way, true
	return ctx
}

func (w *town) citizen() context.Context {
	w.t.Helper()
	id, err := w.Constituents.Create(w.system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
	require.NoError(w.t, err)
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: db.NewID(now), ConstituentID: id})
}

func (w *town) files(ctx context.Context, change ...func(*cases.Filing)) *cases.Receipt {
	w.t.Helper()
	f := filing()
	f.Contact = cases.Contact{}
	for _, c := range change {
		c(&f)
	}
	r, err := w.File(ctx, f)
	require.NoError(w.t, err)
	return r
}

func (w *town) list(ctx context.Context) (nos []string) {
	w.t.Helper()
	mine, err := w.Mine(ctx, 50)
	require.NoError(w.t, err)
	current, err := w.Current(ctx, w.clock(), nil, 50)
	require.NoError(w.t, err)
	require.Len(w.t, current, len(mine), "both lists are narrowed alike")
	for _, c := range mine {
		nos = append(nos, c.CaseNo)
	}
	return nos
}

func (w *town) sees(ctx context.Context, r *cases.Receipt) bool {
	w.t.Helper()
	_, err := w.Track(ctx, cases.Key{CaseNo: r.CaseNo})
	if err != nil {
		require.Equal(w.t, fault.NotFound, fault.KindOf(err))
	}
	return err == nil
}

func TestCasesOfAnEnterpriseAreSeenByItsMembersAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		f := w.firm()
		olga, rita := w.joins(f, cases.For{Speaks: true}), w.joins(f, cases.For{})
		ada, adam := w.joins(f, cases.For{Speaks: true, OwnOnly: true}), w.joins(f, cases.For{Speaks: true, OwnOnly: true})
		stranger := w.citizen()
		ofOlga, ofAda, ofStranger := w.files(olga), w.files(ada), w.files(stranger)

		for _, one := range []struct {
			name string
			who  context.Context
			nos  []string
		}{
			{"a member", olga, []string{ofOlga.CaseNo, ofAda.CaseNo}},
			{"who only reads", rita, []string{ofOlga.CaseNo, ofAda.CaseNo}},
			{"an agent", ada, []string{ofAda.CaseNo}},
			{"another agent", adam, nil},
			{"a stranger", stranger, []string{ofStranger.CaseNo}},
		} {
			require.ElementsMatch(t, one.nos, w.list(one.who), one.name)
			for _, r := range []*cases.Receipt{ofOlga, ofAda, ofStranger} {
				require.Equal(t, slices.Contains(one.nos, r.CaseNo), w.sees(one.who, r), one.name)
			}
		}
		_, err := w.Withdraw(stranger, cases.Key{CaseNo: ofOlga.CaseNo}, "")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = w.Withdraw(adam, cases.Key{CaseNo: ofAda.CaseNo}, "")
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		a := actor.From(olga)
		delete(f.ways, a.AccountID)
		require.False(t, w.sees(olga, ofOlga), "removed at once, also from what they filed themselves")
		_, err = w.Withdraw(olga, cases.Key{CaseNo: ofOlga.CaseNo}, "")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Empty(t, w.list(olga))
		_, err = w.Track(w.guest(), cases.Key{CaseNo: ofOlga.CaseNo, QueryCode: ofOlga.QueryCode})
		require.NoError(t, err)
		require.NoError(t, w.db.Tx(w.system(), func(ctx context.Context) error { return w.RenewCodesOf(ctx, f.id) }))
		_, err = w.Track(w.guest(), cases.Key{CaseNo: ofOlga.CaseNo, QueryCode: ofOlga.QueryCode})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "the codes that they had are over")
		_, err = w.Track(w.guest(), cases.Key{CaseNo: ofStranger.CaseNo, QueryCode: ofStranger.QueryCode})
		require.NoError(t, err, "those of others go on")
	})
}

func TestWhoOnlyReadsForAnEnterpriseSaysNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		f := w.firm()
		olga, rita := w.joins(f, cases.For{Speaks: true}), w.joins(f, cases.For{})
		r := w.files(olga)
		key := cases.Key{CaseNo: r.CaseNo}

		v, err := w.Track(rita, key)
		require.NoError(t, err)
		require.True(t, v.OnlyReads)
		require.Empty(t, v.Actions)
		for name, try := range map[string]func() error{
			"withdraw": func() error { _, err := w.Withdraw(rita, key, ""); return err },
			"judge":    func() error { _, err := w.Own(rita, key); return err },
			"renew":    func() error { _, err := w.RenewOwnCode(rita, r.CaseNo); return err },
			"file":     func() error { f := filing(); f.Contact = cases.Contact{}; _, err := w.File(rita, f); return err },
		} {
			require.Equal(t, fault.Forbidden, fault.KindOf(try()), name)
		}
		w.member("whistle_officer", "JJ")
		secret := w.files(rita, reports("CG"))
		require.False(t, w.sees(olga, secret), "what a whistle-blower reports is their own, not the enterprise's")

		f.now[actor.From(olga).AccountID] = false
		require.True(t, w.sees(olga, r), "a link to it opens whatever they act as")
		require.Empty(t, w.list(olga), "but it is no case of their own")
		_, err = w.Withdraw(olga, key, "")
		require.NoError(t, err)
		var changes string
		require.NoError(t, d.From(t.Context()).Raw("SELECT changes FROM audit_entries WHERE action = 'case.withdraw' AND object_id = ?", r.CaseNo).Scan(&changes).Error)
		require.Contains(t, changes, f.id, "the trail names the enterprise")
	})
}
