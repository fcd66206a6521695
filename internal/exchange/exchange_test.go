package exchange_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/exchange"
	"minqing/internal/i18n"
	"minqing/internal/vault"
)

var now = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

const mapping = `
source: old-desk
zone: Asia/Taipei
time_layouts: ["2006-01-02 15:04"]
locale: zh-Hant
branch: {code: IMP-OLD, name: {zh-Hant: 舊系統, zh-Hans: 旧系统, en: Former desk}}
handling_limit: 15wd
columns:
  source_id: {column: no}
  received_at: {column: opened}
  due_at: {column: target}
  replied_at: {column: answered}
  concluded_at: {column: closed}
  status: {column: state, values: {O: open, C: concluded}}
  kind: {constant: complaint}
  channel: {column: via, values: {tel: phone}, otherwise: import}
  title: {column: subject}
  reply: {column: answer}
  address: {column: street}
  unit: {column: bureau}
  section: {column: desk}
  matter: {column: topic}
`

const header = "no,opened,target,answered,closed,state,via,subject,answer,street,bureau,desk,topic\n"

const good = `1,2025-09-01 10:00,2025-09-05 18:00,2025-09-05 17:00,2025-09-05 18:00,C,tel,Lamp is dark,It shines again.,1 Elm Row,Works,Lamps,Lamp
2,2025-09-01 23:30,2025-09-05 18:00,,2025-09-05 18:01,C,fax,Lamp is dark,,,Works,Lamps,Lamp
3,2025-09-02 10:00,2025-09-05 18:00,,,O,tel,Hole in the road,,,Works,,Road
4,2025-09-02 11:00,,,,O,tel,=2+3,,,,,
`

type desk struct {
	*exchange.Service
	t  *testing.T
	db *db.DB
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	clock := func() time.Time { return now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	cat := catalogue.New(d, trail, clock)
	times, err := clocks.New("CN")
	require.NoError(t, err)
	return &desk{t: t, db: d, Service: exchange.New(exchange.Deps{DB: d, Catalogue: cat, Vault: v, Audit: trail, Calendar: "TW", Now: clock,
		Cases: cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Catalogue: cat, Clocks: times, Now: clock})})}
}

func (k *desk) ctx() context.Context { return actor.AsSystem(k.t.Context(), "test") }

func (k *desk) bring(file string, dry bool) (exchange.Counts, string) {
	k.t.Helper()
	m, err := exchange.ParseMapping([]byte(mapping))
	require.NoError(k.t, err)
	var refused bytes.Buffer
	c, err := k.Import(k.ctx(), exchange.Input{File: strings.NewReader(file), Name: "old.csv", Mapping: m, DryRun: dry, Rejected: &refused})
	require.NoError(k.t, err)
	return c, refused.String()
}

func (k *desk) count(query string, args ...any) int64 {
	k.t.Helper()
	var n int64
	require.NoError(k.t, k.db.From(k.ctx()).Raw(query, args...).Scan(&n).Error)
	return n
}

func (k *desk) export(table, format string) []byte {
	k.t.Helper()
	var out bytes.Buffer
	_, err := k.Export(k.ctx(), table, format, &out)
	require.NoError(k.t, err)
	return out.Bytes()
}

func TestAFileBecomesCasesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		c, refused := k.bring(header+good, true)
		require.Equal(t, exchange.Counts{Imported: 4}, c)
		require.Empty(t, refused)
		require.Zero(t, k.count("SELECT count(*) FROM cases")+k.count("SELECT count(*) FROM units")+k.count("SELECT count(*) FROM imports"), "a dry run stores nothing")

		c, _ = k.bring("\ufeff"+header+good, false)
		require.Equal(t, exchange.Counts{Imported: 4}, c)
		c, _ = k.bring(header+good+"5,2025-09-03 10:00,,,,O,tel,New one,,,,,\n", false)
		require.Equal(t, exchange.Counts{Imported: 1, Known: 4}, c)
		require.EqualValues(t, 5, k.count("SELECT count(*) FROM cases"))
		require.EqualValues(t, 2, k.count("SELECT count(*) FROM imports WHERE finished_at IS NOT NULL"))
		require.EqualValues(t, 2, k.count("SELECT count(*) FROM audit_entries WHERE action = 'case.import'"))

		var list []cases.Case
		require.NoError(t, d.From(k.ctx()).Order("source_id").Find(&list).Error)
		first, second, third := list[0], list[1], list[2]
		require.Equal(t, cases.Concluded, first.Status)
		require.True(t, *first.OnTime(now), "closed in the very minute of the target")
		require.False(t, *second.OnTime(now), "closed a minute late")
		require.True(t, first.DueFixed)
		require.Equal(t, "2025-09-01", second.ReceivedOn.String(), "the day of the file's zone")
		require.Equal(t, "2025-09-01T15:30:00Z", second.ReceivedAt.UTC().Format(time.RFC3339))
		require.NotEmpty(t, first.AddressCipher)
		require.Equal(t, "phone", first.Channel)
		require.Equal(t, "import", second.Channel)
		require.Equal(t, cases.Dispatched, third.Status)
		require.Nil(t, list[3].OnTime(now))
		require.EqualValues(t, 3, k.count("SELECT count(*) FROM case_units WHERE open = ?", true), "open rows wait in queues")
		require.EqualValues(t, 1, k.count("SELECT count(*) FROM case_units WHERE open = ? AND queue_at = due_at", true))
		require.EqualValues(t, 3, k.count("SELECT count(*) FROM case_events WHERE case_id = ?", first.ID))
		require.EqualValues(t, 1, k.count("SELECT count(*) FROM case_messages WHERE case_id = ?", first.ID))
		require.EqualValues(t, 0, k.count("SELECT count(*) FROM matters WHERE valid_to IS NULL"), "nobody files under matters of an import")
	})
}

