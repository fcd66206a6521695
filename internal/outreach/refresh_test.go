package outreach

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

func draft(purpose Purpose, parts ...*Node) Draft {
	return Draft{Name: i18n.Text{i18n.ZhHant: "試行分群"}, Purpose: purpose, Basis: LegalDuty, BasisText: i18n.Text{i18n.ZhHant: "個人信息保護法第 13 條"}, UnitCode: "LJ", Root: &Node{Op: All, Of: parts}}
}

func (c *town) create(owner string, d Draft) string {
	c.t.Helper()
	id, err := c.Create(as(owner), d)
	require.NoError(c.t, err)
	require.NoError(c.t, c.Service.refresh(system(), id, nil))
	return id
}

func (c *town) members(id string) []string {
	got := append([]string{}, c.list("SELECT constituent_id FROM segment_members WHERE segment_id = ?", id)...)
	slices.Sort(got)
	return got
}

func (c *town) segment(owner, id string) *Segment {
	c.t.Helper()
	g, err := c.Get(as(owner), id)
	require.NoError(c.t, err)
	return g
}

func TestASegmentIsCountedAnewAndSaysWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 300)
		owner := c.staff("outreach_officer", "LJ")
		id := c.create(owner, draft(Offer, leaf("age", "min", "65")))
		r := newRecount(c, "LJ/")
		want := r.members(leaf("age", "min", "65"))
		require.Equal(t, want, c.members(id))
		require.EqualValues(t, len(want), c.segment(owner, id).Size)

		c.exec("UPDATE constituents SET birth_year = 2000 WHERE id IN ?", want[:3])
		c.merged(want[4], want[5])
		c.exec("UPDATE constituents SET erased_at = ? WHERE id = ?", at, want[6])
		young := r.members(leaf("age", "max", "40"))
		c.exec("UPDATE constituents SET birth_year = 1940 WHERE id = ?", young[0])
		require.NoError(t, c.Refresh(as(owner), id))
		require.NoError(t, c.Refresh(as(owner), id), "a second time changes nothing")
		require.Equal(t, newRecount(c, "LJ/").members(leaf("age", "min", "65")), c.members(id))
		days, err := c.Days(as(owner), id)
		require.NoError(t, err)
		require.Len(t, days, 1)
		require.Equal(t, Day{Day: c.today(), Size: int64(len(want) - 4), Joined: int64(len(want) + 1), Parted: 5}, days[0])

		c.later = 24 * time.Hour
		require.NoError(t, c.Daily(system()))
		require.NoError(t, c.Daily(system()), "the same job is not added twice")
		require.Len(t, c.list("SELECT CAST(id AS text) FROM river_job WHERE kind = 'outreach.refresh' AND unique_key IS NOT NULL"), 1)
		require.NoError(t, c.RefreshAll(system()))
		days, err = c.Days(as(owner), id)
		require.NoError(t, err)
		require.Len(t, days, 2)
		require.Equal(t, Day{Day: c.today(), Size: int64(len(want) - 4)}, days[0])
	})
}

func TestTwoCountsAtOnceAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		id, err := c.Create(as(owner), draft(Offer, leaf("kind", "is", "person")))
		require.NoError(t, err)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { require.NoError(t, c.Service.refresh(system(), id, nil)) })
		}
		all.Wait()
		days, err := c.Days(as(owner), id)
		require.NoError(t, err)
		require.Equal(t, days[0].Size, days[0].Joined)
		require.Zero(t, days[0].Parted)
		require.Len(t, c.members(id), int(days[0].Size))
	})
}

func TestOnlyThoseTouchedAreLookedAtAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 300)
		owner := c.staff("outreach_officer", "LJ")
		rule := &Node{Op: All, Of: []*Node{leaf("age", "min", "50"), {Op: Not, Of: []*Node{leaf("kind", "is", "enterprise")}}}}
		d2 := draft(Offer, rule.Of...)
		id := c.create(owner, d2)
		before := c.members(id)
		require.NoError(t, c.Touch(system()))
		c.later = time.Minute
		young := newRecount(c, "LJ/").members(leaf("age", "max", "40"))[:3]
		for _, who := range append(before[:2:2], young...) { // with a trace of the change
			c.exec("UPDATE constituents SET birth_year = CASE WHEN birth_year < 1970 THEN 2000 ELSE 1940 END WHERE id = ?", who)
			c.record("constituent.profile", who)
		}
		c.exec("UPDATE constituents SET birth_year = 2001 WHERE id = ?", before[9]) // without one: nobody can know
		c.merged(before[5], before[4])
		c.record("constituent.join", before[4])
		c.exec("UPDATE constituents SET erased_at = ? WHERE id = ?", at, before[6])
		c.record("constituent.erased", before[6])
		require.NoError(t, c.Touch(system()))
		after := newRecount(c, "LJ/").members(rule)
		require.NotContains(t, after, before[9])
		after = append(after, before[9])
		slices.Sort(after)
		require.Equal(t, after, c.members(id))
		require.EqualValues(t, len(after), c.segment(owner, id).Size)
		require.NoError(t, c.RefreshAll(system()))
		require.NotContains(t, c.members(id), before[9])

		byCases := c.create(owner, draft(FollowUp, leaf("repeated", "within", "365")))
		had := c.members(byCases)
		someone := newRecount(c, "LJ/").members(&Node{Op: Not, Of: []*Node{leaf("repeated", "within", "365")}})[0]
		twice := c.list("SELECT cp.id FROM case_parties cp JOIN cases c ON c.id = cp.case_id WHERE cp.role = 'requester' AND c.confidentiality = 'normal' AND c.frozen_at IS NULL AND c.matter_id = (SELECT matter_id FROM cases WHERE matter_id IS NOT NULL GROUP BY matter_id ORDER BY COUNT(*) DESC LIMIT 1) AND NOT EXISTS (SELECT 1 FROM case_parties s WHERE s.case_id = c.id AND s.role = 'subject') ORDER BY c.id DESC LIMIT 2")
		c.exec("UPDATE case_parties SET constituent_id = ? WHERE id IN ?", someone, twice)
		c.exec(`INSERT INTO case_events (id, case_id, seq, at, action, from_status, to_status, actor_kind, public) SELECT ?, cp.case_id, 900, ?, 'note', '', '', 'system', ? FROM case_parties cp WHERE cp.id = ?`,
			db.NewID(c.Now()), c.Now(), false, twice[0])
		require.NotContains(t, had, someone)
		require.NoError(t, c.Touch(system()))
		require.Contains(t, c.members(byCases), someone)

		ending := leaf("permits", "ends", "60")
		byPermits := c.create(owner, draft(Notice, ending))
		holders := c.members(byPermits)
		require.NotEmpty(t, holders)
		for _, permit := range c.list("SELECT p.id FROM permits p JOIN constituents h ON h.id = p.holder_id WHERE ? IN (h.id, h.head_id)", holders[0]) {
			c.exec("UPDATE permits SET state = 'revoked' WHERE id = ?", permit)
			c.exec("INSERT INTO permit_events (id, permit_id, at, on_day, act, state) VALUES (?, ?, ?, ?, 'revoked', 'revoked')", db.NewID(c.Now()), permit, c.Now(), c.today())
		}
		require.NoError(t, c.Touch(system()))
		require.Equal(t, newRecount(c, "LJ/").members(ending), c.members(byPermits))
		require.NotContains(t, c.members(byPermits), holders[0])
	})
}

// record leaves the trace of a change to somebody's record.
func (c *town) record(action, id string) {
	c.t.Helper()
	require.NoError(c.t, c.DB.Tx(system(), func(ctx context.Context) error {
		return c.Audit.Record(ctx, audit.Entry{Action: action, Kind: "constituent", ID: id})
	}))
}

func TestWhoIsFixedByHandStaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		id := c.create(owner, draft(Offer, leaf("age", "min", "65")))
		in := c.members(id)[0]
		out := newRecount(c, "LJ/").members(leaf("age", "max", "40"))[0]
		require.Contains(t, keys(t, c.Fix(as(owner), id, out, In, " ")), "segment.fix.reason")
		key, err := c.Vault.NewKey(system(), "constituent")
		require.NoError(t, err)
		c.exec("UPDATE constituents SET vault_key_id = ? WHERE id IN ?", key, []string{in, out})
		require.NoError(t, c.Fix(as(owner), id, out, In, "家屬代為提出"))
		require.NoError(t, c.Fix(as(owner), id, in, Out, "本人不願意"))
		require.Contains(t, c.members(id), out)
		require.NotContains(t, c.members(id), in)
		require.NoError(t, c.Refresh(as(owner), id))
		require.Contains(t, c.members(id), out)
		require.NotContains(t, c.members(id), in)
		fixed, err := c.FixedAll(as(owner), c.segment(owner, id))
		require.NoError(t, err)
		require.Len(t, fixed, 2)
		reasons := []string{fixed[0].Reason, fixed[1].Reason}
		slices.Sort(reasons)
		require.Equal(t, []string{"家屬代為提出", "本人不願意"}, reasons)
		require.NoError(t, c.Unfix(as(owner), id, out))
		require.NotContains(t, c.members(id), out)
		require.NoError(t, c.Unfix(as(owner), id, in))
		require.Contains(t, c.members(id), in)
		require.NoError(t, c.Fix(as(owner), id, in, Out, "本人不願意"))
		c.exec("UPDATE constituents SET erased_at = ? WHERE id = ?", at, in)
		require.NoError(t, c.Touch(system()))
		require.Empty(t, c.list("SELECT constituent_id FROM segment_fixed WHERE segment_id = ?", id), "of an erased person no reason stays")
	})
}

// A merge changes nobody's mind: who was kept out under one record stays out under the
// one that stands for both, also of a third, until somebody says otherwise of that.
func TestWhoIsFixedByHandStaysSoWhenMerged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		id := c.create(owner, draft(Offer, leaf("age", "min", "65")))
		members := c.members(id)
		require.Greater(t, len(members), 4)
		young := newRecount(c, "LJ/").members(leaf("age", "max", "40"))
		key, err := c.Vault.NewKey(system(), "constituent")
		require.NoError(t, err)
		c.exec("UPDATE constituents SET vault_key_id = ? WHERE id IN ?", key, append(slices.Clone(members[:3]), young[:2]...))
		require.NoError(t, c.Fix(as(owner), id, members[0], Out, "本人不願意"))
		require.NoError(t, c.Fix(as(owner), id, young[0], In, "家屬代為提出"))

		joined := func(from, into string) {
			c.merged(from, into)
			require.NoError(t, c.Refresh(as(owner), id))
		}
		joined(members[0], members[1])
		require.NotContains(t, c.members(id), members[1])
		joined(members[1], members[2])
		require.NotContains(t, c.members(id), members[2])
		why, err := c.fixedOne(system(), id, members[2])
		require.NoError(t, err)
		require.Equal(t, "本人不願意", why.Reason)
		joined(young[0], young[1])
		require.Contains(t, c.members(id), young[1])
		require.NotContains(t, c.members(id), young[0])
		require.NoError(t, c.Unfix(as(owner), id, young[1]))
		require.NotContains(t, c.members(id), young[1], "left to the rule under every record")

		require.NoError(t, c.Fix(as(owner), id, members[2], In, "本人改變主意"))
		require.Contains(t, c.members(id), members[2])
		c.parted(members[0], members[1])
		require.NoError(t, c.Refresh(as(owner), id))
		require.NotContains(t, c.members(id), members[0], "and so it is after the merge is undone")
		require.Contains(t, c.members(id), members[1])
	})
}

