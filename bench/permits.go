package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"minqing/internal/idcode"
)

// permits asks, without an account, how one permit after the other stands.
func (b *bench) permits(ctx context.Context, title, database string, s *server) error {
	if !b.only.MatchString(title) {
		return nil
	}
	numbers, err := b.issued(ctx, database, 1000)
	if err != nil {
		return err
	}
	t := each("/verify/", numbers)
	t.server = s
	f, err := b.load(ctx, t, clients, b.seconds)
	if err != nil {
		return err
	}
	b.results = append(b.results, result{name: title, ours: &f, value: f.rate(), unit: "/s", goal: atLeast(2000)})
	return nil
}

// issued enters permits into the register, and gives their numbers.
func (b *bench) issued(ctx context.Context, database string, n int64) (numbers []string, err error) {
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	for i := range n {
		no, err := idcode.NewCaseNumber("LJP", time.Now().Year(), 9_000_000+i)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, no.String())
		_, err = d.ExecContext(ctx, `INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown,
 valid_from, particulars, state, since, since_on, issued_at, issued_on, updated_at)
 SELECT gen_random_uuid(), $1, 'outdoor-sign', 1, '{"zh-Hant": "戶外招牌許可", "en": "Outdoor sign permit"}', u.id, u.path, (SELECT id FROM constituents ORDER BY id LIMIT 1), 'enterprise', 'Bench Ltd',
 current_date, '{"place": "湖濱路 12 號", "area": "3"}', 'valid', now(), current_date, now(), current_date, now() FROM units u WHERE u.code = 'CG01' ON CONFLICT (permit_no) DO NOTHING`, no.String())
		if err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// register measures what a register full of permits takes: the daily job that follows
// them to their end, and the paper of one.
func (b *bench) register(ctx context.Context) error {
	const name, paper = "bench_permits", "paper of a permit with CJK and QR, p95"
	expiry := fmt.Sprintf("expiry job over %d permits", b.issuedMany)
	if b.issuedMany == 0 || !b.only.MatchString(paper) && !b.only.MatchString(expiry) {
		return nil
	}
	if _, err := b.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name); err != nil { // every day is passed once
		return err
	}
	address, err := b.city(ctx, name, 1200)
	if err != nil {
		return err
	}
	numbers, err := b.issued(ctx, name, 100)
	if err != nil {
		return err
	}
	if err := b.at(ctx, name, fillRegister, b.issuedMany); err != nil {
		return fmt.Errorf("fill the register: %w", err)
	}
	if err := b.at(ctx, name, "VACUUM ANALYZE"); err != nil {
		return err
	}
	s, _, err := start(ctx, "product", "/readyz", b.env(address), b.program, "serve", "--demo")
	if err != nil {
		return err
	}
	defer s.stop()
	took, err := b.passed(ctx, name)
	if err != nil {
		return err
	}
	if b.only.MatchString(expiry) {
		b.note(expiry, took.Seconds(), "s", atMost(60))
	}
	if !b.only.MatchString(paper) {
		return nil
	}
	if err := b.settled(ctx, name); err != nil { // those whom the job told
		return err
	}
	return b.papers(ctx, paper, s, numbers)
}

// fillRegister enters so many permits. One in a hundred has something to do today, half
// of those their end and half a notice: about three days' worth of permits of three years.
const fillRegister = `INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown,
 valid_from, valid_until, particulars, state, since, since_on, issued_at, issued_on, next_on, updated_at)
 SELECT gen_random_uuid(), 'LJP2025' || lpad(i::text, 7, '0') || 'X', 'outdoor-sign', 1, '{}', u.id, u.path, c.id, 'enterprise', '臨江四海餐飲有限公司', current_date - 300,
  CASE WHEN i % 100 > 0 THEN current_date + 200 + (i % 1000)::int WHEN i % 200 = 0 THEN current_date - 1 ELSE current_date + 60 END,
  '{}', 'valid', now(), current_date, now(), current_date, CASE WHEN i % 100 > 0 THEN current_date + 110 + (i % 1000)::int ELSE current_date END, now()
 FROM generate_series(1, $1::bigint) AS i, (SELECT id, path FROM units WHERE code = 'CG01') AS u, (SELECT id FROM constituents ORDER BY id LIMIT 1) AS c`

// passed waits for the job that a server does at its start, and gives how long it took.
func (b *bench) passed(ctx context.Context, database string) (time.Duration, error) {
	d, err := sql.Open("pgx", b.database(database))
	if err != nil {
		return 0, err
	}
	defer d.Close()
	for began := time.Now(); time.Since(began) < 15*time.Minute; {
		var seconds float64
		err := d.QueryRowContext(ctx, `SELECT extract(epoch FROM finalized_at - attempted_at) FROM river_job WHERE kind = 'register.expire' AND state = 'completed' ORDER BY id LIMIT 1`).Scan(&seconds)
		if errors.Is(err, sql.ErrNoRows) {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if err != nil {
			return 0, err
		}
		var left int64
		if err := d.QueryRowContext(ctx, "SELECT count(*) FROM permits WHERE state = 'valid' AND next_on <= current_date").Scan(&left); err != nil {
			return 0, err
		}
		if left > 0 {
			return 0, fmt.Errorf("the expiry job left %d permits", left)
		}
		return time.Duration(seconds * float64(time.Second)), nil
	}
	return 0, errors.New("the expiry job is not done within a quarter of an hour")
}

// printing is how many people ask for the paper of a permit at once: few, beside the many
// who look at pages.
const printing = 4

// papers makes the paper of one permit after the other, and watches what memory the
// server takes for it on top of what it had.
func (b *bench) papers(ctx context.Context, title string, s *server, numbers []string) error {
	cookie, err := signIn(ctx, s, "head@demo.test")
	if err != nil {
		return err
	}
	t := target{server: s, method: "GET", cookie: cookie}
	for _, no := range numbers {
		t.lines = append(t.lines, "/desk/permits/"+no+"/permit.pdf?lang=zh-Hant")
	}
	before, most := s.resident(), 0.0
	inner, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		for inner.Err() == nil {
			most = max(most, s.resident())
			time.Sleep(10 * time.Millisecond)
		}
	})
	f, err := b.load(ctx, t, printing, b.seconds)
	cancel()
	watch.Wait()
	if err != nil {
		return err
	}
	b.results = append(b.results, result{name: title, ours: &f, value: float64(f.P95) / 1000, unit: "ms", goal: atMost(300)})
	b.note("memory more while papers of permits are made", most-before, "MB", atMost(60))
	return nil
}
