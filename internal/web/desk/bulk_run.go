package desk

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/web"
	"minqing/internal/worklist"
)

// bulkRunView is a run before it is confirmed, while it is worked and when it
// is over.
type bulkRunView struct {
	web.Page
	ID        string
	Says      web.Words
	Facts     []web.SummaryRow
	Waiting   int
	Done      int
	Refused   int
	Total     int
	More      bool
	Confirmed bool
	Running   bool
	Stopped   bool // the workers gave up, and cases still wait
	Tabs      []viewLink
	Rows      []bulkRow
	Pager     web.Pager
	Do        web.Button
}

// Worked is how many cases are over, either way.
func (v *bulkRunView) Worked() int { return v.Done + v.Refused }

type bulkRow struct {
	Href   string // empty for a case that the reader may not open
	CaseNo string
	Title  web.Words
	State  web.Chip
	Why    web.Words
}

const (
	bulkRows = 100
	// bulkAgain is after how many seconds a browser asks again while a run is
	// worked, with or without scripts.
	bulkAgain = "3"
)

// run shows what will happen or has happened to each case.
func (p *bulkPage) run(c *gin.Context) error {
	ctx := c.Request.Context()
	r, typed, err := p.Bulk.Find(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	sums, err := p.Bulk.Sums(ctx, r.ID)
	if err != nil {
		return err
	}
	v := &bulkRunView{Page: p.Kit.Page(c, web.Say("desk.bulk.title.act", "Action", argument(web.Say("case.action."+string(r.Action))))), ID: r.ID,
		Says: web.Say("desk.bulk.says." + string(r.Action)), Waiting: sums[worklist.Waiting], Done: sums[worklist.Done], Refused: sums[worklist.Refused], More: r.More}
	v.Wide, v.Total = true, v.Waiting+v.Done+v.Refused
	v.Back = &web.Link{Href: p.left(c), Words: web.Say("desk.inbox.title")}
	v.Confirmed = r.ConfirmedAt != nil
	v.Do = web.Button{Words: web.Say("desk.bulk.do", "Count", v.Waiting)}
	if v.Confirmed && v.Waiting > 0 {
		if err := p.going(ctx, v); err != nil {
			return err
		}
	}
	if err := p.facts(ctx, v, typed); err != nil {
		return err
	}
	if err := p.list(c, v, r); err != nil {
		return err
	}
	if v.Running {
		c.Header("Refresh", bulkAgain)
	}
	return p.Kit.Show(c, "desk/bulk-run", v)
}

// going says whether the run is still worked. What the last worker did between
// the sums and the look at the queue is counted again.
func (p *bulkPage) going(ctx context.Context, v *bulkRunView) (err error) {
	if v.Running, err = p.Bulk.Going(ctx, v.ID); err != nil || v.Running {
		return err
	}
	sums, err := p.Bulk.Sums(ctx, v.ID)
	v.Waiting, v.Done, v.Refused = sums[worklist.Waiting], sums[worklist.Done], sums[worklist.Refused]
	v.Stopped = v.Waiting > 0
	v.Do = web.Button{Words: web.Say("desk.bulk.rest", "Count", v.Waiting)}
	return err
}

// facts are the values that every case gets.
func (p *bulkPage) facts(ctx context.Context, v *bulkRunView, typed worklist.Typed) error {
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	add := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	if code := typed["unit_code"]; code != "" {
		add("desk.field.unit_code", n.unit(code))
	}
	if id := typed["handler_id"]; id != "" {
		known, err := p.People.Names(ctx, id)
		if err != nil {
			return err
		}
		add("desk.field.handler_id", web.Plain(known[id]))
	}
	if o := typed["outcome"]; o != "" {
		add("desk.field.outcome", web.Say("case.outcome."+o))
	}
	if t := typed["text"]; t != "" {
		add("desk.field.note_text", web.Plain(t))
	}
	if t := typed["note"]; t != "" {
		add("desk.field.note", web.Plain(t))
	}
	return nil
}

// list is one page of the run's cases, all or of one state.
func (p *bulkPage) list(c *gin.Context, v *bulkRunView, r *worklist.Run) error {
	ctx, here := c.Request.Context(), "/desk/bulk/"+v.ID
	only := c.Query("only")
	for _, tab := range []struct {
		state string
		n     int
	}{{"", v.Total}, {worklist.Refused, v.Refused}, {worklist.Waiting, v.Waiting}, {worklist.Done, v.Done}} {
		if tab.state != "" && tab.n == 0 {
			continue
		}
		href, words := here, "desk.bulk.all"
		if tab.state != "" {
			href, words = here+"?only="+tab.state, v.stateKey(tab.state)
		}
		v.Tabs = append(v.Tabs, viewLink{Href: href, Words: web.Say(words), N: tab.n, Current: only == tab.state})
	}
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64)
	items, err := p.Bulk.Items(ctx, v.ID, only, after, bulkRows+1)
	if err != nil {
		return err
	}
	if after > 0 {
		v.Pager.First = v.With("after", "")
	}
	if len(items) > bulkRows {
		items = items[:bulkRows]
		v.Pager.Next = v.With("after", strconv.FormatInt(items[bulkRows-1].No, 10))
	}
	v.Pager.Shown = len(items)
	numbers := make([]string, len(items))
	for i, it := range items {
		numbers[i] = it.CaseNo
	}
	if len(items) == 0 {
		return nil
	}
	ahead, err := p.Cases.LookAhead(ctx, numbers, r.Action)
	if err != nil {
		return err
	}
	for i, it := range items {
		v.Rows = append(v.Rows, v.row(it, &ahead[i]))
	}
	return nil
}