func TestAnOwnerWithoutTheRightHasNoMembers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner, other := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "LJ")
		id := c.create(owner, draft(Offer, leaf("kind", "is", "person")))
		require.NotEmpty(t, c.members(id))
		c.off[owner] = true
		require.NoError(t, c.RefreshAll(system()))
		require.Empty(t, c.members(id))
		g := c.segment(other, id)
		require.Equal(t, Orphaned, g.State)
		require.NoError(t, c.Change(as(other), id, g.Version, draft(Offer, leaf("kind", "is", "person"))))
		require.NoError(t, c.RefreshAll(system()))
		require.NotEmpty(t, c.members(id))
		require.Equal(t, other, c.segment(other, id).OwnerID)
		require.Equal(t, fault.Conflict, fault.KindOf(c.Change(as(other), id, g.Version, draft(Offer, leaf("kind", "is", "person")))), "somebody saved in between")
		versions, err := c.Versions(as(other), id)
		require.NoError(t, err)
		require.Len(t, versions, 2)
		require.NoError(t, c.Retire(as(other), id, g.Version+1))
		require.Empty(t, c.members(id))
		_, err = c.Get(as(other), id)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestWhoMayCountNoCasesCannotUseThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		owner := c.staff("outreach_officer", "CG")
		ask := func(n *Node) error {
			return c.CheckRule(as(owner), &Node{Op: All, Of: []*Node{leaf("kind", "is", "person"), n}}, Planning)
		}
		all := []*Node{leaf("cases", "within", "90"), leaf("repeated", "within", "90"), leaf("graded", "within", "90", "max", "2"), leaf("permits", "ends", "60"), leaf("age", "min", "65")}
		for _, n := range all {
			require.NoError(t, ask(n), n.Leaf)
		}
		stands := draft(Planning, leaf("language", "in", "zh-Hant,zh-Hans,en"))
		stands.UnitCode = "CG"
		id := c.create(owner, stands)
		c.ruled("case.segment", false)
		may, err := c.MayCount(as(owner))
		require.NoError(t, err)
		require.False(t, may)
		for _, n := range all {
			require.Equal(t, []string{"segment.leaf.scope", "segment.leaf.scope"}, keys(t, ask(n)), n.Leaf)
			dr := draft(Planning, n)
			dr.UnitCode = "CG"
			_, err := c.Create(as(owner), dr)
			require.Equal(t, []string{"segment.leaf.scope"}, keys(t, err))
			_, err = c.Preview(as(owner), dr.Root, Planning, i18n.En)
			require.Equal(t, []string{"segment.leaf.scope"}, keys(t, err))
		}
		require.NoError(t, c.Service.refresh(system(), id, nil))
		require.Zero(t, c.segment(owner, id).Size, "what stood before counts nobody any more")
	})
}

// ruled gives outreach officers a verb, or takes it, as two administrators do.
func (c *town) ruled(verb access.Verb, gives bool) {
	c.t.Helper()
	c.exec("INSERT INTO rule_changes (id, role, verb, gives, reason, asked_at, status, decided_at, decision_no) SELECT ?, 'outreach_officer', ?, ?, 'x', ?, 'approved', ?, COUNT(*) + 1 FROM rule_changes",
		db.NewID(at), verb, gives, at, at)
	c.later += time.Hour
}

// What a role does not show on a record nobody of that role builds a segment on, nor is
// told of a member; it comes and goes with the rule.
func TestNobodyBuildsOnWhatTheirRoleDoesNotShow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 300)
		owner := c.staff("outreach_officer", "LJ")
		facts := map[access.Verb][]*Node{
			access.RecordRelations: {leaf("relation", "is", "household")},
			access.RecordNeeds:     {leaf("age", "min", "50"), leaf("need", "in", "phone_only,large_type"), leaf("stage", "in", "set_up"), leaf("industry", "is", "餐飲"), leaf("established", "within", "90")},
		}
		c.ruled(access.RecordNeeds, false)
		for _, rules := range facts {
			for _, n := range rules {
				want := []string{"segment.leaf.reads"}
				require.Equal(t, want, keys(t, c.CheckRule(as(owner), &Node{Op: All, Of: []*Node{leaf("kind", "is", "person"), n}}, Offer)), n.Leaf)
				_, err := c.Preview(as(owner), n, Offer, i18n.En)
				require.Equal(t, want, keys(t, err), n.Leaf)
				_, err = c.Create(as(owner), draft(Offer, n))
				require.Equal(t, want, keys(t, err), n.Leaf)
				_, err = c.Terms(as(owner), n)
				require.NoError(t, err, "who is entitled by law is, whoever writes it down")
			}
		}
		require.NoError(t, c.CheckRule(as(owner), leaf("language", "in", "en"), Offer))

		c.ruled(access.RecordRelations, true)
		id := c.create(owner, draft(Offer, leaf("kind", "is", "person"), leaf("relation", "is", "household")))
		members := c.members(id)
		require.Greater(t, len(members), Few)
		told := func() [2]Held {
			w, err := c.Why(as(owner), id, members[0], i18n.En)
			require.NoError(t, err)
			return [2]Held{w.Root.Held, w.Root.Of[1].Held}
		}
		require.Equal(t, [2]Held{Yes, Yes}, told())
		c.ruled(access.RecordRelations, false)
		require.Equal(t, [2]Held{Hidden, Hidden}, told(), "before it is counted anew")
		require.NoError(t, c.Service.refresh(system(), id, nil))
		require.Equal(t, Orphaned, c.segment(owner, id).State)
		require.Empty(t, c.members(id))
		c.ruled(access.RecordRelations, true)
		require.NoError(t, c.CheckRule(as(owner), leaf("relation", "is", "household"), Offer))
		require.NoError(t, c.Service.refresh(system(), id, nil))
		require.Equal(t, members, c.members(id))
	})
}

