package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/web"
)

// MessageDeps are what the pages of messages in the portal work with.
type MessageDeps struct {
	Kit    *web.Kit
	Cases  *cases.Service
	Notify *notify.Service
	// Forget has the number in the head counted anew, after messages were read.
	Forget func(ctx context.Context)
	Now    func() time.Time
}

const messagesPath = "/me/messages"

// RegisterMessages mounts what the portal tells people and the enterprises that they
// act for.
func RegisterMessages(d MessageDeps) {
	k, e, p := d.Kit, d.Kit.Engine(), &messagesPage{d}
	k.GET(e, messagesPath, access.OwnRead, p.show)
	k.POST(e, messagesPath, access.OwnRead, p.send, web.Throttle(60, time.Minute, web.ByActor))
	k.GET(e, messagesPath+"/:id", access.OwnRead, p.open)
}

type messagesPage struct{ MessageDeps }

type messagesView struct {
	web.Page
	Rows  []messageRow
	Seen  string // until when all may be marked as read
	Agent bool   // who acts for an enterprise as an agent has no messages of its
	Pager web.Pager
	Empty web.Empty
}

// messageView is a message of a campaign, which stands in the portal alone.
type messageView struct {
	web.Page
	At   time.Time
	Line notify.Line
}

type messageRow struct {
	mineRow
	Read bool
}

// readers are the constituents whose messages the actor reads: the enterprise that
// they act for, else themselves. Agents are told apart, and read none of a house.
func (p *messagesPage) readers(ctx context.Context) (ids []string, agent bool, err error) {
	if p.Cases.Represented != nil {
		as, err := p.Cases.Represented.Acting(ctx)
		if err != nil || as != nil && as.OwnOnly {
			return nil, as != nil, err
		}
	}
	ids, err = p.Cases.Selves(ctx)
	return ids, false, err
}

// show lists them, the newest first.
func (p *messagesPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	if actor.From(ctx).ConstituentID == "" { // staff read theirs on their wall
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	ids, agent, err := p.readers(ctx)
	if err != nil {
		return err
	}
	after := c.Query("after")
	notes, next, err := p.Notify.Inbox(ctx, ids, after)
	if err != nil {
		return err
	}
	v := &messagesView{Page: p.Kit.Page(c, web.Say("message.own.title")), Agent: agent, Seen: p.Now().UTC().Format(time.RFC3339Nano)}
	if v.Unread, err = p.Notify.Unread(ctx, ids); err != nil {
		return err
	}
	if v.Rows, err = p.rows(ctx, p.Kit.Format(v.Lang), notes); err != nil {
		return err
	}
	if after != "" {
		v.Pager.First = messagesPath
	}
	if next != "" {
		v.Pager.Next = v.With("after", next)
	}
	v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("message.own.empty"), Words: web.Say("message.own.empty.words"), Do: &web.Button{Words: web.Say("nav.file"), Href: "/file"}}
	if agent {
		v.Empty.Words, v.Empty.Do = web.Say("message.own.agent"), nil
	}
	return p.Kit.Show(c, "portal/messages", v)
}

func (p *messagesPage) rows(ctx context.Context, f i18n.Format, notes []notify.Note) ([]messageRow, error) {
	var about []string
	for _, n := range notes {
		if n.CaseID != "" {
			about = append(about, n.CaseID)
		}
	}
	labels, err := p.Cases.Labels(ctx, about)
	if err != nil {
		return nil, err
	}
	lines, err := p.Notify.Lines(ctx, f.Lang, notes, cases.Numbers(labels))
	if err != nil {
		return nil, err
	}
	rows := make([]messageRow, 0, len(notes))
	for i, n := range notes {
		line := lines[i]
		if line.About == "" {
			line.About = labels[n.CaseID].Title
		}
		row := messageRow{Read: n.Read, mineRow: mineRow{Href: messagesPath + "/" + n.ID, Title: web.Plain(line.Subject),
			Chip: web.Chip{Tone: web.ToneInfo, Icon: "point", Words: web.Say("message.own.new")}, Facts: []web.Words{web.Plain(f.DayTime(n.CreatedAt))}}}
		if n.Read {
			row.Chip = web.Chip{Icon: "circle-check", Words: web.Say("message.own.read")}
		}
		if line.About != "" {
			row.Facts = append(row.Facts, web.Plain(line.About))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// open notes that a message was opened, and leads to what it is about.
func (p *messagesPage) open(c *gin.Context) error {
	ctx := c.Request.Context()
	ids, _, err := p.readers(ctx)
	if err != nil {
		return err
	}
	n, err := p.Notify.Open(ctx, ids, c.Param("id"))
	if err != nil {
		return err
	}
	p.Forget(ctx)
	labels := map[string]cases.Label{}
	if n.CaseID != "" {
		if labels, err = p.Cases.Labels(ctx, []string{n.CaseID}); err != nil {
			return err
		}
	}
	lines, err := p.Notify.Lines(ctx, web.Lang(c), []notify.Note{n}, cases.Numbers(labels))
	if err != nil {
		return err
	}
	line := lines[0]
	if line.Says != nil {
		v := &messageView{Page: p.Kit.Page(c, web.Plain(line.Subject)), At: n.CreatedAt, Line: line}
		if v.Unread, err = p.Notify.Unread(ctx, ids); err != nil {
			return err
		}
		v.Back = &web.Link{Href: messagesPath, Words: web.Say("message.own.title")}
		return p.Kit.Show(c, "portal/message", v)
	}
	if line.Href == "" {
		line.Href = messagesPath
	}
	c.Redirect(http.StatusSeeOther, line.Href)
	return nil
}

// send marks all as read that there were when the page was shown.
func (p *messagesPage) send(c *gin.Context) error {
	var in struct {
		Seen string `form:"seen"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	upTo, wrong := time.Parse(time.RFC3339Nano, in.Seen)
	if wrong != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	ctx := c.Request.Context()
	ids, _, err := p.readers(ctx)
	if err != nil {
		return err
	}
	if err := p.Notify.OpenAll(ctx, ids, upTo); err != nil {
		return err
	}
	p.Forget(ctx)
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("message.own.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, messagesPath)
	return nil
}