func TestTheBranchHangsBelowTheGovernment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		name := i18n.Text{i18n.ZhHant: "市", i18n.ZhHans: "市", i18n.En: "City"}
		_, err := k.Catalogue.Load(k.ctx(), catalogue.Content{Source: "test", ValidFrom: 20000, Units: []catalogue.UnitDef{{Life: catalogue.Life{Code: "TOP"},
			Name: name, Kind: catalogue.UnitCity, Zone: "Asia/Taipei", Calendar: "TW", LegalProfile: "tw", OfficeHours: catalogue.OfficeHours{{From: 3600, To: 7200}}}}})
		require.NoError(t, err)
		k.bring(header+good, false)
		require.EqualValues(t, 4, k.count("SELECT count(*) FROM units WHERE path LIKE 'TOP/%'")) // with the top itself
		require.EqualValues(t, 3, k.count("SELECT count(*) FROM units WHERE path LIKE 'TOP/IMP-OLD/%'"))
	})
}

func TestBadRowsAreRefusedWithAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		rows := []struct{ row, reason string }{
			{"a,2025-09-01 10:00,,,2025-08-01 10:00,C,tel,x,,,,,", "concluded_at: before received_at"},
			{"b,2025-09-01 10:00,,,,C,tel,x,,,,,", "concluded_at: empty"},
			{"c,2025-09-01 10:00,,,,X,tel,x,,,,,", "status: the mapping has no value"},
			{"d,yesterday,,,,O,tel,x,,,,,", "received_at: not a time"},
			{"e,,,,,O,tel,x,,,,,", "received_at: empty"},
			{",2025-09-01 10:00,,,,O,tel,x,,,,,", "source_id: empty"},
			{"g,2025-09-01 10:00,,,,O,tel,,,,,,", "title: empty"},
			{"h,2025-09-01 10:00,,,,O,tel,\xff\xfe,,,,,", "not valid UTF-8"},
			{"i,2025-09-01 10:00,,,,O,tel", "7 fields"},
			{"j,2025-09-01 10:00,,,,O,tel,a \" b,,,,,", "malformed CSV"},
			{"l,2025-09-01 10:00,,,,O,tel,x,said,,,,", "replied_at: empty"},
		}
		file := header
		for _, r := range rows {
			file += r.row + "\n"
		}
		c, refused := k.bring(file+good+"z,\"never closed", false)
		require.Equal(t, exchange.Counts{Imported: 4, Rejected: int64(len(rows) + 1)}, c)
		reader := csv.NewReader(strings.NewReader(refused))
		reader.FieldsPerRecord = -1
		list, err := reader.ReadAll()
		require.NoError(t, err)
		require.Equal(t, "line", list[0][0])
		for i, r := range rows {
			require.Equal(t, fmt.Sprint(i+2), list[i+1][0])
			require.Contains(t, list[i+1][1], r.reason)
		}
	})
}

func TestARowThatComesAgainWhileItIsStoredIsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		var b strings.Builder
		b.WriteString(header)
		for i := range 5000 { // each batch is the same as the one before
			fmt.Fprintf(&b, "%d,2025-09-01 10:00,,,2025-09-02 10:00,C,tel,x,,,B,D,T\n", i%1000)
		}
		c, _ := k.bring(b.String(), false)
		require.Equal(t, exchange.Counts{Imported: 1000, Known: 4000}, c)
		require.EqualValues(t, 1000, k.count("SELECT count(*) FROM cases"))
	})
}

func TestBatchesHoldMoreThanOneStatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		var b strings.Builder
		b.WriteString(header)
		for i := range 2300 {
			fmt.Fprintf(&b, "%d,2025-09-01 10:00,,,2025-09-02 10:00,C,tel,x,,,B%d,D%d,T%d\n", i%2200, i%3, i%5, i%7)
		}
		c, _ := k.bring(b.String(), false)
		require.Equal(t, exchange.Counts{Imported: 2200, Known: 100}, c)
		lines := strings.Split(strings.TrimSpace(string(k.export("cases", "csv"))), "\n")
		require.Len(t, lines, 2201, "every page, no row twice")
		seen := map[string]bool{}
		for _, l := range lines {
			seen[l] = true
		}
		require.Len(t, seen, 2201)
	})
}

func TestExportsAgreeInEveryFormat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.bring(header+good, false)
		rows, err := csv.NewReader(bytes.NewReader(k.export("cases", "csv"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 5)
		column := map[string]int{}
		for i, name := range rows[0] {
			column[name] = i
		}
		verdicts := map[string]string{}
		for _, r := range rows[1:] {
			verdicts[r[column["source_id"]]] = r[column["on_time"]]
		}
		require.Equal(t, map[string]string{"1": "true", "2": "false", "3": "false", "4": ""}, verdicts)

		book, err := excelize.OpenReader(bytes.NewReader(k.export("cases", "xlsx")))
		require.NoError(t, err)
		sheet, err := book.GetRows("Sheet1")
		require.NoError(t, err)
		require.Equal(t, rows[0], sheet[0])
		require.Equal(t, rows[1][0], sheet[1][0])
		lines := bytes.Split(bytes.TrimSpace(k.export("cases", "jsonl")), []byte("\n"))
		require.Len(t, lines, 4)
		var one map[string]any
		require.NoError(t, json.Unmarshal(lines[0], &one))
		require.Equal(t, rows[1][0], one["case_no"])
		require.Equal(t, true, one["on_time"])

		require.Equal(t, "id,kind,locale,created_at\n", string(k.export("constituents", "csv")))
		require.Contains(t, string(k.export("evaluations", "csv")), "case_no,conclusion_no,grade")
		require.EqualValues(t, 3, k.count("SELECT count(*) FROM audit_entries WHERE action = 'export.cases'"))
	})
}

func TestReasonsOfAJudgementAreAListWhereTheFormatHasLists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.bring(header+good, false)
		for i, reasons := range []string{`["fast","clear"]`, `[]`} {
			require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, reasons, channel, evaluated_at, evaluated_on)
 SELECT ?, id, 1, 4, 'yes', ?, 'web', ?, ? FROM cases ORDER BY case_no LIMIT 1 OFFSET ?`, db.NewID(time.Now()), reasons, time.Now().UTC(), "2025-09-03", i).Error)
		}
		var told []any
		for _, line := range bytes.Split(bytes.TrimSpace(k.export("evaluations", "jsonl")), []byte("\n")) {
			var one map[string]any
			require.NoError(t, json.Unmarshal(line, &one))
			told = append(told, one["reasons"])
		}
		require.ElementsMatch(t, []any{[]any{"fast", "clear"}, []any{}}, told)
		rows, err := csv.NewReader(bytes.NewReader(k.export("evaluations", "csv"))).ReadAll()
		require.NoError(t, err)
		require.Contains(t, []string{rows[1][4], rows[2][4]}, `["fast","clear"]`)
		book, err := excelize.OpenReader(bytes.NewReader(k.export("evaluations", "xlsx")))
		require.NoError(t, err)
		sheet, err := book.GetRows("Sheet1")
		require.NoError(t, err)
		require.Contains(t, []string{sheet[1][4], sheet[2][4]}, `["fast","clear"]`)
	})
}

func TestAFormulaInAnIdIsHarmless(t *testing.T) {
	k := newDesk(t, dbtest.New(t))
	k.bring(header+"=1+1,2025-09-01 10:00,,,,O,tel,x,,,,,\n", false)
	require.Contains(t, string(k.export("cases", "csv")), ",'=1+1,")
}

func TestMappingsAreChecked(t *testing.T) {
	for _, name := range exchange.Ready() {
		_, err := exchange.OpenMapping(name)
		require.NoError(t, err, name)
	}
	_, err := exchange.ParseMapping([]byte(mapping + "surprise: 1\n"))
	require.ErrorContains(t, err, "surprise")
	_, err = exchange.ParseMapping([]byte(strings.Replace(mapping, "Asia/Taipei", "Mars/Base", 1)))
	require.ErrorContains(t, err, "Mars/Base")
	m, err := exchange.ParseMapping([]byte(mapping))
	require.NoError(t, err)
	k := newDesk(t, dbtest.New(t))
	_, err = k.Import(k.ctx(), exchange.Input{File: strings.NewReader("no,opened\n"), Mapping: m, Rejected: &bytes.Buffer{}})
	require.ErrorContains(t, err, "no column target")
}
