package desk

import (
	"context"
	"net/http"
	"net/url"
	"regexp"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/web"
)

// Notices is what the portal told a member of staff, and what left about a case.
type Notices interface {
	Log(ctx context.Context, caseID, cursor string) (list []notify.Entry, next string, err error)
	Notices(ctx context.Context, accountID string, most int) ([]notify.Note, error)
	PutAway(ctx context.Context, accountID, from, upTo string) error
}

const noticesMost = 20

var noticeID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// wallPage shows what runs out next: by unit, and case by case.
type wallPage struct{ Deps }

type wallView struct {
	web.Page
	Views   []viewLink // the clocks that can be looked at
	Sums    []wallSum
	Table   *web.Table
	Rows    []inboxRow
	Empty   web.Empty
	Asked   []inboxRow // more time, for the reader to decide on
	Further *web.Words // there are more of those
	Notices []notice
	Older   *web.Words // there are more than are shown
	First   string     // of the notices shown, from which they are put away
	Last    string     // the newest of them, up to which
}

// wallSum is one figure of the whole scope.
type wallSum struct {
	Words web.Words
	N     int
	Tone  web.Tone
}

// notice is a warning that the reader was sent.
type notice struct {
	Href  string
	Words web.Words
	Note  notify.Note
}

func (p *wallPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	kind := clocks.Kind(c.Query("clock"))
	if kind == "" {
		kind = clocks.Conclusion
	}
	v := &wallView{Page: p.Kit.Page(c, web.Say("desk.wall.title"))}
	v.Wide = true
	wall, err := p.Cases.Wall(ctx, kind)
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	for _, k := range cases.WallKinds {
		href := "/desk/clocks"
		if k != clocks.Conclusion {
			href += "?clock=" + url.QueryEscape(string(k))
		}
		v.Views = append(v.Views, viewLink{Href: href, Words: web.Say("case.clock." + string(k)), Current: k == kind})
	}
	v.fill(wall, n)
	if v.Rows, err = p.items(ctx, n, wall.Soonest); err != nil {
		return err
	}
	waiting, more, err := p.Cases.Asked(ctx)
	if err != nil {
		return err
	}
	if more {
		v.Further = new(web.Say("desk.wall.asked.more", "Count", len(waiting)))
	}
	if v.Asked, err = (&inboxPage{Deps: p.Deps}).rows(ctx, n, waiting); err != nil {
		return err
	}
	v.Empty = web.Empty{Title: web.Say("desk.wall.none"), Words: web.Say("desk.wall.none.words")}
	if err := p.told(ctx, v); err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/clocks", v)
}

var wallColumns = []string{"escalated", "overdue", "today", "next", "soon"}

func (v *wallView) fill(wall *cases.Wall, n names) {
	of := func(r cases.WallRow) [5]int { return [5]int{r.Escalated, r.Overdue, r.Today, r.Next, r.Soon} }
	tones := [5]web.Tone{web.ToneOver, web.ToneOver, web.ToneDue, web.ToneInfo, web.ToneNone}
	for i, count := range of(wall.Total) {
		if count == 0 {
			tones[i] = web.ToneNone
		}
		v.Sums = append(v.Sums, wallSum{Words: web.Say("desk.wall." + wallColumns[i]), N: count, Tone: tones[i]})
	}
	if len(wall.Units) == 0 {
		return
	}
	t := &web.Table{Caption: web.Say("desk.wall.table"), Columns: []web.Column{{Words: web.Say("desk.wall.unit")}}}
	for _, name := range wallColumns {
		t.Columns = append(t.Columns, web.Column{Words: web.Say("desk.wall." + name), Numeric: true})
	}
	for _, r := range wall.Units {
		row := web.Row{Cells: []web.Cell{{Words: n.unit(r.UnitID)}}}
		if u, err := n.snap.Unit(r.UnitID); err == nil {
			row.Href = "/desk?unit=" + url.QueryEscape(u.Code)
		}
		for _, count := range of(r) {
			value := float64(count)
			row.Cells = append(row.Cells, web.Cell{Words: web.Say("desk.wall.count", "Count", count), Value: &value})
		}
		t.Rows = append(t.Rows, row)
	}
	v.Table = t
}

// items are the cases whose clock runs out first.
func (p *wallPage) items(ctx context.Context, n names, items []cases.Item) ([]inboxRow, error) {
	inbox := &inboxPage{Deps: p.Deps}
	rows, err := inbox.rows(ctx, n, items)
	if err != nil {
		return nil, err
	}
	for i := range items {
		one := clocks.Clock{DueAt: items[i].DueAt, TimeLimit: items[i].HandlingLimit}
		if rows[i].Due, err = p.leftChip(ctx, &items[i].Case, one); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// told lists the warnings that the reader was sent and has not put away.
func (p *wallPage) told(ctx context.Context, v *wallView) error {
	if p.Notices == nil {
		return nil
	}
	list, err := p.Notices.Notices(ctx, me(ctx), noticesMost+1)
	if err != nil || len(list) == 0 {
		return err
	}
	if len(list) > noticesMost {
		list = list[:noticesMost]
		v.Older = new(web.Say("desk.wall.notices.more", "Count", noticesMost))
	}
	var ids []string
	for _, note := range list {
		if note.CaseID != "" { // of duties and campaigns there is none
			ids = append(ids, note.CaseID)
		}
	}
	numbers, err := p.Cases.Readable(ctx, ids)
	if err != nil {
		return err
	}
	for _, note := range list {
		if note.Kind == notify.DutyOverdue {
			v.Notices = append(v.Notices, notice{Href: "/desk/permits/duties?show=overdue", Note: note, Words: web.Say("notify." + string(note.Kind) + ".subject")})
			continue
		}
		if note.Kind == notify.CampaignDelayed {
			v.Notices = append(v.Notices, notice{Href: "/people/campaigns/" + note.AboutID, Note: note, Words: web.Say("notify." + string(note.Kind) + ".subject")})
			continue
		}
		no, ok := numbers[note.CaseID]
		if !ok {
			continue // theirs no longer
		}
		v.Notices = append(v.Notices, notice{Href: notify.DeskPath(note.Kind, note.ID, no), Note: note, Words: web.Say("notify."+string(note.Kind)+".subject", "CaseNo", no)})
	}
	v.First, v.Last = list[len(list)-1].ID, list[0].ID
	return nil
}

// putAway takes the warnings off the page that were on it.
func (p *wallPage) putAway(c *gin.Context) error {
	from, upTo := c.PostForm("from"), c.PostForm("up_to")
	if !noticeID.MatchString(from) || !noticeID.MatchString(upTo) {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if p.Notices != nil {
		if err := p.Notices.PutAway(c.Request.Context(), me(c.Request.Context()), from, upTo); err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, "/desk/clocks")
	return nil
}
