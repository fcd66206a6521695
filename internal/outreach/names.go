package outreach

import (
	"context"

	"minqing/internal/i18n"
	"minqing/internal/place"
)

// Named is a value that a parameter may take: a code and what it is called. One
// that is Below belongs to the one before it that is not.
type Named struct {
	Code  string
	Name  i18n.Text
	Below bool
}

// Names are the matters, districts and permit types that definitions may speak of
// today.
type Names struct{ Matters, Districts, Permits []Named }

// Names lists them in the order of forms.
func (s *Service) Names(ctx context.Context) (out Names, err error) {
	w, err := s.world(ctx)
	if err != nil {
		return out, err
	}
	for _, f := range w.snap.Fields {
		if !f.On(w.today) {
			continue
		}
		out.Matters = append(out.Matters, Named{Code: f.Code, Name: f.Name})
		for _, m := range w.snap.MattersOn(w.today, f.Code) {
			out.Matters = append(out.Matters, Named{Code: m.Code, Name: m.Name, Below: true})
		}
	}
	for _, d := range w.areas.At(place.Borough, "", w.today) {
		out.Districts = append(out.Districts, Named{Code: d.Code, Name: d.Name})
		for _, sub := range w.areas.At(place.Subdistrict, d.ID, w.today) {
			out.Districts = append(out.Districts, Named{Code: sub.Code, Name: sub.Name, Below: true})
		}
	}
	for _, t := range w.permits {
		out.Permits = append(out.Permits, Named{Code: t.Code, Name: t.Name})
	}
	return out, nil
}
