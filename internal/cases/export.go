package cases

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/audit"
)

// Export is View for somebody who takes the case out of the house as a file. It
// is noted before anything is handed over: in the trail, and in the log of what
// was read of people, by the number alone, so that neither tells who is hidden.
func (s *Service) Export(ctx context.Context, caseNo string) (*View, error) {
	v, err := s.ViewFor(ctx, caseNo, access.CaseExport)
	if err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.Audit.Read(ctx, "case", v.CaseNo, []string{"masked", "file"}, ""); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "case.export", Kind: "case", ID: v.CaseNo})
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}
