package outreach

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/i18n"
)

// soon is, by SQL of its own, who holds one of some types that ends within some days.
const soon = `SELECT x.id FROM constituents x WHERE x.merged_into_id IS NULL AND x.erased_at IS NULL AND EXISTS (SELECT 1 FROM permits p WHERE
 p.state NOT IN ('revoked', 'cancelled', 'expired') AND p.valid_from <= ? AND p.valid_until BETWEEN ? AND ? AND p.type_code IN ?
 AND p.id NOT IN (SELECT replaces_id FROM permits WHERE replaces_id IS NOT NULL)
 AND p.holder_id IN (WITH RECURSIVE under (id) AS (SELECT x.id UNION SELECT c.id FROM constituents c JOIN under u ON c.merged_into_id = u.id) SELECT id FROM under)) ORDER BY x.id`

func TestReadyMadeSegmentsOfPermitsAreThoseThatPlainSQLFinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 600)
		owner := c.staff("outreach_officer", "LJ")
		own, err := demo.Segments()
		require.NoError(t, err)
		ready := map[string]Draft{}
		for _, r := range own {
			root, err := Parse([]byte(r.Definition))
			require.NoError(t, err)
			ready[r.Code] = Draft{Name: r.Name, Purpose: Purpose(r.Purpose), Basis: Basis(r.Basis), BasisText: r.BasisText, Root: root}
		}
		for _, one := range Patterns {
			d, err := one.Draft()
			require.NoError(t, err)
			ready[one.Code] = d
		}
		every := c.list("SELECT DISTINCT code FROM permit_types")
		for code, want := range map[string]struct {
			days  int
			types []string
		}{"permits-ending": {60, every}, "food-permits-ending": {90, []string{"food-business"}}} {
			d, found := ready[code]
			require.True(t, found, code)
			d.UnitCode = "LJ"
			id := c.create(owner, d)
			who := c.list(soon, c.today(), c.today(), c.today().Add(want.days), want.types)
			require.NotEmpty(t, who, code)
			require.Equal(t, who, c.members(id), code)
		}
	})
}

func TestAPermitBehindAConditionSaysItsType(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 600)
		owner := c.staff("outreach_officer", "LJ")
		rule := leaf("permits", "type", "outdoor-sign,drainage", "ends", "60")
		id := c.create(owner, draft(Notice, rule))
		members := c.members(id)
		require.NotEmpty(t, members)
		for _, who := range members {
			why, err := c.Why(as(owner), id, who, i18n.En)
			require.NoError(t, err)
			part := why.Root.Of[0]
			require.Equal(t, Yes, part.Held)
			require.Equal(t, "hold a permit (Outdoor sign permit or Permit to drain into the sewers; that ends within 60 days)", part.Says)
			require.Empty(t, part.Facts, "an officer of outreach does not read permits")
			require.Positive(t, part.Barred)
			require.Equal(t, Permits, part.Behind)
		}
		says, err := c.Sentences(system(), &Node{Op: All, Of: []*Node{rule}})
		require.NoError(t, err)
		require.Contains(t, says[i18n.ZhHant], "戶外招牌許可或污水納管許可")
		require.Contains(t, says[i18n.ZhHans], "户外招牌设置许可或污水排入排水管网许可")

		c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'handler', id, ?, ? FROM units WHERE code = 'LJ'", db.NewID(at), owner, at, at)
		c.Access.Forget(owner)
		for _, who := range members {
			why, err := c.Why(as(owner), id, who, i18n.En)
			require.NoError(t, err)
			for _, f := range why.Root.Of[0].Facts {
				kinds := c.list("SELECT type_code FROM permits WHERE permit_no = ?", f.PermitNo)
				require.Equal(t, map[string]string{"outdoor-sign": "Outdoor sign permit", "drainage": "Permit to drain into the sewers"}[strings.Join(kinds, "")], f.Permit[i18n.En])
			}
			require.NotEmpty(t, why.Root.Of[0].Facts)
		}
	})
}
