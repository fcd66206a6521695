package app_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// aYear is a calendar file in which a year has one day off that no other has.
const aYear = `extends = "CN"
version = "2031.1"
source = "Example only"

[[year]]
year = 2031
source = "Example only"
work = ["2031-02-15"]

[[year.holiday]]
name = { zh-Hant = "測試假", zh-Hans = "测试假", en = "Day of tests" }
days = ["2031-03-03..2031-03-05"]`

func TestAnAdministratorSetsByWhichTimeIsCounted(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		admin := h.signIn(t, "admin")
		other := h.signIn(t, "admin")
		readInThreeLanguages(admin)
		today := calendar.DateOf(time.Now(), time.FixedZone("", 8*3600))
		setsALimit(t, d, admin, other, today)
		setsASuspension(t, d, admin, other)
		importsAYear(t, d, admin, other)
		setsHours(t, d, admin, other)
		setsAMattersOwn(t, d, admin, other)
		jobs := count(t, d, "river_job WHERE kind = 'case.recount'")
		require.GreaterOrEqual(t, jobs, 1, "open clocks are counted anew soon")
		handler := h.signIn(t, "handler")
		handler.took(handler.client.Get(h.url + "/admin/clocks"))
		require.Equal(t, 403, handler.status)
	})
}

func readInThreeLanguages(b *browser) {
	b.t.Helper()
	for lang, says := range map[string]string{"zh-Hant": "重新計算", "zh-Hans": "重新计算", "en": "Counting anew"} {
		for _, path := range []string{"/admin/clocks", "/admin/clocks/limits/warn_before", "/admin/clocks/limits/warn_due", "/admin/clocks/limits/conclusion", "/admin/clocks/suspensions",
			"/admin/clocks/suspensions/citizen", "/admin/clocks/suspensions/new", "/admin/clocks/calendars", "/admin/clocks/calendars/years/CN/2026",
			"/admin/clocks/calendars/years/TW/2029", "/admin/clocks/calendars/import", "/admin/clocks/matters/street-light", "/admin/clocks/units/CG03", "/admin/clocks/calendars/hours", "/admin/clocks/calendars/hours/CG03"} {
			b.open(path + "?lang=" + lang)
			require.NotRegexp(b.t, `\b(timing|catalogue|admin)\.[a-z_]+`, mainPart.FindString(b.page), path)
			if path == "/admin/clocks" {
				require.Contains(b.t, b.page, says)
			}
		}
	}
	for _, path := range []string{"/admin/clocks/limits/nothing", "/admin/clocks/suspensions/nothing", "/admin/clocks/calendars/years/XX/2026", "/admin/clocks/calendars/years/CN/1", "/admin/clocks/calendars/hours/NOWHERE", "/admin/clocks/matters/nothing", "/admin/clocks/units/NOWHERE"} {
		b.took(b.client.Get(b.at.Scheme + "://" + b.at.Host + path))
		require.Equal(b.t, 404, b.status, path)
	}
}

