package web_test

import (
	"context"
	"html/template"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// gallery shows every component once, with the values of a case that hurts.
type gallery struct {
	web.Page
	Title, Text, Password, Select, Files web.Field
	Kind, Ask                            web.Field
	Date                                 web.DateField
	Buttons                              []web.Button
	Chips                                []web.Chip
	Notices                              []web.Notice
	Rows                                 []web.SummaryRow
	Steps                                []web.Step
	Story                                web.Story
	Tabs                                 []web.Tab
	Pager                                web.Pager
	Empty                                web.Empty
	Table                                web.Table
	Stats                                []web.Stat
	More                                 web.Details
	At                                   time.Time
}

const galleryBody = `<h1 class="govuk-heading-l">{{words .Page.Title}}</h1>
{{template "chips" .Chips}}
{{template "steps" .Steps}}
{{range .Notices}}{{template "notice" .}}{{end}}
<div class="mq-work">
<div>
<h2 class="govuk-heading-m">{{words (plain "Story")}}</h2>
{{template "story" .Story}}
{{template "summary-list" .Rows}}
{{template "tabs" .Tabs}}
{{template "details" .More}}
</div>
<div class="mq-work__side">
<form class="mq-card" method="post" action="?">
{{template "field-text" .Title}}
{{template "field-textarea" .Text}}
{{template "field-select" .Select}}
{{template "field-radios" .Kind}}
{{template "field-checkboxes" .Ask}}
{{template "field-date" .Date}}
{{template "field-file" .Files}}
{{template "field-password" .Password}}
<div class="govuk-button-group">{{range .Buttons}}{{template "button" .}}{{end}}</div>
</form>
</div>
</div>
<div class="mq-stats">{{range .Stats}}{{template "stat" .}}{{end}}</div>
<div class="mq-chart" data-chart="line" data-table="months" data-label="x"></div>
<div class="mq-map" data-map data-point="26.08,119.3" aria-label="map"></div>
{{template "table" .Table}}
{{template "pager" .Pager}}
{{template "empty" .Empty}}
<p class="govuk-body">{{datetime .At}} · {{day .At}} · {{number 1204}} · {{percent 0.912}}</p>
`

func number(x float64) *float64 { return &x }

func newGallery(p web.Page) *gallery {
	at := time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC)
	g := &gallery{Page: p, At: at}
	_ = g.Fail(fault.InvalidInput(
		fault.Field{Name: "title", Key: "fault.field.invalid"},
		fault.Field{Name: "kind", Key: "fault.field.encoding"},
		fault.Field{Name: "due", Key: "fault.field.invalid"},
	))
	options := []web.Option{
		{Value: "complaint", Words: web.Plain("投訴"), Hint: web.Plain("有人沒有把事情做好")},
		{Value: "enquiry", Words: web.Plain("諮詢"), Divider: true, Reveal: &web.Field{Name: "other", Label: web.Plain("請說明")}},
	}
	g.Title = g.Bind(web.Field{Name: "title", Label: web.Plain("標題"), Hint: web.Plain("一句話說明發生什麼事"), Value: "<路燈>不亮\"", Max: 60})
	g.Text = g.Bind(web.Field{Name: "text", Label: web.Plain("經過"), Value: "第一行\n第二行", Max: 2000})
	g.Password = g.Bind(web.Field{Name: "password", Label: web.Plain("密碼")})
	g.Select = g.Bind(web.Field{Name: "unit", Label: web.Plain("單位"), Value: "enquiry", Options: options, Optional: true})
	g.Files = g.Bind(web.Field{Name: "files", Label: web.Plain("附件"), Multiple: true, Accept: "image/*"})
	g.Kind = g.Bind(web.Field{Name: "kind", Label: web.Plain("類別"), Value: "enquiry", Options: options})
	g.Ask = g.Bind(web.Field{Name: "ask", Label: web.Plain("您希望"), Values: []string{"complaint"}, Options: options[:1]})
	g.Date = g.BindDate(web.DateField{Field: web.Field{Name: "due", Label: web.Plain("日期")}, Parts: web.DateParts{Year: "2026", Month: "11", Day: "31"}})
	g.Buttons = []web.Button{
		{Words: web.Plain("送出申訴"), Icon: "check"}, {Words: web.Plain("存草稿"), Kind: "secondary", Name: "do", Value: "save"},
		{Words: web.Plain("撤案"), Kind: "warning"}, {Words: web.Plain("返回"), Href: "/", Kind: "small"},
	}
	g.Chips = []web.Chip{
		{Tone: web.ToneOver, Words: web.Say("common.due.over", "Count", 2)}, {Tone: web.ToneDue, Words: web.Say("common.due.today")},
		{Tone: web.ToneWatch, Words: web.Plain("督辦")}, {Tone: web.ToneDone, Words: web.Plain("已辦結")},
		{Tone: web.ToneInfo, Words: web.Plain("會辦")}, {Words: web.Plain("東湖區")},
	}
	g.Notices = []web.Notice{
		{Words: web.Plain("最遲 11 月 27 日（五）答復，還有 3 個工作日。")},
		{Tone: web.ToneDone, Title: web.Plain("已送出"), Words: web.Plain("案號 LJ20260000123N")},
		{Tone: web.ToneDue, Title: web.Plain("計時已中止"), Words: web.Plain("等您補充資料，至 12 月 1 日（二）。"), Link: &web.Link{Href: "/", Words: web.Plain("補充資料")}},
		{Tone: web.ToneOver, Words: web.Plain("有生命危險請立即撥打 110、119。")},
	}
	g.Rows = []web.SummaryRow{
		{Key: web.Plain("地點"), Value: web.Plain("東湖區湖濱路 12 號\n三樓"), Change: "/file/where"}, {Key: web.Plain("管道"), Value: web.Plain("網站")},
	}
	g.Steps = []web.Step{
		{Words: web.Plain("已收件"), State: "past"}, {Words: web.Plain("已受理"), State: "past"},
		{Words: web.Plain("辦理中"), State: "now", Note: web.Plain("路燈管理科")}, {Words: web.Plain("已答復"), State: "next"}, {Words: web.Plain("已辦結"), State: "next"},
	}
	g.Story = web.Story{Days: []web.StoryDay{
		{Day: at, Items: []web.StoryItem{
			{At: at, Title: web.Plain("指派承辦人"), By: web.Plain("陳科長"), Text: "請先聯絡里長，週三前到場。", Internal: true},
			{At: at.Add(-time.Hour), Title: web.Plain("已受理"), By: web.Plain("公共工程局"), Text: "我們收到您的訴求，將於 11 月 27 日前答復。", Chips: []web.Chip{{Tone: web.ToneInfo, Words: web.Plain("公開")}}},
		}},
		{Day: at.AddDate(0, 0, -1), Items: []web.StoryItem{{At: at.AddDate(0, 0, -1), Title: web.Plain("已收件"), By: web.Plain("網站")}}},
	}}
	g.Tabs = []web.Tab{
		{ID: "messages", Words: web.Plain("訊息"), Body: template.HTML("<p>一則訊息</p>")}, {ID: "files-tab", Words: web.Plain("附件"), Body: template.HTML("<p>沒有附件</p>")},
	}
	g.Pager = web.Pager{First: "/?", Previous: "/?b", Next: "/?a", Shown: 25}
	g.Empty = web.Empty{Icon: "search", Title: web.Plain("沒有符合的案件"), Words: web.Plain("放寬篩選條件，或回到全部案件。"), Do: &web.Button{Words: web.Plain("清除篩選"), Href: "/", Kind: "secondary"}}
	g.Table = web.Table{ID: "months", Caption: web.Plain("按期辦結率"), Columns: []web.Column{
		{Words: web.Plain("月份"), Sort: "?sort=m"}, {Words: web.Plain("按期率"), Numeric: true, Percent: true, Sort: "?sort=r", Sorted: "descending"}, {Words: web.Plain("件數")},
	}}
	for i, month := range []string{"8 月", "9 月", "10 月", "11 月"} {
		share := 0.88 + float64(i)/100
		g.Table.Rows = append(g.Table.Rows, web.Row{Href: "/m", Cells: []web.Cell{
			{Words: web.Plain(month)}, {Words: web.Plain("90.1 %"), Value: number(share), Low: number(share - 0.02), Top: number(share + 0.015)}, {Words: web.Plain("1,204"), Value: number(1204)},
		}})
	}
	g.Stats = []web.Stat{
		{Name: web.Plain("按期辦結率"), Value: 0.912, Low: 0.896, High: 0.926, Target: number(0.95), Note: web.Plain("1,320 件中 1,204 件，介於 89.6 與 92.6 之間。"), Href: "/definitions/on_time"},
		{Name: web.Plain("滿意率"), Suppressed: true},
	}
	g.More = web.Details{Title: web.Plain("這個數字怎麼算？"), Words: web.Plain("以期限落在當月的案件為母數。")}
	return g
}

