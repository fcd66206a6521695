package editor

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// desk is where drafts of one kind, T, are written.
type desk[T any] struct {
	kit   *web.Kit
	words *i18n.Bundle
	base  string // "/admin/permits"
	parts func(ctx context.Context) ([]part[T], error)

	// load gives what is worked on, and the version of its draft, 0 where there is none.
	load func(ctx context.Context, code string) (*T, int64, error)
	// keep keeps a draft for somebody who saw that version of it.
	keep func(ctx context.Context, x *T, seen int64) error
	// ready says everything that keeps it from being published.
	ready func(ctx context.Context, x *T) error
	name  func(x *T) i18n.Text
	drop  func(ctx context.Context, code string, seen int64) error
	// preview and file say whether there are pages that show the draft to its readers
	// and as a file.
	preview, file bool
	shelf         shelf[T]
}

var errNoPart = fault.New(fault.NotFound, "permitedit.missing")

func (d *desk[T]) at(c *gin.Context) string { return d.base + "/" + c.Param("code") + "/draft" }

// part finds the part of the address.
func (d *desk[T]) part(c *gin.Context) (part[T], error) {
	parts, err := d.parts(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.Name() == c.Param("part") {
			return p, nil
		}
	}
	return nil, errNoPart
}

// troubles are the fields that keep a draft from being published.
func (d *desk[T]) troubles(ctx context.Context, x *T) ([]fault.Field, error) {
	err := d.ready(ctx, x)
	if err == nil {
		return nil, nil
	}
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid {
		return e.Fields, nil
	}
	return nil, err
}

// place is the place in a list that the address names.
func place[T any](c *gin.Context, p part[T], x *T) (int, error) {
	n, lines := c.Param("item"), len(p.Lines(x))
	if n == "new" {
		return lines, nil
	}
	at, err := strconv.Atoi(n)
	if err != nil || at < 1 || at > lines {
		return 0, errNoPart
	}
	return at - 1, nil
}

// told keeps a notice for the page after the redirect.
func (d *desk[T]) told(c *gin.Context, key, to string) error {
	if err := d.kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// conflict says whether somebody else was quicker.
func conflict(err error) bool { return fault.KindOf(err) == fault.Conflict && err != nil }

// seen is the version of the draft that the form was shown with.
func seen(c *gin.Context) (int64, error) {
	n, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || n < 0 {
		return 0, fault.InvalidInput(fault.Field{Name: "version", Key: "fault.field.invalid"})
	}
	return n, nil
}

// fields are those of an Invalid error; any other is returned.
func fields(err error) ([]fault.Field, error) {
	if err == nil {
		return nil, nil
	}
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Invalid {
		return nil, err
	}
	if len(e.Fields) == 0 {
		return nil, errors.Join(err)
	}
	return e.Fields, nil
}
