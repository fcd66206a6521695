package constituents

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// IDKind is a kind of number by which somebody is known elsewhere.
type IDKind string

// The kinds of numbers, of people and of enterprises.
const (
	ResidentID IDKind = "resident_id" // mainland, GB 11643
	TaiwanID   IDKind = "tw_id"
	HongKongID IDKind = "hk_id"
	USCC       IDKind = "uscc" // unified social credit code, GB 32100
	TaiwanUBN  IDKind = "tw_ubn"
	OtherID    IDKind = "other"
)

// IDKinds lists the kinds that somebody may have.
func IDKinds(kind Kind) []IDKind {
	if kind == Enterprise {
		return []IDKind{USCC, TaiwanUBN, OtherID}
	}
	return []IDKind{ResidentID, TaiwanID, HongKongID, OtherID}
}

func (k IDKind) purpose() string { return "identity." + string(k) }

// Normal is the one form of a number of identity, with its check character
// looked at. Of other documents nothing is known but that they are short.
func (k IDKind) Normal(typed string, today time.Time) (string, error) {
	switch k {
	case ResidentID:
		n, err := idcode.ParsePRCID(typed, today)
		return n.Number, err
	case TaiwanID:
		n, err := idcode.ParseTWID(typed, today)
		return n.Number, err
	case HongKongID:
		return idcode.ParseHKID(typed)
	case USCC:
		n, err := idcode.ParseUSCC(typed)
		return n.Code, err
	case TaiwanUBN:
		return idcode.ParseUBN(typed)
	}
	n := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	if k != OtherID || n == "" || utf8.RuneCountInString(n) > idMost {
		return "", idcode.ErrForm
	}
	return n, nil
}

const idMost = 40

// idRow is a number of identity as it stands in the table.
type idRow struct {
	ID            string
	ConstituentID string
	Kind          IDKind
	ValueCipher   []byte
	BlindIndex    []byte
	VerifiedAt    *time.Time
	ValidFrom     time.Time
	ValidTo       *time.Time
	Version       int64
}

// TableName names the table for gorm.
func (idRow) TableName() string { return "constituent_ids" }

const idColumns = "id, constituent_id, kind, value_cipher, blind_index, verified_at, valid_from, version"

func (r idRow) insert() db.Stmt {
	return db.Insert("constituent_ids", idColumns, r.ID, r.ConstituentID, r.Kind, r.ValueCipher, r.BlindIndex, r.VerifiedAt, r.ValidFrom, r.Version)
}

// Document is a number of identity as somebody shows it. Seen says that a member
// of staff looked at the document itself.
type Document struct {
	Kind  IDKind
	Value string
	Seen  bool
}

// AddNumber writes down a number of identity, or gives the one that stands.
func (s *Service) AddNumber(ctx context.Context, id string, doc Document) (numberID string, err error) {
	n, err := doc.Kind.Normal(doc.Value, s.Now())
	if err != nil {
		return "", fault.InvalidInput(fault.Field{Name: "number", Key: "constituents.number." + string(whyNot(doc.Kind))})
	}
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := s.hold(ctx, id)
		if err != nil {
			return err
		}
		var c fault.Check
		c.That(contains(IDKinds(r.Kind), doc.Kind), "number_kind", "constituents.number.kind")
		if err := c.Err(); err != nil {
			return err
		}
		var there []idRow
		if err := s.DB.From(ctx).Where("blind_index IN ? AND constituent_id = ? AND valid_to IS NULL", s.Vault.BlindIndexes(doc.Kind.purpose(), n), id).
			Order("id").Limit(1).Find(&there).Error; err != nil {
			return fmt.Errorf("look for a number of identity: %w", db.Fault(err, "", ""))
		}
		if len(there) > 0 {
			numberID = there[0].ID
			if there[0].VerifiedAt != nil || !doc.Seen {
				return nil
			}
			if err := s.DB.From(ctx).Exec("UPDATE constituent_ids SET verified_at = ?, version = version + 1 WHERE id = ?", now, numberID).Error; err != nil {
				return fmt.Errorf("note that a document was seen: %w", db.Fault(err, "", ""))
			}
			return s.Audit.Record(ctx, audit.Entry{Action: "constituent.number_seen", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(doc.Kind)}}})
		}
		cipher, err := s.Vault.Seal(ctx, r.VaultKeyID, doc.Kind.purpose(), []byte(n))
		if err != nil {
			return err
		}
		one := idRow{ID: db.NewID(now), ConstituentID: id, Kind: doc.Kind, ValueCipher: cipher, BlindIndex: s.Vault.BlindIndex(doc.Kind.purpose(), n), ValidFrom: now, Version: 1}
		if doc.Seen {
			one.VerifiedAt = &now
		}
		numberID = one.ID
		if err := s.DB.InsertAll(ctx, one.insert()); err != nil {
			return fmt.Errorf("store a number of identity: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.number", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(doc.Kind)}}})
	})
	return numberID, err
}

