package portal

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/notify"
	"minqing/internal/web"
)

type wishesPage struct{ Following }

type wishesView struct {
	web.Page
	Citizen bool
	Free    wishTable  // what may be refused
	Bound   *wishTable // what is always sent, by one way or another
	Always  []alwaysRow
	Texts   *web.Words // to which number they go, or why there are none
	Number  web.Link   // where it is changed
	Do      web.Button
	Begins  web.Field
	Ends    web.Field
	Keep    web.Button
	How     web.Field
	At      web.Field
	KeepHow web.Button
}

// wishTable is kinds of messages by channels.
type wishTable struct {
	Caption  web.Words
	Channels []notify.Channel
	Rows     []wishRow
}

type wishRow struct {
	Title web.Words
	ID    string
	Boxes []wishBox
	Error *fault.Field
}

type wishBox struct {
	web.Field
	Channel notify.Channel
	On      bool
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
	ways, err := h.Notify.Ways(ctx)
	if err != nil {
		return err
	}
	v := &wishesView{Page: h.Kit.Page(c, web.Say("notify.wishes.title")), Citizen: actor.From(ctx).ConstituentID != "",
		Do: web.Button{Words: web.Say("notify.wishes.do")}}
	if err := v.Fail(failed); err != nil {
		return err
	}
	v.Free.Caption, v.Free.Channels = web.Say("notify.wishes.free"), []notify.Channel{notify.Mail}
	if ways.Phone != "" {
		v.Free.Channels = append(v.Free.Channels, notify.SMS)
		v.Texts = new(web.Say("notify.wishes.phone", "Phone", idcode.MaskPhone(ways.Phone)))
		v.Number = web.Link{Href: "/me/security/phone", Words: web.Say("notify.wishes.phone.change")}
	} else if ways.Texts {
		v.Texts = new(web.Say("notify.wishes.no_phone"))
		v.Number = web.Link{Href: "/me/security/phone", Words: web.Say("notify.wishes.phone.add")}
	}
	v.fill(rules, typedWishes(c))
	if err := h.quiet(c, v); err != nil {
		return err
	}
	if err := h.digest(c, v); err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/wishes", v)
}

// fill sorts the kinds: what may be refused, what is always sent by one way or
// another, and what leaves no choice.
func (v *wishesView) fill(rules []notify.Rule, typed map[notify.Choice]notify.Wish) {
	bound := wishTable{Caption: web.Say("notify.wishes.bound"), Channels: []notify.Channel{notify.Mail, notify.SMS}}
	reasons := map[notify.Reason]int{}
	for _, r := range rules {
		words := web.Say("admin.message.kind." + string(r.Kind))
		switch {
		case r.Always == "":
			v.Free.Rows = append(v.Free.Rows, v.row(r, v.Free.Channels, words, typed))
			continue
		case len(r.Wishes) > 0:
			bound.Rows = append(bound.Rows, v.row(r, bound.Channels, words, typed))
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
	if len(bound.Rows) > 0 {
		v.Bound = &bound
	}
}

func (v *wishesView) row(r notify.Rule, channels []notify.Channel, words web.Words, typed map[notify.Choice]notify.Wish) wishRow {
	row := wishRow{Title: words, ID: web.FieldID("kind." + string(r.Kind))}
	for _, by := range channels {
		choice := notify.Choice{Kind: r.Kind, Channel: by}
		box := wishBox{Field: v.Bind(web.Field{Name: choice.Field(), Label: words}), Channel: by}
		box.On = cmp.Or(typed[choice], r.Wishes[by]) == notify.AtOnce
		if box.Error != nil {
			row.Error = box.Error
		}
		row.Boxes = append(row.Boxes, box)
	}
	return row
}

// What a form of boxes sends: the names of all that it shows, and of those that
// are ticked.
const (
	shownField = "shown"
	tickedOn   = "on"
)

// typedWishes reads the boxes; nil when none were sent.
func typedWishes(c *gin.Context) map[notify.Choice]notify.Wish {
	names, ok := c.GetPostFormArray(shownField)
	if !ok {
		return nil
	}
	wishes := map[notify.Choice]notify.Wish{}
	for _, name := range names {
		by, kind, _ := strings.Cut(strings.TrimPrefix(name, "wish."), ".")
		wish := notify.NotAtAll
		if typed, ok := c.GetPostForm(name); ok {
			wish = notify.Wish(typed)
			if typed == tickedOn {
				wish = notify.AtOnce
			}
		}
		wishes[notify.Choice{Kind: notify.Kind(kind), Channel: notify.Channel(by)}] = wish
	}
	return wishes
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
	return h.answer(c, h.Notify.Choose(c.Request.Context(), typedWishes(c)))
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
