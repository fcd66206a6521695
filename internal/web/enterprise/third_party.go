package enterprise

import (
	"minqing/internal/permits"
	"minqing/internal/web"
)

// thirdParties is the step of hearing others whose interests an application concerns,
// none where nobody was told. Who they are, and what they say, is not the applicant's to
// read here.
func (p *applicationPage) thirdParties(o *permits.Own) []nextStep {
	if len(o.Interested) == 0 || o.Calendar == nil {
		return nil
	}
	s := nextStep{Words: web.Say("permit.interested.own"), Done: true, Hint: web.Say("permit.interested.own.heard", "Count", len(o.Interested))}
	for i := range o.Interested {
		one := &o.Interested[i]
		by := one.StateBy(o.Calendar).On
		if o.Decision == nil && one.Waits(o.Calendar, p.Now()) && (s.Done || by > *s.By) {
			s.By, s.Done, s.Hint = &by, false, web.Say("permit.interested.own.hint", "Count", len(o.Interested))
		}
	}
	return []nextStep{s}
}
