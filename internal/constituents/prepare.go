package constituents

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Contact is who somebody is and how to reach them, in the clear, as typed.
// The zero Kind is Person. All else may be empty.
type Contact struct {
	Kind    Kind
	Name    string
	Phone   string
	Email   string
	Address string
}

func (c Contact) values() []struct {
	kind  PointKind
	value string
} {
	return []struct {
		kind  PointKind
		value string
	}{{Phone, c.Phone}, {Email, c.Email}, {Address, c.Address}}
}

// Rows are a new constituent, sealed and ready to be stored.
type Rows struct {
	key    vault.KeyRow
	person row
	points []point
	open   *vault.Key
	facts  bool // stored with what else is known, in columns of their own
	ids    []idRow
	needs  []Need
	ties   []Relation
}

// Facts are what is known of a new constituent beside the contact.
type Facts struct {
	Profile // Source is of all of it

	Needs   []NeedKind
	Number  *Document
	Related RelationKind // to whom this one is the next
	To      string
	Proven  bool // the mail address
}

// ConstituentID is the id that the rows will have.
func (r Rows) ConstituentID() string { return r.person.ID }

// Prepare seals a new constituent under a fresh key without touching the
// database, for operations that store everything in one statement.
func (s *Service) Prepare(_ context.Context, c Contact, locale string) (Rows, error) {
	now := s.Now().UTC()
	key, keyRow, err := s.Vault.Mint(vault.OwnerConstituent)
	if err != nil {
		return Rows{}, err
	}
	r := Rows{key: keyRow, open: key, person: row{ID: db.NewID(now), Kind: c.Kind, VaultKeyID: keyRow.ID, Locale: language(locale), Version: 1, CreatedAt: now}}
	if r.person.Kind == "" {
		r.person.Kind = Person
	}
	r.person.NameIndex, r.person.NameParts = s.marks(r.person.Kind, c.Name)
	if r.person.NameCipher, err = key.Seal(purposeName, []byte(text.Line(c.Name))); err != nil {
		return Rows{}, err
	}
	for _, v := range c.values() {
		if strings.TrimSpace(v.value) == "" {
			continue
		}
		p, err := s.seal(key, r.person.ID, v.kind, v.value, now)
		if err != nil {
			return Rows{}, err
		}
		r.points = append(r.points, p)
	}
	return r, nil
}

func (s *Service) seal(key *vault.Key, constituentID string, kind PointKind, value string, now time.Time) (point, error) {
	cipher, err := key.Seal(kind.purpose(), []byte(s.normal(kind, value)))
	return point{ID: db.NewID(now), ConstituentID: constituentID, Kind: kind, ValueCipher: cipher, BlindIndex: s.index(kind, value), MatchIndex: s.placeIndex(kind, value),
		ValidFrom: now, LinkKey: s.Vault.CurrentKey(), Generation: 1, Version: 1}, err
}

// With adds what is known of a new constituent, before the rows are stored. The
// number must be in its normal form.
func (s *Service) With(r Rows, f Facts) (_ Rows, err error) {
	p, now := &r.person, r.person.CreatedAt
	r.facts, p.Source = true, f.Source
	p.BirthYear, p.DistrictCode, p.EstablishedOn = number(f.BirthYear), db.Ref(f.DistrictCode), f.EstablishedOn
	p.Stage, p.Industry = db.Ref(string(f.Stage)), db.Ref(f.Industry)
	for i := range r.points {
		if f.Proven && r.points[i].Kind == Email {
			r.points[i].VerifiedAt = &now
		}
	}
	for _, kind := range f.Needs {
		r.needs = append(r.needs, Need{ID: db.NewID(now), ConstituentID: p.ID, Kind: kind, ValidFrom: now, Source: f.Source, Version: 1})
	}
	if f.Related != "" {
		r.ties = append(r.ties, Relation{ID: db.NewID(now), FromID: p.ID, ToID: f.To, Kind: f.Related, ValidFrom: now, Source: f.Source, Version: 1})
	}
	if d := f.Number; d != nil {
		one := idRow{ID: db.NewID(now), ConstituentID: p.ID, Kind: d.Kind, BlindIndex: s.Vault.BlindIndex(d.Kind.purpose(), d.Value), ValidFrom: now, Version: 1}
		if one.ValueCipher, err = r.open.Seal(d.Kind.purpose(), []byte(d.Value)); err != nil {
			return r, err
		}
		if d.Seen {
			one.VerifiedAt = &now
		}
		r.ids = append(r.ids, one)
	}
	return r, nil
}

const (
	factColumns  = rowColumns + ", birth_year, district_code, established_on, stage, industry, source"
	rowColumns   = "id, kind, vault_key_id, name_cipher, name_index, name_parts, locale, version, created_at"
	pointColumns = "id, constituent_id, kind, value_cipher, blind_index, match_index, preferred, verified_at, valid_from, link_key, generation, version"
)

// Stmts are the INSERTs that store the rows, for db.InsertAll.
func (r Rows) Stmts() []db.Stmt {
	p := r.person
	stmts := make([]db.Stmt, 0, 2+len(r.points))
	if r.facts {
		stmts = append(stmts, r.key.Insert(), db.Insert("constituents", factColumns, p.ID, p.Kind, p.VaultKeyID, p.NameCipher, p.NameIndex, p.NameParts, p.Locale, p.Version, p.CreatedAt,
			p.BirthYear, p.DistrictCode, p.EstablishedOn, p.Stage, p.Industry, p.Source))
	} else {
		stmts = append(stmts, r.key.Insert(),
			db.Insert("constituents", rowColumns, p.ID, p.Kind, p.VaultKeyID, p.NameCipher, p.NameIndex, p.NameParts, p.Locale, p.Version, p.CreatedAt))
	}
	for _, p := range r.points {
		stmts = append(stmts, p.insert())
	}
	for _, x := range r.ids {
		stmts = append(stmts, x.insert())
	}
	for _, x := range r.needs {
		stmts = append(stmts, x.insert())
	}
	for _, x := range r.ties {
		stmts = append(stmts, x.insert())
	}
	return stmts
}

func (p point) insert() db.Stmt {
	return db.Insert("contact_points", pointColumns, p.ID, p.ConstituentID, p.Kind, p.ValueCipher, p.BlindIndex, p.MatchIndex, p.Preferred, p.VerifiedAt,
		p.ValidFrom, p.LinkKey, p.Generation, p.Version)
}

// Insert stores prepared rows; the caller's own audit entry covers them.
func (s *Service) Insert(ctx context.Context, r Rows) error {
	if err := s.DB.InsertAll(ctx, r.Stmts()...); err != nil {
		return fmt.Errorf("store a constituent: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Create stores a new constituent with an audit entry and gives its id. Nobody
// is looked for first: an address alone does not prove who somebody is.
func (s *Service) Create(ctx context.Context, c Contact, locale string) (string, error) {
	r, err := s.Prepare(ctx, c, locale)
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.Insert(ctx, r); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.create", Kind: "constituent", ID: r.person.ID, Fields: r.fields()})
	})
	if err != nil {
		return "", err
	}
	return r.person.ID, nil
}

func (r Rows) fields() []audit.Change {
	var fields []audit.Change
	if len(r.person.NameCipher) > 0 {
		fields = append(fields, audit.Change{Field: "name"})
	}
	for _, p := range r.points {
		fields = append(fields, audit.Change{Field: string(p.Kind)})
	}
	return fields
}
