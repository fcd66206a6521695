package portal

import (
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/web"
)

// How mail comes: each by itself, or together once a day.
const (
	mailSingle = "single"
	mailDaily  = "daily"
)

// digest fills the part of the page about one mail a day.
func (h *wishesPage) digest(c *gin.Context, v *wishesView) error {
	own, err := h.Notify.Digest(c.Request.Context())
	if err != nil {
		return err
	}
	v.How = web.Field{Name: "gather", Label: web.Say("notify.digest.how"), Hint: web.Say("notify.digest.how.hint"), Value: mailSingle}
	v.At = web.Field{Name: "gather_at", Label: web.Say("notify.digest.at"), Hint: web.Say("notify.digest.at.hint"), Value: clock(notify.DigestUsual)}
	if own != nil {
		v.How.Value, v.At.Value = mailDaily, clock(*own)
	}
	for _, way := range []string{mailSingle, mailDaily} {
		v.How.Options = append(v.How.Options, web.Option{Value: way, Words: web.Say("notify.digest.how." + way)})
	}
	v.At.Options = halfHours()
	for _, f := range []*web.Field{&v.How, &v.At} {
		if typed, ok := c.GetPostForm(f.Name); ok {
			f.Value = typed
		}
		*f = v.Bind(*f)
	}
	v.KeepHow = web.Button{Words: web.Say("notify.digest.do"), Name: "do", Value: "digest"}
	return nil
}

func halfHours() (all []web.Option) {
	for half := range 48 {
		all = append(all, web.Option{Value: clock(half * 30), Words: web.Plain(clock(half * 30))})
	}
	return all
}

func (h *wishesPage) keepDigest(c *gin.Context) error {
	switch c.PostForm("gather") {
	case mailSingle:
		return h.answer(c, h.Notify.KeepDigest(c.Request.Context(), nil))
	case mailDaily:
		at, err := time.Parse("15:04", c.PostForm("gather_at"))
		if err != nil {
			return h.page(c, fault.InvalidInput(fault.Field{Name: "gather_at", Key: "notify.digest.wrong"}))
		}
		minute := at.Hour()*60 + at.Minute()
		return h.answer(c, h.Notify.KeepDigest(c.Request.Context(), &minute))
	}
	return h.page(c, fault.InvalidInput(fault.Field{Name: "gather", Key: "notify.digest.how.wrong"}))
}