func setsALimit(t *testing.T, d *db.DB, one, two *browser, today calendar.Date) {
	t.Helper()
	const at = "/admin/clocks/limits/contact?lang=en"
	one.open(at)
	two.open(at)
	typed := url.Values{"do": {"look"}, "number": {"zero"}, "unit": {"h"}, "valid_from": {"2019-01-01"}, "basis": {"Rule 7"}, "reason": {""}}
	one.send(typed, `name="reason"`)
	require.Equal(t, 422, one.status)
	for _, says := range []string{`href="#number"`, `href="#reason"`, `href="#valid_from"`, `value="zero"`, `value="Rule 7"`, `value="2019-01-01"`} {
		require.Contains(t, one.page, says)
	}
	typed = url.Values{"do": {"look"}, "number": {"36"}, "unit": {"h"}, "valid_from": {today.Add(-3).String()}, "reason": {"人手不足"}}
	one.send(typed, `name="reason"`)
	require.Equal(t, 200, one.status)
	require.Contains(t, one.page, "counted anew")
	one.send(url.Values{"do": {"set"}}, `value="set"`)
	require.Equal(t, "/admin/clocks", one.at.Path, one.page)
	require.Contains(t, one.page, "36 hours")
	two.send(url.Values{"do": {"set"}, "number": {"12"}, "reason": {"第二人"}}, `name="reason"`)
	require.Equal(t, 409, two.status)
	require.Contains(t, two.page, "第二人", "what was typed stays")
	require.Contains(t, two.page, "人手不足", "and what the other one did is shown")
	require.Equal(t, 1, count(t, d, "clock_standards WHERE code = 'contact' AND version = 2 AND set_by_id IS NOT NULL"))
	require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'catalogue.standard.set' AND object_id = 'contact 2'"))

	one.open("/admin/clocks/limits/warn_due?lang=en")
	one.send(url.Values{"do": {"set"}, "told": {}, "reason": {"x"}}, `name="reason"`)
	require.Equal(t, 422, one.status, "somebody has to hear")
	one.send(url.Values{"do": {"set"}, "told": {"head", "supervisor"}, "reason": {"x"}}, `name="reason"`)
	require.Contains(t, one.page, "the head of the unit, the supervisor")
	one.open("/admin/clocks/limits/joint?lang=en")
	one.send(url.Values{"do": {"set"}, "number": {"4"}, "valid_from": {today.Add(-1).String()}, "reason": {"x"}}, `name="reason"`)
	require.Equal(t, 422, one.status, "what does not move open clocks does not reach back")
}

func setsASuspension(t *testing.T, d *db.DB, one, two *browser) {
	t.Helper()
	const at = "/admin/clocks/suspensions/tender?lang=en"
	one.open(at)
	two.open(at)
	one.send(url.Values{"number": {"90"}, "unit": {"d"}, "notice": {"no"}, "name[en]": {""}, "reason": {"縮短"}}, `name="reason"`)
	require.Equal(t, 422, one.status)
	require.Contains(t, one.page, `href="#name-en"`)
	require.Contains(t, one.page, `value="90"`)
	one.send(url.Values{"name[en]": {"Tender"}}, `name="reason"`)
	require.Equal(t, "/admin/clocks/suspensions", one.at.Path, one.page)
	require.Contains(t, one.page, "90 days")
	one.open(at)
	one.send(url.Values{"matters": {"street-light, nothing-here"}, "reason": {"限事項"}}, `name="reason"`)
	require.Equal(t, 422, one.status, "nobody offers that matter")
	require.Contains(t, one.page, `value="street-light, nothing-here"`)
	one.send(url.Values{"matters": {"street-light，rubbish"}, "usually": {"91"}, "usual_unit": {"d"}}, `name="reason"`)
	require.Equal(t, 422, one.status, "longer than the longest")
	one.send(url.Values{"usually": {"30"}}, `name="reason"`)
	require.Equal(t, "/admin/clocks/suspensions", one.at.Path, one.page)
	require.Contains(t, one.page, "30 days")
	require.Equal(t, 1, count(t, d, `suspension_types WHERE code = 'tender' AND usual = '30d' AND CAST(matters AS TEXT) LIKE '%street-light%rubbish%'`))
	two.send(url.Values{"reason": {"第二人"}}, `name="reason"`)
	require.Equal(t, 409, two.status)
	require.Contains(t, two.page, "第二人")
	require.Equal(t, 3, count(t, d, "item_versions WHERE kind = 'suspension' AND code = 'tender'"), "what it said before is kept")
	one.open("/admin/clocks/suspensions/new?lang=en")
	fresh := url.Values{"code": {"tender"}, "name[zh-Hant]": {"搬遷"}, "name[zh-Hans]": {"搬迁"}, "name[en]": {"Move"}, "reason": {"新增"}}
	one.send(fresh, `name="reason"`)
	require.Equal(t, 422, one.status, "the code is taken")
	one.send(url.Values{"code": {"move"}}, `name="reason"`)
	require.Contains(t, one.page, "Move", one.page)
}

