package db

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"minqing/internal/calendar"
)

// reading puts a value that is not NULL, as PostgreSQL sends it, into a field.
type reading func(src []byte, into reflect.Value) error

// quick reads a column into a field of one of the few types that the tables have most
// of. pgx's own plans wrap one another for named types and for what may be NULL, and
// reading a list of forty columns was a tenth of its page. Where quick gives nil, pgx plans.
func quick(oid uint32, format int16, target any) pgtype.ScanPlan {
	if text := oid == pgtype.TextOID || oid == pgtype.VarcharOID; !text && format != pgtype.BinaryFormatCode {
		return nil // text is the same in both
	}
	t := reflect.TypeOf(target).Elem()
	if t.Kind() == reflect.Pointer {
		if read := readingOf(oid, t.Elem()); read != nil {
			return nullable{read, t.Elem()}
		}
		return nil
	}
	if read := readingOf(oid, t); read != nil {
		return required{read}
	}
	return nil
}

// readings are by the type of the column, for fields of a kind.
var readings = map[uint32]map[reflect.Kind]reading{
	pgtype.TextOID: {reflect.String: readText}, pgtype.VarcharOID: {reflect.String: readText}, pgtype.UUIDOID: {reflect.String: readUUID},
	pgtype.BoolOID: {reflect.Bool: readBool}, pgtype.Int4OID: {reflect.Int: readInt4, reflect.Int64: readInt4},
	pgtype.Int8OID: {reflect.Int: readInt8, reflect.Int64: readInt8},
}

func readingOf(oid uint32, t reflect.Type) reading {
	switch {
	case oid == pgtype.TimestamptzOID && t == reflect.TypeFor[time.Time]():
		return readTime
	case oid == pgtype.DateOID && t == reflect.TypeFor[calendar.Date]():
		return readDate
	}
	// A type that reads itself knows better.
	if _, own := reflect.New(t).Interface().(interface{ Scan(any) error }); own {
		return nil
	}
	return readings[oid][t.Kind()]
}

type required struct{ read reading }

func (p required) Scan(src []byte, target any) error {
	if src == nil {
		return fmt.Errorf("NULL for %T", target)
	}
	return p.read(src, reflect.ValueOf(target).Elem())
}

type nullable struct {
	read reading
	t    reflect.Type
}

func (p nullable) Scan(src []byte, target any) error {
	into := reflect.ValueOf(target).Elem()
	if src == nil {
		into.SetZero()
		return nil
	}
	v := reflect.New(p.t)
	if err := p.read(src, v.Elem()); err != nil {
		return err
	}
	into.Set(v)
	return nil
}

func readText(src []byte, into reflect.Value) error {
	into.SetString(string(src))
	return nil
}

// readUUID writes the canonical form of RFC 9562, 8-4-4-4-12.
func readUUID(src []byte, into reflect.Value) error {
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
	into.SetString(string(b[:]))
	return nil
}

func readBool(src []byte, into reflect.Value) error {
	if err := sized(src, 1); err != nil {
		return err
	}
	into.SetBool(src[0] != 0)
	return nil
}

func readInt4(src []byte, into reflect.Value) error {
	if err := sized(src, 4); err != nil {
		return err
	}
	into.SetInt(int64(int32(binary.BigEndian.Uint32(src))))
	return nil
}

func readInt8(src []byte, into reflect.Value) error {
	if err := sized(src, 8); err != nil {
		return err
	}
	into.SetInt(int64(binary.BigEndian.Uint64(src)))
	return nil
}

// readTime reads microseconds; infinity is no moment.
func readTime(src []byte, into reflect.Value) error {
	if err := sized(src, 8); err != nil {
		return err
	}
	micros := int64(binary.BigEndian.Uint64(src))
	if micros == math.MaxInt64 || micros == math.MinInt64 {
		return fmt.Errorf("infinity for %s", into.Type())
	}
	*into.Addr().Interface().(*time.Time) = time.Unix(epoch.Unix()+micros/1e6, micros%1e6*1e3).UTC()
	return nil
}

// readDate reads days; infinity is no date.
func readDate(src []byte, into reflect.Value) error {
	if err := sized(src, 4); err != nil {
		return err
	}
	days := int32(binary.BigEndian.Uint32(src))
	if days == math.MaxInt32 || days == math.MinInt32 {
		return fmt.Errorf("infinity for %s", into.Type())
	}
	into.SetInt(int64(epochDay) + int64(days))
	return nil
}

func sized(src []byte, n int) error {
	if len(src) != n {
		return fmt.Errorf("%d bytes where %d are due", len(src), n)
	}
	return nil
}
