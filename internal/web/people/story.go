package people

import (
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/record"
	"minqing/internal/web"
)

// storyDay is what happened on one local day.
type storyDay struct {
	Day   time.Time
	Lines []storyLine
}

// storyLine is one happening, with the case that it is about.
type storyLine struct {
	At    time.Time
	Icon  string
	Title web.Words
	Chip  *web.Chip
	Case  web.Words
	Href  string
}

var storyIcons = map[string]string{"case": "paperclip", "concluded": "circle-check", "message": "pencil", "evaluation": "check", "call": "phone", "notice": "send", "consent": "shield"}

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
		chip := web.Chip{Icon: "check", Words: web.Say("satisfaction.grade." + string(rune('0'+h.Number)))}
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
	}
	if h.Case != nil {
		l.Case, l.Href = caseWords(h.Case, n), "/desk/cases/"+h.Case.CaseNo
	}
	return l
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
