package access_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// TestAListShowsExactlyWhatAReadAllows compares the SQL of a scope with the
// answer for each single thing, on random trees, grants and complaints.
func TestAListShowsExactlyWhatAReadAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			paths, codes := w.tree(rt, round)
			who := w.account()
			roles := access.Roles
			for range rapid.IntRange(0, 4).Draw(rt, "grants") {
				role := rapid.SampledFrom(roles).Draw(rt, "role")
				if access.IsDuty(role) { // nobody has two of these
					roles = slices.DeleteFunc(slices.Clone(access.Roles), func(r string) bool { return access.IsDuty(r) && r != role })
				}
				w.give(who, role, rapid.SampledFrom(codes).Draw(rt, "unit"))
			}
			verb := rapid.SampledFrom(access.Verbs).Draw(rt, "verb")
			about := rapid.SampledFrom(append([]string{""}, paths...)).Draw(rt, "about")
			person := rapid.SampledFrom([]string{"", "who asks", "another"}).Draw(rt, "about whom")
			w.compare(rt, who, verb, about, person, paths)
		})
	})
}

// tree adds units below a root of its own, with codes that are beginnings of
// one another.
func (w *world) tree(rt *rapid.T, round int) (paths, codes []string) {
	for i := range rapid.IntRange(1, 8).Draw(rt, "units") {
		path, code := "", fmt.Sprintf("R%d-%d", round, i)
		if i > 0 {
			path = rapid.SampledFrom(paths).Draw(rt, "above")
			code = fmt.Sprintf("%s%s%d", rapid.SampledFrom(codes).Draw(rt, "like"), rapid.SampledFrom([]string{"0", "A", ".", "-"}).Draw(rt, "then"), i)
		}
		w.unit(path+code+"/", code)
		paths, codes = append(paths, path+code+"/"), append(codes, code)
	}
	return paths, codes
}

func (w *world) compare(rt *rapid.T, who string, verb access.Verb, about, person string, paths []string) {
	subject := w.subject(who, person)
	scope, err := w.s.Scope(as(who), verb)
	require.NoError(rt, err)
	where, args := scope.Where("u.path")
	unit, more := scope.WhereSubject("s.path")
	named, self := scope.WherePerson("p.account_id")
	var rows []string
	err = w.d.From(context.Background()).Raw("SELECT u.path FROM units u LEFT JOIN units s ON s.path = ? LEFT JOIN case_parties p ON p.account_id = ? WHERE "+where+" AND "+unit+" AND "+named,
		slices.Concat([]any{about, subject}, args, more, self)...).Scan(&rows).Error
	require.NoError(rt, err)
	var read []string
	for _, p := range paths {
		o := access.Object{UnitPaths: []string{p}}
		if about != "" {
			o.SubjectPaths = []string{about}
		}
		if subject != nil {
			o.SubjectAccounts = []string{*subject}
		}
		if w.s.CanOn(as(who), verb, o) == nil {
			read = append(read, p)
		}
	}
	require.ElementsMatch(rt, rows, read)
}

// subject has a case complain about who asks, about somebody else, or about nobody.
func (w *world) subject(who, person string) *string {
	switch person {
	case "":
		return nil
	case "another":
		who = w.account()
	}
	id := db.NewID(w.now)
	w.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at)
 SELECT ?, ?, 'hotline', 'complaint', 'submitted', 'normal', 'web', 'en', id, ?, '2026-11-24', 'k1', ?, ? FROM units ORDER BY path LIMIT 1`, id, id, w.now, w.now, w.now)
	w.exec("INSERT INTO case_parties (id, case_id, role, account_id) VALUES (?, ?, 'subject', ?)", db.NewID(w.now), id, who)
	return &who
}
