package constituents

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/idcode"
)

// Known is all that is known of somebody, and of those who were joined to them:
// masked, or in the clear after Uncover.
type Known struct {
	View
	Profile
	Points    []Point
	Numbers   []Number
	Needs     []Need
	Relations []Relation
	Notes     []Note
}

// Point is one way to reach somebody, of now or of before.
type Point struct {
	ID            string
	ConstituentID string
	Kind          PointKind
	Value         string
	Preferred     bool
	VerifiedAt    *time.Time
	BouncedAt     *time.Time
	ValidFrom     time.Time
	ValidTo       *time.Time
	Version       int64
}

// Over says whether the point is no longer used.
func (p Point) Over(now time.Time) bool { return p.ValidTo != nil && !p.ValidTo.After(now) }

// Number is one number of identity.
type Number struct {
	ID            string
	ConstituentID string
	Kind          IDKind
	Value         string
	VerifiedAt    *time.Time
	ValidFrom     time.Time
	ValidTo       *time.Time
	Version       int64
}

// Note is a note about somebody.
type Note struct {
	ID            string
	ConstituentID string
	UnitID        *string
	AccountID     *string
	Text          string
	Purpose       NotePurpose
	KeepUntil     calendar.Date
	CreatedAt     time.Time
	Version       int64
}

// Known shows all that is known of somebody, masked. ids are the person and
// those who were joined to them, the person first. Notes are not masked: who may
// read them is the caller's question.
func (s *Service) Known(ctx context.Context, ids []string) (*Known, error) {
	k, err := s.known(ctx, ids)
	if err != nil {
		return nil, err
	}
	k.View = k.View.mask()
	for i := range k.Points {
		k.Points[i].Value = maskPoint(k.Points[i])
	}
	for i, n := range k.Numbers {
		if n.Kind != USCC && n.Kind != TaiwanUBN { // which are public
			k.Numbers[i].Value = idcode.MaskID(n.Value)
		}
	}
	return k, nil
}

func maskPoint(p Point) string {
	switch p.Kind {
	case Phone:
		return idcode.MaskPhone(p.Value)
	case Email:
		return idcode.MaskEmail(p.Value)
	}
	return idcode.MaskAddress(p.Value)
}

// rows is what the tables hold of somebody.
type rows struct {
	people []row
	points []point
	ids    []idRow
	needs  []Need
	ties   []Relation
	notes  []noteRow
}

func (s *Service) known(ctx context.Context, ids []string) (*Known, error) {
	if len(ids) == 0 {
		return nil, errMissing
	}
	var r rows
	err := s.DB.Together(ctx,
		db.Rows(&r.people, "SELECT "+db.Columns[row]()+" FROM constituents WHERE id = ?", ids[0]),
		db.Rows(&r.points, "SELECT "+db.Columns[point]()+" FROM contact_points WHERE constituent_id IN ? ORDER BY valid_from DESC, id DESC", ids),
		db.Rows(&r.ids, "SELECT "+db.Columns[idRow]()+" FROM constituent_ids WHERE constituent_id IN ? ORDER BY valid_from DESC, id DESC", ids),
		db.Rows(&r.needs, "SELECT "+db.Columns[Need]()+" FROM constituent_needs WHERE constituent_id IN ? ORDER BY valid_from, id", ids),
		db.Rows(&r.ties, "SELECT "+db.Columns[Relation]()+" FROM constituent_relations WHERE from_id IN ? OR to_id IN ? ORDER BY valid_from, id", ids, ids),
		db.Rows(&r.notes, "SELECT "+db.Columns[noteRow]()+" FROM constituent_notes WHERE constituent_id IN ? AND keep_until >= ? ORDER BY id DESC", ids, s.today()))
	if err != nil {
		return nil, fmt.Errorf("read what is known of somebody: %w", db.Fault(err, "constituents.missing", ""))
	}
	if len(r.people) == 0 {
		return nil, errMissing
	}
	return s.opened(ctx, r)
}

// opened reads the ciphertexts. Of somebody erased they are empty.
func (s *Service) opened(ctx context.Context, r rows) (*Known, error) {
	sealed := [][]byte{r.people[0].NameCipher}
	for _, p := range r.points {
		sealed = append(sealed, p.ValueCipher)
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		return nil, err
	}
	p := r.people[0]
	k := &Known{Profile: p.profile(), Needs: r.needs, Relations: r.ties}
	k.View = View{ID: p.ID, Kind: p.Kind, Locale: p.Locale, Erased: p.ErasedAt != nil, ErasedAt: p.ErasedAt}
	var err error
	if k.Name, err = s.open(ctx, purposeName, p.NameCipher, &k.View); err != nil {
		return nil, err
	}
	for _, x := range r.points {
		one := Point{ID: x.ID, ConstituentID: x.ConstituentID, Kind: x.Kind, Preferred: x.Preferred, VerifiedAt: x.VerifiedAt, BouncedAt: x.BouncedAt,
			ValidFrom: x.ValidFrom, ValidTo: x.ValidTo, Version: x.Version}
		if one.Value, err = s.open(ctx, x.Kind.purpose(), x.ValueCipher, &k.View); err != nil {
			return nil, err
		}
		k.Points = append(k.Points, one)
	}
	for _, x := range r.ids {
		one := Number{ID: x.ID, ConstituentID: x.ConstituentID, Kind: x.Kind, VerifiedAt: x.VerifiedAt, ValidFrom: x.ValidFrom, ValidTo: x.ValidTo, Version: x.Version}
		if one.Value, err = s.open(ctx, x.Kind.purpose(), x.ValueCipher, &k.View); err != nil {
			return nil, err
		}
		k.Numbers = append(k.Numbers, one)
	}
	for _, x := range r.notes {
		one := Note{ID: x.ID, ConstituentID: x.ConstituentID, UnitID: x.UnitID, AccountID: x.AccountID, Purpose: x.Purpose, KeepUntil: x.KeepUntil, CreatedAt: x.CreatedAt, Version: x.Version}
		if one.Text, err = s.open(ctx, purposeOfNote, x.BodyCipher, &k.View); err != nil {
			return nil, err
		}
		k.Notes = append(k.Notes, one)
	}
	return k, nil
}
