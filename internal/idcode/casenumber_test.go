package idcode_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/idcode"
)

func TestCaseNumbersCarryTheirCheckCharacter(t *testing.T) {
	for want, n := range map[string]idcode.CaseNumber{
		"LJ20260000123N":          {Prefix: "LJ", Year: 2026, Seq: 123},
		"GA20260000123B":          {Prefix: "GA", Year: 2026, Seq: 123},
		"LJ2026123456789012"[:16]: {Prefix: "LJ", Year: 2026, Seq: 1234567890},
	} {
		made, err := idcode.NewCaseNumber(n.Prefix, n.Year, n.Seq)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(made.String(), want), made.String())
	}
	for _, bad := range []idcode.CaseNumber{{Prefix: "L", Year: 2026, Seq: 1}, {Prefix: "lj", Year: 2026, Seq: 1}, {Prefix: "LJ", Year: 26, Seq: 1}, {Prefix: "LJ", Year: 2026}} {
		_, err := idcode.NewCaseNumber(bad.Prefix, bad.Year, bad.Seq)
		require.ErrorIs(t, err, idcode.ErrForm)
	}
}

func TestCaseNumbersAreReadAsPeopleCopyThem(t *testing.T) {
	for _, s := range []string{"LJ20260000123N", " lj2026-0000123-n ", "ＬＪ２０２６００００１２３Ｎ", "LJ 2O26 OOOOI23 N", "1J2026OOOOl23n"} {
		n, err := idcode.ParseCaseNumber(s)
		require.NoError(t, err, s)
		require.Equal(t, "LJ20260000123N", n.String())
	}
	for s, want := range map[string]error{
		"LJ20260000123M": idcode.ErrCheck, "LJ20260000132N": idcode.ErrCheck, "JL20260000123N": idcode.ErrCheck,
		"": idcode.ErrForm, "LJ2026": idcode.ErrForm, "20260000123N": idcode.ErrForm, "ABCDE20260000123N": idcode.ErrForm,
		"LJ202600000123N": idcode.ErrForm, "LJ20260000000X": idcode.ErrForm, "民情20260000123N": idcode.ErrForm,
	} {
		_, err := idcode.ParseCaseNumber(s)
		require.ErrorIs(t, err, want, s)
	}
}

func TestACaseNumberRoundTripsAndNoticesAnySlip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := idcode.NewCaseNumber(rapid.StringMatching(`[A-Z]{2,4}`).Draw(t, "prefix"),
			rapid.IntRange(2000, 2199).Draw(t, "year"), rapid.Int64Range(1, 999_999_999_999).Draw(t, "seq"))
		require.NoError(t, err)
		back, err := idcode.ParseCaseNumber(strings.ToLower(n.String()))
		require.NoError(t, err)
		require.Equal(t, n, back)
		// One wrong digit never gives another valid number.
		s := []byte(n.String())
		i := rapid.IntRange(len(n.Prefix), len(s)-2).Draw(t, "place")
		s[i] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if string(s) != n.String() && !strings.ContainsAny(n.String()[len(s)-1:], "01OIL") { // twins are forgiven as last character
			_, err = idcode.ParseCaseNumber(string(s))
			require.Error(t, err, string(s))
		}
	})
}

func TestQueryCodesAreReadAsPeopleCopyThem(t *testing.T) {
	code, err := idcode.NormaliseQueryCode(" abcde-fgh1k ")
	require.NoError(t, err)
	require.Equal(t, "ABCDEFGH1K", code)
	same, err := idcode.NormaliseQueryCode("ＡＢＣＤＥ_FGHiK")
	require.NoError(t, err)
	require.Equal(t, code, same)
	zero, err := idcode.NormaliseQueryCode("OOOOO 00000")
	require.NoError(t, err)
	require.Equal(t, "00000-00000", idcode.FormatQueryCode(zero))
	for _, s := range []string{"", "ABCDEFGH1", "ABCDEFGH1U", "ABCDEFGH1一", strings.Repeat("A", 33)} {
		_, err := idcode.NormaliseQueryCode(s)
		require.ErrorIs(t, err, idcode.ErrForm, s)
	}
}

func TestTheEndOfANumberNamesIt(t *testing.T) {
	for typed, want := range map[string][]string{
		"123N": {"LJ20260000123N"}, "0000123n": {"LJ20260000123N"}, "２０２６ 0000123-N": {"LJ20260000123N"}, "OOOl23N": {"LJ20260000123N"},
		"20260000123N": {"LJ20260000123N"}, "23N": nil, "123M": nil, "20250000123N": nil, "N": nil, "": nil, "LJ20260000123N": nil, "12-3": nil,
		"999999999999999N": nil, "路23N": nil,
		"20260005279I": {"LJ2026202600052791", "LJ20260005279I"}, // the year, or the beginning of a longer number
	} {
		require.Equal(t, want, idcode.CaseNumbersEnding("LJ", typed, 2024, 2027), typed)
	}
	rapid.Check(t, func(t *rapid.T) {
		n, err := idcode.NewCaseNumber("LJ", rapid.IntRange(2020, 2030).Draw(t, "year"), rapid.Int64Range(10, 3_000_000_000).Draw(t, "seq"))
		require.NoError(t, err)
		s := n.String()
		from := rapid.SampledFrom([]int{2, 6, len(s) - 1 - len(fmt.Sprint(n.Seq))}).Draw(t, "from")
		require.Contains(t, idcode.CaseNumbersEnding("LJ", s[from:], 2020, 2030), s)
	})
}