func importsAYear(t *testing.T, d *db.DB, one, two *browser) {
	t.Helper()
	const at = "/admin/clocks/calendars/import?lang=en"
	one.open(at)
	two.open(at)
	one.send(url.Values{"do": {"look"}, "file": {strings.Replace(aYear, "2031-02-15", "2031-02-14", 1)}, "reason": {"公布"}}, `name="file"`)
	require.Equal(t, 422, one.status, "a Friday is no make-up workday")
	require.Contains(t, one.page, "2031-02-14")
	require.Contains(t, one.page, "Day of tests", "what was pasted stays")
	upload(one, aYear, url.Values{"do": {"look"}, "reason": {"公布"}, "file": {""}})
	require.Equal(t, 200, one.status, one.page)
	require.Contains(t, one.page, "Day of tests")
	require.Contains(t, one.page, "counted anew")
	one.send(url.Values{"do": {"set"}}, `value="set"`)
	require.Equal(t, "/admin/clocks/calendars", one.at.Path, one.page)
	require.Contains(t, one.page, "/admin/clocks/calendars/years/CN/2031")
	two.send(url.Values{"do": {"set"}, "file": {aYear}, "reason": {"第二人"}}, `name="file"`)
	require.Equal(t, 409, two.status)
	require.Contains(t, two.page, "第二人")
	one.open("/admin/clocks/calendars/years/CN/2031?lang=en")
	require.Contains(t, one.page, "Day of tests")
	require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'catalogue.calendar.saved'"))
	require.Equal(t, 1, count(t, d, "calendars WHERE code = 'CN' AND year = 2031 AND version = 1"))
}

// upload sends the form of the page with a file.
func upload(b *browser, text string, change url.Values) {
	b.t.Helper()
	f := b.form(`name="file"`)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range change {
		f.values[name] = values
	}
	f.values.Del("upload")
	for name, values := range f.values {
		require.NoError(b.t, w.WriteField(name, values[0]))
	}
	part, err := w.CreateFormFile("upload", "cn-2031.toml")
	require.NoError(b.t, err)
	_, err = part.Write([]byte(text))
	require.NoError(b.t, err)
	require.NoError(b.t, w.Close())
	to, err := b.at.Parse(f.action)
	require.NoError(b.t, err)
	b.took(b.client.Post(to.String(), w.FormDataContentType(), &body))
}

func setsHours(t *testing.T, d *db.DB, one, two *browser) {
	t.Helper()
	const at = "/admin/clocks/calendars/hours/CG03?lang=en"
	one.open(at)
	two.open(at)
	one.send(url.Values{"do": {"look"}, "hours": {"08:00-12:00\n11:00-17:00"}, "reason": {"夏令"}}, `name="hours"`)
	require.Equal(t, 422, one.status)
	require.Contains(t, one.page, "11:00-17:00")
	one.send(url.Values{"do": {"look"}, "hours": {"08:00-12:00\n14:00-18:00"}}, `name="hours"`)
	require.Contains(t, one.page, "counted anew")
	one.send(url.Values{"do": {"set"}}, `value="set"`)
	require.Equal(t, "/admin/clocks/calendars/hours", one.at.Path, one.page)
	require.Contains(t, one.page, "08:00-12:00, 14:00-18:00")
	two.send(url.Values{"do": {"set"}, "hours": {"07:00-11:00"}, "reason": {"第二人"}}, `name="hours"`)
	require.Equal(t, 409, two.status)
	require.Contains(t, two.page, "07:00-11:00")
	require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'catalogue.hours.set'"))
}

