package portal

import (
	"context"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/web"
)

// ownVoice asks whether question and answer may be published, or says that they
// are; nil where nobody is asked.
type ownVoice struct {
	CaseNo string
	Words  web.Words
	Link   *web.Link // to what is published
	Agreed bool
}

func (p *ownPage) voice(ctx context.Context, v *ownView, one *cases.View, snap *catalogue.Snapshot) error {
	if one.Voice == "" && (!one.MayPublish(snap) || one.Status == cases.Withdrawn || one.Status == cases.NotAccepted || one.Status == cases.Transferred) {
		return nil
	}
	o := &ownVoice{CaseNo: one.CaseNo, Agreed: one.Voice != "", Words: web.Say("voices.own.ask")}
	switch one.Voice {
	case cases.VoiceAgreed:
		o.Words = web.Say("voices.own.agreed")
	case cases.VoicePublished:
		o.Words, o.Link = web.Say("voices.own.published"), &web.Link{Href: "/voices/" + *one.VoiceID, Words: web.Say("voices.own.see")}
	case cases.VoiceDeclined:
		o.Words = web.Say("voices.own.declined")
		decided, err := p.Voices.Of(ctx, &one.Case)
		if err != nil {
			return err
		}
		if decided != nil {
			o.Words = web.Say("voices.own.declined_for", "Reason", decided.Reason)
		}
	}
	v.Voice = o
	return nil
}
