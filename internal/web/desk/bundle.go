package desk

import (
	"context"

	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// bundleCard says of an application what else was applied for with it, as far as the
// reader may see.
type bundleCard struct {
	Event *permittypes.Event
	Rows  []bundleRow
	None  bool // the reader sees no other part
}

type bundleRow struct {
	Href string
	No   string
	Name web.Words
	Unit web.Words
	Chip web.Chip
	Own  bool
}

// bundleOf is the card of a case; nil for one that stands alone.
func (p *casePage) bundleOf(ctx context.Context, caseID string) (*bundleCard, error) {
	if p.Permits == nil || p.Permits.Events == nil {
		return nil, nil //nolint:nilnil // nothing is applied for in one go
	}
	e, list, err := p.Permits.Siblings(ctx, caseID)
	if err != nil || e == nil {
		return nil, err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	card := &bundleCard{Event: e, None: len(list) < 2}
	for _, s := range list {
		row := bundleRow{Href: "/desk/cases/" + s.CaseNo, No: s.CaseNo, Name: web.Data(s.Type.Name), Chip: bundleChip(s.State), Own: s.Own}
		if u, err := snap.Unit(s.UnitID); err == nil {
			row.Unit = web.Data(u.Name)
		}
		card.Rows = append(card.Rows, row)
	}
	return card, nil
}

func bundleChip(s permits.State) web.Chip {
	tone := web.ToneInfo
	switch s {
	case permits.Correcting:
		tone = web.ToneDue
	case permits.Granted:
		tone = web.ToneDone
	case permits.Refused, permits.NotAccepted:
		tone = web.ToneOver
	case permits.Withdrawn, permits.Draft:
		tone = web.ToneNone
	}
	return web.Chip{Tone: tone, Words: web.Say("permit.state." + string(s))}
}
