package exchange

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"minqing/internal/text"
)

// Formats of an export.
var Formats = []string{"csv", "xlsx", "jsonl"}

// writer writes rows one after the other. Cells are strings, counts, and
// pointers to strings, times or verdicts, of which nil is an empty cell.
type writer interface {
	header(columns []string) error
	row(cells []any) error
	close() error
}

func newWriter(format string, out io.Writer) (writer, error) {
	switch format {
	case "csv":
		return &csvWriter{out: csv.NewWriter(out)}, nil
	case "jsonl":
		return &jsonWriter{out: bufio.NewWriter(out)}, nil
	case "xlsx":
		return &xlsxWriter{to: out, file: excelize.NewFile()}, nil
	}
	return nil, fmt.Errorf("there is no format %q", format)
}

// list is a cell that holds several values, written as JSON: a list where the
// format has lists, a text elsewhere.
type list string

// MarshalJSON writes the list itself.
func (l list) MarshalJSON() ([]byte, error) {
	if l == "" {
		return []byte("[]"), nil
	}
	return []byte(l), nil
}

// text is the list on one line, alike from both engines.
func (l list) text() string {
	var line bytes.Buffer
	if json.Compact(&line, []byte(l)) != nil {
		return string(l)
	}
	return line.String()
}

// value gives a cell as string, int64, bool or nil; times are RFC 3339 in UTC.
func value(cell any) any {
	switch v := cell.(type) {
	case *string:
		if v == nil {
			return nil
		}
		return *v
	case *time.Time:
		if v == nil {
			return nil
		}
		return v.UTC().Format(time.RFC3339Nano)
	case *bool:
		if v == nil {
			return nil
		}
		return *v
	}
	return cell
}

type csvWriter struct{ out *csv.Writer }

func (w *csvWriter) header(columns []string) error { return w.out.Write(columns) }

func (w *csvWriter) row(cells []any) error {
	line := make([]string, len(cells))
	for i, cell := range cells {
		switch v := value(cell).(type) {
		case string:
			line[i] = text.Cell(v)
		case list:
			line[i] = text.Cell(v.text())
		case int64:
			line[i] = strconv.FormatInt(v, 10)
		case bool:
			line[i] = strconv.FormatBool(v)
		}
	}
	return w.out.Write(line)
}

func (w *csvWriter) close() error { w.out.Flush(); return w.out.Error() }

type jsonWriter struct {
	out     *bufio.Writer
	columns []string
}

func (w *jsonWriter) header(columns []string) error { w.columns = columns; return nil }

func (w *jsonWriter) row(cells []any) error {
	for i, cell := range cells {
		body, err := json.Marshal(value(cell))
		if err != nil {
			return err
		}
		before := ","
		if i == 0 {
			before = "{"
		}
		fmt.Fprintf(w.out, "%s%q:%s", before, w.columns[i], body) // the buffer keeps its first error for the last line
	}
	_, err := w.out.WriteString("}\n")
	return err
}

func (w *jsonWriter) close() error { return w.out.Flush() }

// sheetRows is how many rows a sheet of a workbook takes.
const sheetRows = 1_048_576

type xlsxWriter struct {
	to      io.Writer
	file    *excelize.File
	sheet   *excelize.StreamWriter
	columns []string
	sheets  int
	rows    int
}

func (w *xlsxWriter) header(columns []string) error { w.columns = columns; return w.open() }

// open begins the first sheet, or a further one when the last is full.
func (w *xlsxWriter) open() error {
	if w.sheet != nil {
		if err := w.sheet.Flush(); err != nil {
			return err
		}
	}
	w.sheets++
	name := "Sheet" + strconv.Itoa(w.sheets)
	if w.sheets > 1 {
		if _, err := w.file.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if w.sheet, err = w.file.NewStreamWriter(name); err != nil {
		return err
	}
	cells := make([]any, len(w.columns))
	for i, c := range w.columns {
		cells[i] = c
	}
	w.rows = 0
	return w.put(cells)
}

func (w *xlsxWriter) put(cells []any) error {
	w.rows++
	return w.sheet.SetRow("A"+strconv.Itoa(w.rows), cells)
}

func (w *xlsxWriter) row(cells []any) error {
	if w.rows == sheetRows {
		if err := w.open(); err != nil {
			return err
		}
	}
	line := make([]any, len(cells))
	for i, cell := range cells {
		line[i] = value(cell)
		if l, ok := line[i].(list); ok {
			line[i] = l.text()
		}
	}
	return w.put(line)
}

func (w *xlsxWriter) close() error {
	if err := w.sheet.Flush(); err != nil {
		return err
	}
	if err := w.file.Write(w.to); err != nil {
		return err
	}
	return w.file.Close()
}
