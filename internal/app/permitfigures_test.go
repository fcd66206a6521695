package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
)

// lasted is an application as the tables have it: the test counts with these and shares
// nothing with the report.
type lasted struct {
	ID, TypeCode, Unit, State, Pauses string
	TypeVersion                       int64
	ReceivedOn                        calendar.Date
	DecidedOn, AcceptedOn             *calendar.Date
	Notices                           int64
}

// TestTheFiguresOfPermitsAreThoseOfTheTables: for each type and each unit, over a year
// and over a part of it, what the page and the CSV say is what one counts oneself.
func TestTheFiguresOfPermitsAreThoseOfTheTables(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		h.standStill(t, d)
		var all []lasted
		require.NoError(t, d.From(t.Context()).Raw(`SELECT a.id, a.type_code, a.type_version, a.state, u.code AS unit, a.received_on, a.accepted_on,
 (SELECT d.decided_on FROM permit_decisions d WHERE d.application_id = a.id AND d.decided_on IS NOT NULL) AS decided_on,
 (SELECT COUNT(*) FROM permit_notices n WHERE n.application_id = a.id) AS notices,
 COALESCE((SELECT CAST(k.pauses AS text) FROM case_clocks k WHERE k.case_id = a.case_id AND k.kind = 'conclusion'), '[]') AS pauses
 FROM permit_applications a JOIN cases c ON c.id = a.case_id JOIN units u ON u.id = c.unit_id`).Scan(&all).Error)
		require.Greater(t, len(all), 80)
		today := h.Insight.Today()
		me := h.signIn(t, "official")
		suspended, corrected, answered := false, false, false
		for _, from := range []calendar.Date{today.Add(-364), today.Add(-170)} {
			to := today.Add(-20)
			for _, by := range []string{"permit_type", "unit"} {
				query := fmt.Sprintf("?lang=en&from=%s&to=%s&group_by=%s", from, to, by)
				me.open("/insight/permits" + query)
				page := me.page
				me.open("/insight/permits.csv" + query)
				lines, total, causes := csvOf(t, me.page)
				require.NotEmpty(t, lines)
				for key, line := range lines {
					mine := slices.DeleteFunc(slices.Clone(all), func(a lasted) bool { return by == "unit" && a.Unit != key || by == "permit_type" && a.TypeCode != key })
					said := h.counted(t, mine, from, to)
					said.check(t, line, fmt.Sprint(by, " ", key, " from ", from))
					suspended = suspended || line["suspended_median_days"] != "" && line["suspended_median_days"] != "0"
				}
				h.counted(t, slices.Clone(all), from, to).check(t, total, "total")
				onPage(t, page, lines, total)
				h.causesAreTrue(t, d, causes, from, to)
				corrected = corrected || len(causes) > 0
				answered = answered || slices.ContainsFunc(causes, func(line map[string]string) bool { return line["question"] == "area" && line["name"] != "area" })
				require.Equal(t, len(causes), strings.Count(tableOf(t, page, "causes", len(causes) > 0), `<th scope="row"`))
			}
		}
		require.True(t, suspended && corrected && answered, "there was something to count")
	})
}

// standStill has the clock of every other decided application stand still for a while,
// of one so long that it is the whole time.
func (h *house) standStill(t *testing.T, d *db.DB) {
	t.Helper()
	var found []struct {
		CaseID              string
		ReceivedAt          time.Time
		ReceivedOn, Decided calendar.Date
	}
	require.NoError(t, d.From(t.Context()).Raw(`SELECT a.case_id, a.received_at, a.received_on, d.decided_on AS decided FROM permit_decisions d JOIN permit_applications a ON a.id = d.application_id
 WHERE d.decided_on IS NOT NULL ORDER BY a.id`).Scan(&found).Error)
	for i, f := range found {
		if i%3 == 2 {
			continue
		}
		from := f.ReceivedAt.Add(26 * time.Hour)
		pauses := []map[string]any{{"from": from.UTC(), "to": from.Add(time.Duration(24*(1+i%4)) * time.Hour).UTC()}}
		if i%7 == 0 {
			pauses = append(pauses, map[string]any{"from": from.Add(200 * time.Hour).UTC()}) // open: up to the decision
		}
		body, err := json.Marshal(pauses)
		require.NoError(t, err)
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM case_clocks WHERE case_id = ? AND kind = 'conclusion'", f.CaseID).Error)
		require.NoError(t, d.From(t.Context()).Exec("INSERT INTO case_clocks (case_id, kind, no, time_limit, started_at, state, pauses) VALUES (?, 'conclusion', 1, '20wd', ?, 'met', ?)", f.CaseID, f.ReceivedAt, string(body)).Error)
	}
}

