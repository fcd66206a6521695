package admin

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type publishPage struct{ TimingDeps }

type publishView struct {
	timingView
	Seen   int64
	Upload web.Field
	File   web.Field
	Reason web.Field
	Effect *web.Notice
	Change web.Table // days that become others
}

type publishForm struct {
	Do     string `form:"do"`
	Seen   int64  `form:"seen"`
	File   string `form:"file"`
	Reason string `form:"reason"`
}

// changesMost is how many days a page tells of.
const changesMost = 400

// show asks for the file of a year.
func (p *publishPage) show(c *gin.Context) error { return p.page(c, publishForm{}, false, nil) }

func (p *publishPage) page(c *gin.Context, in publishForm, look bool, failed error) error {
	ctx := c.Request.Context()
	snap, _, _, err := p.now(ctx)
	if err != nil {
		return err
	}
	v := &publishView{timingView: p.view(c, web.Say("timing.calendar.import"), calendarsPath), Seen: snap.Revised()}
	v.Back = &web.Link{Href: calendarsPath, Words: web.Say("timing.calendars.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	v.Upload = v.Bind(web.Field{Name: "upload", Label: web.Say("timing.calendar.upload"), Accept: ".toml,text/plain", Optional: true})
	v.File = v.Bind(web.Field{Name: "file", Label: web.Say("timing.calendar.file"), Hint: web.Say("timing.calendar.file.hint"), Value: in.File, Rows: 18})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Hint: web.Say("timing.reason.hint"), Value: in.Reason, Rows: 3, Max: 500})
	if look {
		before, after, years, err := snap.Proposed(in.File)
		if err != nil {
			return err // send has looked
		}
		f := p.Kit.Format(v.Lang)
		v.Change = changedDays(f, before, after, years)
		n, err := p.Cases.Running(ctx, "", time0)
		if err != nil {
			return err
		}
		v.Effect = effect(f, "timing.effect.calendar", n)
	}
	return p.Kit.Show(c, "admin/calendar-import", v)
}

// changedDays are the days that the file makes something else than they are now.
func changedDays(f i18n.Format, before, after *calendar.Calendar, years []int) web.Table {
	t := web.Table{ID: "changes", Caption: web.Say("timing.calendar.changes", "Calendar", after.ID()), Columns: columns("timing.calendar.day", "timing.calendar.before", "timing.calendar.after")}
	for _, y := range years {
		for d := calendar.NewDate(y, 1, 1); d.Year() == y && len(t.Rows) < changesMost; d++ {
			was, is := calendar.Day{Kind: after.Plain(d)}, after.Day(d)
			if before != nil {
				was = before.Day(d)
			}
			if was.Kind != is.Kind {
				t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: onDate(f, d)}, {Words: kindOf(was)}, {Words: kindOf(is)}}})
			}
		}
	}
	return t
}

func kindOf(d calendar.Day) web.Words {
	kind := web.Say("timing.day." + string(d.Kind))
	if len(d.Name) > 0 {
		return web.Say("timing.day.named", "Kind", value(kind), "Name", nameOf(d.Name))
	}
	return kind
}

// send reads the file that was chosen into the text, shows what it would change, or
// imports it.
func (p *publishPage) send(c *gin.Context) error {
	var in publishForm
	err := web.Decode(c, &in)
	if err == nil {
		in, err = uploaded(c, in)
	}
	if err != nil {
		return p.page(c, in, false, err)
	}
	ctx := c.Request.Context()
	snap, _, _, err := p.now(ctx)
	if err != nil {
		return err
	}
	if in.Do != "set" {
		var check fault.Check
		check.That(in.File != "", "file", "catalogue.calendar.required")
		check.That(in.Reason != "", "reason", "catalogue.reason.required")
		if in.File != "" {
			_, _, _, wrong := snap.Proposed(in.File)
			err = check.Add(wrong)
		}
		if err == nil {
			err = check.Err()
		}
		return p.page(c, in, err == nil, err)
	}
	if err := p.Catalogue.Publish(ctx, in.File, in.Seen, in.Reason); retyped(err) {
		return p.page(c, in, false, err)
	} else if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.calendar.done", calendarsPath)
}

// uploaded is the form with the text of a file that was chosen.
func uploaded(c *gin.Context, in publishForm) (publishForm, error) {
	header, err := c.FormFile("upload")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && header.Size == 0 {
		return in, nil
	}
	if err != nil {
		return in, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	file, err := header.Open()
	if err != nil {
		return in, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, calendar.FileMost+1))
	if err != nil {
		return in, err
	}
	if len(raw) > calendar.FileMost || !utf8.Valid(raw) || strings.ContainsRune(string(raw), 0) {
		return in, fault.InvalidInput(fault.Field{Name: "upload", Key: "catalogue.calendar.unreadable"})
	}
	in.File = strings.TrimSpace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	return in, nil
}