// whyNot is the message for a kind of number that was refused.
func whyNot(k IDKind) IDKind {
	if contains(append(IDKinds(Person), IDKinds(Enterprise)...), k) {
		return k
	}
	return "kind"
}

// EndNumber says that a number no longer holds.
func (s *Service) EndNumber(ctx context.Context, id, numberID string, version int64) error {
	return s.ending(ctx, id, hanging{"constituent_ids", numberID, version}, "constituent.number_ended")
}

// hanging names a row that hangs on somebody's record, as it was read.
type hanging struct {
	table   string
	id      string
	version int64
}

// ending closes such a row, with its kind in the trail.
func (s *Service) ending(ctx context.Context, id string, h hanging, action string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.hold(ctx, id); err != nil {
			return err
		}
		var kinds []string
		if err := s.DB.From(ctx).Raw("SELECT kind FROM "+h.table+" WHERE id = ? AND constituent_id = ?", h.id, id).Scan(&kinds).Error; err != nil || len(kinds) == 0 {
			return db.Fault(orMissing(err), "constituents.missing", "")
		}
		if err := s.end(ctx, h.table, h.id, h.version); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "constituent", ID: id, Fields: []audit.Change{{Field: kinds[0]}}})
	})
}

// orMissing is an error of the database, or that there is no such row.
func orMissing(err error) error {
	if err != nil {
		return err
	}
	return errMissing
}

// FindByNumber lists those who have the number now, whatever kind it is of.
func (s *Service) FindByNumber(ctx context.Context, typed string) ([]string, error) {
	var hashes [][]byte
	for _, k := range []IDKind{ResidentID, TaiwanID, HongKongID, USCC, TaiwanUBN, OtherID} {
		if n, err := k.Normal(typed, s.Now()); err == nil {
			hashes = append(hashes, s.Vault.BlindIndexes(k.purpose(), n)...)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	var ids []string
	err := s.DB.From(ctx).Raw("SELECT constituent_id FROM constituent_ids WHERE blind_index IN ? AND valid_to IS NULL GROUP BY constituent_id ORDER BY constituent_id", hashes).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find somebody by a number: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

func contains[T comparable](list []T, one T) bool {
	for _, x := range list {
		if x == one {
			return true
		}
	}
	return false
}

// Proven finds who has a number of one kind that a document or a register showed;
// empty when nobody. The number must be in its normal form.
func (s *Service) Proven(ctx context.Context, k IDKind, number string) (string, error) {
	var ids []string
	err := s.DB.From(ctx).Raw(`SELECT i.constituent_id FROM constituent_ids i JOIN constituents c ON c.id = i.constituent_id
 WHERE i.blind_index IN ? AND i.kind = ? AND i.verified_at IS NOT NULL AND i.valid_to IS NULL AND c.merged_into_id IS NULL AND c.erased_at IS NULL
 ORDER BY i.constituent_id LIMIT 1`, s.Vault.BlindIndexes(k.purpose(), number), k).Scan(&ids).Error
	if err != nil {
		return "", fmt.Errorf("find somebody by a proven number: %w", db.Fault(err, "", ""))
	}
	return append(ids, "")[0], nil
}

// HasShown says whether one of these records has a number of a kind that a document or a
// register showed.
func (s *Service) HasShown(ctx context.Context, ids []string, k IDKind) (bool, error) {
	var n int64
	err := s.DB.From(ctx).Raw("SELECT COUNT(*) FROM constituent_ids WHERE constituent_id IN ? AND kind = ? AND verified_at IS NOT NULL AND valid_to IS NULL", ids, k).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for a proven number: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
