package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parse reads a locale file. It takes each line from the TOML parser as it comes:
// go-i18n's own way over a tree of maps takes three times as long, and a start waits
// for every message of a language.
func parse(fsys fs.FS, name string) ([]*i18n.Message, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var (
		list  []*i18n.Message
		forms *i18n.Message // whose plural forms come below; nil at the top
		lines unstable.Parser
	)
	for lines.Reset(raw); lines.NextExpression(); {
		e := lines.Expression()
		switch {
		case e.Kind == unstable.Table:
			forms = &i18n.Message{ID: dotted(e.Key())}
			list = append(list, forms)
		case e.Kind == unstable.KeyValue && forms == nil:
			m := &i18n.Message{ID: dotted(e.Key())}
			list = append(list, m)
			err = fill(m, e.Value())
		case e.Kind == unstable.KeyValue:
			err = addForm(forms, e)
		default:
			err = errors.New("want texts, and tables of plural forms")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := lines.Error(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// fill takes a text, or a table of plural forms on one line.
func fill(m *i18n.Message, value *unstable.Node) error {
	switch value.Kind {
	case unstable.String:
		m.Other = string(value.Data)
		return nil
	case unstable.InlineTable:
		for each := value.Children(); each.Next(); {
			if err := addForm(m, each.Node()); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: want a text or plural forms", m.ID)
}

func addForm(m *i18n.Message, e *unstable.Node) error {
	key, value := dotted(e.Key()), e.Value()
	at := slices.Index(pluralForms, key)
	if at < 0 || value.Kind != unstable.String {
		return fmt.Errorf("%s: want texts of %s, not %s", m.ID, strings.Join(pluralForms, ", "), key)
	}
	*[]*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other}[at] = string(value.Data)
	return nil
}

var pluralForms = []string{"zero", "one", "two", "few", "many", "other"}

func dotted(key unstable.Iterator) string {
	if !key.Next() {
		return ""
	}
	id := string(key.Node().Data)
	for key.Next() {
		id += "." + string(key.Node().Data)
	}
	return id
}
