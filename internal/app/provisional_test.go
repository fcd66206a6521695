package app_test

import (
	"bytes"
	"context"
	"html"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/document/documenttest"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// unpublished are the words for days in a year whose calendar nobody has published, for
// the applicant and for the desk. The year is that of the day, not that of today.
var unpublished = map[i18n.Lang][2]string{
	i18n.ZhHant: {"2041 年的辦公日曆尚未公布，這個日期是暫定的，公布後會重新計算。", "（暫定：2041 年的辦公日曆尚未公布）"},
	i18n.ZhHans: {"2041 年的放假安排尚未公布，这个日期是暂定的，公布后会重新计算。", "（暂定：2041 年的放假安排尚未公布）"},
	i18n.En:     {"The calendar of 2041 is not published yet: this day is provisional and will be counted anew.", "(provisional: the calendar of 2041 is not published)"},
}

// TestDaysOfAYearWithoutACalendarAreProvisional: an application of the last days of a
// year is due in the next, of which no calendar is published. Pages and receipt say so,
// until it is.
func TestDaysOfAYearWithoutACalendarAreProvisional(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		ahead := time.Until(time.Date(2040, 12, 28, 2, 0, 0, 0, time.UTC)) // a Friday
		h := openWith(t, d, app.Options{Demo: true, Now: func() time.Time { return time.Now().Add(ahead) }})
		h.serve(t, app.ServeOptions{Web: true})
		ctx := h.citizenOf(t, "citizen@demo.test")
		at, no := h.appliesForSign(t, ctx)
		me, desk := h.signIn(t, "citizen"), h.signIn(t, "supervisor")
		says := func(want bool, words map[i18n.Lang][2]string) {
			for lang, of := range words {
				on := func(b *browser, page, part string) {
					b.open(page + "?lang=" + string(lang))
					text := html.UnescapeString(b.page)
					if b.header.Get("Content-Type") == "application/pdf" {
						text = documenttest.Text(t, []byte(b.page))
					}
					if want {
						require.Contains(t, text, part, "%s in %s", page, lang)
					} else {
						require.NotContains(t, text, part, "%s in %s", page, lang)
					}
				}
				on(me, at, of[0])
				on(me, at+"/receipt.pdf", of[0])
				on(desk, "/desk/cases/"+no+"/permit", of[1])
			}
		}
		says(true, unpublished)

		file := "extends = \"CN\"\nversion = \"2041.1\"\nsource = \"Example only\"\n[[year]]\nyear = 2040\nsource = \"Example only\"\n[[year]]\nyear = 2041\nsource = \"Example only\"\n"
		_, _, changed, err := h.Catalogue.ImportCalendar(actor.AsSystem(t.Context(), "test"), file)
		require.NoError(t, err)
		require.True(t, changed)
		says(false, unpublished)
	})
}

// appliesForSign sends an application for a small sign and gives its page and number.
func (h *house) appliesForSign(t *testing.T, ctx context.Context) (at, no string) {
	t.Helper()
	a := must(h.Permits.Begin(ctx, "outdoor-sign"))
	require.NoError(t, h.Permits.Answer(ctx, a.ID, a.Version, map[string]any{"place": "湖濱路 12 號", "lit": false, "area": 3.0, "roof": false, "own_building": true}))
	body := []byte("%PDF-1.4\n招牌\n%%EOF\n")
	for _, code := range []string{"drawing", "photo"} {
		require.NoError(t, h.Permits.Attach(ctx, a.ID, code, files.Upload{Name: code + ".pdf", Content: bytes.NewReader(body), Size: int64(len(body))}))
	}
	own := must(h.Permits.Own(ctx, a.ID))
	r := must(h.Permits.Submit(ctx, a.ID, own.Application.Version, permits.Signature{Name: "林小滿", Agrees: true, Shown: permits.Statement}, i18n.ZhHant))
	return "/enterprise/applications/" + a.ID, r.CaseNo
}
