package outreach

import (
	"flag"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

// many asks for the plans and times of docs/segments.md, and fails where one takes longer than
// manyMost:
//
//	scripts/with-postgres.sh go test ./internal/outreach -run TestPlansOfManyPeople -many 1000000 -timeout 60m -v
var many = flag.Int("many", 0, "people of TestPlansOfManyPeople")

// manyMost is how long a count of a segment, or a preview of it, may take.
const manyMost = 5 * time.Second

// fill brings people in every district, a case of each, of whom one in ten comes back about the
// same matter, a permit of every third, of one in six hundred for works, and chains of three
// that one in fifty heads, by SQL alone.
const fill = `
INSERT INTO constituents (id, kind, vault_key_id, locale, created_at, birth_year, district_code, established_on, stage, industry)
 SELECT ID(i), CASE WHEN i % 10 = 0 THEN 'enterprise' ELSE 'person' END, KEY, (ARRAY['zh-Hant', 'zh-Hans', 'en'])[i % 3 + 1], NOW,
 CASE WHEN i % 10 > 2 THEN 1930 + i % 90 END, a.codes[i % array_length(a.codes, 1) + 1], CASE WHEN i % 10 = 0 THEN DAY - i % 3000 END, CASE WHEN i % 10 = 0 THEN 'operating' END, CASE WHEN i % 10 = 0 THEN 'retail' END
 FROM generate_series(1, MANY) i, (SELECT array_agg(code ORDER BY code) AS codes FROM districts) a;
INSERT INTO constituent_needs (id, constituent_id, kind, valid_from, source)
 SELECT ID(i), ID(i), CASE WHEN i % 12 = 1 THEN 'phone_only' ELSE 'large_type' END, NOW, 'self' FROM generate_series(1, MANY, 4) i;
INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, matter_id, unit_id, district_id, received_at, received_on, due_at, concluded_at, code_key, created_at, updated_at)
 SELECT ID(i), 'T' || i, 'hotline', 'complaint', CASE WHEN i % 20 = 0 THEN 'handling' ELSE 'concluded' END, 'normal', 'web', 'zh-Hant', m.ids[CASE WHEN PERSON % 10 = 0 THEN PERSON ELSE i END % 60 + 1], u.ids[i % 150 + 1], a.ids[i % array_length(a.ids, 1) + 1],
 NOW - AGO * INTERVAL '1 day', DAY - AGO, NOW - AGO * INTERVAL '1 day' + INTERVAL '5 days', CASE WHEN i % 20 > 0 THEN NOW - AGO * INTERVAL '1 day' + i % 7 * INTERVAL '1 day' END, 'k1', NOW, NOW
 FROM generate_series(1, MANY) i, (SELECT array_agg(id ORDER BY code) AS ids FROM matters) m, (SELECT array_agg(id ORDER BY path) AS ids FROM units) u, (SELECT array_agg(id ORDER BY code) AS ids FROM districts) a;
INSERT INTO case_parties (id, case_id, role, constituent_id) SELECT ID(i), ID(i), 'requester', ID(PERSON) FROM generate_series(1, MANY) i;
INSERT INTO case_units (case_id, unit_id, role, unit_path, open, queue_at, status, since) SELECT c.id, c.unit_id, 'lead', u.path, c.status = 'handling', NOW, c.status, NOW FROM cases c JOIN units u ON u.id = c.unit_id;
INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, channel, evaluated_at, evaluated_on)
 SELECT c.id, c.id, 1, 1 + get_byte(uuid_send(c.id), 3) % 5, 'yes', 'web', c.received_at, c.received_on FROM cases c WHERE get_byte(uuid_send(c.id), 2) % 4 = 0;
INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown, valid_from, valid_until, particulars, state, since, since_on, issued_at, issued_on, updated_at)
 SELECT ID(i), 'P' || i, y.codes[i / 1000 % array_length(y.codes, 1) + 1], 1, '{}', u.ids[i % 150 + 1], u.paths[i % 150 + 1], ID(i), 'person', '', DAY - i % 900, CASE WHEN i % 11 > 0 THEN DAY - 100 + i % 1200 END, CASE WHEN i % 600 = 4 THEN jsonb_build_object('works_district', a.codes[i / 600 % 5 + 3]) ELSE '{}' END,
 CASE WHEN i % 50 = 0 THEN 'suspended' WHEN i % 50 = 1 THEN 'revoked' ELSE 'valid' END, NOW, DAY, NOW, DAY, NOW
 FROM generate_series(1, MANY, 3) i, (SELECT array_agg(DISTINCT code ORDER BY code) AS codes FROM permit_types) y, (SELECT array_agg(id ORDER BY path) AS ids, array_agg(path ORDER BY path) AS paths FROM units) u, (SELECT array_agg(code ORDER BY code) AS codes FROM districts) a;
UPDATE constituents SET merged_into_id = ID(i + 1), head_id = ID(i + 2), merged_how = 'judged' FROM generate_series(1, MANY - 2, 50) i WHERE id = ID(i);
UPDATE constituents SET merged_into_id = ID(i + 2), head_id = ID(i + 2), merged_how = 'judged' FROM generate_series(1, MANY - 2, 50) i WHERE id = ID(i + 1);
ANALYZE`

func TestPlansOfManyPeople(t *testing.T) {
	if *many == 0 {
		t.Skip("-many says of how many people")
	}
	c := newTown(t, dbtest.Postgres(t), 0)
	key, err := c.Vault.NewKey(system(), "constituent")
	require.NoError(t, err)
	person := "CAST(CAST(i AS bigint) * 7919 % (" + strconv.Itoa(*many) + " / 2) + 1 AS int)"
	sql := strings.NewReplacer("AGO", strings.ReplaceAll("(CASE WHEN PERSON % 10 = 0 THEN PERSON + i / ("+strconv.Itoa(*many)+" / 2) ELSE i END % 730)", "PERSON", person), "PERSON", person, "MANY", strconv.Itoa(*many), "KEY", "CAST('"+key+"' AS uuid)", "NOW", "CAST('2026-11-24T08:00:00Z' AS timestamptz)", "DAY", "CAST('2026-11-24' AS date)").Replace(fill)
	for _, one := range strings.Split(sql, ";\n") {
		for {
			before, rest, found := strings.Cut(one, "ID(")
			if !found {
				break
			}
			depth, end := 1, 0
			for depth > 0 {
				depth += map[byte]int{'(': 1, ')': -1}[rest[end]]
				end++
			}
			one = before + "CAST(lpad(to_hex(" + rest[:end-1] + "), 8, '0') || '-0000-7000-8000-000000000000' AS uuid)" + rest[end:]
		}
		_, err := c.DB.SQL().ExecContext(t.Context(), "SET statement_timeout = 0; "+one)
		require.NoError(t, err, one)
	}
	for _, one := range c.manySegments(t) {
		d := draft(one.purpose, one.root)
		d.UnitCode = one.unit
		id, err := c.Create(as(one.owner), d)
		require.NoError(t, err)
		took := map[string]time.Duration{}
		timed := func(what string, do func()) {
			began := time.Now()
			do()
			took[what] = time.Since(began).Round(time.Millisecond)
			if took[what] > manyMost {
				t.Errorf("%s: %s took %s, more than %s", one.name, what, took[what], manyMost)
			}
		}
		timed("preview", func() {
			_, err := c.Preview(as(one.owner), d.Root, one.purpose, i18n.En)
			require.NoError(t, err)
		})
		timed("first count", func() { require.NoError(t, c.Service.refresh(system(), id, nil)) })
		timed("next count", func() { require.NoError(t, c.Service.refresh(system(), id, nil)) })
		some := c.list("SELECT id FROM constituents ORDER BY id LIMIT 200")
		timed("200 people anew", func() { require.NoError(t, c.Service.refresh(system(), id, some)) })
		g := c.segment(one.owner, id)
		t.Logf("%s: %d people; preview %s, first count %s, next %s, 200 people anew %s", one.name, g.Size, took["preview"], took["first count"], took["next count"], took["200 people anew"])
		require.Positive(t, g.Size, "%s: a plan of nobody says nothing", one.name)
		st, err := c.rule(system(), g, nil)
		require.NoError(t, err)
		ids, args := st.ids()
		t.Log("\n" + strings.Join(c.list("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) "+ids, args...), "\n"))
	}
}

type manySegment struct {
	name, owner, unit string
	purpose           Purpose
	root              *Node
}

// manySegments are all that are ready to begin with, some of one bureau, and a mixed tree.
func (c *town) manySegments(t *testing.T) (list []manySegment) {
	t.Helper()
	city, bureau := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "CG")
	for _, p := range Patterns {
		d, err := p.Draft()
		require.NoError(t, err)
		require.True(t, d.Root.Filled(), p.Code)
		list = append(list, manySegment{p.Code, city, "LJ", d.Purpose, d.Root})
	}
	return append(list,
		manySegment{"repeated contact within a year", city, "LJ", FollowUp, leaf("repeated", "within", "365", "at_least", "2")},
		manySegment{"cases, of a bureau", bureau, "CG", Notice, leaf("cases", "within", "90")},
		manySegment{"permits of two types that end within 60 days", city, "LJ", Notice, leaf("permits", "type", "food-business,drainage", "ends", "60")},
		manySegment{"permits of a type, of a bureau", bureau, "CG", Notice, leaf("permits", "type", "outdoor-sign")},
		manySegment{"65 or older, of a bureau", bureau, "CG", Notice, leaf("age", "min", "65")},
		manySegment{"a mixed tree", city, "LJ", Notice, &Node{Op: All, Of: []*Node{{Op: Any, Of: []*Node{leaf("age", "min", "65"), leaf("cases", "within", "365", "late", "yes"), leaf("works", "soon", "14")}},
			{Op: Not, Of: []*Node{leaf("need", "in", "large_type")}}}}})
}
