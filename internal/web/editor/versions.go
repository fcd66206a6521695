package editor

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// shelf is where the published versions of a kind of thing, T, stand beside its draft.
type shelf[T any] struct {
	title    web.Words // of the list of all things
	draft    func(ctx context.Context, code string) (*permittypes.Draft, error)
	editions func(ctx context.Context, code string) ([]permittypes.Edition, error)
	version  func(ctx context.Context, code string, version int64) (*T, error)
	publish  func(ctx context.Context, p permittypes.Publication) error
	people   People
	export   bool // versions are handed on as files
}

// versionsView is one thing: its draft with what it changes, and its versions.
type versionsView struct {
	web.Page
	Action   string
	Code     string
	Editions []editionLine
	Draft    *permittypes.Draft
	Changes  []changed // of the draft against the newest version
	Own      bool      // the reader wrote on the draft
	Writer   string
	From     web.Field
	Reason   web.Field
	Edit     web.Button
}

type editionLine struct {
	permittypes.Edition
	Title   web.Words
	By      string
	Changes []changed
	Export  string
}

type publicationForm struct {
	Version   int64  `form:"version"`
	ValidFrom string `form:"valid_from"`
	Reason    string `form:"reason"`
}

func (d *desk[T]) showVersions(c *gin.Context) error { return d.versions(c, publicationForm{}, nil) }

func (d *desk[T]) versions(c *gin.Context, typed publicationForm, failed error) error {
	ctx, code := c.Request.Context(), c.Param("code")
	x, _, err := d.load(ctx, code)
	if err != nil {
		return err
	}
	v := &versionsView{Page: d.kit.Page(c, web.Data(d.name(x))), Code: code, Action: d.base + "/" + code + "/publish",
		Edit: web.Button{Words: web.Say("permittype.admin.edit"), Href: d.base + "/" + code + "/draft", Kind: "secondary"}}
	v.Wide = true
	v.Back = &web.Link{Href: d.base, Words: d.shelf.title}
	if err := v.Fail(failed); err != nil {
		return err
	}
	parts, err := d.parts(ctx)
	if err != nil {
		return err
	}
	newest, err := d.published(ctx, v, parts)
	if err != nil {
		return err
	}
	if v.Draft, err = d.shelf.draft(ctx, code); err != nil {
		return err
	}
	if v.Draft != nil {
		v.Changes = differ(reader{d.words, v.Lang}, parts, newest, x)
		v.Own = v.Draft.Writers.Has(v.Page.Actor.AccountID)
		names, err := d.shelf.people.Names(ctx, v.Draft.WrittenByID)
		if err != nil {
			return err
		}
		v.Writer = names[v.Draft.WrittenByID]
		v.From = v.Bind(web.Field{Name: "valid_from", Label: web.Say("permittype.admin.from"), Value: typed.ValidFrom, Type: "date", Width: "10"})
		v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Value: typed.Reason, Rows: 3, Max: 500})
	}
	return d.kit.Show(c, "admin/permit-type", v)
}

// published are the versions with what each changed; it gives the newest, nil where
// there is none.
func (d *desk[T]) published(ctx context.Context, v *versionsView, parts []part[T]) (newest *T, err error) {
	editions, err := d.shelf.editions(ctx, v.Code)
	if err != nil {
		return nil, err
	}
	names, err := d.publishers(ctx, editions)
	if err != nil {
		return nil, err
	}
	var after *T
	for i, e := range editions {
		x, err := d.shelf.version(ctx, v.Code, e.Version)
		if err != nil {
			return nil, err
		}
		if after == nil {
			newest = x
		} else {
			v.Editions[i-1].Changes = differ(reader{d.words, v.Lang}, parts, x, after)
		}
		after = x
		number := strconv.FormatInt(e.Version, 10)
		l := editionLine{Edition: e, Title: web.Say("permittype.admin.edition", "Version", number)}
		if d.shelf.export {
			l.Export = d.base + "/" + v.Code + "/versions/" + number
		}
		if e.PublishedByID != nil {
			l.By = names[*e.PublishedByID]
		}
		v.Editions = append(v.Editions, l)
	}
	return newest, nil
}

func (d *desk[T]) publishers(ctx context.Context, editions []permittypes.Edition) (map[string]string, error) {
	var ids []string
	for _, e := range editions {
		if e.PublishedByID != nil {
			ids = append(ids, *e.PublishedByID)
		}
	}
	return d.shelf.people.Names(ctx, ids...)
}

// publish puts the draft in force.
func (d *desk[T]) publish(c *gin.Context) error {
	var in publicationForm
	if err := web.Decode(c, &in); err != nil {
		return d.versions(c, in, err)
	}
	code := c.Param("code")
	err := d.shelf.publish(c.Request.Context(), permittypes.Publication{Code: code, Seen: in.Version, From: in.ValidFrom, Reason: in.Reason})
	if found, rest := fields(err); len(found) > 0 && rest == nil || conflict(err) {
		return d.versions(c, in, err)
	}
	if err != nil {
		return err
	}
	return d.told(c, "permittype.admin.published.done", d.base+"/"+code)
}

// exported gives a version of a type as a file.
func (t *typeDesk) exported(c *gin.Context) error {
	n, err := strconv.ParseInt(c.Param("version"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "permittype.missing")
	}
	one, err := t.deps.Types.Version(c.Request.Context(), c.Param("code"), n)
	if err != nil {
		return err
	}
	text, err := one.Text()
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+one.Code+"-"+strconv.FormatInt(n, 10)+`.yaml"`)
	c.Data(200, "application/yaml; charset=utf-8", []byte(text))
	return nil
}
