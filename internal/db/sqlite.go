package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // the engine, pure Go, registered as "sqlite"
)

// openSQLite opens one writing connection and four reading ones on a file.
// busy_timeout comes first, so that the other pragmas wait too; synchronous is
// FULL, so that an acknowledged case survives a power cut.
func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if path == "" {
		return nil, fmt.Errorf("database address sqlite: names no file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the database: %w", err)
	}
	write, err := sqlitePool(path, o, 1, false)
	if err != nil {
		return nil, err
	}
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return nil, fmt.Errorf("open the database file %s: %w", path, err)
	}
	read, err := sqlitePool(path, o, 4, true)
	if err != nil {
		write.Close()
		return nil, err
	}
	d := &DB{engine: SQLite, url: "sqlite:" + path, write: write, replicas: []*sql.DB{read}, opts: o}
	g, err := sqliteGorm(&pool{write: write, read: read, onQuery: o.OnQuery}, o)
	if err != nil {
		d.Close()
		return nil, err
	}
	d.gorm = g
	d.batch = newBatcher(d)
	return d, nil
}

func sqliteGorm(p *pool, o Options) (*gorm.DB, error) {
	return gorm.Open(sqlite.Dialector{DriverName: "sqlite", Conn: p}, gormConfig(o.Now))
}

func sqlitePool(path string, o Options, conns int, readOnly bool) (*sql.DB, error) {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(10000)")
	q.Add("_pragma", "journal_mode(WAL)")
	q.Add("_pragma", "synchronous(FULL)")
	q.Add("_pragma", "foreign_keys(1)")
	q.Add("_pragma", "cache_size(-16000)")
	q.Add("_pragma", "temp_store(MEMORY)")
	q.Add("_time_format", "sqlite")
	q.Add("_timezone", "UTC")
	q.Add("_txlock", "immediate")
	if readOnly {
		q.Add("_pragma", "query_only(1)")
		q.Set("_txlock", "deferred")
	} else if o.MaxPages > 0 {
		q.Add("_pragma", fmt.Sprintf("max_page_count(%d)", o.MaxPages))
	}
	p, err := sql.Open("sqlite", "file:"+path+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open the database file %s: %w", path, err)
	}
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p, nil
}
