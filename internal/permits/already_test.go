package permits_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// shelf is a register of permits that has one.
type shelf struct {
	permits.Holds
	one   register.Permit
	today calendar.Date
}

func (s *shelf) OfHolder(context.Context, []string) ([]register.Permit, error) {
	return []register.Permit{s.one}, nil
}
func (s *shelf) Today() calendar.Date { return s.today }

// What is held is not asked again: it is filled in with its source, may be corrected
// with a reason, and the unit reads both. A valid permit stands for a paper; one that
// has ended does not.
func TestNobodyIsAskedForWhatIsHeld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		opening(t, w)
		until := date(t, "2026-12-31")
		held := &shelf{today: date(t, "2026-03-02"), one: register.Permit{PermitNo: "LJP-7", TypeCode: "fire", State: register.Valid, ValidFrom: date(t, "2025-01-06"), ValidUntil: &until,
			IssuedOn: date(t, "2025-01-06"), Particulars: register.Facts{"place": "湖濱路 12 號"}}}
		w.Holds = held
		w.law.Held = []permittypes.Held{{Question: "address", From: permittypes.PermitRegister, What: "place", Permits: []string{"fire"}, Reason: true}}
		w.law.Materials[1].HeldFrom, w.law.Materials[1].HeldPermits = permittypes.PermitRegister, []string{"fire"}
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		require.Equal(t, "湖濱路 12 號", a.Answers["address"])
		o := w.own(ming, a.ID)
		require.Equal(t, "LJP-7", o.Already[0].Ref)
		require.Equal(t, date(t, "2025-01-06"), o.Already[0].AsOf)
		require.NotNil(t, o.Items[1].Held, "the permit stands for the paper")

		require.NoError(t, w.Answer(ming, a.ID, 1, map[string]any{"seats": 20, "address": "西堤街 3 號"}))
		w.attach(ming, a.ID, "plan", "平面圖")
		_, err = w.Submit(ming, a.ID, 2, signed, i18n.ZhHant)
		kind(t, fault.Invalid, err, "why.address")
		kind(t, fault.Invalid, w.Explain(ming, a.ID, map[string]string{"address": " "}), "why.address")
		require.NoError(t, w.Explain(ming, a.ID, map[string]string{"address": "搬家了。"}))
		held.today = until + 1
		_, err = w.Submit(ming, a.ID, 2, signed, i18n.ZhHant)
		kind(t, fault.Invalid, err, "material.lease") // the permit has ended meanwhile
		held.today = until
		r, err := w.Submit(ming, a.ID, 2, signed, i18n.ZhHant)
		require.NoError(t, err)
		held.one = register.Permit{} // what was held when it was sent stays with the application
		p, err := w.Part(handler, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "LJP-7", p.Items[1].Held.Ref)
		require.True(t, p.Already[0].Corrected)
		require.Equal(t, "湖濱路 12 號", p.Already[0].Value)
		require.Equal(t, "搬家了。", p.Already[0].Reason)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, []string{a.HolderID}) }))
		var n int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT COUNT(*) FROM permit_already_held WHERE held_cipher IS NOT NULL OR reason_cipher IS NOT NULL").Scan(&n).Error)
		require.Zero(t, n, "nothing that could be opened is left")
	})
}
