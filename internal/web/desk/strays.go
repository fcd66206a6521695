package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type straysPage struct{ *feesPage }

type straysView struct {
	web.Page
	Settled bool
	Tabs    []web.Link
	Rows    []strayRow
	Empty   web.Empty
}

type strayRow struct {
	fees.Stray
	Title web.Words
	Chip  web.Chip
	Facts []web.SummaryRow
	Href  string
	Words web.Field
	By    string
}

func (p *straysPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *straysPage) page(c *gin.Context, problem error) error {
	ctx := c.Request.Context()
	v := &straysView{Page: p.Kit.Page(c, web.Say("fees.strays.title")), Settled: c.Query("settled") == "yes"}
	v.Back = &web.Link{Href: feesPath, Words: web.Say("fees.desk.title")}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	list, err := p.fees.Strays(ctx, v.Settled)
	if err != nil {
		return err
	}
	var ids []string
	for i := range list {
		if list[i].SettledByID != nil {
			ids = append(ids, *list[i].SettledByID)
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	v.Tabs = []web.Link{{Href: feesPath + "/strays", Words: web.Say("fees.strays.open"), Current: !v.Settled}, {Href: feesPath + "/strays?settled=yes", Words: web.Say("fees.strays.settled"), Current: v.Settled}}
	for i := range list {
		row := p.row(v, &list[i], c.PostForm("arrival"), c.PostForm("settlement."+c.PostForm("arrival")))
		if list[i].SettledByID != nil {
			row.By = names[*list[i].SettledByID]
		}
		v.Rows = append(v.Rows, row)
	}
	v.Empty = web.Empty{Title: web.Say("fees.strays.none"), Words: web.Say("fees.strays.none.words")}
	return p.Kit.Show(c, "desk/strays", v)
}

func (p *straysPage) row(v *straysView, s *fees.Stray, typedFor, typed string) strayRow {
	f := p.Kit.Format(v.Lang)
	row := strayRow{Stray: *s, Title: web.Plain(fees.Money(s.Amount, s.Currency)), Chip: web.Chip{Tone: web.ToneOver, Words: web.Say("fees.outcome." + string(s.Outcome))}}
	add := func(key string, value web.Words) {
		row.Facts = append(row.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	if s.SettledAt != nil {
		row.Chip.Tone = web.ToneDone
	}
	if s.OrderNo != "" {
		row.Href = feesPath + "/orders/" + s.OrderNo
		add("fees.strays.owed", web.Say("fees.strays.owed.words", "Amount", fees.Money(s.Owed, s.Owing), "State", i18n.Key("fees.state."+string(s.State))))
	}
	add("fees.way", web.Say("fees.way."+s.Provider))
	add("fees.way_ref", web.Plain(s.ProviderRef))
	add("fees.desk.arrived", web.Plain(f.DateTime(s.ArrivedAt)))
	row.Words = web.Field{Name: "settlement." + s.ID, Label: web.Say("fees.desk.settlement"), Hint: web.Say("fees.desk.settlement.hint"), Rows: 2, Max: 500}
	if s.ID == typedFor {
		row.Words.Value = typed
		row.Words = v.Bind(row.Words)
	}
	return row
}

// settle notes what was done about money that fits no order.
func (p *straysPage) settle(c *gin.Context) error {
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		version = 0
	}
	field := "settlement." + c.PostForm("arrival")
	err = p.fees.Settle(c.Request.Context(), c.PostForm("arrival"), version, strings.TrimSpace(lineEnds.Replace(c.PostForm(field))))
	err = renamedField(err, "settlement", field)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("fees.desk.done.settle")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, feesPath+"/strays")
	return nil
}
