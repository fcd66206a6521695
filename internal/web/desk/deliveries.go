package desk

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/notify"
	"minqing/internal/web"
)

// deliveriesPage lists what left the house about a case: to whom, by which way,
// when, and what became of it.
type deliveriesPage struct{ *casePage }

type deliveriesView struct {
	web.Page
	CaseNo string
	List   []delivered // the newest first
	Pager  web.Pager
	Empty  web.Empty
}

// delivered is one message by one way.
type delivered struct {
	Entry   notify.Entry
	Title   web.Words
	To      web.Words
	Channel web.Words
	Chip    web.Chip
	Left    *time.Time // by mail or text
	Why     web.Words  // of what did not leave, or not yet
}

var deliveryTones = map[notify.Status]web.Tone{notify.Sent: web.ToneDone, notify.Read: web.ToneDone, notify.Failed: web.ToneOver,
	notify.Uncertain: web.ToneDue, notify.Sending: web.ToneInfo}

// deliveryReasons are those that have words; others are codes of mail servers and
// gateways.
var deliveryReasons = map[string]bool{notify.NoTransport: true, notify.Erased: true, notify.Interrupted: true, notify.Over: true, notify.BouncedReason: true,
	notify.TooMany: true, notify.Held: true, notify.Refused: true, notify.NoAddress: true, notify.WrongNumber: true}

func (p *deliveriesPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	v := &deliveriesView{Page: p.Kit.Page(c, web.Say("desk.deliveries.title")), CaseNo: one.CaseNo}
	v.Wide = true
	here := "/desk/cases/" + one.CaseNo
	v.Back = &web.Link{Href: here, Words: web.Plain(one.CaseNo)}
	v.Empty = web.Empty{Title: web.Say("desk.deliveries.none"), Words: web.Say("desk.deliveries.none.words")}
	if p.Notices == nil {
		return p.Kit.Show(c, "desk/deliveries", v)
	}
	log, next, err := p.Notices.Log(ctx, one.ID, c.Query("cursor"))
	if err != nil {
		return err
	}
	var staff []string
	for _, e := range log {
		if e.AccountID != "" {
			staff = append(staff, e.AccountID)
		}
	}
	known, err := p.People.Names(ctx, staff...)
	if err != nil {
		return err
	}
	for _, e := range log {
		v.List = append(v.List, deliveredOf(e, known))
	}
	v.Pager = web.Pager{Shown: len(v.List)}
	if c.Query("cursor") != "" {
		v.Pager.First = here + "/messages"
	}
	if next != "" {
		v.Pager.Next = here + "/messages?cursor=" + url.QueryEscape(next)
	}
	return p.Kit.Show(c, "desk/deliveries", v)
}

func deliveredOf(e notify.Entry, known map[string]string) delivered {
	d := delivered{Entry: e, Title: web.Say("admin.message.kind." + string(e.Kind)), To: web.Say("desk.deliveries.to.other"),
		Channel: web.Say("desk.deliveries.by." + string(e.Channel)), Chip: web.Chip{Tone: deliveryTones[e.Status], Words: web.Say("desk.deliveries.status." + string(e.Status))}}
	if e.Channel != notify.InApp {
		d.Left = e.SentAt
	}
	switch {
	case known[e.AccountID] != "":
		d.To = web.Plain(known[e.AccountID])
	case e.ToPerson:
		d.To = web.Say("desk.by.citizen")
	}
	switch {
	case deliveryReasons[e.Reason]:
		d.Why = web.Say("desk.deliveries.reason." + e.Reason)
	case e.Reason != "":
		d.Why = web.Plain(e.Reason)
	}
	return d
}
