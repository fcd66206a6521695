package admin

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/jobs"
	"minqing/internal/web"
)

type jobsPage struct{ Deps }

type jobsView struct {
	web.Page
	Areas []web.Link
	Views []web.Link
	Rows  []jobRow
	Pager web.Pager
	Empty web.Empty
}

type jobRow struct {
	Href  string
	Title string
	Chip  web.Chip
	Job   jobs.Job
	Error string
}

var jobTones = map[jobs.State]web.Tone{jobs.Dead: web.ToneOver, jobs.Retryable: web.ToneDue, jobs.Running: web.ToneInfo,
	jobs.Completed: web.ToneDone, jobs.Scheduled: web.ToneNone, jobs.Available: web.ToneNone, jobs.Cancelled: web.ToneNone}

func stateWords(s jobs.State) web.Words { return web.Say("admin.job.state." + string(s)) }

// show lists the jobs of one state, the dead ones first of all.
func (p *jobsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	state := pick(c.Query("state"), jobs.States)
	counts, err := p.Jobs.Count(ctx)
	if err != nil {
		return err
	}
	page, err := p.Jobs.List(ctx, state, c.Query("cursor"))
	if err != nil {
		return err
	}
	v := &jobsView{Page: p.Kit.Page(c, web.Say("admin.jobs.title")), Areas: areas("jobs")}
	v.Wide = true
	for _, s := range jobs.States {
		n := counts[s]
		v.Views = append(v.Views, web.Link{Href: "/admin/jobs?state=" + string(s), Words: stateWords(s), Count: &n, Current: s == state})
	}
	for _, j := range page.Jobs {
		v.Rows = append(v.Rows, rowOf(j))
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if c.Query("cursor") != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if page.Next != "" {
		v.Pager.Next = v.With("cursor", page.Next)
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("admin.jobs.empty.title"), Words: web.Say("admin.jobs.empty.text")}
	return p.Kit.Show(c, "admin/jobs", v)
}

func rowOf(j jobs.Job) jobRow {
	r := jobRow{Href: Href(j.ID), Title: j.Kind, Job: j, Chip: web.Chip{Tone: jobTones[j.State], Words: stateWords(j.State)}}
	if n := len(j.Failures); n > 0 {
		r.Error = brief(j.Failures[n-1].Error)
	}
	return r
}

// brief keeps a line of an error readable in a list.
func brief(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
