package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// casework measures what a large hotline does besides opening pages: it looks for
// words, acts on a thousand cases at once, counts every open clock anew, and hears
// what a colleague does.
func (b *bench) casework(ctx context.Context, name, address string, n int, ours *server, numbers []string) error {
	for _, part := range []struct {
		title string
		run   func(ctx context.Context, title, database, address string, s *server, numbers []string) error
	}{
		{"search for common and rare words", b.search},
		{"an act reaches a colleague's open page", b.heard},
		{"a note on 1000 cases at once", b.bulk},
		{"50000 open clocks counted anew while cases are filed", b.recount},
	} {
		title := fmt.Sprintf("%s, %d cases", part.title, n)
		if !b.only.MatchString(title) {
			continue
		}
		if err := part.run(ctx, title, name, address, ours, numbers); err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
	}
	return nil
}

// search asks for words that thousands of cases hold, in both scripts, and for
// pieces of single titles, as two people at once.
func (b *bench) search(ctx context.Context, title, database, _ string, s *server, _ []string) error {
	words := []string{"路灯", "路燈", "噪音", "垃圾", "停车", "streetlight", "noise"}
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return err
	}
	defer d.Close()
	rows, err := d.QueryContext(ctx, "SELECT title FROM cases WHERE confidentiality = 'normal' AND length(title) > 8 ORDER BY md5(case_no) LIMIT 20")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return err
		}
		r := []rune(t)
		words = append(words, string(r[len(r)/2-2:len(r)/2+4]))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	lines := make([]string, len(words))
	for i, w := range words {
		lines[i] = "/desk?view=open&limit=25&q=" + url.QueryEscape(w)
	}
	t := get(lines...)
	t.server = s
	if t.cookie, err = signIn(ctx, s, "supervisor@demo.test"); err != nil {
		return err
	}
	f, err := b.load(ctx, t, 2, max(b.seconds, 5*time.Second))
	if err != nil {
		return err
	}
	b.results = append(b.results, result{name: title + ", p95", ours: &f, value: float64(f.P95) / 1000, unit: "ms", goal: atMost(150)})
	return nil
}

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

// heard measures from sending an act until the stream of another person who has
// the case open tells of it: the slowest of ten.
func (b *bench) heard(ctx context.Context, title, _, _ string, s *server, numbers []string) error {
	reader, err := signIn(ctx, s, "handler@demo.test")
	if err != nil {
		return err
	}
	writer, err := signIn(ctx, s, "supervisor@demo.test")
	if err != nil {
		return err
	}
	var slowest time.Duration
	for _, no := range numbers[:min(10, len(numbers))] {
		took, err := s.hear(ctx, reader, writer, no)
		if err != nil {
			return err
		}
		slowest = max(slowest, took)
	}
	b.note(title, slowest.Seconds(), "s", atMost(1))
	return nil
}

func (s *server) hear(ctx context.Context, reader, writer, no string) (time.Duration, error) {
	_, page, err := s.ask(ctx, http.MethodGet, "/desk/cases/"+no, writer, nil)
	if err != nil {
		return 0, err
	}
	found := versionField.FindStringSubmatch(page)
	if found == nil {
		return 0, errors.New("the page of " + no + " has no version")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/desk/cases/"+no+"/live?version="+found[1], nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Cookie", reader)
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer stream.Body.Close()
	began := time.Now()
	sent := make(chan error, 1)
	lines := bufio.NewScanner(stream.Body)
	for first := true; lines.Scan(); first = false {
		if first { // the reader sits: now somebody acts
			began = time.Now()
			go func() {
				_, _, err := s.ask(ctx, http.MethodPost, "/desk/cases/"+no, writer, url.Values{"action": {"note"}, "version": {found[1]}, "note.text": {"Looked at it on site."}})
				sent <- err
			}()
		}
		if lines.Text() == "event: changed" {
			return time.Since(began), <-sent
		}
	}
	return 0, errors.Join(errors.New("the stream of "+no+" told of nothing"), lines.Err())
}

