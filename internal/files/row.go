package files

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// row is a line of the table files.
type row struct {
	ID         string `gorm:"primaryKey"`
	OwnerKind  string
	OwnerID    string
	State      string
	NameCipher []byte
	MediaType  string
	Size       int64
	Digest     []byte
	VaultKeyID string
	KeyCipher  []byte
	Suite      string
	BlobKey    string
	Scan       string
	MadeFrom   *string
	MadeAs     *string
	Tells      bool // who made it
	CreatedAt  time.Time
}

// TableName is for gorm.
func (row) TableName() string { return "files" }

const (
	statePending = "pending" // announced; its content may be half written
	stateStored  = "stored"
	stateRemoved = "removed" // its key is destroyed; the content waits for the sweep

	scanNone  = "none"
	scanClean = "clean"

	purposeKey    = "file.key"
	purposeName   = "file.name"
	purposeDigest = "file.digest"
)

func (r *row) file(name string) *File {
	f := &File{ID: r.ID, Owner: Owner{OwnerKind(r.OwnerKind), r.OwnerID}, Name: name, MediaType: r.MediaType,
		Size: r.Size, Scanned: r.Scan == scanClean, CreatedAt: r.CreatedAt}
	if r.MadeFrom != nil {
		f.MadeFrom = *r.MadeFrom
	}
	return f
}

func (s *Service) open(ctx context.Context, r *row) (*File, error) {
	name, err := s.vault.Open(ctx, purposeName, r.NameCipher)
	if err != nil {
		return nil, fmt.Errorf("decrypt the file's name: %w", err)
	}
	return r.file(string(name)), nil
}

func (s *Service) find(ctx context.Context, o Owner, id string) (*row, error) {
	var r row
	err := s.db.From(ctx).Where("id = ? AND owner_kind = ? AND owner_id = ? AND state = ?", id, o.Kind, o.ID, stateStored).
		Take(&r).Error
	if err != nil {
		return nil, db.Fault(err, "files.missing", "")
	}
	return &r, nil
}
