package enterprise

import (
	"context"

	"minqing/internal/enterprises"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/web"
)

// entitled is the help that may be the enterprise's. Agents are shown none: their
// authority is for permits.
type entitled struct{ SectionDeps }

const whyPath = web.StepsPath

// why leads to the rules behind what the home shows, and to their switches.
func why() *web.Link { return &web.Link{Href: whyPath, Words: web.Say("next.why.all")} }

func (s entitled) Section(ctx context.Context, m *enterprises.Membership, f i18n.Format) (*Part, error) {
	if m.Agent {
		return nil, nil //nolint:nilnil // nothing is shown
	}
	part := &Part{ID: "entitled", Title: web.Say("house.entitled"), None: web.Say("house.entitled.none"), More: &web.Link{Href: whyPath, Words: web.Say("next.rules")}}
	list, err := s.Next.Steps(ctx, f.Lang)
	if err != nil {
		return nil, err
	}
	for i := range list.Steps {
		t := &list.Steps[i]
		if t.Rule.Kind != nextstep.Offered {
			continue
		}
		row := Row{Href: t.Href, Title: web.StepTitle(t), Chip: web.Chip{Tone: web.ToneDone, Words: web.Say("next." + t.Rule.Code)}, Why: web.WhyOf(t, f, homePath)}
		if t.Until != nil {
			row.Facts = append(row.Facts, web.Say("next.fact.answer_by", "Day", web.DayText(*t.Until)))
		}
		part.Rows, part.More = append(part.Rows, row), why()
	}
	if list.Off.Hides(nextstep.All) {
		part.None = web.Say("house.off")
	}
	return part, nil
}
