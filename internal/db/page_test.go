package db_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/db"
	"minqing/internal/fault"
)

func TestACursorGivesBackWhatWasPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 })), 1, 5).Draw(t, "parts")
		got, err := db.DecodeCursor(db.EncodeCursor(parts...), len(parts))
		if err != nil || !slices.Equal(parts, got) {
			t.Fatalf("%q came back as %q, %v", parts, got, err)
		}
		if _, err := db.DecodeCursor(db.EncodeCursor(parts...), len(parts)+1); err == nil {
			t.Fatal("a cursor of another list was taken")
		}
	})
}

func TestNoCursorIsTheFirstPage(t *testing.T) {
	parts, err := db.DecodeCursor("", 2)
	require.NoError(t, err)
	require.Nil(t, parts)
	parts, err = db.DecodeCursor(db.EncodeCursor(""), 1)
	require.NoError(t, err)
	require.Equal(t, []string{""}, parts, "a row with an empty key is not the first page")
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(db.EncodeCursor("a", "b"))
	f.Add("AP__________8B")
	f.Add("!")
	f.Add("BQ")
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := db.DecodeCursor(s, 2)
		if err != nil {
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "cursor" {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if s != "" && len(parts) != 2 {
			t.Fatalf("%q gave %q", s, parts)
		}
		for _, p := range parts {
			if !utf8.ValidString(p) {
				t.Fatalf("%q gave %q", s, p)
			}
		}
	})
}