func (v *bulkRunView) row(it worklist.Item, one *cases.Ahead) bulkRow {
	row := bulkRow{CaseNo: it.CaseNo, State: web.Chip{Words: web.Say(v.stateKey(it.State)), Icon: "clock"}}
	if !one.Missing {
		row.Href, row.Title = "/desk/cases/"+it.CaseNo, web.Plain(one.ShownTitle())
	}
	switch it.State {
	case worklist.Done:
		row.State = web.Chip{Tone: web.ToneDone, Words: row.State.Words}
		row.Why = web.Say("desk.bulk.now", "Status", argument(web.Say("case.status."+string(one.Status))))
		if one.Missing {
			row.Why = web.Say("desk.bulk.left")
		}
	case worklist.Refused:
		row.State, row.Why = web.Chip{Tone: web.ToneDue, Words: row.State.Words}, refusedWords(it.Reason, one)
	default:
		row.Why = web.Say("case.status." + string(one.Status))
		if one.Missing {
			row.Why = web.Words{}
		}
	}
	return row
}

// refusedWords say why a case was left as it is. Texts that tell of one page and
// what was typed in it are said otherwise here.
func refusedWords(reason string, one *cases.Ahead) web.Words {
	switch reason {
	case "case.action.impossible":
		if !one.Missing {
			return web.Say("desk.bulk.impossible", "Status", argument(web.Say("case.status."+string(one.Status))))
		}
		return web.Say("desk.bulk.changed")
	case "case.missing":
		return web.Say("desk.bulk.unseen")
	case "case.unit.conflict", "case.whistle.unit":
		return web.Say("desk.bulk.conflict")
	}
	return web.Say(reason)
}

// stateKey names a state: before the run is confirmed in the future.
func (v *bulkRunView) stateKey(state string) string {
	if !v.Confirmed {
		return "desk.bulk.before." + state
	}
	return "desk.bulk.state." + state
}

// confirm hands the run to the workers and shows how far they are.
func (p *bulkPage) confirm(c *gin.Context) error {
	if err := p.Bulk.Confirm(c.Request.Context(), c.Param("id")); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/bulk/"+c.Param("id"))
	return nil
}
