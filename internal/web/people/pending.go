package people

import (
	"minqing/internal/fees"
	"minqing/internal/record"
	"minqing/internal/web"
)

// pendingPaths are where what is pending leads, before its number.
var pendingPaths = map[string]string{"fee": "/desk/fees/orders/", "offer": "/people/offers/", "duty": "/desk/permits/"}

// pending fills in what is open besides cases: whose turn it is, until which day, and
// what it is about.
func (v *sheetView) pending(sheet *record.Sheet, now func(*record.Pending) bool) {
	v.Awaits, v.PendMore = sheet.Awaits(), sheet.PendMore
	for i := range sheet.Pending {
		v.Pending = append(v.Pending, pendingRow(&sheet.Pending[i], now(&sheet.Pending[i])))
	}
}

func pendingRow(p *record.Pending, over bool) caseRow {
	day := p.Day.UTC()
	row := caseRow{Status: web.Say("people.pending." + p.What), Due: &day, Hour: p.At}
	if p.What == "mend" || p.What == "contact" { // a limit, no appointment
		row.Hour = nil
	}
	whose := web.Chip{Tone: web.ToneInfo, Icon: "clock", Words: web.Say("people.pending.ours")}
	if p.Theirs {
		whose = web.Chip{Icon: "hourglass", Words: web.Say("people.pending.theirs")}
	}
	row.Chips = []web.Chip{whose}
	if over {
		row.Chips = append(row.Chips, web.Chip{Tone: web.ToneOver, Words: web.Say("desk.due.past")})
	}
	path, held := pendingPaths[p.What]
	switch {
	case !held:
		row.Href, row.Words = "/desk/cases/"+p.Ref, withNumber(p.Name, p.Ref)
	case p.What == "offer":
		row.Href, row.Words = path+p.Ref, web.Data(p.Name)
	case p.What == "duty":
		row.Href, row.Words = path+p.Ref, withNumber(p.Name, p.Ref)
		if !p.Permit.Empty() {
			row.Unit = web.Data(p.Permit)
		}
		if !p.Theirs {
			row.Status = web.Say("people.pending.duty.handed")
		}
	default:
		row.Href, row.Words = path+p.Ref, withNumber(p.Name, p.Ref)
		row.Chips = append(row.Chips, web.Chip{Words: web.Plain(fees.Money(p.Amount, p.Detail))})
	}
	return row
}
