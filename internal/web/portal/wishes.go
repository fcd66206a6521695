package portal

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/web"
)

type wishesPage struct{ Following }

// wishField begins the names of the fields; the kind follows.
const wishField = "wish."

type wishesView struct {
	web.Page
	Citizen bool
	Kinds   []web.Field
	Always  []alwaysRow
	Do      web.Button
	Begins  web.Field
	Ends    web.Field
	Keep    web.Button
	How     web.Field
	At      web.Field
	KeepHow web.Button
}

// alwaysRow is one reason and the kinds that are always sent for it.
type alwaysRow struct {
	Reason web.Words
	Kinds  []web.Words
}

// show lets people choose what also comes by mail, and says what always does
// and why.
func (h *wishesPage) show(c *gin.Context) error { return h.page(c, nil) }

func (h *wishesPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	rules, err := h.Notify.Choices(ctx)
	if err != nil {
		return err
	}
	v := &wishesView{Page: h.Kit.Page(c, web.Say("notify.wishes.title")), Citizen: actor.From(ctx).ConstituentID != "",
		Do: web.Button{Words: web.Say("notify.wishes.do")}}
	reasons := map[notify.Reason]int{}
	for _, r := range rules {
		words := web.Say("admin.message.kind." + string(r.Kind))
		if r.Always == "" {
			v.Kinds = append(v.Kinds, h.choice(c, r, words))
			continue
		}
		at, ok := reasons[r.Always]
		if !ok {
			at = len(v.Always)
			reasons[r.Always] = at
			v.Always = append(v.Always, alwaysRow{Reason: web.Say("notify.always." + string(r.Always))})
		}
		v.Always[at].Kinds = append(v.Always[at].Kinds, words)
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if err := h.quiet(c, v); err != nil {
		return err
	}
	if err := h.digest(c, v); err != nil {
		return err
	}
	for i := range v.Kinds {
		v.Kinds[i] = v.Bind(v.Kinds[i])
	}
	return h.Kit.Show(c, "portal/wishes", v)
}

func (h *wishesPage) choice(c *gin.Context, r notify.Rule, words web.Words) web.Field {
	f := web.Field{Name: wishField + string(r.Kind), Label: words, Value: string(r.Wish)}
	if typed, ok := c.GetPostForm(f.Name); ok {
		f.Value = typed
	}
	for _, w := range r.Kind.Wishes() {
		f.Options = append(f.Options, web.Option{Value: string(w), Words: web.Say("notify.wish." + string(w))})
	}
	return f
}

// send keeps the choice.
func (h *wishesPage) send(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	switch c.PostForm("do") {
	case "quiet":
		return h.keepQuiet(c)
	case "digest":
		return h.keepDigest(c)
	}
	wishes := map[notify.Kind]notify.Wish{}
	for name, values := range c.Request.PostForm {
		if kind, ok := strings.CutPrefix(name, wishField); ok && len(values) == 1 {
			wishes[notify.Kind(kind)] = notify.Wish(values[0])
		}
	}
	return h.answer(c, h.Notify.Choose(c.Request.Context(), wishes))
}

// answer shows the page with what was wrong, or says that it is saved.
func (h *wishesPage) answer(c *gin.Context, err error) error {
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return h.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("notify.wishes.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/notifications")
	return nil
}
