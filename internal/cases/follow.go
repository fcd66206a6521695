package cases

import (
	"context"
	"fmt"
	"strings"

	"minqing/internal/access"
	"minqing/internal/db"
)

// follow takes the cases of a unit that goes elsewhere in the tree along, and of
// all units below it: who may read a case is told by the paths of its units, and
// so is where the search finds it.
func (s *Service) follow(ctx context.Context, from, to string) error {
	for _, move := range []struct{ from, to string }{{from, to}, {access.Sealed(from), access.Sealed(to)}} {
		end := strings.TrimSuffix(move.from, "/") + "0" // "0" follows "/" in byte order
		err := s.DB.From(ctx).Exec("INSERT INTO case_search_due (case_id) SELECT DISTINCT case_id FROM case_units WHERE unit_path >= ? AND unit_path < ?", move.from, end).Error
		if err == nil {
			err = s.DB.From(ctx).Exec("UPDATE case_units SET unit_path = ? || substr(unit_path, ?) WHERE unit_path >= ? AND unit_path < ?",
				move.to, len(move.from)+1, move.from, end).Error
		}
		if err != nil {
			return fmt.Errorf("take the cases of a moved unit along: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}
