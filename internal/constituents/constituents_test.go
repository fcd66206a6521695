package constituents_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func service(t *testing.T, d *db.DB) *constituents.Service {
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys.json"))
	require.NoError(t, err)
	now := func() time.Time { return start }
	return constituents.New(constituents.Deps{DB: d, Vault: vault.New(d, ring, now), Audit: audit.New(d, now), Now: now, Region: "CN"})
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

var wang = constituents.Contact{Name: " 王小明 ", Phone: "138 1234 5678", Email: "Wang@Example.COM", Address: "臨江市東山區中山路 5 號"}

func count(t *testing.T, d *db.DB, query string, args ...any) int64 {
	var n int64
	require.NoError(t, d.From(context.Background()).Raw(query, args...).Scan(&n).Error)
	return n
}

func TestAConstituentIsShownMaskedUntilSomebodySaysWhy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-TW")
		require.NoError(t, err)
		v, err := s.Masked(system(), id)
		require.NoError(t, err)
		require.Equal(t, constituents.View{ID: id, Kind: constituents.Person, Name: "王*明", Phone: "138****5678", Email: "w***@example.com",
			Address: "臨江市東山區***", Locale: "zh-Hant"}, v)

		_, err = s.Reveal(system(), id, "  ")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		require.Zero(t, count(t, d, "SELECT COUNT(*) FROM audit_reads"))
		v, err = s.Reveal(system(), id, "回電確認地點")
		require.NoError(t, err)
		require.Equal(t, "王小明", v.Name)
		require.Equal(t, "+8613812345678", v.Phone)
		require.EqualValues(t, 1, count(t, d, "SELECT COUNT(*) FROM audit_reads WHERE object_id = ?", id))
		require.EqualValues(t, 1, count(t, d, "SELECT COUNT(*) FROM audit_entries WHERE action = 'constituent.reveal' AND object_id = ?", id))
	})
}

func TestAnEnterpriseKeepsItsName(t *testing.T) {
	s := service(t, dbtest.New(t))
	id, err := s.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "臨江電器有限公司"}, "zh-Hans")
	require.NoError(t, err)
	v, err := s.Masked(system(), id)
	require.NoError(t, err)
	require.Equal(t, "臨江電器有限公司", v.Name)
	_, err = s.Masked(system(), "0197f3a0-0000-7000-8000-000000000000")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestAContactIsFoundHoweverItIsTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		rows, err := s.Prepare(system(), wang, "zh-Hant")
		require.NoError(t, err)
		require.NoError(t, s.Insert(system(), rows))
		for _, typed := range []string{"13812345678", "+86 138-1234-5678", "１３８１２３４５６７８", "0086 13812345678"} {
			ids, err := s.FindByContact(system(), constituents.Phone, typed)
			require.NoError(t, err)
			require.Equal(t, []string{rows.ConstituentID()}, ids, typed)
		}
		ids, err := s.FindByContact(system(), constituents.Email, "wang@example.com ")
		require.NoError(t, err)
		require.Len(t, ids, 1)
		ids, err = s.FindByContact(system(), constituents.Email, "13812345678")
		require.NoError(t, err)
		require.Empty(t, ids, "a phone is no mail address")
	})
}

func TestNothingPersonalStandsInTheClear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		_, err = s.Attach(system(), id, constituents.Phone, "13912345678", false)
		require.NoError(t, err)
		for _, table := range []string{"constituents", "contact_points", "audit_entries", "vault_keys"} {
			var rows []map[string]any
			require.NoError(t, d.From(system()).Raw("SELECT * FROM "+table).Scan(&rows).Error)
			require.NotEmpty(t, rows)
			for _, row := range rows {
				for column, value := range row {
					text, _ := value.(string)
					if raw, ok := value.([]byte); ok {
						text = string(raw)
					}
					for _, secret := range []string{"王小明", "13812345678", "13912345678", "wang@", "中山路"} {
						require.NotContains(t, text, secret, table+"."+column)
					}
				}
			}
		}
	})
}

func TestALinkProvesItsContactPointOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		before, err := s.Reach(system(), id)
		require.NoError(t, err)
		require.Equal(t, "wang@example.com", before.Email)
		require.False(t, before.EmailProven)
		token := before.EmailToken

		for _, bad := range []string{"", "x", token[:36], token[:40], token[:len(token)-1] + "!", "zzzzzzzz-0000-7000-8000-000000000000." + token[37:]} {
			_, err = s.Confirm(system(), bad)
			require.Equal(t, fault.NotFound, fault.KindOf(err), bad)
		}
		for range 2 {
			proven, err := s.Confirm(system(), token)
			require.NoError(t, err)
			require.Equal(t, constituents.Proven{ConstituentID: id, Kind: constituents.Email, Value: "wang@example.com"}, proven)
		}
		after, err := s.Reach(system(), id)
		require.NoError(t, err)
		require.True(t, after.EmailProven)
		require.False(t, after.PhoneProven)
		require.EqualValues(t, 1, count(t, d, "SELECT COUNT(*) FROM audit_entries WHERE action = 'constituent.prove'"))
	})
}

func TestAttachingTheSameContactTwiceKeepsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), constituents.Contact{Name: "李四"}, "zh-Hant")
		require.NoError(t, err)
		one, err := s.Attach(system(), id, constituents.Email, "li@example.com", false)
		require.NoError(t, err)
		two, err := s.Attach(system(), id, constituents.Email, "LI@example.com", true)
		require.NoError(t, err)
		require.Equal(t, one, two)
		r, err := s.Reach(system(), id)
		require.NoError(t, err)
		require.True(t, r.EmailProven)
	})
}

func TestOfSeveralWaysThePreferredIsShownElseTheNewest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), constituents.Contact{Name: "李四"}, "zh-Hant")
		require.NoError(t, err)
		shows := func(end string) {
			v, err := s.Masked(system(), id)
			require.NoError(t, err)
			require.Equal(t, end, v.Phone[len(v.Phone)-4:])
		}
		add := func(phone string) string {
			point, err := s.AddPoint(system(), id, constituents.Phone, phone)
			require.NoError(t, err)
			return point
		}
		add("13900000001")
		second := add("13900000002")
		shows("0002")
		add("13900000003")
		shows("0003")
		require.NoError(t, s.Prefer(system(), id, second, 1))
		shows("0002")
		add("13900000004")
		shows("0002")
	})
}

func TestAJoinedGuestBelongsToTheFamily(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		owner, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		guest, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		require.NoError(t, s.Join(system(), owner, guest, owner))
		require.NoError(t, s.Join(system(), owner, guest))
		family, err := s.Family(system(), owner)
		require.NoError(t, err)
		require.Equal(t, []string{owner, guest}, family)
		require.EqualValues(t, 1, count(t, d, "SELECT COUNT(*) FROM audit_entries WHERE action = 'constituent.join'"))
		require.Zero(t, count(t, d, "SELECT COUNT(*) FROM audit_entries WHERE action = 'constituent.join' AND (object_id = ? OR CAST(changes AS text) LIKE ?)", guest, "%"+guest+"%"),
			"the trail ties no guest to an account")
	})
}

func TestAnErasedPersonLeavesAnEmptyView(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		var key string
		require.NoError(t, d.From(system()).Raw("SELECT vault_key_id FROM constituents WHERE id = ?", id).Scan(&key).Error)
		require.NoError(t, s.Vault.Destroy(system(), key))
		v, err := s.Masked(system(), id)
		require.NoError(t, err)
		require.Equal(t, constituents.View{ID: id, Kind: constituents.Person, Locale: "zh-Hant", Erased: true}, v)
		_, err = s.Reach(system(), id)
		require.ErrorIs(t, err, vault.ErrErased)
	})
}

func TestAListOfPeopleTakesTwoQueriesHoweverLong(t *testing.T) {
	queries := 0
	d := dbtest.New(t, func(o *db.Options) { o.OnQuery = func() { queries++ } })
	s := service(t, d)
	for _, n := range []int{1, 40} {
		ids := make([]string, n)
		for i := range ids {
			rows, err := s.Prepare(system(), wang, "zh-Hant")
			require.NoError(t, err)
			require.NoError(t, s.Insert(system(), rows))
			ids[i] = rows.ConstituentID()
		}
		before := queries
		views, err := s.MaskedAll(system(), ids)
		require.NoError(t, err)
		require.Len(t, views, n)
		require.Equal(t, before+2, queries)
	}
}
