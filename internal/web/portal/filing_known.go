package portal

import (
	"slices"

	"minqing/internal/cases"
	"minqing/internal/place"
)

// known offers published questions about the same matter nearby before another
// case is filed. Reports are nobody's to join, and staff write down what they
// are told.
func (h *filingPages) known(w *work) ([]voiceRow, error) {
	if h.Voices == nil || w.matter == nil || w.staff() || w.sheet.Kind == string(cases.Report) {
		return nil, nil
	}
	ctx := w.c.Request.Context()
	areas, err := h.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	at := w.district(areas)
	if at == nil && slices.Contains(w.steps, stepWhere) {
		return nil, nil // one with a place that we do not know: anything could be far away
	}
	found, err := h.Voices.Known(ctx, w.matter.ID, at)
	if err != nil {
		return nil, err
	}
	var rows []voiceRow
	for i := range found {
		rows = append(rows, rowOfVoice(&found[i], w.city.snap, areas))
	}
	return rows, nil
}

// district is the id of that in which the draft's place lies; nil when it says none.
func (w *work) district(areas *place.Map) *string {
	if lat, lng := degrees(w.sheet.Lat), degrees(w.sheet.Lng); lat != nil && lng != nil {
		if d, err := areas.Locate(*lat, *lng, w.city.day); err == nil {
			return &d.ID
		}
	}
	if d, err := areas.District(w.sheet.District); err == nil {
		return &d.ID
	}
	return nil
}
