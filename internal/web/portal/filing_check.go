package portal

import (
	"slices"
	"strings"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/web"
)

// fillCheck lists every answer with the way to change it.
func (h *filingPages) fillCheck(w *work, v *filingView) error {
	s := &w.sheet
	attached, err := h.Files.List(w.c.Request.Context(), files.Owner{Kind: files.Draft, ID: h.Drafts.ID(w.token)})
	if err != nil {
		return err
	}
	names := make([]string, 0, len(attached))
	for _, f := range attached {
		names = append(names, f.Name)
	}
	what := w.path(stepWhat)
	rows := []web.SummaryRow{
		{Key: web.Say("portal.check.matter"), Value: v.Name, Change: "/file"},
		{Key: web.Say("portal.file.kind"), Value: web.Say("case.kind." + s.Kind), Change: what},
		{Key: web.Say("portal.file.title"), Value: web.Plain(s.Title), Change: what},
		{Key: web.Say("portal.file.description"), Value: web.Plain(s.Description), Change: what},
		{Key: web.Say("portal.file.danger.short"), Value: yesNo(s.Danger), Change: what},
	}
	rows = append(rows, w.subjectRows(v.Lang, what)...)
	rows = append(rows, web.SummaryRow{Key: web.Say("portal.file.files"), Value: orEmpty(strings.Join(names, "\n")), Change: what})
	v.Sections = append(v.Sections, section{web.Say("portal.file.step.what"), rows})
	if slices.Contains(w.steps, stepQuestions) {
		answers := s.answers(w.questions)
		rows = nil
		for _, q := range visible(w.questions, answers) {
			rows = append(rows, web.SummaryRow{Key: web.Data(q.Title), Value: h.Kit.Answer(q, answers[q.Name]), Change: w.path(stepQuestions)})
		}
		v.Sections = append(v.Sections, section{web.Say("portal.file.step.questions"), rows})
	}
	if slices.Contains(w.steps, stepWhere) {
		where, err := h.whereRows(w)
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, section{web.Say("portal.file.step.where"), where})
	}
	v.Sections = append(v.Sections, section{web.Say("portal.file.step.who"), w.whoRows(v.Page.Name)})
	if v.Known, err = h.known(w); err != nil {
		return err
	}
	if s.Privacy == string(cases.Normal) && !w.staff() && (w.matter == nil || !w.matter.Sensitive) {
		v.Publish = &web.Field{Name: "publish", Label: web.Say("voices.own.title"), Values: w.c.Request.PostForm["publish"],
			Options: []web.Option{{Value: "yes", Words: web.Say("voices.filing.yes"), Hint: web.Say("voices.filing.hint")}}}
	}
	return nil
}

func (h *filingPages) whereRows(w *work) ([]web.SummaryRow, error) {
	change := w.path(stepWhere)
	rows := []web.SummaryRow{{Key: web.Say("portal.where.address"), Value: orEmpty(w.sheet.Address), Change: change}}
	areas, err := h.Places.Map(w.c.Request.Context())
	if err != nil {
		return nil, err
	}
	district := orEmpty("")
	if d, err := areas.District(w.sheet.District); err == nil {
		district = web.Data(d.Name)
	}
	rows = append(rows, web.SummaryRow{Key: web.Say("portal.where.district"), Value: district, Change: change})
	if degrees(w.sheet.Lat) != nil && degrees(w.sheet.Lng) != nil {
		rows = append(rows, web.SummaryRow{Key: web.Say("portal.where.map"), Value: web.Say("portal.where.picked"), Change: change})
	}
	return rows, nil
}

func orEmpty(s string) web.Words {
	if s == "" {
		return web.Say("common.answer.none")
	}
	return web.Plain(s)
}

// withoutLinks keeps the errors of other steps from pointing at inputs that
// this page does not have.
func withoutLinks(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	fields := slices.Clone(e.Fields)
	for i := range fields {
		fields[i].Name = ""
	}
	return fault.InvalidInput(fields...)
}
