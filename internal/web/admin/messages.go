package admin

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/mailroom"
	"minqing/internal/notify"
	"minqing/internal/web"
)

type messagesPage struct{ Deps }

type messagesView struct {
	web.Page
	Areas   []web.Link
	Views   []web.Link
	Rows    []messageRow
	Pager   web.Pager
	Empty   web.Empty
	Mailbox *mailroom.Health
	Trouble *web.Notice // with the mailbox
}

type messageRow struct {
	Action  string // where its form goes
	Title   web.Words
	Channel web.Words
	Chip    web.Chip
	Entry   notify.Entry
	Buttons []web.Button
}

// troubles are the statuses in which somebody may have to help.
var troubles = []notify.Status{notify.Uncertain, notify.Failed, notify.Queued, notify.Sending}

var messageTones = map[notify.Status]web.Tone{notify.Uncertain: web.ToneDue, notify.Failed: web.ToneOver, notify.Queued: web.ToneNone, notify.Sending: web.ToneInfo}

func statusWords(s notify.Status) web.Words { return web.Say("admin.message.status." + string(s)) }

// show lists the mails of one status, oldest first.
func (p *messagesPage) show(c *gin.Context) error {
	return p.page(c, nil)
}

func (p *messagesPage) page(c *gin.Context, failed error) error {
	status := pick(c.Query("status"), troubles)
	list, next, err := p.Notify.Trouble(c.Request.Context(), status, c.Query("cursor"))
	if err != nil {
		return err
	}
	v := &messagesView{Page: p.Kit.Page(c, web.Say("admin.messages.title")), Areas: areas("messages")}
	v.Wide = true
	if err := v.Fail(failed); err != nil {
		return err
	}
	for _, s := range troubles {
		v.Views = append(v.Views, web.Link{Href: "/admin/messages?status=" + string(s), Words: statusWords(s), Current: s == status})
	}
	for _, e := range list {
		r := messageRow{Action: "/admin/messages/" + e.ID, Title: web.Say("admin.message.kind." + string(e.Kind)), Channel: web.Say("admin.message.channel." + string(e.Channel)), Entry: e,
			Chip: web.Chip{Tone: messageTones[e.Status], Words: statusWords(e.Status)}}
		if status == notify.Uncertain || status == notify.Failed {
			r.Buttons = []web.Button{
				{Words: web.Say("admin.message.resend"), Kind: "small", Name: "do", Value: "resend"},
				{Words: web.Say("admin.message.arrived"), Kind: "small", Name: "do", Value: "arrived"},
				{Words: web.Say("admin.message.leave"), Kind: "small", Name: "do", Value: "leave"},
			}
		}
		v.Rows = append(v.Rows, r)
	}
	if err := p.mailbox(c, v); err != nil {
		return err
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if c.Query("cursor") != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("admin.messages.empty.title"), Words: web.Say("admin.messages.empty.text")}
	return p.Kit.Show(c, "admin/messages", v)
}

// mailbox tells how the one is that people write to.
func (p *messagesPage) mailbox(c *gin.Context, v *messagesView) error {
	if p.Mailbox == nil {
		return nil
	}
	h, err := p.Mailbox(c.Request.Context())
	if err != nil {
		return err
	}
	v.Mailbox = &h
	if h.FailingSince != nil {
		v.Trouble = &web.Notice{Tone: web.ToneOver, Title: web.Say("admin.mailbox.failing"), Words: web.Say("admin.mailbox.problem." + string(h.Problem))}
	}
	return nil
}

// act settles what the machine must not decide.
func (p *messagesPage) act(c *gin.Context) error {
	do, key := p.chosen(c.PostForm("do"))
	if do == nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	err := do(c.Request.Context(), c.Param("id"))
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	return p.told(c, key, "/admin/messages")
}

func (p *messagesPage) chosen(what string) (do func(context.Context, string) error, told string) {
	switch what {
	case "resend":
		return p.Notify.Resend, "admin.message.resent"
	case "arrived":
		return func(ctx context.Context, id string) error { return p.Notify.Close(ctx, id, true) }, "admin.message.closed"
	case "leave":
		return func(ctx context.Context, id string) error { return p.Notify.Close(ctx, id, false) }, "admin.message.closed"
	}
	return nil, ""
}
