package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// For is somebody else in whose name the actor may see cases: an enterprise that
// they are a member or an agent of.
type For struct {
	ConstituentID string
	Speaks        bool // may file, answer, withdraw and judge, not only read
	OwnOnly       bool // sees of it only what they filed themselves
}

// Represented knows for whom the actor may act. The package of enterprises fills it.
type Represented interface {
	// Acting is for whom the actor chose to act now; nil: for themselves.
	Acting(ctx context.Context) (*For, error)
	// Of is by what the actor may see cases of a constituent; nil: by nothing.
	Of(ctx context.Context, constituentID string) (*For, error)
}

// ErrReader refuses what a reader of an enterprise may not do for it.
var ErrReader = fault.New(fault.Forbidden, "case.for.reader")

// Acting is for whom the actor acts now; nil without anybody else.
func (s *Service) Acting(ctx context.Context) (*For, error) {
	if s.Represented == nil || actor.From(ctx).Kind != actor.Citizen {
		return nil, nil //nolint:nilnil // for themselves
	}
	return s.Represented.Acting(ctx)
}

// Selves are the constituents as whom the actor asks now: the enterprise that they
// act for, else themselves with all that was joined to them.
func (s *Service) Selves(ctx context.Context) ([]string, error) {
	ids, _, err := s.selves(ctx)
	return ids, err
}

func (s *Service) selves(ctx context.Context) ([]string, *For, error) {
	as, err := s.Acting(ctx)
	if err != nil {
		return nil, nil, err
	}
	who := actor.From(ctx).ConstituentID
	if as != nil {
		who = as.ConstituentID
	}
	ids, err := s.Constituents.Family(ctx, who)
	return ids, as, err
}

// own narrows cases to those of the actor, as whom they act now. table is the name
// of the cases in the query.
func (s *Service) own(ctx context.Context, table string) (where string, args []any, err error) {
	me, as, err := s.selves(ctx)
	if err != nil || len(me) == 0 {
		return "", nil, err
	}
	where, args = table+".id IN (SELECT case_id FROM case_parties WHERE constituent_id IN ? AND role = 'requester')", []any{me}
	if as != nil && as.OwnOnly {
		where += " AND " + table + ".id IN (SELECT case_id FROM case_parties WHERE constituent_id = ? AND role = 'agent')"
		args = append(args, actor.From(ctx).ConstituentID)
	}
	return where, args, nil
}

// mine says whether a case is the actor's: their own, or of an enterprise that they
// may see it for, whatever they act as now. as is nil for their own.
func (s *Service) mine(ctx context.Context, c *Case) (mine bool, as *For, err error) {
	a := actor.From(ctx)
	me, err := s.Constituents.Family(ctx, a.ConstituentID)
	if err != nil || len(me) == 0 {
		return false, nil, err
	}
	var parties []Party
	err = s.DB.From(ctx).Raw("SELECT role, constituent_id FROM case_parties WHERE case_id = ? AND role IN ('requester', 'agent') AND constituent_id IS NOT NULL ORDER BY id", c.ID).
		Scan(&parties).Error
	if err != nil {
		return false, nil, fmt.Errorf("read who filed: %w", db.Fault(err, "", ""))
	}
	filed := slices.ContainsFunc(parties, func(p Party) bool { return p.Role == RoleAgent && slices.Contains(me, *p.ConstituentID) })
	for _, p := range parties {
		if p.Role != RoleRequester {
			continue
		}
		if slices.Contains(me, *p.ConstituentID) {
			return true, nil, nil
		}
		if s.Represented == nil || a.Kind != actor.Citizen {
			continue
		}
		as, err := s.Represented.Of(ctx, *p.ConstituentID)
		if err != nil {
			return false, nil, err
		}
		if as != nil && (!as.OwnOnly || filed) {
			return true, as, nil
		}
	}
	return false, nil, nil
}

// speaking is the context in which the actor acts on a case of theirs: the trail
// names the enterprise beside them. Who may only read is refused.
func (s *Service) speaking(ctx context.Context, k Key, c *Case) (context.Context, error) {
	if k.QueryCode != "" {
		return ctx, nil
	}
	_, as, err := s.mine(ctx, c)
	if err != nil || as == nil {
		return ctx, err
	}
	if !as.Speaks {
		return ctx, ErrReader
	}
	return as.In(ctx), nil
}

// In is the context in which the actor acts for somebody: the trail names them both.
func (f *For) In(ctx context.Context) context.Context {
	a := actor.From(ctx)
	a.ForID = f.ConstituentID
	return actor.With(ctx, a)
}

// filing says for whom the actor files, and is the context in which they do. What a
// whistle-blower reports is always their own: it may be about the enterprise.
func (s *Service) filing(ctx context.Context, f *Filing) (context.Context, error) {
	if f.requester != "" || f.Confidentiality == Whistle || f.Confidentiality == AnonymousFiler {
		return ctx, nil
	}
	as, err := s.Acting(ctx)
	if err != nil || as == nil {
		return ctx, err
	}
	if !as.Speaks {
		return ctx, ErrReader
	}
	f.represents = as.ConstituentID
	return as.In(ctx), nil
}

// RenewCodesOf gives every case of an enterprise a new query code, in the open
// transaction: somebody who had the old ones may act for it no more.
func (s *Service) RenewCodesOf(ctx context.Context, constituentID string) error {
	r := s.DB.From(ctx).Exec(`UPDATE cases SET code_key = ?, code_generation = code_generation + 1
 WHERE id IN (SELECT case_id FROM case_parties WHERE constituent_id = ? AND role = 'requester')`, s.Vault.CurrentKey(), constituentID)
	if r.Error != nil {
		return fmt.Errorf("renew the query codes of an enterprise: %w", db.Fault(r.Error, "", ""))
	}
	if r.RowsAffected == 0 {
		return nil
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "case.renew_codes", Kind: "constituent", ID: constituentID,
		Fields: []audit.Change{{Field: "cases", After: fmt.Sprint(r.RowsAffected)}}})
}
