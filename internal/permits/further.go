package permits

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// Further asks for a material that the checklist does not have: one of the type that
// the answers did not call for, or another.
type Further struct {
	Name   string
	Reason string // why it is needed, for the applicant
	From   string // code of the material, sent since the unit last looked, that it arises from
}

// FurtherMost is how many materials one notice adds.
const FurtherMost = 3

// FurtherCode begins the code of a material that the type does not have; no code of a
// type may hold its last character.
const FurtherCode = "further_"

const furtherNameMost = 80

// furtherMaterial is a row of permit_further_materials.
type furtherMaterial struct {
	ApplicationID string
	Code          string
	NoticeID      string
	Name          string
	ArisesFrom    string
}

// TableName names the table for gorm.
func (furtherMaterial) TableName() string { return "permit_further_materials" }

func (s *Service) furthers(ctx context.Context, applicationID string) (list []furtherMaterial, err error) {
	if err := s.DB.From(ctx).Where("application_id = ?", applicationID).Order("code").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read further materials: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// needed is the checklist of an application: what the answers call for, what a counter
// takes, and what notices have added.
func (s *Service) needed(ctx context.Context, a *Application, t *permittypes.Type) ([]permittypes.Material, error) {
	list := slices.Concat(t.Needed(a.Answers), s.counterPapers(a))
	if a.State == Draft {
		return list, nil
	}
	more, err := s.furthers(ctx, a.ID)
	for _, f := range more {
		def := furtherDef(t, f.Code, f.Name)
		if i := slices.IndexFunc(list, func(m permittypes.Material) bool { return m.Code == f.Code }); i >= 0 {
			list[i] = def // corrected answers call for it now
			continue
		}
		list = append(list, def)
	}
	return list, err
}

// furtherOrOwn names a material that a notice asks for: by the type, or as the notice
// did where the type has none of the code.
func (s *Service) furtherOrOwn(t *permittypes.Type, code, name string) i18n.Text {
	if paper := s.PaperName(code); paper != nil {
		return paper
	}
	return furtherDef(t, code, name).Name
}

func furtherDef(t *permittypes.Type, code, name string) permittypes.Material {
	if i := slices.IndexFunc(t.Materials, func(m permittypes.Material) bool { return m.Code == code }); i >= 0 {
		m := t.Materials[i]
		m.Required, m.HeldFrom = true, ""
		return m
	}
	return permittypes.Material{Code: code, Name: i18n.Text{i18n.ZhHant: name}, Required: true}
}

// further checks what is asked beside the checklist, and gives it as items that have
// to be corrected. Mistakes are named further.N.name and so on, N from 1.
func (s *Service) further(p *Part, asked []Further, known map[string]freshness, c *fault.Check) (list []*Item) {
	taken := 0 // numbers of materials that the type does not have
	for _, it := range p.Items {
		if n, err := strconv.Atoi(strings.TrimPrefix(it.Code, FurtherCode)); err == nil && strings.HasPrefix(it.Code, FurtherCode) {
			taken = max(taken, n)
		}
	}
	c.That(len(asked) <= FurtherMost, "further.1.name", "permit.further.many", "Most", FurtherMost)
	for i, f := range asked {
		field := func(name string) string { return "further." + strconv.Itoa(i+1) + "." + name }
		name, reason := strings.TrimSpace(f.Name), text.Lines(f.Reason)
		if name == "" && reason == "" {
			continue
		}
		c.That(name != "", field("name"), "permit.further.name")
		c.That(len([]rune(name)) <= furtherNameMost, field("name"), "case.text.long", "Max", furtherNameMost)
		c.That(reason != "", field("reason"), "permit.reason.required")
		c.That(len([]rune(reason)) <= cases.TextMost/5, field("reason"), "case.text.long", "Max", cases.TextMost/5)
		listed := slices.ContainsFunc(p.Items, func(it Item) bool { return called(it.Name, name) }) || slices.ContainsFunc(list, func(it *Item) bool { return called(it.Name, name) })
		c.That(!listed, field("name"), "permit.further.listed")
		arises := f.From != "" && slices.ContainsFunc(p.Items, func(it Item) bool { return it.Code == f.From && it.Given() && known[it.Now.ID].changed })
		c.That(f.From == "" || arises, field("from"), "permit.further.from.wrong")
		it := &Item{Asked: reason, arises: f.From}
		it.lies = p.place(it, "", known, c)
		if m := slices.IndexFunc(p.Type.Materials, func(m permittypes.Material) bool { return called(m.Name, name) }); m >= 0 {
			it.Material = furtherDef(p.Type, p.Type.Materials[m].Code, "")
		} else {
			taken++
			it.Material = furtherDef(p.Type, FurtherCode+strconv.Itoa(taken), name)
		}
		list = append(list, it)
	}
	return list
}

// called says whether a material has a name, in any language.
func called(names i18n.Text, name string) bool {
	for _, one := range names {
		if one == name {
			return true
		}
	}
	return false
}

// wanted gives what a notice asks for the version that the applicant fills, in the
// open transaction, and writes what was not on the checklist.
func (s *Service) wanted(ctx context.Context, p *Part, n *Notice, it *Item) error {
	if it.Given() {
		return nil
	}
	listed := slices.ContainsFunc(p.Items, func(known Item) bool { return known.Code == it.Code })
	if !listed {
		f := furtherMaterial{ApplicationID: p.Application.ID, Code: it.Code, NoticeID: n.ID, Name: it.Name.In(i18n.ZhHant), ArisesFrom: it.arises}
		if err := s.DB.From(ctx).Create(&f).Error; err != nil {
			return fmt.Errorf("ask for a further material: %w", db.Fault(err, "", "permit.changed"))
		}
	}
	m, err := s.version(ctx, p.Application, it.Code)
	it.Now = m
	return err
}
