package main

import (
	"context"
	"database/sql"
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
 current_date, '{"place": "湖濱路 12 號", "area": "3"}', 'valid', now(), current_date, now(), current_date, now() FROM units u WHERE u.code = 'CG01'`, no.String())
		if err != nil {
			return nil, err
		}
	}
	return numbers, nil
}
