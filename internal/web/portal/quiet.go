package portal

import (
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/web"
)

// quiet fills the part of the page about the hours without messages.
func (h *wishesPage) quiet(c *gin.Context, v *wishesView) error {
	own, err := h.Notify.Quiet(c.Request.Context())
	if err != nil {
		return err
	}
	v.Begins = web.Field{Name: "begins", Label: web.Say("notify.quiet.begins")}
	v.Ends = web.Field{Name: "ends", Label: web.Say("notify.quiet.ends")}
	if own != nil {
		v.Begins.Value, v.Ends.Value = clock(own.Begins), clock(own.Ends)
	}
	for _, f := range []*web.Field{&v.Begins, &v.Ends} {
		if typed, ok := c.GetPostForm(f.Name); ok {
			f.Value = typed
		}
		f.Options = append([]web.Option{{Words: web.Say("notify.quiet.none")}}, halfHours()...)
		*f = v.Bind(*f)
	}
	v.Keep = web.Button{Words: web.Say("notify.quiet.do"), Name: "do", Value: "quiet"}
	return nil
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func (h *wishesPage) keepQuiet(c *gin.Context) error {
	begins, ends := c.PostForm("begins"), c.PostForm("ends")
	if begins == "" && ends == "" {
		return h.answer(c, h.Notify.KeepQuiet(c.Request.Context(), nil))
	}
	var hours notify.Hours
	for _, one := range []struct {
		name, typed string
		into        *int
	}{{"begins", begins, &hours.Begins}, {"ends", ends, &hours.Ends}} {
		at, err := time.Parse("15:04", one.typed)
		if err != nil {
			return h.page(c, fault.InvalidInput(fault.Field{Name: one.name, Key: "notify.quiet.missing"}))
		}
		*one.into = at.Hour()*60 + at.Minute()
	}
	return h.answer(c, h.Notify.KeepQuiet(c.Request.Context(), &hours))
}
