package register_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/document/documenttest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/register"
)

// wrong is what a reading says of the number.
func wrong(t testing.TB, err error) string {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, e.Kind)
	require.Len(t, e.Fields, 1)
	require.Equal(t, "number", e.Fields[0].Name)
	return strings.TrimPrefix(e.Fields[0].Key, "verify.number.")
}

func permitNo(t testing.TB, seq int64) string {
	t.Helper()
	n, err := idcode.NewCaseNumber(register.PermitPrefix("LJ"), 2026, seq)
	require.NoError(t, err)
	return n.String()
}

func TestANumberIsReadAsPeopleCopyIt(t *testing.T) {
	no := permitNo(t, 12)
	require.Equal(t, "LJP202600000129", no, "the example of the pages")
	for _, typed := range []string{no, strings.ToLower(no), " LJP 2026 0000012 9 ", "LJP-2026-0000012-9", "ＬＪＰ２０２６０００００１２９", "ljp2o26ooooo129",
		"https://minqing.test/verify/" + no, "https://minqing.test/verify/" + no + "?lang=en"} {
		got, err := register.ReadNumber(typed)
		require.NoError(t, err, typed)
		require.Equal(t, no, got)
	}
	for typed, what := range map[string]string{"": "required", "  ": "required", "LJP20260000012L": "check", "LJP202600000219": "check", "LJP2026": "form", "食品": "form",
		"LJ20260000123N": "case", "https://minqing.test/verify/": "required", strings.Repeat("9", 300): "form", "\x00": "form", "\xff\xfe": "form"} {
		_, err := register.ReadNumber(typed)
		require.Equal(t, what, wrong(t, err), typed)
	}
}

func FuzzReadNumber(f *testing.F) {
	for _, s := range []string{permitNo(f, 1), "ljp 2026 0000012 9", "https://x/verify/LJP202600000129?lang=en", "LJ20260000123N", "", "１", "\xff", "LJP20260000012L"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		no, err := register.ReadNumber(typed)
		if err != nil {
			require.Contains(t, []string{"required", "form", "check", "case"}, wrong(t, err))
			return
		}
		again, err := register.ReadNumber(no)
		require.NoError(t, err, no)
		require.Equal(t, no, again, "what was read is canonical")
		n, err := idcode.ParseCaseNumber(no)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(n.Prefix, "P"), no)
	})
}

func TestACredentialSaysWhatThePaperSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.issue(func(i *register.Issue) { i.HolderID = o.person })
		shown, err := o.Show(system(), o.get(no))
		require.NoError(t, err)
		require.Equal(t, "張**", shown.Holder.Name, "everybody sees the first character")
		token, err := o.Credential(system(), o.get(no))
		require.NoError(t, err)
		c, err := o.ReadCredential(system(), token)
		require.NoError(t, err)
		require.Equal(t, "張小明", c.Permit.Holder.Name, "the holder's own says the whole name")
		require.Equal(t, "https://minqing.test/verify/"+no, c.Verify)
		require.Equal(t, "https://minqing.test/verify/status", c.StatusList)
		name, err := o.HolderName(system(), o.get(no))
		require.NoError(t, err)
		for lang, words := range map[i18n.Lang][]string{
			i18n.ZhHant: {"臨時占用道路許可", "許可證編號" + no, "持有人張小明", "地點濱江區湖濱路 12 號前", "scope12 m²", "有效期至2027 年 11 月 24 日", "許可條件夜間不得施工。", "https://minqing.test/verify/" + no, "Ed25519"},
			i18n.ZhHans: {"临时占用道路许可", "许可证编号" + no, "持有人張小明", "发证机关"},
			i18n.En:     {"Road occupation permit", "Permit number" + no, "Holder張小明", "Valid untilWed 24 November 2027", "Signed by"},
		} {
			pdf, err := o.Print(system(), register.Paper{Permit: o.get(no), Lang: lang, Holder: name, Conditions: "夜間不得施工。"})
			require.NoError(t, err)
			keepPDF(t, "permit-"+string(lang), pdf)
			text := documenttest.Text(t, pdf)
			for _, want := range words {
				require.Contains(t, text, want)
			}
			require.NotRegexp(t, `\b(verify|register)\.[a-z_]+`, strings.ReplaceAll(text, "minqing.test/verify", ""))
			require.Contains(t, string(pdf), "<pdfaid:part>2</pdfaid:part>")
			require.NotContains(t, text, "副本")
		}
		require.NoError(t, d.From(system()).Exec("UPDATE permits SET holder_shown = '' WHERE permit_no = ?", no).Error)
		name, err = o.HolderName(system(), o.get(no))
		require.NoError(t, err)
		require.Empty(t, name, "nothing is left of who was erased")
	})
}

