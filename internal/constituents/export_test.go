package constituents

import (
	"context"

	"minqing/internal/match"
)

// CandidatesOf is who may be the same as one, without masking: names of the
// benchmark cannot be opened.
func (m *Merging) CandidatesOf(ctx context.Context, id string) ([]Pair, error) {
	return m.candidates(ctx, id, match.Possible)
}

// LinksOf is the part of the search for pairs that looks at phones and mails.
var LinksOf = linked("contact_points", "blind_index", " = ?", "<>", " AND #.valid_to IS NULL AND #.kind <> 'address'")
