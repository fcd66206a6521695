package people

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/outreach/offers"
	"minqing/internal/record"
	"minqing/internal/web"
)

// storyDay is what happened on one local day.
type storyDay struct {
	Day   time.Time
	Lines []storyLine
}

// storyLine is one happening, with what it is about.
type storyLine struct {
	At    time.Time
	Icon  string
	Title web.Words
	Chip  *web.Chip
	About web.Words // the case, the permit, … that it is about
	Href  string
}

var storyIcons = map[string]string{"case": "paperclip", "concluded": "circle-check", "message": "pencil", "evaluation": "check", "call": "phone", "notice": "send", "consent": "shield",
	"permit": "certificate", "visit": "clock", "inspection": "search", "fee": "cash", "fee_paid": "cash", "fee_refunded": "cash", "fee_ended": "cash",
	"permit_notice": "send", "duty_notice": "send", "fee_notice": "send",
	"campaign": "send", "offer": "users", "offer_answered": "users", "offer_ended": "users"}

// told fills in a page of the story.
func (p *sheetPage) told(c *gin.Context, v *sheetView, sheet *record.Sheet) error {
	cursor := c.Query("cursor")
	page, err := p.Record.Story(c.Request.Context(), sheet, cursor)
	if err != nil {
		return err
	}
	n, err := p.names(c.Request.Context())
	if err != nil {
		return err
	}
	for _, h := range page.List {
		local := h.At.In(p.Zone)
		day := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, p.Zone)
		if len(v.Story) == 0 || !v.Story[len(v.Story)-1].Day.Equal(day) {
			v.Story = append(v.Story, storyDay{Day: day})
		}
		last := &v.Story[len(v.Story)-1]
		last.Lines = append(last.Lines, lineOf(h, n))
	}
	v.Later = cursor != ""
	if v.Later {
		v.Pager.First = "/people/" + sheet.ID + "#story"
	}
	if page.Next != "" {
		v.Pager.Next = "/people/" + sheet.ID + "?cursor=" + page.Next + "#story"
	}
	return nil
}

func lineOf(h record.Happening, n look) storyLine {
	l := storyLine{At: h.At, Icon: storyIcons[h.What], Title: web.Say("people.story." + h.What)}
	switch h.What {
	case "message":
		l.Title = web.Say("people.story.message." + h.Detail)
	case "evaluation":
		chip := web.Chip{Icon: "check", Words: web.Say("satisfaction.grade." + strconv.FormatInt(h.Number, 10))}
		if h.Number <= 2 {
			chip.Tone = web.ToneOver
		}
		l.Chip = &chip
	case "call":
		l.Chip = &web.Chip{Icon: "phone", Words: web.Say("callback.outcome." + h.Detail)}
	case "notice":
		l.Chip = noticeChip(h.Detail)
	case "concluded":
		if h.Detail != "" {
			l.Chip = &web.Chip{Tone: web.ToneDone, Words: web.Say("case.outcome." + h.Detail)}
		}
	case "consent":
		l.Title = web.Say("people.consent." + h.Detail)
		key := "people.consent.refused"
		if h.Number == 1 {
			key = "people.consent.given"
		}
		l.Chip = &web.Chip{Words: web.Say(key)}
	case "permit_notice", "duty_notice":
		l.Chip = noticeChip(h.Detail)
		l.About, l.Href = withNumber(h.Name, h.Ref), "/desk/permits/"+h.Ref
	case "fee_notice":
		l.Chip = noticeChip(h.Detail)
		l.About, l.Href = withNumber(h.Name, h.Ref), "/desk/fees/orders/"+h.Ref
	default:
		l.held(h)
		l.unasked(h)
	}
	if h.Case != nil {
		l.About, l.Href = caseWords(h.Case, n), "/desk/cases/"+h.Case.CaseNo
	}
	return l
}

// held fills in what became of a permit, an inspection or a fee.
func (l *storyLine) held(h record.Happening) {
	chip := &web.Chip{}
	switch h.What {
	case "permit":
		chip.Words = web.Say("people.permit." + h.Detail)
		l.About, l.Href = withNumber(h.Name, h.Ref), "/desk/permits/"+h.Ref
	case "visit", "inspection":
		chip.Words = web.Say("people.visit." + h.Detail)
	case "fee", "fee_paid", "fee_refunded":
		chip.Words = web.Say("people."+h.What, "Amount", fees.Money(h.Number, h.Detail))
	case "fee_ended":
		chip.Words = web.Say("fees.state." + h.Detail)
	default:
		return
	}
	if strings.HasPrefix(h.What, "fee") {
		l.Title = web.Say("people.story.fee")
		l.About, l.Href = withNumber(h.Name, h.Ref), "/desk/fees/orders/"+h.Ref
	}
	switch h.Detail {
	case "passed":
		chip.Tone = web.ToneDone
	case "suspend", "revoke", "cancel", "failed":
		chip.Tone = web.ToneOver
	}
	l.Chip = chip
}

// carried is how a message of a campaign fares, in the words of other notices.
var carried = map[string]string{"waiting": "queued", "queued": "queued", "kept": "suppressed", "skipped": "suppressed"}

// unasked fills in what somebody was told or offered without having asked.
func (l *storyLine) unasked(h record.Happening) {
	switch h.What {
	case "campaign":
		l.Chip = noticeChip(cmp.Or(carried[h.Detail], h.Detail))
		l.About, l.Href = web.Data(h.Name), "/people/campaigns/"+h.Ref
	case "offer", "offer_answered":
		l.Title, l.Chip = web.Say("people.story.offer"), &web.Chip{Words: web.Say("people.offer." + cmp.Or(h.Detail, "told"))}
	case "offer_ended":
		l.Title, l.Chip = web.Say("people.story.offer"), offerChip(offers.State(h.Detail))
	}
	if strings.HasPrefix(h.What, "offer") {
		l.About, l.Href = web.Data(h.Name), "/people/offers/"+h.Ref
	}
}

// withNumber is the name of something with its number behind it.
func withNumber(name i18n.Text, no string) web.Words {
	both := i18n.Text{}
	for _, l := range i18n.Langs {
		both[l] = strings.TrimSpace(name.In(l) + " " + no)
	}
	return web.Data(both)
}

// noticeChip says whether a message left the house.
func noticeChip(status string) *web.Chip {
	chip := web.Chip{Words: web.Say("people.notice." + status)}
	switch status {
	case "sent", "read":
		chip.Tone = web.ToneDone
	case "failed", "uncertain":
		chip.Tone = web.ToneOver
	}
	return &chip
}
