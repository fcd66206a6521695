package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"minqing/internal/cases"
)

// message is one row of the file.
type message struct {
	id, title, text, reply string
	created, replied       time.Time
	promise                *promise
}

// columns are those of the ready-made mapping message-board.
var columns = []string{"id", "title", "text", "created", "reply", "replied"}

var layouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600) // without daylight saving time since 1991

// read gives the messages in the order of the file, and how many of its rows were
// left out because they lack a text, a reply or a time, or were answered before
// they were written. Each gets a promise in turn.
func read(file io.Reader) (list []message, left int, err error) {
	rows := csv.NewReader(file)
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return nil, 0, fmt.Errorf("read the header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := make([]int, len(columns))
	for i, name := range columns {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return nil, 0, fmt.Errorf("there is no column %s", name)
		}
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return list, left, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if len(row) < len(header) {
			left++
			continue
		}
		get := func(i int) string { return strings.TrimSpace(row[at[i]]) }
		m := message{id: get(0), title: cut(get(1), cases.TitleMost), text: cut(get(2), cases.DescriptionMost), reply: cut(get(4), cases.TextMost),
			created: moment(get(3)), replied: moment(get(5)), promise: &promises[len(list)%len(promises)]}
		if m.title == "" || m.text == "" || m.reply == "" || m.created.IsZero() || m.replied.IsZero() || m.replied.Before(m.created) {
			left++
			continue
		}
		if m.created.Year() < firstYear || m.replied.Year() > lastYear {
			return nil, 0, fmt.Errorf("row %s lies outside %d to %d, of which the working days are known", m.id, firstYear, lastYear)
		}
		list = append(list, m)
	}
}

func moment(s string) time.Time {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, shanghai); err == nil {
			return t
		}
	}
	return time.Time{}
}

// cut shortens a text to what a form takes.
func cut(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}
