package people

import (
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/constituents"
	"minqing/internal/i18n"
	"minqing/internal/match"
	"minqing/internal/place"
	"minqing/internal/web"
)

// pairPage shows two records side by side and takes what somebody decides.
type pairPage struct{ DuplicateDeps }

type pairView struct {
	web.Page
	Level    web.Chip
	Sides    []sideView
	Rules    web.Table
	Apart    bool
	May      bool // they may be merged
	Action   string
	Hidden   []hidden
	Survivor web.Field
	Fields   []web.Field
	Reason   web.Field
	Merge    web.Button
	Not      web.Button
	Again    web.Button
}

type hidden struct {
	Name  string
	Value any
}

// sideView is one of the two, with the letter by which the form speaks of it.
type sideView struct {
	Heading web.Words
	Name    web.Words
	Href    string
	Facts   []web.SummaryRow
}

type pairInput struct {
	Do       string `form:"do"`
	Version  int64  `form:"version"`
	VersionA int64  `form:"version_a"`
	VersionB int64  `form:"version_b"`
	Survivor string `form:"survivor"`
	Reason   string `form:"reason"`

	Name          string `form:"name"`
	Phone         string `form:"phone"`
	Email         string `form:"email"`
	Address       string `form:"address"`
	Locale        string `form:"locale"`
	BirthYear     string `form:"birth_year"`
	DistrictCode  string `form:"district_code"`
	EstablishedOn string `form:"established_on"`
	Stage         string `form:"stage"`
	Industry      string `form:"industry"`
}

func (in pairInput) choice(field string) string {
	return map[string]string{"name": in.Name, "phone": in.Phone, "email": in.Email, "address": in.Address, "locale": in.Locale, "birth_year": in.BirthYear,
		"district_code": in.DistrictCode, "established_on": in.EstablishedOn, "stage": in.Stage, "industry": in.Industry}[field]
}

func (p *pairPage) show(c *gin.Context) error {
	v, err := p.view(c, pairInput{})
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "people/pair", v)
}

func (p *pairPage) view(c *gin.Context, in pairInput) (*pairView, error) {
	ctx := c.Request.Context()
	b, err := p.Merging.Beside(ctx, c.Param("a"), c.Param("b"))
	if err != nil {
		return nil, err
	}
	areas, err := p.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	v := &pairView{Page: p.Kit.Page(c, web.Say("duplicates.pair.title")), Level: level(b.Verdict), Apart: b.Apart, May: b.Why == nil, Action: pairPath(b.A.ID, b.B.ID)}
	v.Wide, v.Back = true, &web.Link{Href: duplicatesPath, Words: web.Say("duplicates.title")}
	if b.Why != nil {
		if rest := v.Fail(b.Why); rest != nil {
			return nil, rest
		}
	}
	f := i18n.Format{Lang: v.Lang, Zone: p.Zone}
	w := shower{f, areas}
	v.Sides = []sideView{w.side("duplicates.pair.a", b.A), w.side("duplicates.pair.b", b.B)}
	v.Rules = rules(b.Verdict)
	v.Hidden = []hidden{{"version", b.Version}, {"version_a", b.A.Version}, {"version_b", b.B.Version}}
	v.Reason = web.Field{Name: "reason", Label: web.Say("duplicates.merge.reason"), Hint: web.Say("duplicates.merge.reason.hint"), Value: in.Reason, Rows: 3, Max: 500}
	v.Merge = web.Button{Words: web.Say("duplicates.merge.do"), Name: "do", Value: "merge"}
	v.Not = web.Button{Words: web.Say("duplicates.apart.do"), Kind: "secondary", Name: "do", Value: "apart"}
	v.Again = web.Button{Words: web.Say("duplicates.again.do"), Kind: "secondary", Name: "do", Value: "again"}
	v.choices(b, in, w)
	return v, nil
}

// choices are which record stands for both, and for every field in which they
// differ whose value it shall have. Without a choice the one who signs in keeps
// their record, or the older one.
func (v *pairView) choices(b *constituents.Beside, in pairInput, w shower) {
	first := "a"
	if b.B.Account && !b.A.Account {
		first = "b"
	}
	chosen := func(value, or string) string {
		if value == "a" || value == "b" {
			return value
		}
		return or
	}
	v.Survivor = web.Field{Name: "survivor", Label: web.Say("duplicates.merge.survivor"), Hint: web.Say("duplicates.merge.survivor.hint"), Value: chosen(in.Survivor, first),
		Options: []web.Option{{Value: "a", Words: web.Say("duplicates.pair.a")}, {Value: "b", Words: web.Say("duplicates.pair.b")}}}
	for _, f := range constituents.Fields(b.A.Kind) {
		x, y := b.A.Values[f], b.B.Values[f]
		if x == "" && y == "" || x == y && agrees(b.Verdict, f) {
			continue
		}
		value := first
		if b.A.Values[f] == "" {
			value = "b"
		} else if b.B.Values[f] == "" {
			value = "a"
		}
		v.Fields = append(v.Fields, web.Field{Name: f, Label: web.Say("duplicates.field." + f), Value: chosen(in.choice(f), value), Inline: true, Options: []web.Option{
			{Value: "a", Words: web.Say("duplicates.pair.of.a", "Value", argument(w.words(f, x)))}, {Value: "b", Words: web.Say("duplicates.pair.of.b", "Value", argument(w.words(f, y)))}}})
	}
}