// figuresOf are what one counts of applications oneself.
type figuresOf struct {
	gross, suspended, net []int
	kept                  float64
	examined, right       int
}

func (h *house) counted(t *testing.T, list []lasted, from, to calendar.Date) (f figuresOf) {
	t.Helper()
	for _, a := range list {
		if a.DecidedOn != nil && *a.DecidedOn >= from && *a.DecidedOn <= to {
			gross := int(*a.DecidedOn - a.ReceivedOn)
			stood := min(gross, h.stood(t, a))
			f.gross, f.suspended, f.net = append(f.gross, gross), append(f.suspended, stood), append(f.net, gross-stood)
			law := must(h.PermitTypes.Version(t.Context(), a.TypeCode, a.TypeVersion))
			f.kept += float64(law.Promised.Number()) / float64(law.Statutory.Number())
		}
		if a.ReceivedOn < from || a.ReceivedOn > to || a.AcceptedOn == nil && a.State != "not_accepted" && a.Notices == 0 {
			continue
		}
		f.examined++
		if a.AcceptedOn != nil && a.Notices == 0 {
			f.right++
		}
	}
	return f
}

// stood is for how many nights the clock stood still.
func (h *house) stood(t *testing.T, a lasted) (nights int) {
	t.Helper()
	var pauses []struct {
		From time.Time
		To   *time.Time
	}
	require.NoError(t, json.Unmarshal([]byte(a.Pauses), &pauses))
	for _, p := range pauses {
		for day := calendar.DateOf(p.From, h.Insight.Zone); day < *a.DecidedOn && (p.To == nil || day < calendar.DateOf(*p.To, h.Insight.Zone)); day++ {
			nights++
		}
	}
	return nights
}

// within is the smallest number within which so many tenths of all lie; the ninth is not
// told of fewer than thirty.
func within(list []int, tenths int) string {
	if len(list) == 0 || tenths == 9 && len(list) < 30 {
		return ""
	}
	list = slices.Sorted(slices.Values(list))
	return strconv.Itoa(list[int(math.Ceil(float64(len(list)*tenths)/10))-1])
}

func (f figuresOf) check(t *testing.T, line map[string]string, of string) {
	t.Helper()
	if line["decided_suppressed"] == "true" {
		for _, column := range []string{"decided", "gross_median_days", "gross_p90_days", "suspended_median_days", "suspended_p90_days", "net_median_days", "net_p90_days", "promise_compression"} {
			require.Empty(t, line[column], "%s of %s is hidden", column, of)
		}
	} else {
		require.Equal(t, strconv.Itoa(len(f.gross)), line["decided"], of)
		for column, list := range map[string][]int{"gross": f.gross, "suspended": f.suspended, "net": f.net} {
			require.Equal(t, within(list, 5), line[column+"_median_days"], "%s of %s", column, of)
			require.Equal(t, within(list, 9), line[column+"_p90_days"], "%s of %s", column, of)
		}
		if len(f.gross) > 0 {
			require.InDelta(t, 1-f.kept/float64(len(f.gross)), number(t, line["promise_compression"]), 1e-4, of)
		}
	}
	if line["examined_suppressed"] == "true" {
		require.Empty(t, line["examined"]+line["first_time_right"]+line["first_time_right_numerator"], of)
		return
	}
	require.Equal(t, strconv.Itoa(f.examined), line["examined"], of)
	if f.examined > 0 {
		require.Equal(t, strconv.Itoa(f.right), line["first_time_right_numerator"], of)
		if line["first_time_right"] != "" { // told of enough alone
			require.InDelta(t, float64(f.right)/float64(f.examined), number(t, line["first_time_right"]), 1e-4, of)
		}
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return n
}

// csvOf are the lines of a download by their codes, the total, and the causes.
func csvOf(t *testing.T, body string) (lines map[string]map[string]string, total map[string]string, causes []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	lines = map[string]map[string]string{}
	for _, record := range all[1:] {
		line := map[string]string{}
		for i, column := range all[0] {
			line[column] = record[i]
		}
		switch {
		case line["group_by"] == "material" || line["group_by"] == "answer":
			causes = append(causes, line)
		case line["code"] == "total":
			total = line
		default:
			lines[line["code"]] = line
		}
	}
	return lines, total, causes
}

func tableOf(t *testing.T, page, id string, there bool) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<table class="govuk-table" id="` + id + `">.*?</table>`).FindString(page)
	require.Equal(t, there, found != "", id)
	return found
}

var (
	tableRows  = regexp.MustCompile(`(?s)<th scope="row"[^>]*>(?:<a [^>]*>)?(.*?)(?:</a>)?</th>(.*?)</tr>`)
	tableCells = regexp.MustCompile(`(?s)<td [^>]*?(?: data-value="([^"]*)")?(?: data-low="[^"]*")?(?: data-high="[^"]*")?>`)
)

