package replies_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
	"minqing/internal/replies"
)

func codes(found []replies.Finding) []replies.Code {
	out := []replies.Code{}
	for _, f := range found {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

func TestAReplyIsReadBeforeItIsSent(t *testing.T) {
	good := "您好：經本科 11 月 3 日派員現場勘查，路燈因電纜老化短路。已於當晚更換電纜並恢復照明，如再有異常，請撥 07-123-4567 轉路燈科。"
	simple := "您好：经我科11月3日派员现场勘查，路灯因电缆老化短路。已于当晚更换电缆并恢复照明，如再有异常，请拨打0771-1234567与我们联系。"
	english := "We inspected the lamp on 3 November and found that the cable had short-circuited. It has been replaced and the lamp works again. If it fails, call the lighting desk on 07-123-4567."
	for name, one := range map[string]struct {
		text   string
		reader i18n.Lang
		want   []replies.Code
	}{
		"whole":                   {good, i18n.ZhHant, []replies.Code{}},
		"whole, simplified":       {simple, i18n.ZhHans, []replies.Code{}},
		"whole, English":          {english, i18n.En, []replies.Code{}},
		"nothing":                 {"", i18n.ZhHant, []replies.Code{replies.Empty}},
		"set phrases":             {"您好，您的來信已收悉。感謝您對市政建設的關心與支持！我們將儘快處理，造成不便敬請見諒。", i18n.ZhHant, []replies.Code{replies.Empty}},
		"set phrases, simplified": {"尊敬的网友：您好！您的留言已收悉。我们高度重视，将认真研究。感谢您的关注与支持。", i18n.ZhHans, []replies.Code{replies.Empty}},
		"set phrases, English":    {"Dear Ms Wang, thank you for your letter. We take this matter very seriously. It will be dealt with. Kind regards", i18n.En, []replies.Code{replies.Empty}},
		"no grounds":              {"您陳情的攤位本處不同意設置，也不會再受理同一位置提出的第二次申請，有疑問可洽本處管理科，電話07-123-4567。", i18n.ZhHant, []replies.Code{replies.Grounds}},
		"no next step":            {"經查本案位置屬於私人土地，並非本處所管的公園綠地範圍，樹木為土地所有權人自行種植，與本處無涉。", i18n.ZhHant, []replies.Code{replies.Next}},
		"short":                   {"經查燈具損壞，已修復，11月3日起恢復照明。", i18n.ZhHant, []replies.Code{replies.Short}},
		"long":                    {strings.Repeat(good, 60), i18n.ZhHant, []replies.Code{replies.Long}},
		"a gap":                   {good + "預計〔…〕完成。", i18n.ZhHant, []replies.Code{replies.Gap}},
		"a named gap":             {good + "依〔請填法規〕辦理。", i18n.ZhHant, []replies.Code{replies.Gap}},
		"a field":                 {good + "案號 {{case_no}}。", i18n.ZhHant, []replies.Code{replies.Gap}},
		"a line to fill":          {good + "預計 ____ 完成。", i18n.ZhHant, []replies.Code{replies.Gap}},
		"a document's number":     {good + "依政辦發〔2019〕51號辦理。", i18n.ZhHant, []replies.Code{}},
		"a mobile":                {good + "住戶電話0912-345-678。", i18n.ZhHant, []replies.Code{replies.Personal}},
		"a mainland mobile":       {simple + "当事人电话13800138000。", i18n.ZhHans, []replies.Code{replies.Personal}},
		"a reader's name":         {simple + "网友UU0081619您好。", i18n.ZhHans, nil},
		"zeros":                   {simple + "文号0000000000000000。", i18n.ZhHans, nil},
		"a Hong Kong card":        {simple + "持证人A123456(3)。", i18n.ZhHans, []replies.Code{replies.Personal}},
		"an identity number":      {good + "所有人A123456789。", i18n.ZhHant, []replies.Code{replies.Personal}},
		"a plate":                 {simple + "违停车辆粤B12345已处理。", i18n.ZhHans, []replies.Code{replies.Plate}},
		"other script":            {simple, i18n.ZhHant, []replies.Code{replies.Script}},
		"other script, other way": {good, i18n.ZhHans, []replies.Code{replies.Script}},
		"other language":          {good, i18n.En, []replies.Code{replies.Language}},
		"English to Chinese":      {english, i18n.ZhHant, []replies.Code{replies.Language}},
	} {
		t.Run(name, func(t *testing.T) {
			require.ElementsMatch(t, one.want, codes(replies.Check(one.text, one.reader)))
		})
	}
}

func TestWhatIsFoundIsNamedAndNumbersStayMasked(t *testing.T) {
	found := replies.Must("預計〔日期〕完成，預計〔日期〕通知，住戶電話0912-345-678。")
	require.Len(t, found, 2)
	require.Equal(t, replies.Finding{Code: replies.Gap, Found: "〔日期〕"}, found[0])
	require.NotContains(t, found[1].Found, "345678")
	require.NotContains(t, found[1].Found, "0912-345-678")
}

// FuzzCheck reads anything: no text makes it fall over, what is hard is a part of
// what is found, and a gap is always a part of the text.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "〔…〕", "{{case_no}}", "____", "〔2019〕51号", "A123456789", "0912345678", "\xff〔\xfe〕", "Dear Sir. Thank you."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []i18n.Lang{i18n.ZhHant, i18n.ZhHans, i18n.En} {
			all, must := replies.Check(s, l), replies.Must(s)
			require.Len(t, all[:len(must)], len(must))
			for _, f := range all {
				require.Contains(t, replies.Codes, f.Code)
				require.Equal(t, f.Code == replies.Gap || f.Code == replies.Personal, f.Code.Hard())
				require.True(t, f.Code != replies.Gap || strings.Contains(s, f.Found))
				require.True(t, !utf8.ValidString(s) || utf8.ValidString(f.Found))
			}
		}
	})
}
