package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// A snapshot is the content of the database at one moment, in parts: on SQLite
// the file itself, on PostgreSQL each table in the form of COPY, in the order in
// which foreign keys allow them to be read back. Work goes on meanwhile.

const (
	partFile      = "sqlite"
	partTable     = "table/"
	partSequences = "sequences"
)

// passing are tables whose rows mean nothing to another run, or that migrations write.
var passing = []string{"goose_db_version", "river_migration", "river_leader", "river_client", "river_client_queue", "river_queue"}

// Snapshot gives the parts one after the other, and the version of the schema.
// The folder is for a copy of the SQLite file, as large as the database.
func (d *DB) Snapshot(ctx context.Context, folder string, part func(name string, r io.Reader) error) (version int64, err error) {
	if version, err = d.SchemaVersion(ctx); err != nil {
		return 0, err
	}
	if d.engine == SQLite {
		return version, d.snapshotFile(ctx, folder, part)
	}
	return version, d.snapshotTables(ctx, part)
}

// SchemaVersion is the number of the newest migration in the database.
func (d *DB) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = d.From(ctx).Raw("SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version).Error
	if err != nil {
		return 0, fmt.Errorf("read the version of the tables: %w", err)
	}
	return version, nil
}

func (d *DB) snapshotFile(ctx context.Context, folder string, part func(string, io.Reader) error) (err error) {
	own, err := sqlitePool(strings.TrimPrefix(d.url, "sqlite:"), Options{Now: d.opts.Now}, 1, false)
	if err != nil {
		return err
	}
	defer own.Close()
	path := filepath.Join(folder, NewID(d.opts.Now())+".db")
	defer os.Remove(path)
	if _, err := own.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return part(partFile, f)
}

func (d *DB) snapshotTables(ctx context.Context, part func(string, io.Reader) error) error {
	c, err := d.alone(ctx)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		r, w := io.Pipe()
		go func() {
			_, err := c.PgConn().CopyTo(ctx, w, "COPY "+t.sql()+" TO STDOUT")
			w.CloseWithError(err)
		}()
		err := part(t.part(), r)
		if err != nil {
			r.CloseWithError(err)
			return err
		}
		if _, err := io.Copy(io.Discard, r); err != nil { // the copy has ended, and the connection is free
			return fmt.Errorf("copy the table %s: %w", t.Name, err)
		}
	}
	rows, err := tx.Query(ctx, `SELECT concat_ws(E'\t', sequencename, COALESCE(last_value, start_value), last_value IS NOT NULL)
 FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename`)
	if err != nil {
		return err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the sequences: %w", err)
	}
	return part(partSequences, strings.NewReader(strings.Join(lines, "\n")))
}

// alone is a connection of its own without statement_timeout.
func (d *DB) alone(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return nil, err
	}
	_, err = c.Exec(ctx, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET TIME ZONE 'UTC'")
	if err != nil {
		c.Close(ctx)
		return nil, err
	}
	return c, nil
}

type table struct {
	Name    string
	Columns []string // quoted; generated ones are not among them
	Needs   []string // tables that its foreign keys lead to
}

// part names a table with its columns, for one that is read back by another
// program may have them in another order.
func (t table) part() string { return partTable + t.Name + "?" + strings.Join(t.Columns, ",") }

func (t table) sql() string {
	return pgx.Identifier{t.Name}.Sanitize() + " (" + strings.Join(t.Columns, ", ") + ")"
}

// tablesOf lists the tables so that each comes after those that it refers to.
func tablesOf(ctx context.Context, tx pgx.Tx) ([]table, error) {
	rows, err := tx.Query(ctx, `SELECT c.relname AS name,
 (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
 ARRAY(SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
  WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid ORDER BY 1) AS needs
 FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND NOT (c.relname = ANY ($1)) ORDER BY c.relname`, passing)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[table])
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var sorted []table
	placed := func(name string) bool {
		return slices.Contains(passing, name) || slices.ContainsFunc(sorted, func(t table) bool { return t.Name == name })
	}
	for len(all) > 0 {
		i := slices.IndexFunc(all, func(t table) bool {
			return !slices.ContainsFunc(t.Needs, func(n string) bool { return !placed(n) })
		})
		if i < 0 {
			return nil, fmt.Errorf("the foreign keys of %s and others go round in a circle", all[0].Name)
		}
		sorted = append(sorted, all[i])
		all = slices.Delete(all, i, i+1)
	}
	return sorted, nil
}