// onPage compares the table of the page with the download, cell by cell.
func onPage(t *testing.T, page string, lines map[string]map[string]string, total map[string]string) {
	t.Helper()
	rows := tableRows.FindAllStringSubmatch(tableOf(t, page, "permits", true), -1)
	require.Len(t, rows, len(lines)+1)
	named := map[string]map[string]string{"Total": total}
	for _, line := range lines {
		named[line["name"]] = line
	}
	columns := []string{"decided", "gross_median_days", "gross_p90_days", "suspended_median_days", "net_median_days", "net_p90_days", "promise_compression", "examined", "first_time_right"}
	for _, row := range rows {
		line := named[html.UnescapeString(row[1])]
		require.NotNil(t, line, row[1])
		cells := tableCells.FindAllStringSubmatch(row[2], -1)
		require.Len(t, cells, len(columns))
		for i, column := range columns {
			switch {
			case cells[i][1] == "" && column == "first_time_right": // the counts stand there instead of a rate of few
			case cells[i][1] == "" || line[column] == "":
				require.Equal(t, line[column], cells[i][1], "%s of %s", column, row[1])
			default:
				require.InDelta(t, number(t, line[column]), number(t, cells[i][1]), 1e-4, "%s of %s", column, row[1])
			}
		}
	}
}

// causesAreTrue counts for each material and each answer how many applications had to
// correct it, one statement an item.
func (h *house) causesAreTrue(t *testing.T, d *db.DB, causes []map[string]string, from, to calendar.Date) {
	t.Helper()
	for _, line := range causes {
		items, code := "permit_notice_items i ON i.notice_id = n.id WHERE i.code = ?", line["material"]
		switch {
		case line["group_by"] == "answer":
			items, code = "permit_notice_answers i ON i.notice_id = n.id WHERE i.name = ?", line["question"]
		case code == "further_":
			items = "permit_notice_items i ON i.notice_id = n.id WHERE i.code LIKE ? || '%'"
		}
		require.EqualValues(t, number(t, line["asked_to_correct"]), one(t, d, `SELECT COUNT(*) FROM permit_applications a WHERE a.type_code = ? AND a.received_on >= ? AND a.received_on <= ?
 AND a.id IN (SELECT n.application_id FROM permit_notices n JOIN `+items+`)`, line["code"], from, to, code), line)
		require.GreaterOrEqual(t, number(t, line["asked_to_correct"]), 5.0, "fewer are not told")
		require.EqualValues(t, number(t, line["examined"]), one(t, d, `SELECT COUNT(*) FROM permit_applications a WHERE a.type_code = ? AND a.received_on >= ? AND a.received_on <= ?
 AND (a.accepted_on IS NOT NULL OR a.state = 'not_accepted' OR a.id IN (SELECT application_id FROM permit_notices))`, line["code"], from, to))
	}
}