func showGallery(t testing.TB, change func(*web.Options)) *web.Kit {
	t.Helper()
	k := newKit(t, func(o *web.Options) {
		o.City = func(context.Context) i18n.Text {
			return i18n.Text{i18n.ZhHant: "臨江市", i18n.ZhHans: "临江市", i18n.En: "Linjiang"}
		}
		o.Zone = time.FixedZone("CST", 8*3600)
		o.Footer = []web.Link{{Href: "/scorecard", Words: web.Plain("公開報表")}}
		if change != nil {
			change(o)
		}
	}, map[string]string{"gallery/all": galleryBody})
	k.GET(k.Engine(), "/gallery", web.Public, func(c *gin.Context) error {
		return k.Show(c, "gallery/all", newGallery(k.Page(c, web.Plain("路燈不亮 <三天>"))))
	})
	return k
}

func TestEveryComponentRendersInThreeLanguages(t *testing.T) {
	k := showGallery(t, func(o *web.Options) {
		o.Demo = true
		o.Sessions = people{actor.Actor{Kind: actor.Staff, AccountID: "a"}}
	})
	for _, l := range i18n.Langs {
		w := ask(t, k, "GET", "/gallery?lang="+string(l), nil)
		body := w.Body.String()
		require.Equal(t, 422, w.Code, body)
		require.True(t, strings.HasSuffix(strings.TrimSpace(body), "</html>"))
		require.Contains(t, body, "路燈不亮 &lt;三天&gt;")
		require.Contains(t, body, `value="&lt;路燈&gt;不亮&#34;"`)
		require.NotRegexp(t, `>\s*(common|fault)\.[a-z_.]+\s*<`, body, "an untranslated key")
		require.NotContains(t, body, "ZgotmplZ")
		require.NotRegexp(t, `<[^>]+ (style|on[a-z]+)=`, body, "inline style or script")
		require.Equal(t, 1, strings.Count(body, "<h1"))
	}
}

