package enterprise

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// hearingCard is the right to a hearing, or what became of it, for the applicant.
type hearingCard struct {
	ID      string
	Intends string
	Words   []web.Words
	Asks    bool // it can be asked for here and now
	Record  permits.HearingRecord
	Files   []fileRow
}

// hearing is the card of the newest hearing, nil where nobody was told of the right.
func (v *applicationView) hearing(o *permits.Own, now time.Time) *hearingCard {
	if len(o.Hearings) == 0 || o.Calendar == nil {
		return nil
	}
	h := &o.Hearings[0]
	card := &hearingCard{ID: h.ID, Intends: h.Intends, Record: h.Record}
	say := func(key string, args ...any) { card.Words = append(card.Words, web.Say(key, args...)) }
	day := func(key string, r calendar.Result) {
		say(key, "Day", web.DayText(r.On))
		if r.Provisional {
			say("permit.hearing.said.provisional", "Year", strconv.Itoa(r.On.Year()))
		}
	}
	by := permits.HearingAskBy(o.Calendar, h.ToldAt)
	switch {
	case h.State == permits.HearingTold && (o.Decision != nil || !by.Provisional && now.After(by.Due)):
		say("permit.hearing.own.unasked")
	case h.State == permits.HearingTold:
		card.Asks = v.MayWrite && (o.Application.State == permits.Accepted || o.Application.State == permits.Correcting)
		say("permit.hearing.own.told")
		day("permit.hearing.own.until", by)
	case h.State == permits.HearingAsked:
		say("permit.hearing.own.asked", "Day", web.DayText(permits.HearingHoldBy(o.Calendar, *h.AskedAt).On))
	case h.State == permits.HearingAnnounced:
		at := make(i18n.Text, len(i18n.Langs))
		for _, l := range i18n.Langs {
			at[l] = i18n.Format{Lang: l, Zone: o.Calendar.Zone()}.DateTime(*h.HeardAt)
		}
		say("permit.hearing.card.announced", "At", at)
		card.Words = append(card.Words, web.Plain(h.Place))
		if h.Closed {
			say("permit.hearing.said.closed", "Why", h.ClosedWhy)
		} else {
			say("permit.hearing.said.public")
		}
	case h.State == permits.HearingHeld:
		say("permit.hearing.rests", "Day", web.DayText(*h.HeardOn))
	}
	for _, f := range h.Files {
		card.Files = append(card.Files, fileRow{ID: f.ID, Href: v.path("hearing/" + h.ID + "/" + f.ID), Name: f.Name, Size: max(1, (f.Size+1023)/1024)})
	}
	return card
}

// askHearing asks for the hearing that was offered.
func (p *applicationPage) askHearing(c *gin.Context) error {
	err := p.Permits.AskHearing(c.Request.Context(), c.Param("id"), c.PostForm("hearing"))
	notice := web.Notice{Tone: web.ToneDone, Words: web.Say("permit.hearing.own.done")}
	if e, ok := fault.As(err); ok && fault.KindOf(err) == fault.Conflict {
		args := []any{}
		for name, value := range e.Args {
			args = append(args, name, value)
		}
		notice = web.Notice{Tone: web.ToneDue, Words: web.Say(e.Key, args...)}
	} else if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/applications/"+c.Param("id"))
	return nil
}

// hearingFile gives the signed record of a hearing.
func (p *applicationPage) hearingFile(c *gin.Context) error {
	content, err := p.Permits.OwnHearingFile(c.Request.Context(), c.Param("id"), c.Param("hearing"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}
