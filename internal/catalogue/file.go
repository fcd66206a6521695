package catalogue

import (
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
)

// ReadContent reads a catalogue file (docs/catalogue.md). A key that the format
// does not know is an error, so that a typing error does not lose data.
func ReadContent(from io.Reader) (Content, error) {
	var c Content
	raw, err := io.ReadAll(from)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, &c, yaml.Strict())
	}
	if err != nil {
		return c, fmt.Errorf("read a catalogue file: %w", err)
	}
	return c, nil
}

// Write writes the content as a catalogue file.
func (c Content) Write(to io.Writer) error {
	if err := yaml.NewEncoder(to, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true)).Encode(c); err != nil {
		return fmt.Errorf("write a catalogue file: %w", err)
	}
	return nil
}

// Join puts several files into one content: what one of them says about its
// source and its first day holds for its own items.
func Join(files ...Content) Content {
	if len(files) == 1 {
		return files[0]
	}
	var all Content
	for _, f := range files {
		first := func(l *Life) {
			if l.ValidFrom == nil && f.ValidFrom != 0 {
				l.ValidFrom = &f.ValidFrom
			}
		}
		for i := range f.Units {
			first(&f.Units[i].Life)
		}
		for i := range f.Fields {
			first(&f.Fields[i].Life)
		}
		for i := range f.Matters {
			first(&f.Matters[i].Life)
		}
		for i := range f.Situations {
			first(&f.Situations[i].Life)
		}
		for i := range f.Rules {
			first(&f.Rules[i].Life)
		}
		if all.Source == "" {
			all.Source = f.Source
		}
		all.Units, all.Fields, all.Matters = append(all.Units, f.Units...), append(all.Fields, f.Fields...), append(all.Matters, f.Matters...)
		all.Situations, all.Rules = append(all.Situations, f.Situations...), append(all.Rules, f.Rules...)
	}
	return all
}

// Content describes everything in the catalogue as a file would, ended items
// too. district gives the code of a district's id.
func (s *Snapshot) Content(district func(id string) string) (Content, error) {
	w := describing{s, district}
	var c Content
	for _, u := range s.Units {
		c.Units = append(c.Units, w.unit(u))
	}
	for _, f := range s.Fields {
		c.Fields = append(c.Fields, FieldDef{Life: w.life(f.Record), Name: f.Name, Summary: f.Summary, SevenHaves: f.SevenHaves, Position: f.Position})
	}
	for _, m := range s.Matters {
		d, err := w.matter(m)
		if err != nil {
			return c, err
		}
		c.Matters = append(c.Matters, d)
	}
	for _, x := range s.Situations {
		c.Situations = append(c.Situations, SituationDef{Life: w.life(x.Record), Name: x.Name, Summary: x.Summary, Keywords: x.Keywords,
			Matters: x.MatterCodes, Position: x.Position})
	}
	for _, r := range s.Rules {
		c.Rules = append(c.Rules, RuleDef{Life: w.life(r.Record), Name: r.Name, Priority: r.Priority, Field: w.code(r.FieldID), Matter: w.code(r.MatterID),
			District: w.area(r.DistrictID), Kind: r.Kind, Unit: w.code(r.UnitID), TargetKind: r.TargetKind, TargetDuty: r.TargetDuty, Reason: r.Reason})
	}
	return c, nil
}
