package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/db"
)

// asking selects the cases that somebody asks in or for whom somebody asks: what
// their record shows. Cases that complain about them are not among these.
const asking = "SELECT pp.case_id FROM case_parties pp WHERE pp.constituent_id IN ? AND pp.role IN ('requester', 'beneficiary', 'agent', 'co_requester')"

// personal is what a record may show of cases c: those of somebody that the actor
// may read and in which they may know who asks. A whistle-blower's case never
// stands on a record, whoever looks at it.
func (s *Service) personal(ctx context.Context, family []string) (where string, args []any, err error) {
	scope, err := s.Access.Scope(ctx, access.CaseRead)
	if err != nil {
		return "", nil, err
	}
	hides, err := s.hides(ctx)
	if err != nil {
		return "", nil, err
	}
	inScope, values := seen(scope)
	where, args = "c.id IN ("+asking+") AND c.confidentiality <> ? AND "+inScope, slices.Concat([]any{family, Whistle}, values)
	if hides {
		where, args = where+" AND c.confidentiality <> ?", append(args, IdentityHidden)
	}
	return where, args, nil
}

// Asks says whether somebody asks in a case that the actor may read and in which
// they may know who asks. family is the person and who was joined to them.
func (s *Service) Asks(ctx context.Context, family []string) (bool, error) {
	where, args, err := s.personal(ctx, family)
	if err != nil || len(family) == 0 {
		return false, err
	}
	var found []string
	if err := s.DB.Together(ctx, db.Rows(&found, "SELECT c.id FROM cases c WHERE "+where+" LIMIT 1", args...)); err != nil {
		return false, fmt.Errorf("look whether somebody asks: %w", db.Fault(err, "", ""))
	}
	return len(found) > 0, nil
}
