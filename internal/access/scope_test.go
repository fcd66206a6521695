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
			w.compare(rt, who, verb, about, paths)
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

func (w *world) compare(rt *rapid.T, who string, verb access.Verb, about string, paths []string) {
	scope, err := w.s.Scope(as(who), verb)
	require.NoError(rt, err)
	where, args := scope.Where("u.path")
	subject, more := scope.WhereSubject("s.path")
	var rows []string
	err = w.d.From(context.Background()).Raw("SELECT u.path FROM units u LEFT JOIN units s ON s.path = ? WHERE "+where+" AND "+subject,
		append(append([]any{about}, args...), more...)...).Scan(&rows).Error
	require.NoError(rt, err)
	var read []string
	for _, p := range paths {
		o := access.Object{UnitPaths: []string{p}}
		if about != "" {
			o.SubjectPaths = []string{about}
		}
		if w.s.CanOn(as(who), verb, o) == nil {
			read = append(read, p)
		}
	}
	require.ElementsMatch(rt, rows, read)
}
