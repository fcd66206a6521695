package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// donePage lists what was decided, and takes it back.
type donePage struct{ DuplicateDeps }

type doneView struct {
	web.Page
	Tabs   []web.Link
	About  web.Words
	Rows   []doneRow
	Reason web.Field
	Pager  web.Pager
	Empty  *web.Empty
}

// doneRow is one thing that was decided.
type doneRow struct {
	ID      string
	Names   []web.Link
	Chip    web.Chip
	Facts   []web.SummaryRow
	Action  string // where it is taken back; empty when it cannot be
	Version int64
	Back    web.Button
	Reason  web.Field
}

// fact adds what is known of the decision.
func (r *doneRow) fact(key string, value web.Words) {
	if !value.IsZero() {
		r.Facts = append(r.Facts, web.SummaryRow{Key: web.Say("duplicates.fact." + key), Value: value})
	}
}

// toRecord leads to a record that is still there.
func toRecord(v constituents.View) web.Link {
	link := web.Link{Words: named(v)}
	if !v.Erased {
		link.Href = "/people/" + v.ID
	}
	return link
}

type doneInput struct {
	Version int64  `form:"version"`
	Reason  string `form:"reason"`
}

func (p *donePage) show(c *gin.Context) error { return p.page(c, "", doneInput{}, nil) }

func (p *donePage) page(c *gin.Context, id string, in doneInput, failed error) error {
	ctx := c.Request.Context()
	list, next, err := p.Merging.History(ctx, c.Query("person"), c.Query("cursor"))
	if err != nil {
		return err
	}
	v := &doneView{Page: p.Kit.Page(c, web.Say("duplicates.done")), Tabs: tabs(duplicatesPath + "/done"), About: web.Say("duplicates.done.about")}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	var accounts []string
	for _, d := range list {
		for _, a := range []*string{d.ByID, d.UndoneByID} {
			if a != nil {
				accounts = append(accounts, *a)
			}
		}
	}
	names, err := p.Accounts.Names(ctx, accounts...)
	if err != nil {
		return err
	}
	f := i18n.Format{Lang: v.Lang, Zone: p.Zone}
	for _, d := range list {
		r := doneRow{ID: d.ID, Names: []web.Link{toRecord(d.Survivor), toRecord(d.Merged)}, Version: d.Version}
		r.fact("decided", by("duplicates.done.by", f.DateTime(d.At), d.ByID, names))
		r.fact("why", web.Plain(d.Reason))
		if d.UndoneAt == nil { // the other stands behind it
			r.Names[1].Href = ""
		}
		switch {
		case d.UndoneAt != nil:
			r.Chip = web.Chip{Words: web.Say("duplicates.done.undone")}
			r.fact("undone", by("duplicates.done.undone.by", f.DateTime(*d.UndoneAt), d.UndoneByID, names))
			r.fact("undone_why", web.Plain(d.UndoReason))
		case d.Proven:
			r.Chip = web.Chip{Tone: web.ToneDone, Words: web.Say("duplicates.done.proven")}
		default:
			r.Chip = web.Chip{Tone: web.ToneInfo, Words: web.Say(map[bool]string{true: "duplicates.done.certain", false: "duplicates.done.judged"}[d.Certain], "Points", d.Score)}
			r.Action, r.Back = duplicatesPath+"/done/"+d.ID, web.Button{Words: web.Say("duplicates.unmerge.do"), Kind: "secondary"}
		}
		r.Reason = web.Field{Name: "reason", Label: web.Say("duplicates.unmerge.reason"), Width: "full"}
		if d.ID == id {
			r.Reason.Value = in.Reason
			r.Reason = v.Bind(r.Reason)
		}
		v.Rows = append(v.Rows, r)
	}
	v.turn(c, duplicatesPath+"/done", next)
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "clock", Title: web.Say("duplicates.done.none"), Words: web.Say("duplicates.done.none.text")}
	}
	return p.Kit.Show(c, "people/done", v)
}

func (v *doneView) turn(c *gin.Context, path, next string) {
	q := ""
	if person := c.Query("person"); person != "" {
		q = "person=" + person + "&" // a valid id: others are not found
	}
	if c.Query("cursor") != "" {
		v.Pager.First = path
	}
	if next != "" {
		v.Pager.Next = path + "?" + q + "cursor=" + next
	}
}

// by says who did something and when; nobody stands for the program.
func by(key, at string, account *string, names map[string]string) web.Words {
	if account == nil {
		return web.Say(key+".itself", "At", at)
	}
	return web.Say(key, "At", at, "Who", names[*account])
}

func (p *donePage) send(c *gin.Context) error {
	var in doneInput
	err := web.Decode(c, &in)
	if err == nil {
		err = p.Merging.Unmerge(c.Request.Context(), c.Param("id"), in.Version, in.Reason)
	}
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return err
	}
	if err != nil {
		return p.page(c, c.Param("id"), in, err)
	}
	return p.told(c, "duplicates.unmerge.said", duplicatesPath+"/done")
}

// apart lists who was found not to be the same.
func (p *donePage) apart(c *gin.Context) error { return p.apartPage(c, "", doneInput{}, nil) }

func (p *donePage) apartPage(c *gin.Context, id string, in doneInput, failed error) error {
	list, next, err := p.Merging.Remembered(c.Request.Context(), c.Query("cursor"))
	if err != nil {
		return err
	}
	v := &doneView{Page: p.Kit.Page(c, web.Say("duplicates.apart")), Tabs: tabs(duplicatesPath + "/apart"), About: web.Say("duplicates.apart.about")}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	f := i18n.Format{Lang: v.Lang, Zone: p.Zone}
	for _, k := range list {
		r := p.kept(k, f)
		if r.ID == id {
			r.Reason.Value = in.Reason
			r.Reason = v.Bind(r.Reason)
		}
		v.Rows = append(v.Rows, r)
	}
	v.turn(c, duplicatesPath+"/apart", next)
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "clock", Title: web.Say("duplicates.apart.none"), Words: web.Say("duplicates.apart.none.text")}
	}
	return p.Kit.Show(c, "people/done", v)
}

func (p *donePage) kept(k constituents.Kept, f i18n.Format) doneRow {
	r := doneRow{ID: k.A.ID + k.B.ID, Names: []web.Link{toRecord(k.A), toRecord(k.B)}, Chip: web.Chip{Words: web.Say("duplicates.apart.chip")}, Version: k.Version,
		Action: duplicatesPath + "/apart/" + k.A.ID + "/" + k.B.ID,
		Back:   web.Button{Words: web.Say("duplicates.again.do"), Kind: "secondary"},
		Reason: web.Field{Name: "reason", Label: web.Say("duplicates.again.reason"), Width: "full"}}
	r.fact("decided", web.Plain(f.DateTime(k.At)))
	r.fact("why", web.Plain(k.Reason))
	return r
}

func (p *donePage) again(c *gin.Context) error {
	var in doneInput
	err := web.Decode(c, &in)
	if err == nil {
		err = p.Merging.Again(c.Request.Context(), c.Param("a"), c.Param("b"), in.Reason, in.Version)
	}
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return err
	}
	if err != nil {
		return p.apartPage(c, c.Param("a")+c.Param("b"), in, err)
	}
	return p.told(c, "duplicates.again.said", duplicatesPath+"/apart")
}
