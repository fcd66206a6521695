package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
)

// FuzzRows reads the rows of files under the ready-made mappings. A row is either
// a case that the tables take or refused, and the file of the refused is a table.
func FuzzRows(f *testing.F) {
	f.Add("id,created,replied,title,text,reply\n1,2025-09-01 10:00,2025-09-02 10:00,燈不亮,暗,好\n")
	f.Add("\ufeffid,created,replied,title,text,reply\r\n\"=1\"\"\",2025-09-01,,\"a\nb\",,\r\n1,\"x\n")
	f.Add("id,created,replied,title,text,reply\n2,0000-00-00,9999-12-31,\xff,\x00,\n,,,,,\n1,2\n")
	f.Add("CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,CASE_STATUS,Source,CASE_TITLE,CLOSURE_REASON,Location,LATITUDE,LONGITUDE,Department,QUEUE,REASON,TYPE\n" +
		"1,01/02/2020 03:04:05 PM,,,Open,Self Service,Hole,,Elm Row,4e1,-Inf,PW,,,Road\n2,01/02/2020 03:04:05 PM,,,Open,,,,,NaN,0x1p-2,,,,\u00df")
	var maps []*Mapping
	for _, name := range Ready() {
		m, err := OpenMapping(name)
		require.NoError(f, err)
		maps = append(maps, m)
	}
	f.Fuzz(func(t *testing.T, file string) {
		for _, m := range maps {
			readRows(t, m, file)
		}
	})
}

// readRows goes through a file as Import does, as far as no table is needed.
func readRows(t *testing.T, m *Mapping, file string) {
	rows := csv.NewReader(strings.NewReader(file))
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return
	}
	header = slices.Clone(header)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if m.bind(header) != nil {
		return
	}
	var out bytes.Buffer
	r := &run{in: Input{Mapping: m}, header: header, refused: csv.NewWriter(&out)}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			r.refuse(wrong.StartLine, wrong.Err.Error(), nil)
			continue
		}
		require.NoError(t, err)
		if len(row) != len(header) {
			r.refuse(1, "fields", row)
			continue
		}
		one, err := m.convert(row)
		if err != nil {
			r.refuse(1, err.Error(), row)
			continue
		}
		fits(t, m, one)
	}
	r.refused.Flush()
	back := csv.NewReader(&out)
	back.FieldsPerRecord = -1
	list, err := back.ReadAll()
	require.NoError(t, err)
	for _, line := range list[min(1, len(list)):] {
		_, err := strconv.Atoi(line[0])
		require.NoError(t, err)
	}
}

// fits says that the tables take a record.
func fits(t *testing.T, m *Mapping, r *record) {
	for _, s := range []string{r.sourceID, r.title, r.description, r.reply, r.address, r.unit, r.section, r.field, r.matter} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Fatalf("%q is not text", s)
		}
	}
	if r.title == "" || r.description == "" || r.sourceID == "" || utf8.RuneCountInString(r.title) > cases.TitleMost {
		t.Fatalf("%+v is no case", r)
	}
	if y := r.received.Year(); y < 1969 || y > 9999 {
		t.Fatalf("received in the year %d", y)
	}
	if r.lat != nil && (!(*r.lat >= -90 && *r.lat <= 90) || !(*r.lng >= -180 && *r.lng <= 180)) {
		t.Fatalf("no point: %v %v", *r.lat, *r.lng)
	}
	for _, code := range []string{m.code("unit", r.unit), m.code("section", r.unit+"\x00"+r.section), m.code("matter", r.matter)} {
		if slug(code) != code || len(code) > len(m.Branch.Code)+40 {
			t.Fatalf("%q is no code", code)
		}
	}
}

// FuzzMapping reads mappings; a row of anything under one that is taken is a
// case or refused.
func FuzzMapping(f *testing.F) {
	for _, name := range Ready() {
		raw, err := mappings.ReadFile("mappings/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(string(raw), "1\x002025-09-01")
	}
	f.Add("source: &a [*a]\ncolumns: {kind: {values: {a: b}, otherwise: c}}", "")
	f.Add("a: &a {b: &b {c: 1}}\n<<: *a\nzone: ../../etc/passwd", "x")
	f.Fuzz(func(t *testing.T, raw, typed string) {
		if len(raw) > 4096 {
			return
		}
		m, err := ParseMapping([]byte(raw))
		if err != nil {
			return
		}
		var header []string
		for _, c := range m.Columns.all() {
			if c.Column != "" && !slices.Contains(header, c.Column) {
				header = append(header, c.Column)
			}
		}
		require.NoError(t, m.bind(header))
		row := make([]string, len(header))
		copy(row, strings.Split(typed, "\x00"))
		if one, err := m.convert(row); err == nil {
			fits(t, m, one)
		}
	})
}
