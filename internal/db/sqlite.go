package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // the engine, pure Go, registered as "sqlite"
)

const (
	readingConns = 4
	readingKiB   = 1000 // of pages a connection keeps; what it drops the system still has in memory
	writingKiB   = 2000 // more: what one transaction changes should fit
	besideKiB    = 2000 // a connection takes for statements and sorting, about
)

// Caches says how many bytes the engine may hold in this process where Go's collector
// does not see them.
func (d *DB) Caches() int64 {
	if d.engine == SQLite {
		return (writingKiB + readingConns*readingKiB + (1+readingConns)*besideKiB) << 10
	}
	return 0
}

// openSQLite opens one writing connection and four reading ones on a file.
// busy_timeout comes first, so that the other pragmas wait too; synchronous is
// FULL, so that an acknowledged case survives a power cut.
func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("database address sqlite:%s names no file", path)
	}
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("make the database file: %w", err)
	}
	write, err := sqlitePool(path, o, 1, false)
	if err != nil {
		return nil, err
	}
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return nil, fmt.Errorf("open the database file %s: %w", path, err)
	}
	read, err := sqlitePool(path, o, readingConns, true)
	if err != nil {
		write.Close()
		return nil, err
	}
	d := &DB{engine: SQLite, url: "sqlite:" + path, write: write, replicas: []*sql.DB{read}, opts: o, line: besideOne()}
	g, err := sqliteGorm(&pool{write: write, read: read, onQuery: o.OnQuery}, o)
	if err != nil {
		d.Close()
		return nil, err
	}
	d.gorm = g
	if g, err = sqliteGorm(&pool{write: read, onQuery: o.OnQuery}, o); err != nil {
		d.Close()
		return nil, err
	}
	d.readers = []*gorm.DB{g}
	d.batch = newBatcher(d)
	return d, nil
}

// makeFile makes an empty file that only its owner reads, and its folder. The
// engine gives its log beside it the same permissions. An existing file is not
// even opened: closing it would drop the locks that this process holds on it.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
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
	q.Add("_pragma", "secure_delete(FAST)") // a destroyed key leaves no copy in freed space
	q.Add("_pragma", "temp_store(MEMORY)")
	q.Add("_time_format", "sqlite")
	q.Add("_timezone", "UTC")
	q.Add("_txlock", "immediate")
	cache := writingKiB
	if readOnly {
		cache = readingKiB
		q.Add("_pragma", "query_only(1)")
		q.Set("_txlock", "deferred")
	} else if o.MaxPages > 0 {
		q.Add("_pragma", fmt.Sprintf("max_page_count(%d)", o.MaxPages))
	}
	q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cache))
	// In a file: address these three would end the path or stand for another character.
	name := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	p, err := openTraced("file:"+name+"?"+q.Encode(), o.Tracer)
	if err != nil {
		return nil, fmt.Errorf("open the database file %s: %w", path, err)
	}
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p, nil
}
