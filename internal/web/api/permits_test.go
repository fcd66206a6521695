package api_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/register"
)

// issued brings a permit of a unit into the register.
func (w *town) issued(unit, typeCode string, days int) string {
	w.t.Helper()
	ctx := actor.AsSystem(w.t.Context(), "test")
	holder, err := w.people.Create(ctx, constituents.Contact{Name: "張小明"}, "zh-Hant")
	require.NoError(w.t, err)
	var unitID string
	require.NoError(w.t, w.db.From(ctx).Raw("SELECT id FROM units WHERE code = ?", unit).Scan(&unitID).Error)
	from := calendar.NewDate(2026, 11, 24)
	until := from.Add(days)
	no, err := w.register.Bring(ctx, register.Issue{CaseNo: "LJ" + typeCode + strconv.Itoa(days), TypeCode: typeCode, TypeVersion: 1, HolderID: holder, UnitID: unitID, ValidFrom: from,
		ValidUntil: &until, Particulars: map[string]string{"place": "湖濱路 12 號"}}, w.now)
	require.NoError(w.t, err)
	return no
}

// Staff read the permits of their units page by page; everybody reads the minimum of
// one, and of a number that stands for none nobody learns anything.
func TestPermitsAreReadWithinTheScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("head", "CG03")
		w.staff("dispatcher", "LJ")
		var own []string
		for days := range 3 {
			own = append([]string{w.issued("CG03", "sign", 20+days)}, own...)
		}
		other := w.issued("HB01", "drain", 10)

		var got []string
		for cursor := ""; ; {
			a := w.call("GET", "/api/v1/desk/permits?limit=2&cursor="+cursor, nil, "token", "head").ok(200)
			for _, item := range a.JSON["items"].([]any) {
				row := item.(map[string]any)
				got = append(got, row["permit_no"].(string))
				require.Equal(t, "CG03", row["unit"].(map[string]any)["code"])
				require.NotContains(t, row["holder"], "小明", "a person's name is masked")
			}
			if a.JSON["next_cursor"] == nil {
				break
			}
			cursor = a.JSON["next_cursor"].(string)
		}
		require.ElementsMatch(t, own, got)
		require.Len(t, w.call("GET", "/api/v1/desk/permits?within=21", nil, "token", "head").ok(200).JSON["items"], 2)
		require.Empty(t, w.call("GET", "/api/v1/desk/permits?type=sign&state=revoked", nil, "token", "head").ok(200).JSON["items"])
		w.call("GET", "/api/v1/desk/permits?state=lost", nil, "token", "head").problem(422, "state", "api.field.choice")
		w.call("GET", "/api/v1/desk/permits?unit=NOWHERE", nil, "token", "head").problem(422, "unit", "register.list.unit")
		w.call("GET", "/api/v1/desk/permits?cursor=x", nil, "token", "head").problem(422, "cursor", "fault.cursor")
		require.Equal(t, 401, w.call("GET", "/api/v1/desk/permits", nil).Code)

		one := w.call("GET", "/api/v1/desk/permits/"+own[0], nil, "token", "head").ok(200)
		require.Equal(t, "valid", one.JSON["state"])
		require.Contains(t, one.JSON["allowed_actions"], "suspend")
		require.Equal(t, "https://minqing.test/verify/"+own[0], one.JSON["verify_url"])
		require.Equal(t, 404, w.call("GET", "/api/v1/desk/permits/"+other, nil, "token", "head").Code, "of another unit")

		seen := w.call("GET", "/api/v1/permits/"+other, nil).ok(200)
		require.Equal(t, "valid", seen.JSON["state"])
		require.Equal(t, "2026-12-04", seen.JSON["valid_until"])
		require.Equal(t, "Permit drain", seen.JSON["type"].(map[string]any)["name"])
		require.NotContains(t, seen.Body.String(), "case_no")
		require.NotContains(t, seen.Body.String(), "小明")
		require.Equal(t, 404, w.call("GET", "/api/v1/permits/"+other[:len(other)-1], nil).Code)
	})
}
