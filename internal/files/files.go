// Package files keeps what people attach: known by its content, freed of
// hidden data about the person, encrypted under a key of its own, and streamed
// back as a download that no browser runs.
//
// A file belongs to a draft, a case or an event of a case, by id; whoever calls
// has checked that the actor may see that owner.
package files

import (
	"context"
	"io"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// Limits of one owner. Sizes are bytes.
const (
	MaxSize  = 20 << 20
	MaxFiles = 5
	MaxMade  = 10 // made from those, beside them
)

// OwnerKind is what a file belongs to.
type OwnerKind string

const (
	Draft OwnerKind = "draft" // what a citizen is still writing; the owner is the draft's id
	Case  OwnerKind = "case"
	Event OwnerKind = "event" // one message or reply of a case

	Material OwnerKind = "material" // one version of one material of an application, or an inspection of it
)

// Owner is what a file belongs to.
type Owner struct {
	Kind OwnerKind
	ID   string
}

// File is what is known of an attachment without opening it.
type File struct {
	ID        string
	Owner     Owner
	Name      string // as the person named it, cleaned; never part of a path
	MediaType string
	Size      int64 // bytes, as it will be downloaded
	Scanned   bool  // a scanner found nothing
	CreatedAt time.Time
	MadeFrom  string // id of the picture whose parts were blacked out for it
}

// Scanner looks for malicious contents. Infected says what was found, or "".
type Scanner interface {
	Scan(ctx context.Context, content io.Reader) (infected string, err error)
}

// Service owns the files and their contents.
type Service struct {
	db      *db.DB
	vault   *vault.Vault
	audit   *audit.Service
	store   Store
	scanner Scanner // nil: nobody scans, and the files say so
	now     func() time.Time
	paints  chan struct{} // one picture is unpacked at a time: they are large
}

// Deps are what the service works with. Scanner may be nil.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Audit   *audit.Service
	Store   Store
	Scanner Scanner
	Now     func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{db: d.DB, vault: d.Vault, audit: d.Audit, store: d.Store, scanner: d.Scanner, now: d.Now, paints: make(chan struct{}, 1)}
}