func TestPlanningKeepsNobodyAndFewAreNotShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		id := c.create(owner, draft(Planning, leaf("kind", "is", "person")))
		g := c.segment(owner, id)
		require.Greater(t, g.Size, int64(Few))
		require.Empty(t, c.members(id))
		found, err := c.Preview(as(owner), leaf("kind", "is", "person"), Planning, i18n.En)
		require.NoError(t, err)
		require.Empty(t, found.Sample)
		require.Positive(t, found.Size.N)

		c.exec("UPDATE constituents SET industry = '稀有' WHERE id IN (SELECT id FROM constituents WHERE kind = 'enterprise' AND merged_into_id IS NULL AND erased_at IS NULL ORDER BY id LIMIT 4)")
		few := c.create(owner, draft(Offer, leaf("industry", "is", "稀有")))
		require.Len(t, c.members(few), 4)
		g = c.segment(owner, few)
		require.Equal(t, Count{Hidden: true}, g.Count())
		page, err := c.Members(as(owner), g, "")
		require.NoError(t, err)
		require.Empty(t, page.Items)
		_, err = c.Why(as(owner), few, c.members(few)[0], i18n.En)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		found, err = c.Preview(as(owner), leaf("industry", "is", "稀有"), Offer, i18n.En)
		require.NoError(t, err)
		require.Equal(t, Preview{Size: Count{Hidden: true}}, found)
	})
}

func TestAnEmptyDefinitionSaysWhichPartLeavesNobody(t *testing.T) {
	c := newTown(t, dbtest.New(t), 200)
	owner := c.staff("outreach_officer", "LJ")
	ask := func(n *Node) []Part {
		found, err := c.Preview(as(owner), n, Offer, i18n.En)
		require.NoError(t, err)
		require.Zero(t, found.Size)
		return found.Nobody
	}
	require.Equal(t, []Part{{Paths: []string{"n.1"}, Says: []string{"are in the industry nothing"}}},
		ask(&Node{Op: All, Of: []*Node{leaf("kind", "is", "person"), leaf("industry", "is", "nothing")}}))
	require.Equal(t, [][]string{{"n.0", "n.2"}}, [][]string{ask(&Node{Op: All, Of: []*Node{leaf("age", "min", "70"), leaf("language", "in", "zh-Hant,zh-Hans,en"), leaf("age", "max", "60")}})[0].Paths})
	never := ask(&Node{Op: All, Of: []*Node{{Op: Not, Of: []*Node{leaf("language", "in", "zh-Hant,zh-Hans,en")}}}})
	require.True(t, never[0].Never)
	require.Len(t, ask(&Node{Op: Any, Of: []*Node{leaf("industry", "is", "a"), leaf("industry", "is", "b")}}), 2)
}

func TestTheReasonsAddUpToMembership(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 300)
		owner, reader := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "LJ")
		c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'supervisor', id, ?, ? FROM units WHERE code = 'LJ'", db.NewID(at), reader, at.Add(-time.Hour), at)
		rule := []*Node{leaf("cases", "within", "365"), {Op: Any, Of: []*Node{leaf("age", "min", "40"), leaf("language", "in", "zh-Hant")}}}
		id := c.create(owner, draft(Offer, rule...))
		page, err := c.Members(as(reader), c.segment(reader, id), "")
		require.NoError(t, err)
		require.Len(t, page.Items, membersShown)
		for _, m := range page.Items[:10] {
			require.NotContains(t, m.Name, "未遮罩")
			why, err := c.Why(as(reader), id, m.ID, i18n.ZhHant)
			require.NoError(t, err)
			require.Equal(t, Yes, why.Root.Held)
			require.NotEmpty(t, why.Root.Of[0].Facts, "who may read the cases sees them")
			why, err = c.Why(as(owner), id, m.ID, i18n.ZhHant)
			require.NoError(t, err)
			require.Empty(t, why.Root.Of[0].Facts)
			require.Positive(t, why.Root.Of[0].Barred, "who may not learns that there are some")
		}
		require.NotEmpty(t, c.list("SELECT CAST(id AS text) FROM audit_reads WHERE object_id = ?", page.Items[0].ID))
		_, err = c.Members(as(reader), c.segment(reader, id), "nonsense")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		next, err := c.Members(as(reader), c.segment(reader, id), page.Next)
		require.NoError(t, err)
		require.NotEmpty(t, next.Items)
	})
}

