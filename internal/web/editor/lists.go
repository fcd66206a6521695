package editor

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/web"
)

// listView is a part that has several things in an order.
type listView struct {
	web.Page
	Action   string
	Version  int64
	Lead     web.Words
	Things   []thing
	Add      web.Button
	Troubles []trouble
	None     web.Words
}

type thing struct {
	line
	Href     string
	Up, Down string // values of buttons; empty at the ends
	Remove   string
	Chip     *web.Chip
}

func (d *desk[T]) showPart(c *gin.Context) error {
	p, err := d.part(c)
	if err != nil {
		return err
	}
	if !p.List() {
		return d.form(c, nil, nil)
	}
	return d.list(c, p, nil)
}

func (d *desk[T]) list(c *gin.Context, p part[T], failed error) error {
	ctx := c.Request.Context()
	x, version, err := d.load(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	here := d.at(c) + "/" + p.Name()
	v := &listView{Page: d.kit.Page(c, web.Say("permitedit.part."+p.Name())), Action: here, Version: version,
		Add: web.Button{Words: web.Say("permitedit.new." + p.Name()), Href: here + "/new", Kind: "secondary"}, None: web.Say("permitedit.none")}
	v.Wide = true
	v.Back = &web.Link{Href: d.at(c), Words: web.Say("permitedit.draft.title", "Name", d.name(x))}
	if key := "permitedit.lead." + p.Name(); d.words.Has(key) {
		v.Lead = web.Say(key)
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	lines := p.Lines(x)
	for i, l := range lines {
		n := strconv.Itoa(i + 1)
		t := thing{line: l, Href: here + "/" + n, Remove: "remove:" + n}
		if i > 0 {
			t.Up = "up:" + n
		}
		if i < len(lines)-1 {
			t.Down = "down:" + n
		}
		v.Things = append(v.Things, t)
	}
	all, err := d.troubles(ctx, x)
	if err != nil {
		return err
	}
	for _, f := range all {
		if p.Owns(f.Name) {
			v.Troubles = append(v.Troubles, d.trouble(c, p, x, f))
		}
	}
	return d.kit.Show(c, "admin/edit-list", v)
}

// sendPart moves or removes a thing, or takes a part that is one form.
func (d *desk[T]) sendPart(c *gin.Context) error {
	p, err := d.part(c)
	if err != nil {
		return err
	}
	if !p.List() {
		return d.sendForm(c)
	}
	version, err := seen(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	x, now, err := d.load(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	if now != version {
		return d.list(c, p, fault.New(fault.Conflict, "permittype.changed"))
	}
	do, n, _ := strings.Cut(c.PostForm("do"), ":")
	at, err := strconv.Atoi(n)
	if err != nil || at < 1 || at > len(p.Lines(x)) {
		return errNoPart
	}
	key := "permitedit.moved"
	switch do {
	case "up":
		p.Move(x, at-1, -1)
	case "down":
		p.Move(x, at-1, 1)
	case "remove":
		key = "permitedit.removed"
		p.Remove(x, at-1)
	default:
		return fault.InvalidInput(fault.Field{Name: "do", Key: "fault.field.invalid"})
	}
	if err := d.keep(ctx, x, version); err != nil {
		if err = dependent(err); conflict(err) {
			return d.list(c, p, err)
		}
		return err
	}
	return d.told(c, key, d.at(c)+"/"+p.Name())
}
