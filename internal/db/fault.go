package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"minqing/internal/fault"
)

// Fault turns a driver's error into ours: no row becomes NotFound with the
// missing key, a broken unique key becomes Conflict with the duplicate key, a
// dead or full database becomes Unavailable. Keys may be empty where the case
// cannot happen; what is not known stays as it is and counts as Internal.
// An id that is no UUID is a missing row on both engines: PostgreSQL refuses to
// compare it, SQLite finds nothing.
func Fault(err error, missing, duplicate string) error {
	switch {
	case err == nil:
		return nil
	case missing != "" && (errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) || isNoID(err)):
		return fault.New(fault.NotFound, missing).Because(err)
	case duplicate != "" && IsDuplicate(err):
		return fault.New(fault.Conflict, duplicate).Because(err)
	}
	if _, ours := fault.As(err); ours {
		return err
	}
	if isFull(err) {
		return fault.New(fault.Unavailable, "fault.full").Because(err)
	}
	if isDown(err) {
		return fault.New(fault.Unavailable, "fault.unavailable").Because(err)
	}
	return err
}

// IsDuplicate says whether a unique key was broken.
func IsDuplicate(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// Raised says whether a trigger of ours refused a row under this name.
func Raised(err error, name string) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "P0001" && pg.Message == name
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER && strings.Contains(lite.Error(), name)
}

// isNoID says whether PostgreSQL was given a text that is no UUID (22P02).
func isNoID(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "22P02" && strings.Contains(pg.Message, "uuid")
}

func isFull(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "53100"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqlite3.SQLITE_FULL
	}
	return false
}

// closedPool is the text of an error that database/sql does not export.
const closedPool = "sql: database is closed"

func isDown(err error) bool {
	for _, known := range []error{driver.ErrBadConn, sql.ErrConnDone, context.DeadlineExceeded, io.ErrUnexpectedEOF, errClosed} {
		if errors.Is(err, known) {
			return true
		}
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "57014", "55P03", "40P01", "40001": // cancelled, lock not to be had, deadlock, serialisation: later may help
			return true
		}
		// connection lost, out of memory or connections, server going down
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P")
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		c := lite.Code() & 0xff
		return c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED || c == sqlite3.SQLITE_IOERR || c == sqlite3.SQLITE_CANTOPEN
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, network := errors.AsType[net.Error](err); network {
		return true
	}
	return errors.Is(err, errUndone) || strings.Contains(err.Error(), closedPool)
}