// Ten cases and ten permits stand behind the conditions, of which the reader may read
// eight.
func TestWhatIsNotListedBehindAConditionIsCountedByWhoMayReadIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 600)
		owner, reader := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "LJ")
		for _, role := range []string{"supervisor", "handler"} {
			c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = 'JT'", db.NewID(at), reader, role, at.Add(-time.Hour), at)
		}
		who := c.list("SELECT id FROM constituents WHERE merged_into_id IS NULL AND erased_at IS NULL AND kind = 'person' ORDER BY id LIMIT 1")[0]
		c.exec("DELETE FROM case_parties WHERE constituent_id = ?", who)
		c.exec("UPDATE permits SET holder_id = (SELECT id FROM constituents WHERE id <> ? ORDER BY id LIMIT 1) WHERE holder_id = ?", who, who)
		files := c.list("SELECT c.id FROM cases c WHERE c.confidentiality = 'normal' AND c.frozen_at IS NULL AND c.received_on > ? AND EXISTS (SELECT 1 FROM case_parties p WHERE p.case_id = c.id AND p.role = 'requester') ORDER BY c.id LIMIT 10", c.today().Add(-300))
		held := c.list("SELECT id FROM permits WHERE state = 'valid' AND valid_from <= ? AND valid_until >= ? AND id NOT IN (SELECT replaces_id FROM permits WHERE replaces_id IS NOT NULL) ORDER BY id LIMIT 10", c.today(), c.today())
		require.Len(t, files, 10)
		require.Len(t, held, 10)
		for i := range 10 {
			code := "JT"
			if i%5 == 0 {
				code = "CG"
			}
			unit := "(SELECT path FROM units WHERE code = ?)"
			c.exec("UPDATE case_parties SET constituent_id = ? WHERE case_id = ? AND role = 'requester'", who, files[i])
			c.exec("DELETE FROM case_units WHERE case_id = ? AND role <> 'lead'", files[i])
			c.exec("UPDATE case_units SET unit_path = "+unit+" WHERE case_id = ?", code, files[i])
			c.exec("UPDATE permits SET holder_id = ?, unit_path = "+unit+" WHERE id = ?", who, code, held[i])
		}
		id := c.create(owner, draft(Offer, &Node{Op: Any, Of: []*Node{leaf("cases", "within", "365"), leaf("permits", "state", "valid")}}))
		why, err := c.Why(as(reader), id, who, i18n.En)
		require.NoError(t, err)
		for _, part := range why.Root.Of[0].Of {
			require.Len(t, part.Facts, 5, part.Behind)
			require.Equal(t, [2]int{3, 2}, [2]int{part.More, part.Barred}, part.Behind)
		}
	})
}

func TestSegmentsAreSeenAndWrittenByTheUnitsOfAGrant(t *testing.T) {
	c := newTown(t, dbtest.New(t), 0)
	city, bureau, handler := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "CG"), c.staff("handler", "CG03")
	id := c.create(city, draft(Offer, leaf("kind", "is", "person")))
	_, err := c.Get(as(bureau), id)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	require.Contains(t, keys(t, func() error { _, err := c.Create(as(bureau), draft(Offer, leaf("kind", "is", "person"))); return err }()), "segment.unit.refused")
	_, err = c.Create(as(handler), draft(Offer, leaf("kind", "is", "person")))
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	require.Equal(t, fault.Forbidden, fault.KindOf(c.Access.Can(as(handler), access.SegmentRead)))
	own := draft(Offer, leaf("kind", "is", "person"))
	own.UnitCode = "CG"
	c.create(bureau, own)
	list, next, err := c.List(as(bureau), "")
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Empty(t, next)
	list, _, err = c.List(as(city), "")
	require.NoError(t, err)
	require.Len(t, list, 2)
	_, err = c.Create(as(city), Draft{})
	require.ElementsMatch(t, []string{"segment.name.required", "segment.purpose.required", "segment.basis.required", "segment.basis_text.required", "segment.unit.required", "segment.definition.empty"}, keys(t, err))
}
