package admin

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/i18n"
	"minqing/internal/keys"
	"minqing/internal/vault"
	"minqing/internal/web"
)

// KeysDeps are what the page about keys needs.
type KeysDeps struct {
	Kit   *web.Kit
	Keys  *keys.Service
	Vault *vault.Vault
	Zone  *time.Location
}

// RegisterKeys mounts the page.
func RegisterKeys(d KeysDeps) {
	d.Kit.GET(d.Kit.Group("/admin/keys"), "", access.KeyRead, (&keysPage{d}).show)
}

type keysPage struct{ KeysDeps }

type keysView struct {
	web.Page
	Ring  web.Table
	Runs  web.Table
	Empty *web.Empty // no key was ever changed
}

// show lists the keys of the ring, without them, and how far changes have come.
// Keys are changed where their file is, by minqing keys.
func (p *keysPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &keysView{Page: p.Kit.Page(c, web.Say("admin.keys.title"))}
	f := i18n.Format{Lang: v.Lang, Zone: p.Zone}
	if err := p.ring(ctx, v, f); err != nil {
		return err
	}
	runs, err := p.Keys.Runs(ctx)
	if err != nil {
		return err
	}
	v.Runs = web.Table{ID: "runs", Caption: web.Say("admin.keys.runs"), Columns: columns("admin.keys.what", "admin.keys.progress", "admin.keys.stuck", "admin.keys.began", "admin.keys.state")}
	for _, r := range runs {
		v.Runs.Rows = append(v.Runs.Rows, runRow(r, f))
	}
	if len(runs) == 0 {
		v.Empty = &web.Empty{Icon: "circle-check", Title: web.Say("admin.keys.empty.title"), Words: web.Say("admin.keys.empty.text")}
	}
	return p.Kit.Show(c, "admin/keys", v)
}

func (p *keysPage) ring(ctx context.Context, v *keysView, f i18n.Format) error {
	v.Ring = web.Table{ID: "ring", Caption: web.Say("admin.keys.ring"), Columns: columns("admin.keys.name", "admin.keys.print", "admin.keys.state", "admin.keys.under")}
	v.Ring.Columns[3].Numeric = true
	ring := p.Vault.Ring()
	prints := ring.Fingerprints()
	for _, id := range ring.IDs() {
		u, err := p.Keys.UsedBy(ctx, id, false)
		if err != nil {
			return err
		}
		chip := web.Chip{Tone: web.ToneNone, Words: web.Say("admin.keys.old")}
		switch {
		case id == ring.Current():
			chip = web.Chip{Tone: web.ToneDone, Words: web.Say("admin.keys.current")}
		case !ring.Wraps(id):
			chip.Words = web.Say("admin.keys.retired")
		case u.DataKeys > 0:
			chip = web.Chip{Tone: web.ToneDue, Words: web.Say("admin.keys.leaving")}
		}
		under := web.Plain(f.Number(u.DataKeys))
		if u.DataKeys >= keys.CountMost {
			under = web.Say("admin.keys.many", "Count", f.Number(u.DataKeys))
		}
		v.Ring.Rows = append(v.Ring.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(id)}, {Words: web.Plain(prints[id])}, {Chip: &chip}, {Words: under}}})
	}
	return nil
}

func columns(names ...string) []web.Column {
	list := make([]web.Column, len(names))
	for i, n := range names {
		list[i].Words = web.Say(n)
	}
	return list
}

func runRow(r keys.Run, f i18n.Format) web.Row {
	what := web.Say("admin.keys.run.ring", "Key", r.Target)
	if r.Kind == keys.Data {
		what = web.Say("admin.keys.run.data")
	}
	chip := web.Chip{Tone: web.ToneInfo, Words: web.Say("admin.keys.running")}
	switch {
	case r.FinishedAt != nil && r.Stuck > 0:
		chip = web.Chip{Tone: web.ToneOver, Words: web.Say("admin.keys.done.stuck")}
	case r.FinishedAt != nil:
		chip = web.Chip{Tone: web.ToneDone, Words: web.Say("admin.keys.done")}
	case r.Kind == keys.Ring && r.Step > 0:
		chip.Words = web.Say("admin.keys.indexing")
	}
	progress := web.Say("admin.keys.of", "Done", f.Number(r.Done), "Total", f.Number(r.Total))
	if r.Total == 0 {
		progress = web.Plain(f.Number(r.Done))
	}
	return web.Row{Cells: []web.Cell{{Words: what}, {Words: progress}, {Words: web.Plain(f.Number(r.Stuck))}, {Words: web.Plain(f.DateTime(r.StartedAt))}, {Chip: &chip}}}
}
