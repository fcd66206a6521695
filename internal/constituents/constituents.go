// Package constituents knows the people and enterprises that the government
// serves, and how to reach them. Names and addresses are stored only as
// ciphertext under a key of their own per constituent, found by keyed hashes
// and shown masked; seeing them in the clear is an act with a reason.
package constituents

import (
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// Kind tells people from enterprises; names of enterprises are public.
type Kind string

// The kinds of constituents.
const (
	Person     Kind = "person"
	Enterprise Kind = "enterprise"
)

// PointKind is a way to reach somebody.
type PointKind string

// The ways to reach somebody.
const (
	Phone   PointKind = "phone"
	Email   PointKind = "email"
	Address PointKind = "address"
)

// Purposes bind a ciphertext to its column.
const (
	purposeName = "constituent.name"
	purposeWhy  = "constituent.reason"
	purposeLink = "contact.confirm"
)

func (k PointKind) purpose() string { return "contact." + string(k) }

// Deps are what the service works with. Region is the numbering plan by which
// phones without a country code are read: CN, TW, HK or MO.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Audit  *audit.Service
	Now    func() time.Time
	Region string
}

// Service is the only writer of constituents and their contact points.
type Service struct {
	Deps
}

// New makes the service.
func New(d Deps) *Service {
	if d.Region == "" {
		d.Region = "CN"
	}
	return &Service{Deps: d}
}

// row is a constituent as it stands in the table.
type row struct {
	ID           string
	Kind         Kind
	VaultKeyID   string
	NameCipher   []byte
	Locale       string
	MergedIntoID *string
	Version      int64
	CreatedAt    time.Time
	ErasedAt     *time.Time
	TrailKeyID   *string // seals the reasons why somebody looked
	MergedHow    *string // nil: joined by proof
	NameIndex    []byte
	NameParts    []byte

	BirthYear     *int
	DistrictCode  *string
	EstablishedOn *calendar.Date
	Stage         *string
	Industry      *string
	Source        Source
}

// TableName names the table for gorm.
func (row) TableName() string { return "constituents" }

// point is a contact point as it stands in the table.
type point struct {
	ID            string
	ConstituentID string
	Kind          PointKind
	ValueCipher   []byte
	BlindIndex    []byte
	MatchIndex    []byte // of an address
	Preferred     bool
	VerifiedAt    *time.Time
	ValidFrom     time.Time
	ValidTo       *time.Time
	LinkKey       string
	Generation    int
	Version       int64
	BouncedAt     *time.Time
}

// TableName names the table for gorm.
func (point) TableName() string { return "contact_points" }

// normal is the one form in which a value is stored and looked up. What is no
// number or address that we understand is kept as it was typed: a person who
// wrote it may still be reached by somebody who reads it.
func (s *Service) normal(kind PointKind, value string) string {
	value = strings.TrimSpace(value)
	switch kind {
	case Phone:
		if p, err := idcode.ParsePhone(value, s.Region); err == nil {
			if p.Extension != "" {
				return p.E164 + "#" + p.Extension
			}
			return p.E164
		}
	case Email:
		if mail, err := idcode.NormaliseEmail(value); err == nil {
			return mail
		}
	}
	return value
}

func (s *Service) index(kind PointKind, value string) []byte {
	return s.Vault.BlindIndex(kind.purpose(), s.normal(kind, value))
}

// indexes are the hashes that rows of a value may stand under, while keys change.
func (s *Service) indexes(kind PointKind, value string) [][]byte {
	return s.Vault.BlindIndexes(kind.purpose(), s.normal(kind, value))
}

func language(locale string) string {
	if l, ok := i18n.ParseLang(locale); ok {
		return string(l)
	}
	return string(i18n.ZhHant)
}
