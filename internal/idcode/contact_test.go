package idcode_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/idcode"
)

func TestPhonesBecomeE164(t *testing.T) {
	for _, v := range []struct{ typed, region, want string }{
		{"13812345678", "CN", "+8613812345678"}, {"138 1234-5678", "CN", "+8613812345678"},
		{"+86 138 1234 5678", "TW", "+8613812345678"}, {"008613812345678", "CN", "+8613812345678"},
		{"8613812345678", "CN", "+8613812345678"}, {"１３８１２３４５６７８", "CN", "+8613812345678"},
		{"010-87654321", "CN", "+861087654321"}, {"(0571) 8765 4321", "CN", "+8657187654321"},
		{"0755-1234567", "CN", "+867551234567"}, {"+86 (0)10 8765 4321", "CN", "+861087654321"},
		{"0912-345-678", "TW", "+886912345678"}, {"(02)2345-6789", "TW", "+886223456789"},
		{"037-123456", "TW", "+88637123456"}, {"9123 4567", "HK", "+85291234567"}, {"6612 3456", "MO", "+85366123456"},
		{"+44 20 7946 0018", "CN", "+442079460018"},
	} {
		p, err := idcode.ParsePhone(v.typed, v.region)
		require.NoError(t, err, v.typed)
		require.Equal(t, v.want, p.E164, v.typed)
		again, err := idcode.ParsePhone(p.E164, "HK")
		require.NoError(t, err)
		require.Equal(t, p.E164, again.E164)
	}
	p, err := idcode.ParsePhone("02-2345-6789 分機 123", "TW")
	require.NoError(t, err)
	require.Equal(t, "123", p.Extension)
	require.False(t, p.Mobile)
	for typed, region := range map[string]string{
		"": "CN", "12812345678": "CN", "1381234567": "CN", "400-123-4567": "CN", "0400 123 4567": "CN", "12345": "CN",
		"0812345": "TW", "0800-012-345": "TW", "1234 5678": "HK", "3123 4567": "MO", "+0861381234": "CN",
		"+1234567890123456": "CN", "138x": "CN", "13812345678 #": "CN", "phone": "CN", "13812345678": "", "87654321": "CN",
	} {
		_, err := idcode.ParsePhone(typed, region)
		require.ErrorIs(t, err, idcode.ErrForm, typed)
	}
}

func TestMailAddressesAreNormalised(t *testing.T) {
	for typed, want := range map[string]string{
		" Zhang.San@Example.CN ": "zhang.san@example.cn", "ａ＠ｂ．ｃｎ": "a@b.cn", "a+b@x-y.co.uk": "a+b@x-y.co.uk",
	} {
		got, err := idcode.NormaliseEmail(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "a", "@b.cn", "a@", "a@b", "a@@b.cn", "a@b..cn", ".a@b.cn", "a..b@c.cn", "a b@c.cn",
		"a@-b.cn", "a@b.1", "張@b.cn", "a@b.c", "a@1.2.3.4", strings.Repeat("a", 65) + "@b.cn", "a@b.cn\r\nBcc: x@y.cn", "<a@b.cn>"} {
		_, err := idcode.NormaliseEmail(bad)
		require.ErrorIs(t, err, idcode.ErrForm, bad)
	}
}

func TestMasks(t *testing.T) {
	for in, want := range map[string]string{"": "", "張三": "張*", "張大明": "張*明", "歐陽大明": "歐陽**", "古麗娜爾·買買提": "古麗**",
		"John Smith": "J***", "張": "*", " 張 三 ": "張*", "𠮷田明": "𠮷*明"} {
		require.Equal(t, want, idcode.MaskName(in), in)
	}
	require.Equal(t, "張**", idcode.MaskNamePublic("張三"))
	require.Equal(t, "歐**", idcode.MaskNamePublic("歐陽大明"))
	require.Equal(t, "J***", idcode.MaskNamePublic("john"))
	for in, want := range map[string]string{"": "", "+8613812345678": "138****5678", "13812345678": "138****5678", "+886912345678": "09**-***-678",
		"+861087654321": "0108765****", "+85291234567": "91****67", "+442079460018": "+44********18", "nonsense": "***"} {
		require.Equal(t, want, idcode.MaskPhone(in), in)
	}
	for in, want := range map[string]string{"": "", "zhang@x.cn": "z***@x.cn", "z@x.cn": "***@x.cn", "nonsense": "***"} {
		require.Equal(t, want, idcode.MaskEmail(in), in)
	}
	for in, want := range map[string]string{"": "", "11010519491231002X": "110***********002X", "110105491231002": "110*********002",
		"A123456789": "A1*****789", "AC01234567": "AC*****567", "A123456(3)": "A1*****(*)", "AB987654(3)": "AB9*****(*)", "E12345678": "E*******8", "12345": "***"} {
		require.Equal(t, want, idcode.MaskID(in), in)
	}
	require.Equal(t, "************1111", idcode.MaskBank("4111 1111 1111 1111"))
	require.Equal(t, "粵B****5", idcode.MaskPlate("粵B12345"))
	for in, want := range map[string]string{"": "", "臨江市東山區中山路12號3樓": "臨江市東山區***", "北京市朝阳区八里庄街道1号院": "北京市朝阳区八里庄街道***",
		"花蓮縣壽豐鄉大學村5鄰": "花蓮縣壽豐鄉大學村***", "中山路12號": "***", "臨江市東山區": "臨江市東山區",
		"12 Zhongshan Road, Dongshan District, Linjiang": "***, Dongshan District", "District 9, 5 Elm Street": "***"} {
		require.Equal(t, want, idcode.MaskAddress(in), in)
	}
}

func FuzzEveryParserAndMask(f *testing.F) {
	for _, s := range []string{"", "LJ20260000123N", "11010519491231002X", "A123456(3)", "+8613812345678", "z@x.cn", "張大明", "粵B12345", "臨江市東山區", "\xff\xfe", "１２(3", "#", "+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := idcode.ParseCaseNumber(s); err == nil {
			again, err := idcode.ParseCaseNumber(n.String())
			require.NoError(t, err)
			require.Equal(t, n, again)
		}
		if c, err := idcode.NormaliseQueryCode(s); err == nil {
			again, err := idcode.NormaliseQueryCode(idcode.FormatQueryCode(c))
			require.NoError(t, err)
			require.Equal(t, c, again)
		}
		if id, err := idcode.ParsePRCID(s, today); err == nil {
			require.Len(t, id.Number, 18)
		}
		if p, err := idcode.ParsePhone(s, "CN"); err == nil {
			again, err := idcode.ParsePhone(p.E164, "")
			require.NoError(t, err)
			require.Equal(t, p.E164, again.E164)
		}
		if m, err := idcode.NormaliseEmail(s); err == nil {
			again, err := idcode.NormaliseEmail(m)
			require.NoError(t, err)
			require.Equal(t, m, again)
		}
		_, _ = idcode.ParseUSCC(s)
		_, _ = idcode.ParseUBN(s)
		_, _ = idcode.ParseTWID(s, today)
		_, _ = idcode.ParseHKID(s)
		_, _ = idcode.ParseBankCard(s)
		_ = idcode.ValidSubjectCode(s)
		for _, mask := range []func(string) string{idcode.MaskName, idcode.MaskNamePublic, idcode.MaskPhone, idcode.MaskEmail,
			idcode.MaskID, idcode.MaskBank, idcode.MaskPlate, idcode.MaskAddress} {
			if out := mask(s); utf8.ValidString(s) {
				require.True(t, utf8.ValidString(out))
			}
		}
	})
}
