package editor

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// TypeDeps are what the forms for permit types work with.
type TypeDeps struct {
	Kit       *web.Kit
	Types     *permittypes.Service
	Catalogue *catalogue.Service
	Words     *i18n.Bundle
	People    People
}

type file = permittypes.File

// NewCode stands in addresses for a type that has no code yet.
const NewCode = "new"

// typeDesk is the desk at which permit types are written.
type typeDesk struct {
	desk[file]
	deps TypeDeps
}

// RegisterTypes mounts the forms on which the next version of a permit type is written.
func RegisterTypes(d TypeDeps) {
	t := &typeDesk{deps: d}
	t.desk = desk[file]{kit: d.Kit, words: d.Words, base: "/admin/permits", parts: t.typeParts, load: d.Types.Working, keep: d.Types.Keep, drop: d.Types.DropDraft,
		name: func(f *file) i18n.Text { return f.Name }, preview: true, file: true, ready: func(ctx context.Context, f *file) error {
			whole, err := f.Whole()
			if err != nil {
				return err
			}
			return d.Types.Ready(ctx, whole)
		}, shelf: shelf[file]{title: web.Say("permittype.admin.title"), draft: d.Types.Draft, editions: d.Types.Editions, version: d.Types.VersionFile,
			publish: d.Types.Publish, people: d.People, export: true}}
	g, size := d.Kit.Group("/admin"), web.Body(1<<20)
	d.Kit.GET(g, "/permits/:code", access.PermitTypeWrite, t.showVersions)
	d.Kit.GET(g, "/permits/:code/versions/:version", access.PermitTypeWrite, t.exported)
	d.Kit.POST(g, "/permits/:code/publish", access.PermitTypePublish, t.publish)
	d.Kit.GET(g, "/permits/:code/draft", access.PermitTypeWrite, t.begin)
	d.Kit.POST(g, "/permits/:code/draft", access.PermitTypeWrite, t.started, size)
	d.Kit.GET(g, "/permits/:code/draft/:part", access.PermitTypeWrite, t.showPart)
	d.Kit.POST(g, "/permits/:code/draft/:part", access.PermitTypeWrite, t.sendPart, size)
	d.Kit.GET(g, "/permits/:code/draft/:part/:item", access.PermitTypeWrite, t.showForm)
	d.Kit.POST(g, "/permits/:code/draft/:part/:item", access.PermitTypeWrite, t.sendForm, size)
}

// typeParts are the parts in the order in which a type is best written: what others
// name comes first.
func (t *typeDesk) typeParts(ctx context.Context) ([]part[file], error) {
	ref, err := t.refer(ctx)
	if err != nil {
		return nil, err
	}
	return partsOf(ref), nil
}

func partsOf(ref references) []part[file] {
	return []part[file]{textsPart(ref), limitsPart(), outcomesPart(ref), guidePart(), questionsPart(ref), materialsPart(ref), heldPart(ref), factsPart(),
		phrasesPart(ref), feesPart(ref), stepsPart(), opinionsPart(ref), checklistPart(ref), dutiesPart(ref)}
}

// references are what a type may name elsewhere.
type references struct {
	matters, types, units []web.Option
	words                 *i18n.Bundle
}

func (t *typeDesk) refer(ctx context.Context) (references, error) {
	r := references{words: t.words}
	snap, err := t.deps.Catalogue.Snapshot(ctx)
	if err != nil {
		return r, err
	}
	for _, m := range snap.Matters {
		if m.Track == catalogue.TrackPermit && m.Kinds.Has("permit_application") && !hasOption(r.matters, m.Code) {
			r.matters = append(r.matters, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
	}
	for _, u := range snap.Units {
		if !hasOption(r.units, u.Code) {
			r.units = append(r.units, web.Option{Value: u.Code, Words: web.Data(u.Name)})
		}
	}
	codes, err := t.deps.Types.Codes(ctx)
	if err != nil {
		return r, err
	}
	for _, code := range codes {
		f, _, err := t.deps.Types.Working(ctx, code)
		if err != nil {
			return r, err
		}
		r.types = append(r.types, web.Option{Value: code, Words: web.Data(f.Name)})
	}
	return r, nil
}

func hasOption(list []web.Option, value string) bool {
	for _, o := range list {
		if o.Value == value {
			return true
		}
	}
	return false
}

// named are codes with their words from messages.
func named(prefix string, codes ...string) []web.Option {
	var list []web.Option
	for _, c := range codes {
		list = append(list, web.Option{Value: c, Words: web.Say(prefix + c)})
	}
	return list
}

// orNone puts an empty choice before others.
func orNone(key string, list []web.Option) []web.Option {
	return append([]web.Option{{Words: web.Say(key)}}, list...)
}