func TestEveryInputIsLabelledAndEveryErrorLeadsToOne(t *testing.T) {
	body := ask(t, showGallery(t, nil), "GET", "/gallery?lang=en", nil).Body.String()
	ids := map[string]bool{}
	for _, hit := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		require.False(t, ids[hit[1]], "the id %s is there twice", hit[1])
		ids[hit[1]] = true
	}
	for _, hit := range regexp.MustCompile(`<(?:input|select|textarea)[^>]*? id="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		require.Contains(t, body, `for="`+hit[1]+`"`)
	}
	for _, pattern := range []string{`href="#([^"]+)"`, `aria-describedby="([^"]+)"`, `aria-controls="([^"]+)"`} {
		for _, hit := range regexp.MustCompile(pattern).FindAllStringSubmatch(body, -1) {
			for _, id := range strings.Fields(hit[1]) {
				require.True(t, ids[id], "%s points at nothing", id)
			}
		}
	}
}

func TestAFlashIsSeenOnceAndCannotBeMade(t *testing.T) {
	k := showGallery(t, nil)
	k.POST(k.Engine(), "/send", web.Public, func(c *gin.Context) error {
		if err := k.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("common.due.left", "Count", 3)}); err != nil {
			return err
		}
		c.Redirect(303, "/gallery")
		return nil
	})
	sent := ask(t, k, "POST", "/send", nil)
	cookie := sent.Result().Cookies()[0]
	seen := ask(t, k, "GET", "/gallery?lang=en", nil, "Cookie", cookie.Name+"="+cookie.Value)
	require.Contains(t, seen.Body.String(), "3 working days left")
	require.Contains(t, strings.Join(seen.Header()["Set-Cookie"], "\n"), "mq_flash=; Path=/; Max-Age=0")
	forged := ask(t, k, "GET", "/gallery?lang=en", nil, "Cookie", cookie.Name+"=x"+cookie.Value)
	require.NotContains(t, forged.Body.String(), "3 working days left")
}

func TestLargeTypeIsRemembered(t *testing.T) {
	k := showGallery(t, nil)
	w := ask(t, k, "GET", "/gallery?type=large&q=1", nil)
	require.Contains(t, w.Body.String(), `class="mq-large `)
	require.Contains(t, w.Body.String(), `/gallery?q=1&amp;type=normal`)
	require.Contains(t, w.Header().Get("Set-Cookie"), "mq_type=large")
	require.Contains(t, ask(t, k, "GET", "/gallery", nil, "Cookie", "mq_type=large").Body.String(), `class="mq-large `)
}