// ask sends a request as somebody and gives where it leads and what it says.
func (s *server) ask(ctx context.Context, method, path, cookie string, form url.Values) (location, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	r.Header.Set("Cookie", cookie)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		return "", "", err
	}
	defer got.Body.Close()
	said, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s", method, path, got.Status)
	}
	return got.Header.Get("Location"), string(said), err
}

// bulk writes a note on the first thousand open cases: from the confirmation
// until none waits.
func (b *bench) bulk(ctx context.Context, title, database, _ string, s *server, _ []string) error {
	cookie, err := signIn(ctx, s, "supervisor@demo.test")
	if err != nil {
		return err
	}
	run, _, err := s.ask(ctx, http.MethodPost, "/desk/bulk", cookie, url.Values{"action": {"note"}, "all": {"1"}, "view": {"open"}, "note.text": {"Checked in the weekly review."}})
	if err != nil {
		return err
	}
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return err
	}
	defer d.Close()
	began := time.Now()
	if _, _, err := s.ask(ctx, http.MethodPost, run, cookie, url.Values{}); err != nil {
		return err
	}
	id := run[strings.LastIndexByte(run, '/')+1:]
	for time.Since(began) < 5*time.Minute {
		var all, waiting, refused int
		err := d.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'refused') FROM bulk_items WHERE run_id = $1", id).
			Scan(&all, &waiting, &refused)
		switch {
		case err != nil:
			return err
		case all == 0 || refused > 0:
			return fmt.Errorf("%d of %d cases refused the note", refused, all)
		case waiting == 0:
			b.note(title, time.Since(began).Seconds()*1000/float64(all), "s", atMost(10))
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("not done within five minutes")
}

// recount publishes a calendar whose next days are off, so that every open clock
// is counted anew, while others file.
func (b *bench) recount(ctx context.Context, title, database, address string, s *server, _ []string) error {
	first := time.Now().AddDate(0, 0, 1)
	for first.Weekday() != time.Tuesday || first.AddDate(0, 0, 2).Year() != first.Year() {
		first = first.AddDate(0, 0, 1)
	}
	file := filepath.Join(b.folder, "calendar.toml")
	text := fmt.Sprintf("extends = \"CN\"\nversion = \"bench\"\nsource = \"the benchmark\"\n\n[[year]]\nyear = %d\nsource = \"the benchmark\"\n\n[[year.holiday]]\n"+
		"name = { zh-Hant = \"試\", zh-Hans = \"试\", en = \"Trial\" }\ndays = [\"%s..%s\"]\n", first.Year(), first.Format(time.DateOnly), first.AddDate(0, 0, 2).Format(time.DateOnly))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	t := filings()
	t.server = s
	var err error
	if t.cookie, err = signIn(ctx, s, "agent@demo.test"); err != nil {
		return err
	}
	filing, stop := context.WithCancel(ctx)
	filed := make(chan error, 1)
	go func() {
		for filing.Err() == nil {
			if _, err := b.load(filing, t, 2, 2*time.Second); err != nil && filing.Err() == nil {
				filed <- err
				return
			}
		}
		filed <- nil
	}()
	began := time.Now()
	out, err := run(ctx, b.env(address), "", b.program, "import", "calendar", file)
	took := time.Since(began)
	stop()
	if err := errors.Join(err, <-filed); err != nil {
		return err
	}
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return err
	}
	defer d.Close()
	var seen int
	if err := d.QueryRowContext(ctx, "SELECT seen FROM clock_recounts ORDER BY id DESC LIMIT 1").Scan(&seen); err != nil {
		return err
	}
	if seen == 0 {
		return errors.New("no clock was counted: " + out)
	}
	b.say("%d clocks in %.1f s: %s", seen, took.Seconds(), strings.TrimSpace(out))
	b.note(title, took.Seconds()*50_000/float64(seen), "s", atMost(60))
	return nil
}

// steady says how far the slowest answers of a queue stand from the usual one.
func (b *bench) steady(title string, f figures) {
	b.note(title+": p99 ÷ median", float64(f.P99)/float64(f.P50), "", atMost(2))
}
