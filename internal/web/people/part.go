package people

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/record"
	"minqing/internal/web"
)

// partPage changes one part of a record: what stands, with its end, and a form
// for what is new.
type partPage struct {
	Deps

	part string
}

type partView struct {
	web.Page
	ID      string
	Part    string
	About   web.Words
	Rows    []partRow
	Fields  []field
	Version int64 // of the record, for what stands in it itself
	Save    web.Button
}

// field is an input of a form and the component that shows it.
type field struct {
	web.Field
	Kind string // text, textarea, select, checkboxes
}

// partRow is one thing that stands.
type partRow struct {
	pointRow

	ID      string
	Version int64
	Buttons []web.Button
}

// partInput is everything that the forms of the parts send.
type partInput struct {
	Do      string `form:"do"`
	Row     string `form:"row"`
	Version int64  `form:"version"`

	PointKind string `form:"point_kind"`
	Point     string `form:"point"`

	BirthYear     string `form:"birth_year"`
	District      string `form:"district_code"`
	EstablishedOn string `form:"established_on"`
	Stage         string `form:"stage"`
	Industry      string `form:"industry"`
	Locale        string `form:"locale"`
	Source        string `form:"source"`

	Need string `form:"need"`

	NumberKind string `form:"number_kind"`
	Number     string `form:"number"`
	Seen       string `form:"seen"`

	Other    string `form:"other"`
	Relation string `form:"relation"`

	Note      string `form:"note"`
	Purpose   string `form:"note_purpose"`
	KeepUntil string `form:"keep_until"`
}

// partDef is how a part is changed. of is the part of the record that one must see.
type partDef struct {
	of   record.Part
	rows func(sheet *record.Sheet, n look, now time.Time) []partRow
	form func(p *partPage, in partInput, sheet *record.Sheet, n look) []field
	save func(ctx context.Context, r *record.Service, id string, in partInput) error
	end  map[string]func(r *record.Service, ctx context.Context, id string, row record.Row) error // by button
}

// editable are the parts that are changed on a page of their own.
var editable = map[string]*partDef{
	"profile":   {of: record.Needs, form: profileForm, save: saveProfile},
	"reach":     {of: record.Reach, rows: reachRows, form: reachForm, save: saveReach, end: ends{"prefer": (*record.Service).Prefer, "seen": (*record.Service).SeePoint, "end": (*record.Service).EndPoint}},
	"needs":     {of: record.Needs, rows: needRows, form: needForm, save: saveNeed, end: ends{"end": (*record.Service).EndNeed}},
	"numbers":   {of: record.Numbers, rows: numberRows, form: numberForm, save: saveNumber, end: ends{"end": (*record.Service).EndNumber}},
	"relations": {of: record.Relations, rows: tieRows, form: tieForm, save: saveTie, end: ends{"end": (*record.Service).Unrelate}},
	"notes":     {of: record.Notes, rows: noteRows, form: noteForm, save: saveNote, end: ends{"drop": (*record.Service).DropNote}},
}

type ends = map[string]func(r *record.Service, ctx context.Context, id string, row record.Row) error

// typedOfPart labels what people type, for when it could not be taken.
func typedOfPart(name string) web.Words {
	switch name {
	case "note", "number", "point", "other", "industry", "birth_year", "reason":
		return web.Say("people.field." + name)
	}
	return web.Words{}
}

func (p *partPage) show(c *gin.Context) error { return p.page(c, partInput{}, nil) }

// act does what the button says.
func (p *partPage) act(c *gin.Context) error {
	var in partInput
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	ctx, def, id := c.Request.Context(), editable[p.part], c.Param("id")
	var err error
	if do := def.end[in.Do]; do != nil {
		err = do(p.Record, ctx, id, record.Row{ID: in.Row, Version: in.Version})
	} else {
		err = def.save(ctx, p.Record, id, in)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, in, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("people.saved")}); err != nil {
		return err
	}
	to := "/people/" + id
	if def.rows != nil {
		to += "/" + p.part
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

func (p *partPage) page(c *gin.Context, in partInput, failed error) error {
	ctx, def := c.Request.Context(), editable[p.part]
	sheet, err := p.Record.ToWrite(ctx, c.Param("id"), def.of)
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	v := &partView{Page: p.Kit.Page(c, web.Say("people.part."+p.part)), ID: sheet.ID, Part: p.part, About: web.Say("people.part." + p.part + ".about")}
	v.Back = &web.Link{Href: "/people/" + sheet.ID, Words: named(sheet.View)}
	v.Version = sheet.Profile.Version
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if failed == nil && c.Request.Method == http.MethodGet {
		in = filled(sheet)
	}
	if def.rows != nil {
		v.Rows = def.rows(sheet, n, p.Now())
	}
	for _, f := range def.form(p, in, sheet, n) {
		f.Field = v.Bind(f.Field)
		v.Fields = append(v.Fields, f)
	}
	v.Save = web.Button{Words: web.Say("people.part." + p.part + ".do"), Name: "do", Value: "save"}
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "people/part", v)
}
