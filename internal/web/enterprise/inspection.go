package enterprise

import (
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// visits are the inspections on site, the oldest first, as steps of the receipt.
func (p *applicationPage) visits(o *permits.Own) (list []nextStep) {
	for i := len(o.Inspections) - 1; i >= 0; i-- {
		one := &o.Inspections[i]
		switch {
		case one.State == permits.Appointed && o.Decision == nil:
			clock := i18n.Format{Zone: p.Zone}.Clock(one.VisitAt)
			list = append(list, nextStep{Words: web.Say("permit.inspection.next"), By: &one.VisitOn, Hint: web.Say("permit.inspection.next.at", "Time", clock, "Notice", one.Notice)})
		case one.State == permits.Recorded && one.Passed:
			list = append(list, nextStep{Words: web.Say("permit.inspection.next.done"), By: one.RecordedOn, Done: true})
		case one.State == permits.Recorded:
			list = append(list, nextStep{Words: web.Say("permit.inspection.next.failed"), By: one.RecordedOn, Done: true})
		}
	}
	return list
}
