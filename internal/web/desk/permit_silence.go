package desk

import (
	"context"

	"minqing/internal/permits"
	"minqing/internal/web"
)

// silenceCard says until when a renewal has to be decided, and what counts as deciding.
type silenceCard struct{ Title, Words web.Words }

// silenceCardOf is nil where silence grants nothing.
func silenceCardOf(x *permits.Silence) *silenceCard {
	if x == nil {
		return nil
	}
	key := "permit.silence.none"
	switch {
	case x.Over:
		key = "permit.silence.over"
	case x.Signed:
		key = "permit.silence.signed"
	case x.Drafted:
		key = "permit.silence.drafted"
	}
	return &silenceCard{Title: web.Say("permit.silence.title", "Day", web.DayText(x.Until)), Words: web.Say(key)}
}

// silence is the card of a case that the reader has found within their scope.
func (p *casePage) silence(ctx context.Context, caseID string) (*silenceCard, error) {
	if p.Permits == nil {
		return nil, nil //nolint:nilnil // no case is an application
	}
	x, err := p.Permits.SilenceOf(ctx, caseID)
	if err != nil {
		return nil, err
	}
	return silenceCardOf(x), nil
}