func TestAPaperOfAPermitThatIsOverSaysSo(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.issue()
	_, err := o.do(as(o.staff("head", "CG03")), no, register.Do{Act: register.Revoke, Ground: "deceit", Reason: "以不實資料取得", Version: 1})
	require.NoError(t, err)
	pdf, err := o.Print(system(), register.Paper{Permit: o.get(no), Lang: i18n.ZhHant, Holder: "臨江四海餐飲有限公司", ForStaff: true})
	require.NoError(t, err)
	text := documenttest.Text(t, pdf)
	require.Contains(t, text, "這張許可證已撤銷2026 年 11 月 24 日（二） 撤銷")
	require.Contains(t, text, "存查用副本")
	require.NotContains(t, text, "不實", "the reason is the holder's")
	require.NotContains(t, text, "deceit")
	_, err = o.Credential(system(), o.get(no))
	require.Equal(t, fault.Conflict, fault.KindOf(err), "nothing is signed any more")
}

func TestANewPermitIsNamedOnTheOneBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		old := o.issue()
		next, err := o.Successor(system(), o.get(old))
		require.NoError(t, err)
		require.Empty(t, next)
		third := o.issue(func(i *register.Issue) { i.Replaces = old })
		next, err = o.Successor(system(), o.get(old))
		require.NoError(t, err)
		require.Equal(t, third, next)
	})
}

// FuzzReadCredential has altered credentials: none may be taken for sound, and
// nothing may break.
func FuzzReadCredential(f *testing.F) {
	o := newOffice(f, dbtest.New(f))
	good, err := o.Credential(system(), o.get(o.issue()))
	require.NoError(f, err)
	want, err := o.ReadCredential(system(), good)
	require.NoError(f, err)
	f.Add("", 0, byte(1))
	f.Add("", 30, byte(0x20))
	f.Add("", 200, byte(0x40))
	f.Add("a.b.c", 0, byte(0))
	f.Add("eyJhbGciOiJub25lIiwia2lkIjoiIiwidHlwIjoicGVybWl0K2p3dCJ9.e30.", 0, byte(0))
	f.Fuzz(func(t *testing.T, token string, at int, flip byte) {
		if token == "" { // one character of a sound one
			b := []byte(good)
			if at < 0 || at >= len(b) || flip == 0 {
				return
			}
			b[at] ^= flip
			token = string(b)
		}
		got, err := o.ReadCredential(system(), token)
		if err == nil {
			require.Equal(t, strings.TrimSpace(token), good, "one that we did not sign is taken for ours")
			require.Equal(t, want, got)
			return
		}
		require.True(t, errors.Is(err, register.ErrNoCredential) || errors.Is(err, register.ErrUnknownKey) || errors.Is(err, register.ErrForged), "%v", err)
	})
}

func TestAlteredCredentialsAreNotTaken(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	token, err := o.Credential(system(), o.get(o.issue()))
	require.NoError(t, err)
	parts := strings.Split(token, ".")
	head := func(h map[string]string) string {
		raw, err := json.Marshal(h)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	var h map[string]string
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &h))
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	longer := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(body), "2027-11-24", "2037-11-24", 1)))
	list, err := o.StatusList(system())
	require.NoError(t, err)
	var status register.Flattened
	require.NoError(t, json.Unmarshal(list, &status))
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"a later end":          {parts[0] + "." + longer + "." + parts[2], register.ErrForged},
		"no algorithm":         {head(map[string]string{"alg": "none", "kid": h["kid"], "typ": h["typ"]}) + "." + parts[1] + ".", register.ErrNoCredential},
		"another algorithm":    {head(map[string]string{"alg": "HS256", "kid": h["kid"], "typ": h["typ"]}) + "." + parts[1] + "." + parts[2], register.ErrNoCredential},
		"a key of its own":     {head(map[string]string{"alg": "EdDSA", "kid": h["kid"], "typ": h["typ"], "jwk": "{}"}) + "." + parts[1] + "." + parts[2], register.ErrNoCredential},
		"a key that we lack":   {head(map[string]string{"alg": "EdDSA", "kid": "x", "typ": h["typ"]}) + "." + parts[1] + "." + parts[2], register.ErrUnknownKey},
		"the list as a permit": {status.Protected + "." + status.Payload + "." + status.Signature, register.ErrNoCredential},
		"two parts":            {parts[0] + "." + parts[1], register.ErrNoCredential},
		"too long":             {strings.Repeat("a", 20<<10), register.ErrNoCredential},
	} {
		_, err := o.ReadCredential(system(), c.token)
		require.ErrorIs(t, err, c.want, name)
	}
}
