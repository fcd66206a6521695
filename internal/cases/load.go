package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/idcode"
)

// errMissing answers alike for a number that does not exist, one that the
// actor may not know of, and a wrong query code.
var errMissing = fault.New(fault.NotFound, "case.missing")

// find reads a case by its number, however it was typed.
func (s *Service) find(ctx context.Context, caseNo string) (*Case, error) {
	n, err := idcode.ParseCaseNumber(caseNo)
	if err != nil {
		return nil, errMissing
	}
	var c Case
	err = s.DB.From(ctx).Where("case_no = ?", n.String()).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", db.Fault(err, "", ""))
	}
	return &c, nil
}

// loadFor reads a case and its units when the verb covers it, else NotFound.
func (s *Service) loadFor(ctx context.Context, caseNo string, v access.Verb) (*Case, []unitState, error) {
	c, units, _, _, err := s.loadObject(ctx, caseNo, v)
	return c, units, err
}

// loaded is a case with what tells whether more of it is to be read.
type loaded struct {
	Case
	HasFiles bool
}

var readCase = "SELECT " + db.Columns[Case]() + ", " + files.Has(files.Case, "cases.id") + " AS has_files FROM cases WHERE case_no = ?"

// concerned is a unit that has the case or had it, or somebody who takes part.
type concerned struct {
	Since *time.Time // of a party nil
	ID    string     // orders those of one moment
	Open  bool
	Party
}

// since puts parties before every unit.
func (w concerned) since() (at time.Time) {
	if w.Since != nil {
		at = *w.Since
	}
	return at
}

// readConcerned asks for both kinds at once, since every opened case needs both;
// apart puts them in order.
func readConcerned(this db.Sub) string {
	return "SELECT since, unit_id AS id, open, role, NULL AS constituent_id, unit_id, unit_path AS path, NULL AS account_id, NULL AS name_cipher, '' AS relation" +
		" FROM case_units WHERE case_id = (" + this.SQL + ") UNION ALL SELECT NULL, p.id, FALSE, p.role, p.constituent_id, p.unit_id," +
		" (SELECT u.path FROM units u WHERE u.id = p.unit_id), p.account_id, p.name_cipher, p.relation FROM case_parties p WHERE p.case_id = (" + this.SQL + ")"
}

// apart puts them in order, units by when they came, and says what access makes of them.
func apart(with []concerned) (units []unitState, about []Party, o access.Object) {
	slices.SortFunc(with, func(a, b concerned) int {
		return cmp.Or(a.since().Compare(b.since()), cmp.Compare(a.ID, b.ID))
	})
	for _, w := range with {
		if w.Since != nil {
			units = append(units, unitState{*w.UnitID, w.Role, *w.Path, w.Open})
			o.UnitPaths = append(o.UnitPaths, *w.Path)
			continue
		}
		about = append(about, w.Party)
		if w.Role == RoleSubject && w.Path != nil {
			o.SubjectPaths = append(o.SubjectPaths, *w.Path)
		}
		if w.Role == RoleSubject && w.AccountID != nil {
			o.SubjectAccounts = append(o.SubjectAccounts, *w.AccountID)
		}
	}
	return units, about, o
}

// question asks for more of a case, whose id this selects.
type question func(this db.Sub) []db.Read

// loadObject is loadFor that also gives who takes part, and the case as access
// sees it.
func (s *Service) loadObject(ctx context.Context, caseNo string, v access.Verb) (*Case, []unitState, []Party, access.Object, error) {
	c, units, about, o, err := s.loadWith(ctx, caseNo, v)
	if err != nil {
		return nil, nil, nil, o, err
	}
	return &c.Case, units, about, o, nil
}

// loadWith is loadObject that asks for more about the case in the same round trip. What
// came is nothing to show before loadWith has returned without an error.
func (s *Service) loadWith(ctx context.Context, caseNo string, v access.Verb, also ...question) (*loaded, []unitState, []Party, access.Object, error) {
	n, err := idcode.ParseCaseNumber(caseNo)
	if err != nil {
		return nil, nil, nil, access.Object{}, errMissing
	}
	this := s.known.is(n.String())
	var found []loaded
	var with []concerned
	reads := []db.Read{db.Rows(&found, readCase, n.String()),
		db.Rows(&with, readConcerned(this), append(slices.Clone(this.Args), this.Args...)...)}
	for _, ask := range also {
		reads = append(reads, ask(this)...)
	}
	if err := s.DB.Together(ctx, reads...); err != nil {
		return nil, nil, nil, access.Object{}, fmt.Errorf("read the case: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil, nil, access.Object{}, errMissing
	}
	units, about, o := apart(with)
	on := o
	if v == access.CaseReveal {
		if on, err = s.revealing(ctx, o, units); err != nil {
			return nil, nil, nil, o, err
		}
	}
	switch err := s.Access.CanOn(ctx, v, on); {
	case fault.KindOf(err) == fault.Forbidden && err != nil:
		if (v == access.CaseReveal || v == access.CaseExport) && s.Access.CanOn(ctx, access.CaseRead, o) == nil {
			return nil, nil, nil, o, err // the case itself is no secret to them
		}
		return nil, nil, nil, o, s.refusal(ctx, o)
	case err != nil:
		return nil, nil, nil, o, err
	}
	s.known.keep(&found[0].Case)
	return &found[0], units, about, o, nil
}

// revealing narrows the case to the units for which people are shown in the
// clear: those that have it now, and the intake desk, which is called back by the
// people it took in. A unit that returned the case has no more use for them.
func (s *Service) revealing(ctx context.Context, o access.Object, units []unitState) (access.Object, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return o, err
	}
	o.UnitPaths = nil
	for _, u := range units {
		one, err := snap.Unit(u.UnitID)
		if u.Role != "past" || err == nil && one.Duty == catalogue.DutyIntake {
			o.UnitPaths = append(o.UnitPaths, u.UnitPath)
		}
	}
	return o, nil
}

// refusal is why a case cannot be reached.
func (s *Service) refusal(ctx context.Context, o access.Object) error {
	interested, err := s.Access.Interested(ctx, o)
	switch {
	case err != nil:
		return err
	case interested:
		return errInterested
	}
	return errMissing
}

func (s *Service) unitsOf(ctx context.Context, caseID string) ([]unitState, error) {
	var units []unitState
	err := s.DB.From(ctx).Raw("SELECT unit_id, role, unit_path, open FROM case_units WHERE case_id = ? ORDER BY since, unit_id", caseID).Scan(&units).Error
	if err != nil {
		return nil, fmt.Errorf("read the units of the case: %w", db.Fault(err, "", ""))
	}
	return units, nil
}

// acting narrows the case to the units that may do it. A unit that had the case
// once reads on and may add a note, and so does one that takes part; what a joint
// unit does for its part is its own, pictures are blacked out by whoever has the case,
// and everything else is the lead's and of the unit that an appeal was made to.
func acting(o access.Object, units []unitState, v access.Verb) access.Object {
	if v == access.CaseNote {
		return o
	}
	own := v == access.CaseJointSignIn || v == access.CaseJointAnswer
	both := v == access.CaseBlackOut
	o.UnitPaths = nil
	for _, u := range units {
		if (own || both) && u.Role == "joint" && u.Open || !own && (u.Role == "lead" || u.Role == "supervising") {
			o.UnitPaths = append(o.UnitPaths, u.UnitPath)
		}
	}
	return o
}
