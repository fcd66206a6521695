package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/exchange"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// The years of calendar.toml.
const firstYear, lastYear = 2011, 2020

//go:embed calendar.toml
var calendarFile string

// town is the demo city on a database of its own, with a clock that is turned by
// hand.
type town struct {
	cases    *cases.Service
	exchange *exchange.Service
	db       *db.DB
	queue    *jobs.Queue
	at       time.Time
	names    map[string]string // of accounts, by id
	staff    map[string]string // their ids, by name
	told     int64             // the last job that was looked at
}

func (w *town) now() time.Time { return w.at }

// found opens an empty database at an address and brings in the city, the
// working days and the staff. A database that holds cases is refused.
func found(ctx context.Context, address, folder string) (*town, error) {
	w := &town{at: time.Date(firstYear-1, 12, 1, 0, 0, 0, 0, time.UTC), names: map[string]string{}, staff: map[string]string{}}
	var err error
	if w.db, err = db.Open(ctx, address, db.Options{MaxConns: 4}); err != nil {
		return nil, err
	}
	if err := w.settle(ctx, folder); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *town) close() {
	if w.queue != nil {
		w.queue.Close()
	}
	w.db.Close()
}

func (w *town) settle(ctx context.Context, folder string) error {
	if err := w.db.Migrate(ctx); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, w.db); err != nil {
		return err
	}
	var n int
	if err := w.db.From(ctx).Raw("SELECT count(*) FROM units").Scan(&n).Error; err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if n > 0 {
		return errors.New("the database must be empty, and has units")
	}
	cat, places, err := w.services(folder)
	if err != nil {
		return err
	}
	from := calendar.NewDate(firstYear-1, time.January, 1)
	districts, err := demo.Districts()
	if err != nil {
		return err
	}
	if _, err := places.Load(ctx, "replay", from, districts); err != nil {
		return fmt.Errorf("load the districts: %w", err)
	}
	content, err := city(from)
	if err != nil {
		return err
	}
	if _, err := cat.Load(ctx, content); err != nil {
		return fmt.Errorf("load the city: %w", err)
	}
	if _, _, _, err := cat.ImportCalendar(ctx, calendarFile); err != nil {
		return fmt.Errorf("import the working days: %w", err)
	}
	return w.employ(ctx)
}

// services puts the product together as the program itself does.
func (w *town) services(folder string) (*catalogue.Service, *place.Service, error) {
	ring, err := vault.CreateRing(filepath.Join(folder, "keys"))
	if err != nil {
		return nil, nil, err
	}
	v, trail := vault.New(w.db, ring, w.now), audit.New(w.db, w.now)
	if w.queue, err = jobs.New(w.db, trail, jobs.Options{}); err != nil {
		return nil, nil, err
	}
	policies, err := fs.Sub(minqing.Files, "policies")
	if err != nil {
		return nil, nil, err
	}
	who, err := access.New(w.db, trail, policies, w.now)
	if err != nil {
		return nil, nil, err
	}
	times, err := clocks.New("CN")
	if err != nil {
		return nil, nil, err
	}
	cat, places := catalogue.New(w.db, trail, w.now), place.New(w.db, trail, w.now)
	people := constituents.New(constituents.Deps{DB: w.db, Vault: v, Audit: trail, Now: w.now, Region: "CN"})
	w.cases = cases.New(cases.Deps{DB: w.db, Vault: v, Audit: trail, Jobs: w.queue, Catalogue: cat, Places: places, Access: who,
		Clocks: times, Now: w.now, Constituents: people})
	w.exchange = exchange.New(exchange.Deps{DB: w.db, Cases: w.cases, Catalogue: cat, Vault: v, Audit: trail, Calendar: "CN", Now: w.now})
	return cat, places, nil
}

// employ makes the accounts that handle cases and hear of warnings: a handler and
// a head in each unit, and for the city a dispatcher and a supervisor.
func (w *town) employ(ctx context.Context) error {
	roles := [][2]string{{"dispatcher", "LJ"}, {"supervisor", "LJ"}}
	seen := map[string]bool{}
	for _, p := range promises {
		if !seen[p.unit] {
			roles = append(roles, [2]string{"handler", p.unit}, [2]string{"head", p.unit})
			seen[p.unit] = true
		}
	}
	for _, r := range roles {
		id, key, name := db.NewID(w.at), db.NewID(w.at), r[0]+" "+r[1]
		tx := w.db.From(ctx)
		err := tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, w.at).Error
		if err == nil {
			err = tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hans', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, w.at).Error
		}
		if err == nil {
			err = tx.Exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?`,
				db.NewID(w.at), id, r[0], w.at, w.at, r[1]).Error
		}
		if err != nil {
			return fmt.Errorf("employ a %s: %w", name, err)
		}
		w.names[id], w.staff[name] = name, id
	}
	return nil
}

// system does what the staff would; whether they may is tested elsewhere.
func system(ctx context.Context) context.Context { return actor.AsSystem(ctx, "replay") }
