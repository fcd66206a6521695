package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"minqing/internal/calendar"
)

// DeadlineCmd computes a due time and explains it. It needs no database.
type DeadlineCmd struct {
	Calendar string   `required:"" placeholder:"CN|TW|FILE" help:"Built-in calendar CN or TW, or a calendar file (docs/calendars.md)."`
	From     string   `required:"" placeholder:"TIME" help:"Receipt: 2025-09-26T10:00 or 2025-09-26 in the calendar's zone, or RFC 3339 with a zone."`
	Limit    string   `required:"" placeholder:"LIMIT" help:"5wd working days, 30d calendar days, 2mo months, 4wh office hours, 2h hours."`
	Suspend  []string `placeholder:"A..B" help:"Leave out the days from A to B, both included. May be repeated."`
	JSON     bool     `name:"json" help:"Print JSON."`
}

// Help shows an example.
func (DeadlineCmd) Help() string {
	return "Example: minqing deadline --calendar CN --from 2026-03-02T09:15 --limit 20wd --suspend 2026-03-10..2026-03-20"
}

// Run computes and prints.
func (c *DeadlineCmd) Run(e *env) error {
	cal, err := c.open()
	if err != nil {
		return err
	}
	from, err := parseFrom(c.From, cal.Zone())
	if err != nil {
		return usageError{err}
	}
	limit, err := calendar.ParseLimit(c.Limit)
	if err != nil {
		return usageError{fmt.Errorf("--limit: %w", err)}
	}
	var spans []calendar.Span
	for _, text := range c.Suspend {
		span, err := parseSuspend(text, cal)
		if err != nil {
			return usageError{err}
		}
		spans = append(spans, span)
	}
	r := cal.Due(from, limit, spans)
	if c.JSON {
		return printJSON(e.Out, r, cal)
	}
	return printTrace(e.Out, r, cal)
}

// open finds the calendar: a built-in code or else a file.
func (c *DeadlineCmd) open() (*calendar.Calendar, error) {
	if c.Calendar == "CN" || c.Calendar == "TW" {
		return calendar.Builtin(c.Calendar)
	}
	f, err := os.Open(c.Calendar)
	if err != nil {
		return nil, usageError{fmt.Errorf("--calendar must be CN, TW or a readable file: %w", err)}
	}
	defer f.Close()
	cal, err := calendar.Parse(f)
	if err != nil {
		return nil, usageError{fmt.Errorf("--calendar %s: %w", c.Calendar, err)}
	}
	return cal, nil
}

func parseFrom(s string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil && !t.IsZero() {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--from: %q is not a time like 2025-09-26T10:00", s)
}

func parseSuspend(s string, cal *calendar.Calendar) (calendar.Span, error) {
	a, b, ok := strings.Cut(s, "..")
	from, errFrom := calendar.ParseDate(a)
	to, errTo := calendar.ParseDate(b)
	if !ok || errFrom != nil || errTo != nil || to < from {
		return calendar.Span{}, fmt.Errorf("--suspend: %q is not a range of days like 2026-03-10..2026-03-20", s)
	}
	return cal.Closed(from, to), nil
}

func printJSON(out io.Writer, r calendar.Result, cal *calendar.Calendar) error {
	text, err := json.MarshalIndent(struct {
		Due         string          `json:"due"`
		Provisional bool            `json:"provisional"`
		Trace       []calendar.Step `json:"trace"`
	}{r.Due.In(cal.Zone()).Format(time.RFC3339), r.Provisional, r.Trace}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

func printTrace(out io.Writer, r calendar.Result, cal *calendar.Calendar) error {
	due := r.Due.In(cal.Zone())
	fmt.Fprintf(out, "Due %s (%s, %s)\n", due.Format("Mon 2006-01-02 15:04:05 -07:00"), cal.Zone(), r.CalendarVersion)
	if !r.Strict.Equal(r.Due) {
		fmt.Fprintf(out, "By law already missed after %s.\n", r.Strict.In(cal.Zone()).Format("15:04 that day"))
	}
	if r.Provisional {
		fmt.Fprintln(out, "PROVISIONAL: the official calendar of a year on the way is not published; only its weekends are left out.")
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "date\tday\twhat\tcount\tabout")
	for _, s := range r.Trace {
		count := ""
		if s.Count > 0 {
			count = fmt.Sprint(s.Count)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.On, s.On.Weekday().String()[:3],
			strings.ReplaceAll(string(s.Kind), "_", " "), count, about(s))
	}
	return w.Flush()
}

// about says what the other columns of a step do not: the stretch of hours, the
// holiday, and that the year is not published.
func about(s calendar.Step) string {
	var parts []string
	switch {
	case s.From != nil && calendar.DateOf(*s.From, s.From.Location()) != calendar.DateOf(*s.To, s.To.Location()):
		parts = append(parts, s.From.Format("15:04")+" to "+s.To.Format("2006-01-02 15:04"))
	case s.From != nil:
		parts = append(parts, s.From.Format("15:04")+" to "+s.To.Format("15:04"))
	case s.To != nil:
		parts = append(parts, s.To.Format("15:04:05"))
	}
	if name := s.Name["en"]; name != "" {
		parts = append(parts, name)
	} else if s.Day == calendar.Weekend && s.Kind != calendar.Weekend {
		parts = append(parts, "weekend")
	}
	if s.Provisional {
		parts = append(parts, "year not published")
	}
	return strings.Join(parts, ", ")
}
