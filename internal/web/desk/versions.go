package desk

import (
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/replies"
	"minqing/internal/web"
)

// versionsPage shows every version of the reply to a case.
type versionsPage struct{ *casePage }

type versionsView struct {
	web.Page
	CaseNo string
	List   []replyVersion // the newest first
}

// replyVersion is what was written at one time, beside what was written before.
type replyVersion struct {
	No      int
	ID      string
	At      time.Time
	By      web.Words
	Chips   []web.Chip
	Text    string
	Changes []replies.Stretch // from the version before; nil of the first
	After   []web.StoryItem   // what was said of it: by a review, or when the case was opened again
}

func (p *versionsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	known, err := p.involved(ctx, one)
	if err != nil {
		return err
	}
	v := &versionsView{Page: p.Kit.Page(c, web.Say("desk.versions.title")), CaseNo: one.CaseNo}
	v.Back = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	v.List = versions(one, teller{names: n, known: known})
	return p.Kit.Show(c, "desk/versions", v)
}

// versions walks through the story: each reply, and what was said of it until
// the next one.
func versions(one *cases.View, t teller) []replyVersion {
	said := map[string]cases.Message{}
	for _, m := range one.Messages {
		if m.Kind == "reply" {
			said[m.EventID] = m
		}
	}
	var list []replyVersion
	for _, e := range one.Events {
		n := len(list)
		if m, ok := said[e.ID]; ok {
			r := replyVersion{No: n + 1, ID: e.ID, At: e.At, By: t.by(e), Text: m.Text, Chips: t.facts(e)}
			chip := web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.unpublished")}
			if m.Published {
				chip = web.Chip{Tone: web.ToneDone, Words: web.Say("desk.versions.sent")}
			}
			r.Chips = append([]web.Chip{chip}, r.Chips...)
			if n > 0 {
				r.Changes = replies.Diff(list[n-1].Text, m.Text)
			}
			list = append(list, r)
			continue
		}
		if n > 0 && (e.Action == cases.ActReviewReply || e.Action == cases.ActRework || e.Action == cases.ActReopen) {
			list[n-1].After = append(list[n-1].After, t.event(e, nil))
		}
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// versionsOf counts the versions of the reply, where there are several.
func versionsOf(one *cases.View) int {
	n := 0
	for _, m := range one.Messages {
		if m.Kind == "reply" {
			n++
		}
	}
	if n < 2 {
		return 0
	}
	return n
}
