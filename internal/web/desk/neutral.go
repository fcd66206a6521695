package desk

import (
	"context"
	"path"
	"slices"
	"strings"

	"minqing/internal/cases"
	"minqing/internal/files"
	"minqing/internal/i18n"
)

// neutral takes the filer's own words off the files of a case that does not tell
// who filed it: people name files after themselves. What was made from a file is
// called after it.
func (p *casePage) neutral(c *cases.Case, list []files.File) {
	if !c.Confidentiality.Sealed() {
		return
	}
	lang, came := i18n.Lang(c.Locale), 0
	stems, made := map[string]string{}, map[string]int{}
	for i := range list {
		f := &list[i]
		stem, known := stems[f.MadeFrom]
		if known {
			made[f.MadeFrom]++
			f.Name = p.blackName(lang, stem, made[f.MadeFrom]) + strings.ToLower(path.Ext(f.Name))
		} else {
			came++
			f.Name = files.Neutral(p.Words, lang, came, f.Name)
		}
		stems[f.ID] = strings.TrimSuffix(f.Name, path.Ext(f.Name))
	}
}

// nameOf is what staff read as the name of one file of a case.
func (p *casePage) nameOf(ctx context.Context, c *cases.Case, f *files.File) (string, error) {
	if !c.Confidentiality.Sealed() {
		return f.Name, nil
	}
	list, err := p.Files.List(ctx, f.Owner)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(list, func(one files.File) bool { return one.ID == f.ID }) {
		list = append(list, *f)
	}
	p.neutral(c, list)
	return list[slices.IndexFunc(list, func(one files.File) bool { return one.ID == f.ID })].Name, nil
}

// blackName is the stem of the n-th picture that was made from another.
func (p *casePage) blackName(lang i18n.Lang, stem string, n int) string {
	key := "desk.black.name"
	if n > 1 {
		key = "desk.black.name.more"
	}
	return p.Words.T(lang, key, i18n.Args{"Name": stem, "No": n})
}
