package permits_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permits"
)

// seen is an application as the test knows it, with what hangs on it.
type seen struct {
	no, caseID, inspection, photo, material, file string

	units []string // paths of those that have to do with it
	about string   // path of the unit that it complains about
}

type held struct {
	role, path string
	now        bool
}

// TestWhatHangsOnAnApplicationIsSeenByWhoReadsTheCase draws trees of units, dated
// grants, and applications in the hands of drawn units. Inspections, hearings, photos
// and materials are seen by exactly those who read the case, which the list of cases
// shows to nobody else; those of another application are not found under it.
func TestWhatHangsOnAnApplicationIsSeenByWhoReadsTheCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.onSite()
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		var pool []seen
		for range 2 {
			pool = append(pool, w.inspected(ming, handler, head))
		}
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			w.be(w.clock().Add(2 * time.Second)) // what is kept of grants and units is looked at anew
			var grants []held
			who := account(head)
			require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
				exec := func(sql string, args ...any) { require.NoError(t, d.From(ctx).Exec(sql, args...).Error) }
				who = db.NewID(w.clock())
				exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", who, w.clock())
				exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, who, []byte(who), who, []byte{1}, true, w.clock())
				paths := w.tree(rt, round, exec)
				for i := range pool {
					w.place(rt, &pool[i], paths, exec)
				}
				grants = w.grants(rt, who, paths, exec)
				return nil
			}))
			w.compare(rt, actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: who}), pool, grants)
		})
	})
}

// inspected is an application with all that can hang on one.
func (w *town) inspected(ming, handler, head context.Context) (s seen) {
	w.t.Helper()
	w.be(at(w.t, "2026-03-02"))
	var id string
	id, s.no = w.accepted(ming, handler)
	one := w.appoint(handler, head, s.no, "2026-03-04")
	w.be(at(w.t, "2026-03-04"))
	v := visit(one, true, handler, head)
	_, _, err := w.RecordInspection(handler, s.no, v)
	require.NoError(w.t, err)
	var body bytes.Buffer
	require.NoError(w.t, jpeg.Encode(&body, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	require.NoError(w.t, w.AddPhoto(handler, s.no, v, 1, files.Upload{Name: "a.jpg", Content: bytes.NewReader(body.Bytes()), Size: int64(body.Len())}))
	site, err := w.Site(handler, s.no)
	require.NoError(w.t, err)
	s.caseID, s.inspection, s.photo = site.Case.ID, one.ID, site.Inspections[0].Photos[0].ID
	for _, it := range site.Items {
		if it.Now != nil {
			s.material, s.file = it.Now.ID, it.Files[0].ID
		}
	}
	require.NotEmpty(w.t, s.file)
	_, err = w.TellRight(handler, s.no, 0, permits.Right{Intends: "擬不予許可。"})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, w.own(ming, id).Hearings)
	return s
}

// tree adds units below a bureau, with codes that are beginnings of one another.
func (w *town) tree(rt *rapid.T, round int, exec func(string, ...any)) []string {
	paths, codes := []string{"LJ/", "LJ/CG/"}, []string{fmt.Sprintf("T%du", round)}
	for i := range rapid.IntRange(1, 4).Draw(rt, "units") {
		above := rapid.SampledFrom(paths).Draw(rt, "above")
		code := fmt.Sprintf("%s%s%d", rapid.SampledFrom(codes).Draw(rt, "like"), rapid.SampledFrom([]string{"", "0", "A", ".", "-"}).Draw(rt, "then"), i)
		exec(`INSERT INTO units (id, code, name, parent_id, path, kind, valid_from) SELECT ?, ?, '{"en": "drawn"}', id, ?, 'section', '2026-01-01' FROM units WHERE path = ?`,
			db.NewID(w.clock()), code, above+code+"/", above)
		paths, codes = append(paths, above+code+"/"), append(codes, code)
	}
	return paths
}

func (w *town) place(rt *rapid.T, s *seen, paths []string, exec func(string, ...any)) {
	exec("DELETE FROM case_units WHERE case_id = ?", s.caseID)
	exec("DELETE FROM case_parties WHERE case_id = ? AND role = 'subject'", s.caseID)
	s.units, s.about = rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 2, rapid.ID[string]).Draw(rt, "with"), ""
	for i, path := range s.units {
		exec(`INSERT INTO case_units (case_id, unit_id, role, unit_path, open, priority, queue_at, status, since)
 SELECT ?, id, ?, ?, ?, 1, ?, 'handling', ? FROM units WHERE path = ?`, s.caseID, []string{"lead", "past"}[i], path, i == 0, w.clock(), w.clock(), path)
	}
	if rapid.Bool().Draw(rt, "complains") {
		s.about = rapid.SampledFrom(paths).Draw(rt, "about")
		exec("INSERT INTO case_parties (id, case_id, role, unit_id) SELECT ?, ?, 'subject', id FROM units WHERE path = ?", db.NewID(w.clock()), s.caseID, s.about)
	}
}

