package db

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5/pgtype"

	"minqing/internal/calendar"
)

// reading puts a value, as PostgreSQL sends it, into the field at an address. The field has
// the type, or one of the same kind, that the reading was made for.
type reading func(src []byte, into unsafe.Pointer) error

// quick reads a column into a field of one of the few types that the tables have most
// of. pgx's own plans wrap one another for named types and for what may be NULL, and
// reading a list of forty columns was a tenth of its page. Where quick gives nil, pgx plans.
func quick(oid uint32, format int16, field reflect.Type) reading {
	if text := oid == pgtype.TextOID || oid == pgtype.VarcharOID; !text && format != pgtype.BinaryFormatCode {
		return nil // text is the same in both
	}
	if field.Kind() == reflect.Pointer {
		return readingOf(oid, field.Elem()).maybe
	}
	return readingOf(oid, field).sure
}

// readings read a column of a type into a field, and into a pointer to one, which NULL makes nil.
type readings struct{ sure, maybe reading }

// known are by the type of the column, for fields of a kind.
var known = map[uint32]map[reflect.Kind]readings{
	pgtype.TextOID: {reflect.String: both(readText)}, pgtype.VarcharOID: {reflect.String: both(readText)}, pgtype.UUIDOID: {reflect.String: both(readUUID)},
	pgtype.BoolOID: {reflect.Bool: both(readBool)}, pgtype.Int4OID: {reflect.Int: both(readInt4[int]), reflect.Int64: both(readInt4[int64])},
	pgtype.Int8OID: {reflect.Int: both(readInt8[int]), reflect.Int64: both(readInt8[int64])},
}

var moment, date = both(readTime), both(readDate)

func readingOf(oid uint32, t reflect.Type) readings {
	switch {
	case oid == pgtype.TimestamptzOID && t == reflect.TypeFor[time.Time]():
		return moment
	case oid == pgtype.DateOID && t == reflect.TypeFor[calendar.Date]():
		return date
	}
	// A type that reads itself knows better.
	if _, own := reflect.New(t).Interface().(interface{ Scan(any) error }); own {
		return readings{}
	}
	return known[oid][t.Kind()]
}

// both makes the readings of what reads a value that is not NULL.
func both[T any](read func(src []byte, into *T) error) readings {
	sure := func(src []byte, into unsafe.Pointer) error {
		if src == nil {
			return fmt.Errorf("NULL for %T", *new(T))
		}
		return read(src, (*T)(into))
	}
	maybe := func(src []byte, into unsafe.Pointer) error {
		field := (**T)(into)
		if src == nil {
			*field = nil
			return nil
		}
		value := new(T)
		*field = value
		return read(src, value)
	}
	return readings{sure, maybe}
}

func readText(src []byte, into *string) error {
	*into = string(src)
	return nil
}

// readUUID writes the canonical form of RFC 9562, 8-4-4-4-12.
func readUUID(src []byte, into *string) error {
	if err := sized(src, 16); err != nil {
		return err
	}
	var b [36]byte
	hex.Encode(b[:8], src[:4])
	hex.Encode(b[9:13], src[4:6])
	hex.Encode(b[14:18], src[6:8])
	hex.Encode(b[19:23], src[8:10])
	hex.Encode(b[24:], src[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	*into = string(b[:])
	return nil
}

func readBool(src []byte, into *bool) error {
	if err := sized(src, 1); err != nil {
		return err
	}
	*into = src[0] != 0
	return nil
}

func readInt4[T int | int64](src []byte, into *T) error {
	if err := sized(src, 4); err != nil {
		return err
	}
	*into = T(int32(binary.BigEndian.Uint32(src)))
	return nil
}

func readInt8[T int | int64](src []byte, into *T) error {
	if err := sized(src, 8); err != nil {
		return err
	}
	*into = T(binary.BigEndian.Uint64(src))
	return nil
}

// readTime reads microseconds; infinity is no moment.
func readTime(src []byte, into *time.Time) error {
	if err := sized(src, 8); err != nil {
		return err
	}
	micros := int64(binary.BigEndian.Uint64(src))
	if micros == math.MaxInt64 || micros == math.MinInt64 {
		return fmt.Errorf("infinity for %T", *into)
	}
	*into = time.Unix(epoch.Unix()+micros/1e6, micros%1e6*1e3).UTC()
	return nil
}

// readDate reads days; infinity is no date.
func readDate(src []byte, into *calendar.Date) error {
	if err := sized(src, 4); err != nil {
		return err
	}
	days := int32(binary.BigEndian.Uint32(src))
	if days == math.MaxInt32 || days == math.MinInt32 {
		return fmt.Errorf("infinity for %T", *into)
	}
	*into = epochDay + calendar.Date(days)
	return nil
}

func sized(src []byte, n int) error {
	if len(src) != n {
		return fmt.Errorf("%d bytes where %d are due", len(src), n)
	}
	return nil
}
