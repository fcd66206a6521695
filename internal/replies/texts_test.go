package replies_test

import (
	"context"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/replies"
)

var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// shelf is the demo city with nothing prepared yet.
type shelf struct {
	*replies.Service
	t    *testing.T
	snap *catalogue.Snapshot
	ctx  context.Context
}

func newShelf(t *testing.T, d *db.DB) *shelf {
	t.Helper()
	clock := func() time.Time { return now }
	trail := audit.New(d, clock)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	rights, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	ctx := actor.AsSystem(t.Context(), "test")
	require.NoError(t, demo.New(cat, places).LoadCity(ctx))
	snap, err := cat.Snapshot(ctx)
	require.NoError(t, err)
	return &shelf{Service: &replies.Service{DB: d, Audit: trail, Access: rights, Catalogue: cat, Now: clock}, t: t, snap: snap, ctx: ctx}
}

func (s *shelf) unit(code string) *catalogue.Unit {
	u, err := s.snap.Unit(code)
	require.NoError(s.t, err)
	return u
}

func (s *shelf) put(k replies.Kind, unit, title string, change ...func(*replies.Text)) *replies.Text {
	s.t.Helper()
	one := replies.Text{Kind: k, UnitID: s.unit(unit).ID, Locale: i18n.ZhHant, Title: title, Body: "路燈由路燈科維護。"}
	for _, c := range change {
		c(&one)
	}
	kept, err := s.Put(s.ctx, one)
	require.NoError(s.t, err)
	return kept
}

func TestATextIsKeptWithEveryVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		one := s.put(replies.Template, "CG03", "路燈")
		next := *one
		next.Body = "{{citizen}}：路燈已修復。"
		_, err := s.Put(s.ctx, next)
		require.NoError(t, err)
		_, err = s.Put(s.ctx, next)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "somebody changed it meanwhile")
		list, err := s.Versions(s.ctx, one.ID)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "路燈由路燈科維護。", list[1].Body)
		_, err = s.Get(s.ctx, replies.Article, one.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "a template is no article")
	})
}

func TestWhatNobodyCouldUseIsRefused(t *testing.T) {
	s := newShelf(t, dbtest.New(t))
	from, to := calendar.NewDate(2026, 3, 1), calendar.NewDate(2026, 2, 1)
	for field, spoil := range map[string]func(*replies.Text){
		"title":    func(x *replies.Text) { x.Title = " " },
		"body":     func(x *replies.Text) { x.Body = "您好 {{phone_of_neighbour}}" },
		"locale":   func(x *replies.Text) { x.Locale = "fr" },
		"valid_to": func(x *replies.Text) { x.ValidFrom, x.ValidTo = &from, &to },
		"unit":     func(x *replies.Text) { x.UnitID = "nowhere" },
		"matter":   func(x *replies.Text) { m := "nothing"; x.MatterID = &m },
	} {
		one := replies.Text{Kind: replies.Template, UnitID: s.unit("CG03").ID, Locale: i18n.ZhHant, Title: "路燈", Body: "您好"}
		spoil(&one)
		_, err := s.Put(s.ctx, one)
		e, ok := fault.As(err)
		require.True(t, ok, field)
		require.Len(t, e.Fields, 1, field)
		require.Equal(t, field, e.Fields[0].Name)
	}
}

func TestACaseIsOfferedWhatFitsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		light, err := s.snap.Matter("street-light")
		require.NoError(t, err)
		yesterday := calendar.NewDate(2026, 11, 23)
		s.put(replies.Article, "CG03", "本科")
		s.put(replies.Article, "CG", "上級局", func(x *replies.Text) { x.MatterID = &light.ID })
		s.put(replies.Article, "CG02", "別科")
		s.put(replies.Article, "CG03", "過期", func(x *replies.Text) { x.ValidTo = &yesterday })
		s.put(replies.Article, "CG03", "收起", func(x *replies.Text) { x.Retired = true })
		s.put(replies.Article, "CG03", "English", func(x *replies.Text) { x.Locale = i18n.En })
		list, err := s.For(s.ctx, replies.Article, replies.Seek{Unit: s.unit("CG03"), MatterID: &light.ID, Reader: i18n.ZhHant, Day: calendar.NewDate(2026, 11, 24)})
		require.NoError(t, err)
		var titles []string
		for _, x := range list {
			titles = append(titles, x.Title)
		}
		require.Equal(t, []string{"上級局", "本科", "English"}, titles)
	})
}

func TestAnArticleIsFoundByItsWordsInEitherScript(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		s.put(replies.Article, "CG03", "夜間照明的規定", func(x *replies.Text) { x.Body = "依《道路照明規範》辦理。" })
		for query, n := range map[string]int{"照明": 1, "规范": 1, "道路 夜間": 1, "道路橋樑": 0, "": 1, "，": 1} {
			list, err := s.Search(s.ctx, replies.Article, query)
			require.NoError(t, err)
			require.Len(t, list, n, query)
		}
	})
}

func TestCitizensReadWhatIsPublicAndInForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		light, err := s.snap.Matter("street-light")
		require.NoError(t, err)
		on, yesterday := calendar.NewDate(2026, 11, 24), calendar.NewDate(2026, 11, 23)
		open := func(x *replies.Text) { x.Public, x.MatterID = true, &light.ID }
		s.put(replies.Article, "CG", "內部", func(x *replies.Text) { x.MatterID = &light.ID })
		s.put(replies.Article, "CG", "公開", open)
		s.put(replies.Article, "CG", "过期", open, func(x *replies.Text) { x.ValidTo = &yesterday })
		s.put(replies.Article, "CG", "公开", open, func(x *replies.Text) { x.Locale = i18n.ZhHans })
		for lang, title := range map[i18n.Lang]string{i18n.ZhHant: "公開", i18n.ZhHans: "公开"} {
			list, err := s.Published(s.ctx, light.ID, lang, on)
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Equal(t, title, list[0].Title)
		}
	})
}

func TestFieldsAreFilledAndGapsStay(t *testing.T) {
	filled := replies.Fill("{{citizen}}：案號 {{ case_no }}，預計{{due}}", map[string]string{"citizen": "王女士", "case_no": "LJ1"})
	require.Equal(t, "王女士：案號 LJ1，預計〔due〕", filled)
	require.Equal(t, []string{"〔due〕"}, replies.Gaps(filled))
	require.Equal(t, "{{", replies.Fill("{{", nil), "what is no field is left alone")
}

func TestTheDemoCityHasTextsAndKeepsWhatWasChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		city := demo.New(s.Catalogue, nil)
		require.NoError(t, city.LoadTexts(s.ctx, s.Service))
		require.NoError(t, city.LoadTexts(s.ctx, s.Service))
		list, err := s.Search(s.ctx, replies.Template, "")
		require.NoError(t, err)
		require.Len(t, list, 7)
		for _, x := range list {
			require.NotEmpty(t, replies.Gaps(x.Body), x.Title)
		}
		list, err = s.Search(s.ctx, replies.Article, "夜間施工")
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}
