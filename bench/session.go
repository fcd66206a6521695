package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const password = "Linjiang-2026!"

// signIn gives the session cookie of a demo account.
func signIn(ctx context.Context, s *server, email string) (string, error) {
	form := url.Values{"email": {email}, "password": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer got.Body.Close()
	for _, c := range got.Cookies() {
		if strings.HasSuffix(c.Name, "mq_session") {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("%s cannot sign in: %s", email, got.Status)
}

// widenHead gives head@ more bureaux until about thirty units are theirs.
const widenHead = `INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at)
 SELECT gen_random_uuid(), g.account_id, g.role, w.id, g.valid_from, g.created_at FROM
  (SELECT u.id, sum(count(*)) OVER (ORDER BY u.code) AS units FROM units u JOIN units below ON below.path LIKE u.path || '%'
   WHERE u.parent_id = (SELECT id FROM units WHERE parent_id IS NULL) AND u.code <> 'CG' GROUP BY u.id, u.code) AS w,
  (SELECT * FROM grants WHERE role = 'head' AND unit_id = (SELECT id FROM units WHERE code = 'CG')) AS g WHERE w.units <= 24
  AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.account_id = g.account_id AND o.role = g.role AND o.unit_id = w.id)`

// numbers picks case numbers that an account may open, spread over the queue.
func (b *bench) numbers(ctx context.Context, database, code string, n int) ([]string, error) {
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	rows, err := d.QueryContext(ctx, `SELECT c.case_no FROM case_units cu JOIN cases c ON c.id = cu.case_id JOIN units u ON u.id = cu.unit_id
 WHERE u.code LIKE $1 || '%' AND cu.role = 'lead' AND c.confidentiality = 'normal' ORDER BY md5(c.case_no) LIMIT $2`, code, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var no string
		if err := rows.Scan(&no); err != nil {
			return nil, err
		}
		out = append(out, no)
	}
	if len(out) == 0 {
		return nil, errors.New("no case to open in " + database)
	}
	return out, rows.Err()
}

// waiting counts texts to be indexed and jobs that could run now.
const waiting = `SELECT count(*) FROM (SELECT 1 FROM case_search_due UNION ALL SELECT 1 FROM river_job WHERE state IN ('available', 'running') LIMIT 1000) AS waiting`

// settled waits until what the load left to the workers is done: the texts of a
// million cases are indexed in the background, and that is not what is measured.
func (b *bench) settled(ctx context.Context, database string) error {
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return err
	}
	defer d.Close()
	still := 0 // seconds without work: what a start adds, as the count of a day, comes a moment later
	for began := time.Now(); time.Since(began) < time.Hour; {
		var left int
		if err := d.QueryRowContext(ctx, waiting).Scan(&left); err != nil {
			return err
		}
		if still++; left > 0 {
			still = 0
		}
		if still >= 8 {
			b.say("%s: settled after %.0f s", database, time.Since(began).Seconds())
			_, err := d.ExecContext(ctx, "VACUUM ANALYZE")
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return errors.New("the workers are not done within an hour")
}
