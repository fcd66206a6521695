package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/register"
)

var onward = regexp.MustCompile(`rel="next" href="([^"]+)"`)

// rows counts what a page of a list shows, and follows the pager to its end.
func (b *browser) rows(path, row string) (counts []int) {
	b.t.Helper()
	for {
		b.open(path)
		require.NotRegexp(b.t, untranslated, b.page)
		counts = append(counts, strings.Count(b.page, row))
		next := onward.FindStringSubmatch(b.page)
		if next == nil {
			return counts
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
	}
}

// Who has many applications or permits pages through all of them.
func TestLongListsOfTheirOwnGoOn(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		who, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		system := actor.AsSystem(t.Context(), "test")
		ming := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID})
		held := count(t, d, "permits WHERE holder_id = ?", who.ConstituentID)
		applied := count(t, d, "permit_applications WHERE holder_id = ?", who.ConstituentID)
		a := must(h.Permits.Begin(ming, "tree-felling"))
		today := calendar.DateOf(time.Now(), h.Register.Zone)
		end := today.Add(300)
		unit := must(h.Register.ByNo(system, firstOf(t, d, who.ConstituentID))).UnitID
		for range 60 {
			require.NoError(t, d.From(system).Exec(`INSERT INTO permit_applications (id, holder_id, type_code, type_version, state, vault_key_id, answers_cipher, purpose, version, created_at, updated_at)
 SELECT ?, holder_id, type_code, type_version, state, vault_key_id, answers_cipher, purpose, version, created_at, updated_at FROM permit_applications WHERE id = ?`, db.NewID(time.Now()), a.ID).Error)
			must(h.Register.Bring(system, register.Issue{TypeCode: "tree-felling", TypeVersion: 1, HolderID: who.ConstituentID, UnitID: unit, ValidFrom: today, ValidUntil: &end, Particulars: map[string]string{"place": "南埔巷 7 號"}}, time.Now()))
		}
		citizen := h.signIn(t, "citizen")
		const row = `<li class="mq-row">`
		require.Equal(t, []int{50, applied + 11}, citizen.rows("/enterprise/applications?lang=en", row))
		require.Contains(t, citizen.page, `href="/enterprise/applications"`, "back to the first page")
		require.Equal(t, []int{50, held + 10}, citizen.rows("/me/permits?lang=en", row))
		for _, of := range []string{"/enterprise/applications", "/me/permits", "/me/fees"} {
			citizen.took(citizen.client.Get(h.url + of + "?cursor=x"))
			require.Equal(t, 422, citizen.status, of)
		}
	})
}

// firstOf is the number of a permit of somebody.
func firstOf(t *testing.T, d *db.DB, holder string) (no string) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE holder_id = ? ORDER BY permit_no LIMIT 1", holder).Scan(&no).Error)
	return no
}