func setsAMattersOwn(t *testing.T, d *db.DB, one, two *browser) {
	t.Helper()
	const at = "/admin/clocks/matters/street-light?lang=en"
	one.open(at)
	two.open(at)
	one.send(url.Values{"do": {"look"}, "number[conclusion]": {"zero"}, "number[archive]": {"90"}, "extensions": {"-1"}, "reason": {""}}, `name="reason"`)
	require.Equal(t, 422, one.status)
	for _, says := range []string{`href="#number-conclusion"`, `href="#reason"`, `href="#extensions"`, `value="zero"`, `value="90"`, "Conclusion: enter a whole number"} {
		require.Contains(t, one.page, says)
	}
	one.send(url.Values{"do": {"look"}, "number[conclusion]": {"9"}, "unit[conclusion]": {"wd"}, "extensions": {"2"}, "reason": {"零件短缺"}}, `name="reason"`)
	require.Equal(t, 200, one.status)
	require.Regexp(t, `[1-9]\d* open clocks? gets? another limit`, one.page)
	one.send(url.Values{"do": {"set"}}, `value="set"`)
	require.Equal(t, "/admin/clocks", one.at.Path, one.page)
	require.Contains(t, one.page, "9 working days")
	two.send(url.Values{"do": {"set"}, "number[conclusion]": {"8"}, "reason": {"第二人"}}, `name="reason"`)
	require.Equal(t, 409, two.status)
	require.Contains(t, two.page, "第二人", "what was typed stays")
	require.Contains(t, two.page, `value="8"`)
	require.Equal(t, 1, count(t, d, "matters WHERE code = 'street-light' AND handling_limit = '9wd'"))
	require.Equal(t, 1, count(t, d, "item_versions v JOIN matters m ON m.id = v.item_id AND m.version = v.version WHERE m.code = 'street-light'"), "every version is kept")
	require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'catalogue.matter.rules'"))
	one.open(at)
	one.send(url.Values{"do": {"set"}, "reason": {"再一次"}}, `name="reason"`)
	require.Equal(t, 422, one.status, "nothing is different")

	one.open("/admin/clocks/matters/information-disclosure?lang=en")
	require.Contains(t, one.page, "so that the limit begins anew")
	one.send(url.Values{"do": {"set"}, "number[correction]": {"5"}, "unit[correction]": {"wd"}, "reason": {"加快"}}, `name="reason"`)
	require.Equal(t, "/admin/clocks", one.at.Path, one.page)
	require.Equal(t, 1, count(t, d, `matters WHERE code = 'information-disclosure' AND CAST(clock_rules AS TEXT) LIKE '%"correction": "5wd"%' OR code = 'information-disclosure' AND CAST(clock_rules AS TEXT) LIKE '%"correction":"5wd"%'`), "the others stay")
	require.Equal(t, 1, count(t, d, `matters WHERE code = 'information-disclosure' AND CAST(clock_rules AS TEXT) LIKE '%extension_most%20wd%'`))
	one.open("/admin/clocks/units/CG03?lang=en")
	require.NotContains(t, one.page, "so that the limit begins anew", "it is a rule of matters alone")
	one.send(url.Values{"do": {"look"}, "number[warn_before]": {"2"}, "unit[warn_before]": {"wd"}, "reason": {"路遠"}}, `name="reason"`)
	require.Contains(t, one.page, "counted anew")
	one.send(url.Values{"do": {"set"}}, `value="set"`)
	require.Equal(t, "/admin/clocks", one.at.Path, one.page)
	require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'catalogue.unit.rules'"))
}

// A change reaches open cases by the job, with the old and the new time kept.
func TestWhatIsSetReachesOpenCasesByItself(t *testing.T) {
	d := dbtest.New(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true, Workers: true})
	admin := h.signIn(t, "admin")
	require.Eventually(t, func() bool {
		r, err := h.Cases.Recounting(t.Context())
		return err == nil && !r.Waiting && r.Runs[0].FinishedAt != nil
	}, time.Minute, 50*time.Millisecond)
	admin.open("/admin/clocks/calendars/hours/LJ?lang=en")
	admin.send(url.Values{"do": {"set"}, "hours": {"06:00-20:00"}, "reason": {"夏令"}}, `name="hours"`)
	require.Equal(t, "/admin/clocks/calendars/hours", admin.at.Path, admin.page)
	var last cases.Recounting
	require.Eventually(t, func() bool {
		var err error
		last, err = h.Cases.Recounting(t.Context())
		return err == nil && !last.Waiting && len(last.Runs) > 1 && last.Runs[0].FinishedAt != nil
	}, time.Minute, 100*time.Millisecond)
	admin.open("/admin/clocks?lang=en")
	require.Contains(t, admin.page, `id="recounts"`)
}
