package db

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"minqing/internal/calendar"
)

// copyRows stores rows by COPY on the connection of the open transaction. When
// that was rolled back meanwhile, its connection is closed and nothing is stored.
func (s *txState) copyRows(ctx context.Context, r *bulkRows) error {
	if s.pool.onQuery != nil {
		s.pool.onQuery()
	}
	ctx, end := s.owner.opts.Tracer.Statement(ctx, "postgresql", "COPY "+r.table)
	err := s.conn.Raw(func(raw any) error {
		return copyInto(ctx, raw.(*stdlib.Conn).Conn(), r)
	})
	end(err)
	return err
}

func copyInto(ctx context.Context, c *pgx.Conn, r *bulkRows) error {
	describe := "SELECT " + r.columns + " FROM " + r.table // prepared once a connection, for the columns' types
	d, err := c.Prepare(ctx, describe, describe)
	if err != nil {
		return err
	}
	if len(d.Fields) != len(r.values[0]) {
		return fmt.Errorf("%d columns but %d values", len(d.Fields), len(r.values[0]))
	}
	into := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(into)
	if *into, err = encodeRows((*into)[:0], d.Fields, r.values); err != nil {
		return err
	}
	_, err = c.PgConn().CopyFrom(ctx, bytes.NewReader(*into), "COPY "+r.table+" ("+r.columns+") FROM STDIN BINARY")
	return err
}

// copyBuffers are used again: those of a load are megabytes each.
var copyBuffers = sync.Pool{New: func() any { return new([]byte) }}

// copyHead begins what COPY reads: a signature, flags and the length of an
// extension (https://www.postgresql.org/docs/15/sql-copy.html, Binary Format).
const copyHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// encodeRows appends rows in COPY's binary format. pgx's own encoder takes ids
// and JSON, which are texts here, only by a way around.
func encodeRows(buf []byte, fields []pgconn.FieldDescription, rows [][]any) ([]byte, error) {
	buf = append(buf, copyHead...)
	for _, row := range rows {
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(row)))
		for i, v := range row {
			at := len(buf)
			buf = append(buf, 0xff, 0xff, 0xff, 0xff) // the length; this one says NULL
			plain, err := plainValue(v)
			if err == nil && plain != nil {
				buf, err = appendBinary(buf, fields[i].DataTypeOID, plain)
				binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
			}
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", fields[i].Name, err)
			}
		}
	}
	return binary.BigEndian.AppendUint16(buf, 0xffff), nil
}

// plainValue takes a value as domain packages bind it to nil, bool, int64,
// float64, string, []byte, time.Time or calendar.Date.
func plainValue(v any) (any, error) {
	switch p := v.(type) {
	case nil, bool, int64, float64, string, time.Time, calendar.Date:
		return v, nil
	case []byte:
		if p == nil {
			return nil, nil
		}
		return v, nil
	case int:
		return int64(p), nil
	case *string:
		return pointed(p), nil
	case *time.Time:
		return pointed(p), nil
	case *calendar.Date:
		return pointed(p), nil
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil, nil
		}
		if _, valuer := v.(driver.Valuer); !valuer {
			return plainValue(r.Elem().Interface())
		}
	}
	if d, ok := v.(driver.Valuer); ok {
		return d.Value()
	}
	switch r.Kind() {
	case reflect.String:
		return r.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Bool:
		return r.Bool(), nil
	}
	return nil, fmt.Errorf("a %T cannot be stored", v)
}

func pointed[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// PostgreSQL counts days and microseconds from 2000-01-01.
var (
	epoch    = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	epochDay = calendar.NewDate(2000, 1, 1)
)

// appendBinary writes a value as its column's type is received.
func appendBinary(buf []byte, oid uint32, v any) ([]byte, error) {
	text, isText := v.(string)
	if raw, ok := v.([]byte); ok && oid != pgtype.ByteaOID {
		text, isText = string(raw), true
	}
	switch oid {
	case pgtype.TextOID:
		if isText {
			return append(buf, text...), nil
		}
	case pgtype.JSONBOID:
		if isText {
			return append(append(buf, 1), text...), nil
		}
	case pgtype.UUIDOID:
		if isText {
			return appendUUID(buf, text)
		}
	case pgtype.ByteaOID:
		if raw, ok := v.([]byte); ok {
			return append(buf, raw...), nil
		}
	case pgtype.BoolOID:
		if b, ok := v.(bool); ok {
			return append(buf, map[bool]byte{true: 1}[b]), nil
		}
	case pgtype.Int8OID:
		if n, ok := v.(int64); ok {
			return binary.BigEndian.AppendUint64(buf, uint64(n)), nil
		}
	case pgtype.Float8OID:
		if f, ok := v.(float64); ok {
			return binary.BigEndian.AppendUint64(buf, math.Float64bits(f)), nil
		}
	case pgtype.TimestamptzOID:
		if t, ok := v.(time.Time); ok {
			return binary.BigEndian.AppendUint64(buf, uint64(t.UnixMicro()-epoch.UnixMicro())), nil
		}
	case pgtype.DateOID:
		if d, ok := v.(calendar.Date); ok {
			return binary.BigEndian.AppendUint32(buf, uint32(int32(d-epochDay))), nil
		}
	}
	return buf, fmt.Errorf("no way to store a %T as type %d", v, oid)
}

// appendUUID reads the form that NewID writes.
func appendUUID(buf []byte, s string) ([]byte, error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return buf, fmt.Errorf("%q is no UUID", s)
	}
	var digits [32]byte
	n := copy(digits[:], s[:8])
	n += copy(digits[n:], s[9:13])
	n += copy(digits[n:], s[14:18])
	n += copy(digits[n:], s[19:23])
	copy(digits[n:], s[24:])
	buf, err := hex.AppendDecode(buf, digits[:])
	if err != nil {
		return buf, fmt.Errorf("%q is no UUID", s)
	}
	return buf, nil
}
