package insight_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
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
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/insight"
	"minqing/internal/insight/seven"
	"minqing/internal/outreach/campaign"
	"minqing/internal/place"
	"minqing/internal/web"
	pages "minqing/internal/web/insight"
)

// visitors stands for the sessions of identity: everyone is this person.
type visitors struct{ who actor.Actor }

func (*visitors) Wrap(next http.Handler) http.Handler { return next }

func (v *visitors) Visitor(context.Context) (actor.Actor, string, error) {
	return v.who, "林委員", nil
}

var now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func product() fs.FS { return os.DirFS("../../..") }

// hall is the demo city with the pages of reports, and one person in it.
type hall struct {
	t       *testing.T
	d       *db.DB
	access  *access.Service
	insight *insight.Service
	seven   *seven.Service
	snap    *catalogue.Snapshot
	who     *visitors
	handler http.Handler
	filed   int
	later   time.Duration // by how much the clock was turned on
}

func newHall(t *testing.T) *hall {
	t.Helper()
	d := dbtest.New(t)
	h := &hall{t: t, d: d, who: &visitors{}}
	clock := func() time.Time { return now.Add(h.later) }
	trail := audit.New(d, clock)
	policies, err := fs.Sub(product(), "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(actor.AsSystem(t.Context(), "test")))
	snap, err := cat.Snapshot(t.Context())
	require.NoError(t, err)
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	h.access, h.snap = may, snap
	zone := time.FixedZone("CST", 8*3600)
	kit, err := web.New(web.Options{Files: product(), Bundle: bundle, Sessions: h.who, Authoriser: may, Now: clock, Zone: zone,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.NoError(t, err)
	h.insight = insight.New(insight.Deps{DB: d, Access: may, Audit: trail, Zone: zone, Now: clock})
	pages.Register(pages.Deps{Kit: kit, Words: bundle, Insight: h.insight, Catalogue: cat, Places: places, Now: clock})
	h.seven = seven.New(seven.Deps{DB: d, Access: may, Audit: trail, Campaigns: campaign.New(campaign.Deps{DB: d}), Zone: zone, Now: clock})
	pages.RegisterSeven(pages.SevenDeps{Kit: kit, Words: bundle, Seven: h.seven})
	h.handler = kit.Handler()
	return h
}

func (h *hall) exec(query string, args ...any) {
	h.t.Helper()
	require.NoError(h.t, h.d.From(context.Background()).Exec(query, args...).Error)
}

// enter makes the visitor somebody with a role for a unit.
func (h *hall) enter(role, unitCode string) {
	h.t.Helper()
	id, key := db.NewID(now), db.NewID(now)
	h.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, now)
	h.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, '', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, now)
	_, err := h.access.Give(actor.AsSystem(context.Background(), "test"), access.Giving{AccountID: id, Role: role, UnitCode: unitCode, Reason: "test"})
	require.NoError(h.t, err)
	h.who.who = actor.Actor{Kind: actor.Staff, AccountID: id}
}

// judged stores n concluded cases of a unit, the given share of them late and
// judged badly, received so many days ago and due three days after.
func (h *hall) judged(unitCode string, n, bad, daysAgo int) {
	h.t.Helper()
	unit, err := h.snap.Unit(unitCode)
	require.NoError(h.t, err)
	at := now.AddDate(0, 0, -daysAgo)
	on := func(t time.Time) calendar.Date { return calendar.DateOf(t, time.FixedZone("CST", 8*3600)) }
	for i := range n {
		h.filed++
		id := db.NewID(at)
		due, done, grade, resolved := at.AddDate(0, 0, 3), at.AddDate(0, 0, 2), 5, "yes"
		if i < bad {
			done, grade, resolved = at.AddDate(0, 0, 5), 1, "no"
		}
		h.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on,
 response_due_at, response_due_on, due_at, due_on, contacted_at, concluded_at, concluded_on, conclusion_no, code_key, created_at, updated_at)
 VALUES (?, ?, 'hotline', 'complaint', 'concluded', 'normal', 'web', 'zh-Hant', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'k1', ?, ?)`,
			id, fmt.Sprint("T", h.filed), unit.ID, at, on(at), at.AddDate(0, 0, 1), on(at.AddDate(0, 0, 1)), due, on(due), at, done, on(done), at, at)
		h.exec(`INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, channel, evaluated_at, evaluated_on)
 VALUES (?, ?, 1, ?, ?, 'web', ?, ?)`, db.NewID(done), id, grade, resolved, done, on(done))
	}
}

func (h *hall) get(target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
	return w
}

// units gives two section codes of the demo city.
func (h *hall) units() (string, string) {
	var codes []string
	for _, u := range h.snap.Units {
		if u.Kind == "section" {
			codes = append(codes, u.Code)
		}
	}
	require.GreaterOrEqual(h.t, len(codes), 2)
	return codes[0], codes[1]
}

func TestTheReportSaysItInSentencesInEveryLanguage(t *testing.T) {
	h := newHall(t)
	one, two := h.units()
	h.judged(one, 120, 12, 20)
	h.judged(two, 40, 10, 20)
	h.judged(one, 100, 0, 50)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	for lang, sentence := range map[string]string{
		"zh-Hant": "到期的 160 件中有 138 件按期辦結", "zh-Hans": "到期的 160 件中有 138 件按时办结", "en": "138 of 160 due cases were concluded in time",
	} {
		for _, group := range insight.Groups {
			w := h.get("/insight/performance?group_by=" + string(group) + "&lang=" + lang)
			body := w.Body.String()
			require.Equal(t, 200, w.Code, body)
			require.NotRegexp(t, `>\s*(insight|common|case)\.[a-z_.]+\s*<`, body, "an untranslated key")
			require.NotContains(t, body, "ZgotmplZ")
			require.Equal(t, 1, strings.Count(body, "<h1"))
			require.Contains(t, body, `data-table="chart-table"`)
			require.NotContains(t, body, " style=")
		}
		require.Contains(t, h.get("/insight/performance?lang="+lang).Body.String(), sentence)
	}
	require.Contains(t, h.get("/insight/performance?lang=en").Body.String(), "all together: 86.2%, was 100.0%", "what got worse")
}

func TestWhereTheLastDaysDrawNoChartTheReportBeginsWithAYear(t *testing.T) {
	h := newHall(t)
	one, _ := h.units()
	h.judged(one, 20, 2, 20)
	h.judged(one, 20, 2, 200)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	body := h.get("/insight/performance?lang=en").Body.String()
	require.Contains(t, body, `value="2025-11-25"`)
	require.Contains(t, body, `data-table="chart-table"`)
	require.Regexp(t, `aria-current="true">\s*Last 12 months`, body)
	require.Contains(t, body, "nothing to compare with")
	require.NotContains(t, body, "Nothing got clearly worse")
	named := h.get("/insight/performance?lang=en&from=2026-10-26&to=2026-11-24").Body.String()
	require.NotContains(t, named, `data-table="chart-table"`, "a period that was named stays")
	h.judged(one, 20, 2, 21)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	require.Contains(t, h.get("/insight/performance?lang=en").Body.String(), `value="2026-10-26"`)
}

func TestSmallNumbersAreNotToldOnPageNorInFile(t *testing.T) {
	h := newHall(t)
	one, _ := h.units()
	h.judged(one, 3, 1, 20)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	body := h.get("/insight/performance?lang=en").Body.String()
	require.Contains(t, body, "Too few cases to show")
	require.NotContains(t, body, "2 of 3")
	rows, err := csv.NewReader(strings.NewReader(h.get("/insight/performance.csv").Body.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	require.Equal(t, []string{"", "", "", "", "", "true"}, rows[1][8:14])
}

func TestTheFileHasTheSameFiguresAndNoFormulas(t *testing.T) {
	h := newHall(t)
	one, _ := h.units()
	h.judged(one, 40, 4, 20)
	h.exec(`UPDATE units SET name = '{"en":"=1+1","zh-Hant":"=1+1"}' WHERE code = ?`, one)
	h.exec("UPDATE reference_state SET revision = 'changed'")
	h.later = time.Minute // the catalogue looks for changes once a second
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	w := h.get("/insight/performance.csv?lang=en")
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	require.Contains(t, w.Header().Get("Content-Disposition"), "performance_2026-10-26_2026-11-24_unit.csv")
	var noted int
	require.NoError(t, h.d.From(context.Background()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'export.performance' AND object_kind = 'report' AND object_id = 'unit'").Scan(&noted).Error)
	require.Equal(t, 1, noted, "who takes a report away is in the audit")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "on_time", rows[0][14])
	require.Equal(t, []string{"0.900000", "36", "40"}, rows[1][14:17])
	require.Equal(t, []string{one, "'=1+1"}, rows[1][4:6])
	require.Equal(t, "total", rows[2][4])
}

func TestMistakesInTheFormAreToldBesideTheField(t *testing.T) {
	h := newHall(t)
	h.enter("official", h.snap.Root().Code)
	for _, q := range []string{"from=2026-11-20&to=2026-11-01", "from=yesterday", "group_by=colour", "from=1900-01-01", "to=%FF"} {
		w := h.get("/insight/performance?lang=en&" + q)
		require.Equal(t, 422, w.Code, q)
		require.Contains(t, w.Body.String(), "govuk-error-message", q)
		require.Equal(t, 422, h.get("/insight/performance.csv?"+q).Code, q)
	}
}

func TestReportsNeedTheirOwnGrant(t *testing.T) {
	h := newHall(t)
	require.Equal(t, http.StatusSeeOther, h.get("/insight/performance").Code, "a stranger signs in")
	one, two := h.units()
	h.enter("handler", one)
	require.Equal(t, http.StatusForbidden, h.get("/insight/performance").Code)
	require.Equal(t, http.StatusForbidden, h.get("/insight/performance.csv").Code)
	h.judged(one, 40, 4, 20)
	h.judged(two, 50, 4, 20)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("head", two)
	body := h.get("/insight/performance?lang=en").Body.String()
	require.Contains(t, body, "46 of 50 due cases")
	require.Equal(t, http.StatusSeeOther, h.get("/insight").Code)
}

var tag = regexp.MustCompile(`<[^>]*>`)

// cells reads the table of all figures as a reader does.
func cells(body string) [][]string {
	_, table, _ := strings.Cut(body, `id="figures"`)
	table, _, _ = strings.Cut(table, "</table>")
	var rows [][]string
	for _, row := range strings.Split(table, "<tr")[1:] {
		var line []string
		for _, cell := range regexp.MustCompile(`(?s)<t[hd].*?</t[hd]>`).FindAllString(row, -1) {
			line = append(line, strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(cell, ""))))
		}
		rows = append(rows, line)
	}
	return rows
}

func TestTheFileEqualsTheTable(t *testing.T) {
	h := newHall(t)
	one, two := h.units()
	h.judged(one, 120, 12, 20)
	h.judged(two, 12, 3, 20)
	h.judged("HL", 3, 1, 20)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	for _, group := range insight.Groups {
		body := h.get("/insight/performance?lang=en&group_by=" + string(group)).Body.String()
		file := h.get("/insight/performance.csv?lang=en&group_by=" + string(group)).Body.String()
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
		require.NoError(t, err)
		table := cells(body)[1:]
		_, silent, _ := strings.Cut(body, `<ul class="mq-silent">`)
		silent, _, _ = strings.Cut(silent, "</ul>")
		require.Len(t, rows[1:], len(table)+strings.Count(silent, "<li>"), group)
		at := 0
		for _, row := range rows[1:] {
			name := row[5]
			if row[4] == "total" {
				name = "Total"
			}
			if strings.Contains(html.UnescapeString(silent), "<li>"+name+"</li>") {
				require.Empty(t, strings.Trim(row[6]+row[7], "0")+row[8]+row[14]+row[20]+row[26]+row[32], "%s: %s has nothing to tell", group, name)
				continue
			}
			want := []string{name, told(row[6]), told(row[7])}
			for i := 8; i < len(row); i += 6 {
				want = append(want, rate(row[i:i+6]))
			}
			require.Equal(t, want, table[at], group)
			at++
		}
	}
}

func told(count string) string {
	if count == "" {
		return "hidden"
	}
	return count
}

// rate writes value, numerator, denominator, low, high and suppressed as the table does.
func rate(f []string) string {
	if f[5] == "true" {
		return "hidden"
	}
	n, _ := strconv.Atoi(f[2])
	switch {
	case n == 0:
		return "none"
	case n < 30:
		return f[1] + " of " + f[2]
	}
	value, _ := strconv.ParseFloat(f[0], 64)
	return i18n.Format{Lang: i18n.En}.Percent(value)
}

func TestAPeriodWithoutFiguresSaysWhyAndWhatToDo(t *testing.T) {
	h := newHall(t)
	h.enter("official", h.snap.Root().Code)
	for query, words := range map[string]string{
		"":                               "No cases in this period",
		"?from=2027-01-01&to=2027-01-31": "This period has not begun",
		"?from=2026-11-20&to=2026-11-01": "The last day must not be before the first day.",
		"?from=2027-01-01":               "The last day must not be before the first day.",
	} {
		sign := "?"
		if query != "" {
			sign = "&"
		}
		body := h.get("/insight/performance" + query + sign + "lang=en").Body.String()
		require.Contains(t, body, words, query)
		require.NotContains(t, body, "data-chart=", query)
	}
	one, _ := h.units()
	h.judged(one, 40, 4, 20)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	body := h.get("/insight/performance?from=2026-11-01&to=2026-12-31&lang=en").Body.String()
	require.Contains(t, body, "The period is not over")
	require.NotContains(t, h.get("/insight/performance?lang=en").Body.String(), "The period is not over")
}

func TestAFigureIsSetBesideThePeriodBefore(t *testing.T) {
	h := newHall(t)
	one, _ := h.units()
	h.judged(one, 120, 40, 20)
	h.judged(one, 120, 5, 50)
	require.NoError(t, h.insight.Rebuild(t.Context()))
	h.enter("official", h.snap.Root().Code)
	body := h.get("/insight/performance?lang=en").Body.String()
	require.Contains(t, body, "Worse than before (95.8%)")
	require.Contains(t, body, "Much as before (100.0%)", "everyone was contacted and everyone judged")
	require.Contains(t, body, "Filed: 120. Concluded: 120.")
	require.Contains(t, body, "Over 2 months:")
	require.Equal(t, len(insight.Figures), strings.Count(body, "How it is counted"), "each definition is one click away")
	require.Contains(t, body, `<a class="govuk-link" href="/insight/performance?from=2026-10-01&amp;to=2026-10-31&amp;group_by=unit&amp;figure=on_time">Last month`)
	require.Contains(t, body, `aria-current="true">Last 30 days`)
}
