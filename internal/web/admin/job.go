package admin

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/web"
)

type jobPage struct{ Deps }

type jobView struct {
	web.Page
	Row     jobRow
	Rows    []web.SummaryRow
	Retry   *web.Button
	Discard *web.Button
	Effect  web.Words // what discarding would do
}

// Href is the page of one job.
func Href(id int64) string { return "/admin/jobs/" + strconv.FormatInt(id, 10) }

// show tells everything of one job and what can be done with it.
func (p *jobPage) show(c *gin.Context) error {
	id, err := jobID(c)
	if err != nil {
		return err
	}
	v, err := p.view(c, id)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/job", v)
}

func (p *jobPage) view(c *gin.Context, id int64) (*jobView, error) {
	j, err := p.Jobs.Find(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	v := &jobView{Page: p.Kit.Page(c, web.Say("admin.job.title", "Number", strconv.FormatInt(id, 10))), Row: rowOf(j)}
	v.Back = &web.Link{Href: "/admin/jobs?state=" + string(j.State), Words: web.Say("admin.job.back")}
	v.Rows = []web.SummaryRow{
		{Key: web.Say("admin.job.kind"), Value: web.Plain(j.Kind)},
		{Key: web.Say("admin.job.queue"), Value: web.Plain(j.Queue)},
		{Key: web.Say("admin.job.about"), Value: web.Plain(j.Args)},
		{Key: web.Say("admin.job.attempts"), Value: web.Say("admin.job.of", "Attempt", j.Attempt, "Attempts", j.Attempts)},
	}
	if j.State == jobs.Running {
		return v, nil
	}
	if j.State != jobs.Completed && j.State != jobs.Available {
		v.Retry = &web.Button{Words: web.Say("admin.job.retry"), Name: "do", Value: "retry"}
	}
	v.Discard = &web.Button{Words: web.Say("admin.job.discard"), Kind: "warning", Name: "do", Value: "discard"}
	v.Effect = web.Say("admin.job.discard.waiting")
	switch j.State {
	case jobs.Dead, jobs.Cancelled, jobs.Completed:
		v.Discard.Words, v.Effect = web.Say("admin.job.forget"), web.Say("admin.job.discard.ended")
	}
	return v, nil
}

// act retries or discards.
func (p *jobPage) act(c *gin.Context) error {
	id, err := jobID(c)
	if err != nil {
		return err
	}
	do, key := p.chosen(c.PostForm("do"))
	if do == nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	err = do(c.Request.Context(), id)
	if err == nil {
		return p.told(c, key, "/admin/jobs")
	}
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	v, missing := p.view(c, id)
	if missing != nil {
		return missing
	}
	if err := v.Fail(err); err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/job", v)
}

func (p *jobPage) chosen(what string) (do func(context.Context, int64) error, told string) {
	switch what {
	case "retry":
		return p.Jobs.Retry, "admin.job.retried"
	case "discard":
		return p.Jobs.Discard, "admin.job.discarded"
	}
	return nil, ""
}