// grants are roles that ended, that count and that will.
func (w *town) grants(rt *rapid.T, who string, paths []string, exec func(string, ...any)) (all []held) {
	now := w.clock()
	for range rapid.IntRange(0, 3).Draw(rt, "grants") {
		role, path := rapid.SampledFrom(append([]string{"handler", "head", "handler"}, access.Roles...)).Draw(rt, "as"), rapid.SampledFrom(paths).Draw(rt, "for")
		from := now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Minute}).Draw(rt, "from"))
		until := from.Add(rapid.SampledFrom([]time.Duration{time.Minute, 2 * time.Hour}).Draw(rt, "for as long as"))
		exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, valid_until, created_at) SELECT ?, ?, ?, id, ?, ?, ? FROM units WHERE path = ?", db.NewID(now), who, role, from, until, now, path)
		all = append(all, held{role, path, !from.After(now) && until.After(now)})
	}
	return all
}

// reached is the rule in words, as of every case.
func reached(grants []held, s seen) bool {
	reads := false
	for _, g := range grants {
		if g.now && s.about != "" && s.about != "LJ/" && strings.HasPrefix(g.path, s.about) {
			return false
		}
		role := slices.Contains([]string{"call_agent", "dispatcher", "handler", "head", "supervisor"}, g.role)
		reads = reads || g.now && role && slices.ContainsFunc(s.units, func(u string) bool { return strings.HasPrefix(u, g.path) })
	}
	return reads
}

func (w *town) compare(rt *rapid.T, who context.Context, pool []seen, grants []held) {
	var want, got []string
	for i, s := range pool {
		may := reached(grants, s)
		if may {
			want = append(want, s.no)
		}
		site, err := w.Site(who, s.no)
		if err == nil {
			require.Len(rt, site.Inspections, 1)
			require.Equal(rt, s.inspection, site.Inspections[0].ID)
		}
		_, hearing := w.HearingPage(who, s.no)
		opened := 0
		photo, seePhoto := w.Photo(who, s.no, s.inspection, s.photo)
		file, seeFile := w.File(who, s.no, s.material, s.file)
		for _, c := range []*files.Content{photo, file} {
			if c != nil {
				c.Close()
				opened++
			}
		}
		for what, err := range map[string]error{"inspections": err, "hearings": hearing, "a photo": seePhoto, "a material": seeFile} {
			if err != nil {
				require.Equal(rt, fault.NotFound, fault.KindOf(err), "%s: %v", what, err)
			}
			require.Equal(rt, may, err == nil, "%s of %+v with %+v", what, s, grants)
		}
		var noted int
		require.NoError(rt, w.db.From(who).Raw("SELECT count(*) FROM audit_reads WHERE object_kind = 'case' AND object_id = ? AND account_id = ?", s.no, actor.From(who).AccountID).Scan(&noted).Error)
		require.Equal(rt, opened, noted, "each file that was opened")
		other := pool[(i+1)%len(pool)]
		_, err = w.Photo(who, s.no, other.inspection, other.photo)
		require.Equal(rt, fault.NotFound, fault.KindOf(err))
		_, err = w.File(who, s.no, other.material, other.file)
		require.Equal(rt, fault.NotFound, fault.KindOf(err))
	}
	page, err := w.cases.Queue(who, cases.Filter{View: cases.ViewEvery, Limit: 50})
	require.NoError(rt, err)
	for _, it := range page.Items {
		got = append(got, it.CaseNo)
	}
	require.ElementsMatch(rt, want, got, "%+v", grants)
}
