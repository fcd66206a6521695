package outreach

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Works are where a permit in force says so, or one that begins soon: of people it is asked
// where they live, of cases what they are about. A district counts with what lies in it.
func TestPeopleNearWorksAreThoseOfTheDistrictsOfPermitsInForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		lives := map[string]string{}
		for _, district := range []string{"LJ01", "LJ0201", "LJ0202", "LJ0301", "LJ0401", "LJ0501", "LJ0601", "LJ0701", "LJ0801", ""} {
			id, err := c.Constituents.Create(system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
			require.NoError(t, err)
			c.exec("UPDATE constituents SET district_code = ? WHERE id = ?", db.Ref(district), id)
			lives[id] = district
		}
		c.works("LJ02", "valid", -5, 0)     // until today: with LJ0201 and LJ0202
		c.works("LJ0301", "valid", 14, 30)  // soon
		c.works("LJ0401", "valid", 15, 30)  // not so soon
		c.works("LJ0501", "valid", -30, -1) // over
		c.works("LJ0601", "suspended", -5, 30)
		old := c.works("LJ0701", "valid", -5, 30)
		c.exec("UPDATE permits SET replaces_id = ? WHERE id = ?", old, c.works("LJ0801", "valid", -5, 30))
		near := func(id string) bool {
			return slices.Contains([]string{"LJ0201", "LJ0202", "LJ0301", "LJ0801"}, lives[id])
		}

		owner := c.staff("outreach_officer", "LJ")
		dr := draft(Notice, leaf("works", "soon", "14"))
		members := c.members(c.create(owner, dr))
		of := dr
		of.UnitCode = "GA"
		require.Empty(t, c.members(c.create(c.staff("outreach_officer", "GA"), of)), "the register is public, but these people have nothing to do with the bureau")
		turned := draft(Notice, &Node{Op: Not, Of: []*Node{leaf("works", "soon", "14")}})
		others := c.members(c.create(owner, turned))
		for id, district := range lives {
			require.Equal(t, near(id), slices.Contains(members, id), district)
			require.Equal(t, !near(id) && district != "", slices.Contains(others, id), "where somebody lives of whom nobody knows is neither: %q", district)
		}
		require.Len(t, members, 4)

		// Whoever lives elsewhere and filed a case about a place there.
		far := ""
		for id, district := range lives {
			if district == "LJ0401" {
				far = id
			}
		}
		ask := func(who, district string) {
			id := db.NewID(at)
			c.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, district_id, received_at, received_on, code_key, created_at, updated_at)
 SELECT ?, ?, 'hotline', 'complaint', 'submitted', 'normal', 'web', 'zh-Hant', u.id, w.id, ?, ?, 'k1', ?, ? FROM units u, districts w WHERE u.code = 'LJ' AND w.code = ?`, id, id, at, c.today(), at, at, district)
			c.exec("INSERT INTO case_units (case_id, unit_id, role, unit_path, open, queue_at, status, since) SELECT ?, id, 'lead', path, ?, ?, 'submitted', ? FROM units WHERE code = 'LJ'", id, true, at, at)
			c.exec("INSERT INTO case_parties (id, case_id, role, constituent_id) VALUES (?, ?, 'requester', ?)", db.NewID(at), id, who)
		}
		ask(far, "LJ0202")
		for id, district := range lives {
			if district == "LJ01" {
				ask(id, "LJ0601") // where the works were stopped
			}
		}
		pattern, found := PatternOf("people-near-works")
		require.True(t, found)
		ready, err := pattern.Draft()
		require.NoError(t, err)
		require.True(t, ready.Root.Filled(), "nobody has to say where the works are")
		ready.UnitCode = "LJ"
		whole := c.members(c.create(c.staff("outreach_officer", "LJ"), ready))
		require.ElementsMatch(t, append(slices.Clone(members), far), whole)
	})
}

// Whoever lives where works are permitted, or no more, joins or leaves within the minute.
func TestWhoLivesNearWorksIsFoundWithThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		var all []string
		for range 6 {
			id, err := c.Constituents.Create(system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
			require.NoError(t, err)
			c.exec("UPDATE constituents SET district_code = 'LJ0201' WHERE id = ?", id)
			all = append(all, id)
		}
		owner := c.staff("outreach_officer", "LJ")
		near := c.create(owner, draft(Notice, leaf("works", "soon", "14")))
		persons := c.create(owner, draft(Notice, leaf("kind", "is", "person")))
		c.exec("DELETE FROM segment_members WHERE segment_id = ?", persons) // as no count would leave it
		c.later = time.Hour
		require.NoError(t, c.Touch(system()))
		require.Empty(t, c.members(near))
		happens := func(permit, act, state string) {
			c.later += 10 * time.Minute
			c.exec("UPDATE permits SET state = ? WHERE id = ?", state, permit)
			c.exec("INSERT INTO permit_events (id, permit_id, at, on_day, act, state) VALUES (?, ?, ?, ?, ?, ?)", db.NewID(c.Now()), permit, c.Now(), c.today(), act, state)
			require.NoError(t, c.Touch(system()))
		}
		dig := c.works("LJ02", "valid", -1, 30)
		happens(dig, "issued", "valid")
		require.ElementsMatch(t, all, c.members(near))
		c.exec("DELETE FROM segment_members WHERE segment_id = ?", near) // as no count would leave it
		c.later += time.Minute
		require.NoError(t, c.Touch(system()))
		require.Len(t, c.members(near), 1, "the event is looked at again, and only for who holds the permit")
		happens(dig, "reprint", "valid")
		require.Len(t, c.members(near), 1, "works are where they were")
		c.exec("UPDATE permits SET valid_until = ? WHERE id = ?", c.today().Add(60), dig)
		happens(dig, "extend", "valid")
		require.ElementsMatch(t, all, c.members(near))
		happens(dig, "suspend", "suspended")
		require.Empty(t, c.members(near))
		require.Len(t, c.members(persons), 1, "other segments are counted for whom it touched alone: who holds the permit")
	})
}