// agrees says whether a field whose masked values look alike is alike: fields that
// no rule compares are shown in full.
func agrees(v match.Verdict, field string) bool {
	for _, f := range v.Findings {
		if string(f.Rule) == field {
			return f.How == match.Equal
		}
	}
	return true
}

func rules(v match.Verdict) web.Table {
	t := web.Table{ID: "rules", Caption: web.Say("duplicates.rules.caption"), Columns: []web.Column{{Words: web.Say("duplicates.rules.what")}, {Words: web.Say("duplicates.rules.how")}, {Words: web.Say("duplicates.rules.points"), Numeric: true}}}
	for _, f := range v.Findings {
		points := float64(f.Weight)
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("duplicates.rule." + string(f.Rule))}, {Words: web.Say("duplicates.how." + string(f.How))},
			{Words: web.Say("duplicates.points", "Points", f.Weight), Value: &points}}})
	}
	points := float64(v.Score)
	t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("duplicates.rules.sum")}, {}, {Words: web.Say("duplicates.points", "Points", v.Score), Value: &points}}})
	return t
}

// shower shows values of fields in words.
type shower struct {
	f     i18n.Format
	areas *place.Map
}

func (w shower) words(field, value string) web.Words {
	switch {
	case value == "":
		return web.Say("people.none")
	case field == "locale":
		return web.Say("duplicates.locale." + value)
	case field == "stage":
		return web.Say("duplicates.stage." + value)
	case field == "district_code":
		if d, err := w.areas.District(value); err == nil {
			return web.Data(d.Name)
		}
	}
	return web.Plain(value)
}

// argument makes words fit to stand in others.
func argument(w web.Words) any {
	switch {
	case w.Key != "":
		return i18n.Key(w.Key)
	case w.Text != nil:
		return w.Text
	}
	return w.Plain
}

func (w shower) side(heading string, s constituents.Side) sideView {
	v := sideView{Heading: web.Say(heading), Name: named(s.View), Href: "/people/" + s.ID}
	add := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	add("people.kind", web.Say("people.kind."+string(s.Kind)))
	for _, f := range constituents.Fields(s.Kind)[1:] {
		add("duplicates.field."+f, w.words(f, s.Values[f]))
	}
	if len(s.IDs) == 0 {
		add("duplicates.field.ids", web.Say("people.none"))
	}
	for _, id := range s.IDs {
		if id.Verified {
			add("duplicates.field.ids", web.Say("duplicates.id.seen", "Kind", i18n.Key("duplicates.id."+id.Kind)))
		} else {
			add("duplicates.field.ids", web.Say("duplicates.id."+id.Kind))
		}
	}
	add("duplicates.field.account", web.Say(map[bool]string{true: "duplicates.yes", false: "duplicates.no"}[s.Account]))
	add("duplicates.field.since", web.Plain(w.f.Date(s.Since)))
	if s.Joined > 0 {
		add("duplicates.field.joined", web.Say("duplicates.joined", "Count", s.Joined))
	}
	return v
}

func (p *pairPage) send(c *gin.Context) error {
	var in pairInput
	err := web.Decode(c, &in)
	said, to := "", ""
	if err == nil {
		said, to, err = p.act(c, in)
	}
	if err == nil {
		return p.told(c, said, to)
	}
	v, failed := p.view(c, in)
	if failed != nil {
		return failed
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	v.Reason, v.Survivor = v.Bind(v.Reason), v.Bind(v.Survivor)
	for i := range v.Fields {
		v.Fields[i] = v.Bind(v.Fields[i])
	}
	return p.Kit.Show(c, "people/pair", v)
}

func (p *pairPage) act(c *gin.Context, in pairInput) (said, to string, err error) {
	ctx, a, b := c.Request.Context(), c.Param("a"), c.Param("b")
	switch in.Do {
	case "apart":
		return "duplicates.apart.said", duplicatesPath, p.Merging.Apart(ctx, a, b, in.Reason, in.Version)
	case "again":
		return "duplicates.again.said", pairPath(a, b), p.Merging.Again(ctx, a, b, in.Reason, in.Version)
	}
	if a > b {
		a, b = b, a
	}
	m := constituents.Merge{Survivor: a, Merged: b, SurvivorVersion: in.VersionA, MergedVersion: in.VersionB, Reason: in.Reason}
	from := "b"
	if in.Survivor == "b" {
		m.Survivor, m.Merged, m.SurvivorVersion, m.MergedVersion, from = b, a, in.VersionB, in.VersionA, "a"
	}
	for _, f := range slices.Concat(constituents.Fields(constituents.Person), constituents.Fields(constituents.Enterprise)) {
		if in.choice(f) == from && !slices.Contains(m.Take, f) {
			m.Take = append(m.Take, f)
		}
	}
	_, err = p.Merging.Merge(ctx, m)
	return "duplicates.merge.said", duplicatesPath + "/done", err
}
