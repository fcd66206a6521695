package constituents

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/match"
	"minqing/internal/vault"
)

// What keyed hashes that only compare are made for.
const (
	purposeWhole = "constituent.name.match"
	purposePart  = "constituent.name.part"
	purposePlace = "contact.address.match"
)

// marks are the keyed hashes of a name and of its parts; nil of none.
func (s *Service) marks(kind Kind, name string) (whole, parts []byte) {
	n := match.Person(name)
	if kind == Enterprise {
		n = match.Enterprise(name)
	}
	if n.Whole == "" {
		return nil, nil
	}
	return s.Vault.BlindIndex(purposeWhole, n.Whole), match.Pack(n.Parts, func(part string) []byte { return s.Vault.BlindIndex(purposePart, part) })
}

// placeIndex is what addresses are compared by; nil of other ways to reach somebody.
func (s *Service) placeIndex(kind PointKind, value string) []byte {
	if place := match.Address(value); kind == Address && place != "" {
		return s.Vault.BlindIndex(purposePlace, place)
	}
	return nil
}

// Marks are the keyed hashes by which names are compared.
type Marks struct{ s *Service }

// Marks gives them to a change of keys.
func (s *Service) Marks() Marks { return Marks{s} }

// Reindex brings the hashes of the next names and of their addresses under the
// current ring key, and makes those that are not there yet.
func (m Marks) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	s := m.s
	var rows []row
	if err := s.DB.From(ctx).Where("id > ?", after).Order("id").Limit(most).Find(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read names: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return after, 0, nil, nil
	}
	last = rows[len(rows)-1].ID
	var places []point
	err = s.DB.From(ctx).Where("constituent_id > ? AND constituent_id <= ? AND kind = ?", after, last, Address).Order("id").Find(&places).Error
	if err != nil {
		return after, 0, nil, fmt.Errorf("read addresses: %w", db.Fault(err, "", ""))
	}
	sealed := make([][]byte, 0, len(rows)+len(places))
	for _, r := range rows {
		sealed = append(sealed, r.NameCipher)
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		sealed = nil // one by one it shows which
	}
	for _, r := range rows {
		if ok, err := s.markName(ctx, r); err != nil {
			return after, 0, nil, err
		} else if !ok {
			stuck = append(stuck, r.ID)
		}
	}
	for _, p := range places {
		if ok, err := s.markPlace(ctx, p); err != nil {
			return after, 0, nil, err
		} else if !ok {
			stuck = append(stuck, p.ID)
		}
	}
	return last, len(rows), stuck, nil
}

// markName writes the hashes of a name unless somebody changes it meanwhile; it
// says whether the name could be read.
func (s *Service) markName(ctx context.Context, r row) (readable bool, err error) {
	if len(r.NameIndex) > 0 && s.Vault.IsCurrentIndex(r.NameIndex) {
		return true, nil
	}
	name, err := s.Vault.Open(ctx, purposeName, r.NameCipher)
	if err != nil && !errors.Is(err, vault.ErrErased) {
		return false, nil //nolint:nilerr // the caller counts it
	}
	whole, parts := s.marks(r.Kind, string(name))
	if len(whole) == 0 && len(r.NameIndex) == 0 {
		return true, nil
	}
	err = s.DB.From(ctx).Exec("UPDATE constituents SET name_index = ?, name_parts = ? WHERE id = ? AND name_cipher = ?", whole, parts, r.ID, r.NameCipher).Error
	if err != nil {
		return false, fmt.Errorf("mark a name: %w", db.Fault(err, "", ""))
	}
	return true, nil
}

func (s *Service) markPlace(ctx context.Context, p point) (readable bool, err error) {
	if len(p.MatchIndex) > 0 && s.Vault.IsCurrentIndex(p.MatchIndex) {
		return true, nil
	}
	value, err := s.Vault.Open(ctx, p.Kind.purpose(), p.ValueCipher)
	if err != nil && !errors.Is(err, vault.ErrErased) {
		return false, nil //nolint:nilerr // the caller counts it
	}
	err = s.DB.From(ctx).Exec("UPDATE contact_points SET match_index = ? WHERE id = ? AND value_cipher = ?", s.placeIndex(p.Kind, string(value)), p.ID, p.ValueCipher).Error
	if err != nil {
		return false, fmt.Errorf("mark an address: %w", db.Fault(err, "", ""))
	}
	return true, nil
}

// IndexedUnder counts the hashes that stand under a ring key.
func (m Marks) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = m.s.DB.From(ctx).Raw(`SELECT (SELECT count(*) FROM constituents WHERE name_index >= ? AND name_index < ?)
 + (SELECT count(*) FROM contact_points WHERE match_index >= ? AND match_index < ?)`, from, to, from, to).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes of names: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// records reads what is compared of constituents.
func (s *Service) records(ctx context.Context, ids []string) (map[string]*match.Record, error) {
	out := make(map[string]*match.Record, len(ids))
	for start := 0; start < len(ids); start += recordsMost {
		if err := s.readRecords(ctx, ids[start:min(start+recordsMost, len(ids))], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// recordsMost is how many are asked for at once; statements take so many values.
const recordsMost = 5000

func (s *Service) readRecords(ctx context.Context, ids []string, out map[string]*match.Record) error {
	var people []struct {
		ID        string
		Kind      string
		NameIndex []byte
		NameParts []byte
		BirthYear *int
		Account   bool
	}
	var points []struct {
		ConstituentID string
		Kind          PointKind
		Mark          []byte
		Proven        bool
	}
	var numbers []struct {
		ConstituentID string
		Kind          string
		Mark          []byte
		Proven        bool
	}
	err := s.DB.Together(ctx,
		db.Rows(&people, `SELECT c.id, c.kind, c.name_index, c.name_parts, c.birth_year, EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = c.id) AS account
 FROM constituents c WHERE c.id IN ?`, ids),
		db.Rows(&points, `SELECT constituent_id, kind, COALESCE(match_index, blind_index) AS mark, verified_at IS NOT NULL AS proven
 FROM contact_points WHERE constituent_id IN ? AND valid_to IS NULL`, ids),
		db.Rows(&numbers, "SELECT constituent_id, kind, blind_index AS mark, verified_at IS NOT NULL AS proven FROM constituent_ids WHERE constituent_id IN ? AND valid_to IS NULL", ids))
	if err != nil {
		return fmt.Errorf("read what is compared: %w", db.Fault(err, "", ""))
	}
	for _, p := range people {
		r := &match.Record{Kind: p.Kind, Name: p.NameIndex, Parts: p.NameParts, Account: p.Account}
		if p.BirthYear != nil {
			r.BirthYear = *p.BirthYear
		}
		out[p.ID] = r
	}
	for _, p := range points {
		r, ok := out[p.ConstituentID]
		if !ok || len(p.Mark) == 0 {
			continue
		}
		m := match.Mark{Hash: string(p.Mark), Proven: p.Proven}
		switch p.Kind {
		case Phone:
			r.Phones = append(r.Phones, m)
		case Email:
			r.Mails = append(r.Mails, m)
		case Address:
			r.Addresses = append(r.Addresses, m)
		}
	}
	for _, p := range numbers {
		if r, ok := out[p.ConstituentID]; ok && len(p.Mark) > 0 {
			r.IDs = append(r.IDs, match.Mark{Kind: p.Kind, Hash: string(p.Mark), Proven: p.Proven})
		}
	}
	return nil
}
