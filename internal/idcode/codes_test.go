package idcode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/idcode"
)

var today = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func TestMainlandNumbers(t *testing.T) {
	for _, n := range []string{"11010519491231002X", "440524188001010014", "110101199003078910",
		"330106200010101232", "810000198001010022", "830000197506150011"} {
		id, err := idcode.ParsePRCID(n, today)
		require.NoError(t, err, n)
		require.Equal(t, n, id.Number)
		require.True(t, id.AreaKnown, n)
	}
	id, err := idcode.ParsePRCID(" １１０１０５ 19491231-002x", today)
	require.NoError(t, err)
	require.Equal(t, "11010519491231002X", id.Number)
	require.Equal(t, "1949-12-31", id.Born.Format(time.DateOnly))
	require.False(t, id.Male)
	old, err := idcode.ParsePRCID("110105491231002", today)
	require.NoError(t, err)
	require.Equal(t, "11010519491231002X", old.Number)
	for n, want := range map[string]error{
		"31011519850229001X":  idcode.ErrDate, // 1985 was no leap year
		"110101203003078910":  idcode.ErrDate, // not yet born
		"110101199003078911":  idcode.ErrCheck,
		"11010519491231002":   idcode.ErrForm,
		"11010519491231002Y":  idcode.ErrForm,
		"":                    idcode.ErrForm,
		"1101０519491231002XX": idcode.ErrForm,
	} {
		_, err := idcode.ParsePRCID(n, today)
		require.ErrorIs(t, err, want, n)
	}
}

func TestUnifiedCodes(t *testing.T) {
	for _, n := range []string{"91350100M000100Y43", "91110000600037341L", "91310115MA1K00007Q", "91310115MA1K001700",
		"52440300MJ000000XW", "11110000000000000N", "N2330106MF0000005C"} {
		code, err := idcode.ParseUSCC(n)
		require.NoError(t, err, n)
		require.Equal(t, n, code.Code)
	}
	for n, want := range map[string]error{
		"91350100M000100Y4Z": idcode.ErrForm, // the standard's own invalid example
		"91350100M000100Y44": idcode.ErrCheck,
		"9135A100M000100Y43": idcode.ErrForm,
		"91350100M000100Y4":  idcode.ErrForm,
	} {
		_, err := idcode.ParseUSCC(n)
		require.ErrorIs(t, err, want, n)
	}
	for _, s := range []string{"M000100Y4", "600037341", "D2143569X", "d214 3569-x"} {
		require.True(t, idcode.ValidSubjectCode(s), s)
	}
	require.False(t, idcode.ValidSubjectCode("M000100Y5"))
}

func TestTaiwanBusinessNumbers(t *testing.T) {
	for _, n := range []string{"22099131", "04595257", "00501503", "10458575", "12345675", "12345676",
		"12345601", "12345617", "10458570", "12345670"} {
		_, err := idcode.ParseUBN(n)
		require.NoError(t, err, n)
	}
	for _, n := range []string{"12345672", "12345678", "00501502"} {
		_, err := idcode.ParseUBN(n)
		require.ErrorIs(t, err, idcode.ErrCheck, n)
	}
	_, err := idcode.ParseUBN("1234567")
	require.ErrorIs(t, err, idcode.ErrForm)
}

func TestTaiwanPersonalNumbers(t *testing.T) {
	for n, kind := range map[string]idcode.TWKind{
		"A123456789": idcode.TWNational, "A100537307": idcode.TWNational, "F224523786": idcode.TWNational,
		"A800000014": idcode.TWResident, "F900000002": idcode.TWResident, "I180000007": idcode.TWNational,
		"O299999994": idcode.TWNational, "AC01234567": idcode.TWOldResident, "AD30000013": idcode.TWOldResident,
	} {
		id, err := idcode.ParseTWID(n, today)
		require.NoError(t, err, n)
		require.Equal(t, kind, id.Kind, n)
	}
	_, err := idcode.ParseTWID("F224523789", today) // printed on a web page, wrong
	require.ErrorIs(t, err, idcode.ErrCheck)
	_, err = idcode.ParseTWID("A700000015", today)
	require.ErrorIs(t, err, idcode.ErrForm)
	_, err = idcode.ParseTWID("AC01234567", time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorIs(t, err, idcode.ErrEnded)
}

func TestHongKongNumbers(t *testing.T) {
	for _, n := range []string{"A123456(3)", "G123456(A)", "C123456(9)", "AB987654(3)", "Z683365(A)"} {
		got, err := idcode.ParseHKID(n)
		require.NoError(t, err, n)
		require.Equal(t, n, got)
	}
	got, err := idcode.ParseHKID("ab9876543")
	require.NoError(t, err)
	require.Equal(t, "AB987654(3)", got)
	for n, want := range map[string]error{"A123456(4)": idcode.ErrCheck, "A123456(33)": idcode.ErrForm, "A12345(3)": idcode.ErrForm, "1A23456(3)": idcode.ErrForm} {
		_, err := idcode.ParseHKID(n)
		require.ErrorIs(t, err, want, n)
	}
}

func TestBankNumbersPassLuhn(t *testing.T) {
	got, err := idcode.ParseBankCard("4111 1111 1111 1111")
	require.NoError(t, err)
	require.Equal(t, "4111111111111111", got)
	_, err = idcode.ParseBankCard("4111111111111112")
	require.ErrorIs(t, err, idcode.ErrCheck)
}

func TestOneWrongDigitIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := []byte(rapid.SampledFrom([]string{"11010519491231002X", "110101199003078910", "830000197506150011"}).Draw(t, "number"))
		i := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 14, 15, 16}).Draw(t, "place")
		old := n[i]
		n[i] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if n[i] != old {
			_, err := idcode.ParsePRCID(string(n), today)
			require.Error(t, err)
		}
	})
}
