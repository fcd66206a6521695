package demo

import (
	"math/rand/v2"
	"slices"

	"minqing/internal/i18n"
)

// UnknownSlots names the slots of any text that no words would fill.
func (w *Writer) UnknownSlots() []string {
	found := map[string]bool{}
	for _, all := range []map[string]bodies{w.texts, w.generic} {
		for _, texts := range all {
			for _, list := range texts {
				for _, b := range list {
					b.title.slots(found)
					b.text.slots(found)
				}
			}
		}
	}
	for _, texts := range w.replies {
		for _, list := range texts {
			for _, t := range list {
				t.slots(found)
			}
		}
	}
	var unknown []string
	r := rand.New(rand.NewPCG(1, 1))
	for slot := range found {
		for _, lang := range i18n.Langs {
			if _, ok := w.words.value(r, slot, lang); !ok && !slices.Contains([]string{"matter", "district", "unit"}, slot) {
				unknown = append(unknown, slot+" "+string(lang))
			}
		}
	}
	slices.Sort(unknown)
	return unknown
}

// slots names every slot of the template.
func (t template) slots(found map[string]bool) {
	for _, p := range t {
		if p.slot != "" {
			found[p.slot] = true
		}
		for _, c := range p.choice {
			c.slots(found)
		}
	}
}
