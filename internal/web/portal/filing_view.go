package portal

import (
	"slices"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/web"
)

type section struct {
	Words web.Words
	Rows  []web.SummaryRow
}

type filingView struct {
	web.Page
	Step, Steps int
	Matter      *catalogue.Matter
	Name        web.Words // of what is filed
	Danger      bool
	Emergencies []emergency
	Side        side

	Kind, Line, Text, File web.Field // what
	DangerBox              web.Field
	Against                *against
	Files                  []files.File
	Asked                  []web.Asked // questions
	Address, District      web.Field
	Lat, Lng, Tiles        string
	Point                  web.Field

	For, Behalf, Relation     web.Field // who
	Privacy, Who, Phone, Mail web.Field
	Channel                   *web.Field // staff only
	KnownAs                   string
	Sections                  []section // check
	Publish                   *web.Field
	Known                     []voiceRow // published, of the same matter nearby
}

// side stands beside each step: who will handle this, why, by when, who sees
// the name.
type side struct {
	*cases.Promise
	Why     web.Words
	Limit   web.Words
	Privacy web.Words
	Hotline string
}

var templates = map[string]string{
	stepWhat: "portal/file_what", stepQuestions: "portal/file_questions", stepWhere: "portal/file_where",
	stepWho: "portal/file_who", stepCheck: "portal/file_check",
}

// render shows the step as the sheet has it, with what is to be mended.
func (h *filingPages) render(w *work, problem error) error {
	ctx := w.c.Request.Context()
	v := &filingView{Page: h.Kit.Page(w.c, web.Say("portal.file.step."+w.step)), Matter: w.matter, Step: slices.Index(w.steps, w.step) + 1,
		Steps: len(w.steps), Name: web.Say("portal.file.other"), Emergencies: w.city.emergencies(), Tiles: h.TileURL}
	if w.matter != nil {
		v.Name = web.Data(w.matter.Name)
	}
	if w.step == stepCheck {
		problem = withoutLinks(problem)
	}
	if err := v.Fail(problem); err != nil {
		return err
	}
	v.Danger = w.sheet.Danger || (w.matter != nil && w.matter.Urgent)
	v.Back = w.back()
	promise, err := h.Cases.Preview(ctx, w.filing())
	if err != nil {
		return err
	}
	v.Side = side{Promise: promise, Why: why(promise), Limit: limitWords(promise.Limit), Hotline: w.city.hotline()}
	if w.step != stepWho { // there each choice says it
		v.Side.Privacy = web.Say("portal.privacy." + privacy(w.sheet.Privacy) + ".side")
	}
	if err := h.fill(w, v); err != nil {
		return err
	}
	return h.Kit.Show(w.c, templates[w.step], v)
}

// why is the rule's reason, or why it was not asked or not followed: a
// whistle-blower files, or the rule's unit is complained about.
func why(p *cases.Promise) web.Words {
	for _, n := range p.Notes {
		if n.Key == "routing.diverted" || n.Key == "routing.whistle" {
			args := i18n.Args{}
			for name, text := range n.Args {
				args[name] = text
			}
			return web.Words{Key: n.Key, Args: args}
		}
	}
	return web.Data(p.Reason)
}

func (h *filingPages) fill(w *work, v *filingView) error {
	switch w.step {
	case stepWhat:
		return h.fillWhat(w, v)
	case stepQuestions:
		for _, q := range visible(w.questions, w.sheet.answers(w.questions)) {
			v.Asked = append(v.Asked, v.Ask(q, w.sheet.Answers[q.Name]))
		}
	case stepWhere:
		return h.fillWhere(w, v)
	case stepWho:
		h.fillWho(w, v)
	case stepCheck:
		return h.fillCheck(w, v)
	}
	return nil
}

func (w *work) back() *web.Link {
	at := slices.Index(w.steps, w.step)
	if at > 0 {
		return &web.Link{Href: w.path(w.steps[at-1]), Words: web.Say("portal.back")}
	}
	if w.matter != nil {
		return &web.Link{Href: "/matters/" + w.matter.Code, Words: web.Say("portal.back")}
	}
	return &web.Link{Href: "/file", Words: web.Say("portal.back")}
}

func privacy(s string) string {
	if s == "" {
		return string(cases.Normal)
	}
	return s
}

func (h *filingPages) fillWhat(w *work, v *filingView) error {
	if kinds := kindsOf(w.matter); len(kinds) > 1 {
		v.Kind = web.Field{Name: "kind", Label: web.Say("portal.file.kind"), Value: w.sheet.Kind}
		for _, k := range kinds {
			v.Kind.Options = append(v.Kind.Options, web.Option{Value: string(k), Words: web.Say("case.kind." + string(k)),
				Hint: web.Say("portal.kind." + string(k))})
		}
		v.Kind = v.Bind(v.Kind)
	}
	v.Against = w.against(v)
	v.Line = v.Bind(web.Field{Name: "title", Label: web.Say("portal.file.title"), Hint: web.Say("portal.file.title.hint"), Value: w.sheet.Title})
	v.Text = v.Bind(web.Field{Name: "description", Label: web.Say("portal.file.description"), Hint: web.Say("portal.file.description.hint"),
		Value: w.sheet.Description, Rows: 8, Max: cases.DescriptionMost})
	v.File = v.Bind(web.Field{Name: "file", Label: web.Say("portal.file.files"), Optional: true, Multiple: true,
		Hint:   web.Say("portal.file.files.hint", "Count", files.MaxFiles, "Megabytes", files.MaxSize>>20),
		Accept: ".jpg,.jpeg,.png,.webp,.pdf,.txt,.docx,.xlsx"})
	var err error
	v.Files, err = h.Files.List(w.c.Request.Context(), files.Owner{Kind: files.Draft, ID: h.Drafts.ID(w.token)})
	v.DangerBox = web.Field{Name: "danger", Values: []string{}}
	if w.sheet.Danger {
		v.DangerBox.Values = []string{"yes"}
	}
	return err
}

func (h *filingPages) fillWhere(w *work, v *filingView) error {
	areas, err := h.Places.Map(w.c.Request.Context())
	if err != nil {
		return err
	}
	v.Address = v.Bind(web.Field{Name: "location.address", Label: web.Say("portal.where.address"), Hint: web.Say("portal.where.address.hint"),
		Value: w.sheet.Address, Complete: "street-address", Optional: w.matter == nil})
	v.District = web.Field{Name: "location.district_code", Label: web.Say("portal.where.district"), Hint: web.Say("portal.where.district.hint"),
		Value: w.sheet.District, Optional: true, Options: []web.Option{{Words: web.Say("portal.where.unknown")}}}
	for _, b := range areas.At(place.Borough, "", w.city.day) {
		v.District.Options = append(v.District.Options, web.Option{Value: b.Code, Words: web.Data(b.Name)})
		for _, d := range areas.At(place.Subdistrict, b.ID, w.city.day) {
			v.District.Options = append(v.District.Options, web.Option{Value: d.Code, Words: web.Plain(b.Name.In(v.Lang) + " · " + d.Name.In(v.Lang))})
		}
	}
	v.District = v.Bind(v.District)
	v.Point = v.Bind(web.Field{Name: "location"})
	v.Lat, v.Lng = w.sheet.Lat, w.sheet.Lng
	return nil
}

func yesNo(b bool) web.Words {
	if b {
		return web.Say("common.yes")
	}
	return web.Say("common.no")
}