// ErrNotEmpty refuses to write a snapshot over what people did.
var ErrNotEmpty = errors.New("the database is not empty")

// RestoreFile puts the file of a snapshot where a SQLite database shall be; nobody
// may have it open. A database with rows stays as it is: ErrNotEmpty. What then
// does has to succeed before the file gets its name.
func RestoreFile(ctx context.Context, address string, next func() (name string, r io.Reader, err error), then func() error) error {
	path := strings.TrimPrefix(address, "sqlite:")
	if err := emptyFile(ctx, address, path); err != nil {
		return err
	}
	name, r, err := next()
	if err != nil {
		return err
	}
	if name != partFile {
		return fmt.Errorf("the archive holds a PostgreSQL database (%s), not one for %s", name, address)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".restoring", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the database file: %w", err)
	}
	if _, _, err := next(); err != io.EOF {
		return errors.Join(err, errors.New("the archive holds more than one database"))
	}
	if err := then(); err != nil {
		return err
	}
	for _, old := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Rename(f.Name(), path)
}

func emptyFile(ctx context.Context, address, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := Open(ctx, address, Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Empty(ctx)
}

// lived are the tables that hold a row as soon as somebody has used the database.
var lived = []string{"accounts", "cases", "units", "constituents", "audit_entries"}

// Empty is ErrNotEmpty when somebody has used the database.
func (d *DB) Empty(ctx context.Context) error {
	for _, t := range lived {
		var n int
		if err := d.From(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM " + t + " LIMIT 1) AS one").Scan(&n).Error; err != nil {
			continue // there is no such table
		}
		if n > 0 {
			return ErrNotEmpty
		}
	}
	return nil
}

// MigrateTo brings an empty schema to the version of a snapshot.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	p, done, err := d.provider()
	if err != nil {
		return err
	}
	defer done()
	sources := p.ListSources()
	if len(sources) == 0 || sources[len(sources)-1].Version < version {
		return fmt.Errorf("the archive needs tables of version %d, which only a newer program knows", version)
	}
	now, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if now > version {
		_, err = p.DownTo(ctx, version)
	} else {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// RestoreTables reads the parts of a PostgreSQL snapshot into an empty database
// whose schema has the snapshot's version: all of them, or none. What then does
// has to succeed before they stay.
func (d *DB) RestoreTables(ctx context.Context, next func() (name string, r io.Reader, err error), then func() error) error {
	if err := d.Empty(ctx); err != nil {
		return err
	}
	c, err := d.alone(ctx)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range tables {
		names = append(names, pgx.Identifier{t.Name}.Sanitize())
	}
	again, err := untriggered(ctx, tx, names) // what they would write is in the archive, and some let nobody empty their table
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(names, ", ")); err != nil {
		return fmt.Errorf("empty the tables: %w", err)
	}
	for {
		name, r, err := next()
		if err == io.EOF {
			for _, sql := range again {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("switch a trigger on again: %w", err)
				}
			}
			if err := then(); err != nil {
				return err
			}
			return tx.Commit(ctx)
		}
		if err != nil {
			return err
		}
		if err := restorePart(ctx, tx, tables, name, r); err != nil {
			return err
		}
	}
}

func restorePart(ctx context.Context, tx pgx.Tx, tables []table, name string, r io.Reader) error {
	if name == partSequences {
		lines, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(lines) {
			f := strings.Split(strings.TrimSpace(string(line)), "\t")
			if len(f) != 3 {
				return fmt.Errorf("the archive tells no value of a sequence: %q", line)
			}
			_, err := tx.Exec(ctx, "SELECT setval(quote_ident($1)::regclass, $2::text::bigint, $3::text::boolean)", f[0], f[1], f[2])
			if err != nil {
				return fmt.Errorf("set the sequence %s: %w", f[0], err)
			}
		}
		return nil
	}
	named, columns, _ := strings.Cut(strings.TrimPrefix(name, partTable), "?")
	i := slices.IndexFunc(tables, func(t table) bool { return t.Name == named })
	if i < 0 {
		return fmt.Errorf("the archive holds %q, for which this database has no table", name)
	}
	t := table{Name: named, Columns: strings.Split(columns, ",")}
	for _, c := range t.Columns {
		if !slices.Contains(tables[i].Columns, c) {
			return fmt.Errorf("the archive holds a column %s of %s, which this database has not", c, named)
		}
	}
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, r, "COPY "+t.sql()+" FROM STDIN"); err != nil {
		return fmt.Errorf("fill the table %s: %w", named, err)
	}
	return nil
}
