package app

import (
	"bytes"
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/document"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// forEnterprise has permits applied for as if the actor had switched to an enterprise.
type forEnterprise struct {
	permits.Holders
	id string
}

// Acting is that enterprise.
func (f forEnterprise) Acting(context.Context) (string, error) { return f.id, nil }

// demoBundle has an enterprise of the demo city open a restaurant: four permits in
// one go, of which one is accepted already. Again it changes nothing.
func (a *App) demoBundle(ctx context.Context) error {
	e, err := a.Enterprises.ByCode(ctx, lechuan.Kind, lechuan.Code)
	if err != nil || e == nil {
		return err
	}
	owner, err := a.demoCitizen(ctx, "company")
	if err != nil {
		return err
	}
	d := a.Permits.Deps
	d.Holders = forEnterprise{d.Holders, e.ID}
	at := &permits.Service{Deps: d}
	event, err := at.Events.Event(ctx, "open-restaurant")
	if err != nil {
		return err
	}
	const answers = "nyyy" // not only packed food; a lit sign; a large place; a public sewer
	_, _, stamp, err := at.Needed(ctx, event, answers)
	if err != nil {
		return err
	}
	b, err := at.BeginBundle(owner, event.Code, stamp, answers)
	if err != nil {
		return fmt.Errorf("begin a bundle in the demo city: %w", err)
	}
	err = at.AnswerBundle(owner, b.ID, b.Version, map[string][]string{"address": {"湖濱路 28 號"},
		"food_business__shop_name": {"樂川小館"}, "food_business__form": {"restaurant"}, "food_business__area": {"360"}, "food_business__cooking": {"true"},
		"food_business__cold_dishes": {"false"}, "food_business__staff": {"12"}, "fire_check__area": {"320"}, "fire_check__basement": {"false"},
		"fire_check__promise": {"false"}, "fire_check__gas": {"true"}, "drainage__source": {"food"}, "drainage__daily": {"6"}, "outdoor_sign__lit": {"true"},
		"outdoor_sign__lumens": {"1800"}, "outdoor_sign__area": {"4"}, "outdoor_sign__roof": {"false"}, "outdoor_sign__own_building": {"true"}})
	if err != nil {
		return fmt.Errorf("answer for a bundle in the demo city: %w", err)
	}
	o, err := at.BundleOf(owner, b.ID)
	if err != nil {
		return err
	}
	if err := at.Explain(owner, o.Part("drainage").Application.ID, map[string]string{"place": "這是另開的新店，原來的店照常營業。"}); err != nil {
		return fmt.Errorf("say in the demo city why an answer was corrected: %w", err)
	}
	for _, p := range o.Papers() {
		if p.HeldFrom != "" || !p.Required {
			continue
		}
		if err := a.demoPaper(owner, at, &p); err != nil {
			return err
		}
	}
	list, err := at.SubmitBundle(owner, b.ID, o.Version, permits.Signature{Name: "樂小川", Agrees: true, Shown: permits.Statement}, i18n.ZhHant)
	if err != nil {
		return fmt.Errorf("send a bundle in the demo city: %w", err)
	}
	return a.demoAccepts(ctx, list[len(list)-1].CaseNo)
}

// demoPaper gives one of the papers, as a page that says what it stands for.
func (a *App) demoPaper(ctx context.Context, at *permits.Service, p *permits.Paper) error {
	title := p.Name.In(i18n.ZhHant)
	pdf, err := document.New(document.About{Title: title, Lang: i18n.ZhHant, Head: lechuan.Name, Foot: lechuan.Name, Maker: "Minqing", At: a.Options.Now()})
	if err != nil {
		return err
	}
	pdf.Title(lechuan.Name, title)
	pdf.Text("樂川小館，湖濱路 28 號")
	raw, err := pdf.Bytes()
	if err != nil {
		return err
	}
	return at.Attach(ctx, p.Keeps.Application.ID, p.Item.Code, files.Upload{Name: title + ".pdf", Content: bytes.NewReader(raw), Size: int64(len(raw))})
}

// demoAccepts has the papers of the sign found in order.
func (a *App) demoAccepts(ctx context.Context, caseNo string) error {
	who, err := a.Identity.ByEmail(ctx, "permits@demo.test")
	if err != nil {
		return err
	}
	staff := actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: who.ID, Locale: "zh-Hant"})
	p, err := a.Permits.Part(staff, caseNo)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound { // another unit has it in a city whose rules were changed
			return nil
		}
		return err
	}
	verdicts := map[string]permits.Judgement{}
	for i := range p.Items {
		if p.Items[i].Now != nil {
			verdicts[p.Items[i].Code] = permits.Judgement{Verdict: permits.Verified}
		}
	}
	_, err = a.Permits.Examine(staff, caseNo, p.Case.Version, permits.Examination{Verdicts: verdicts})
	return err
}
