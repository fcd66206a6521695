package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// Upload is a file as it comes in. A multipart.File is an io.ReaderAt, so that
// nothing is held in memory.
type Upload struct {
	Owner   Owner
	Name    string
	Content io.ReaderAt
	Size    int64  // bytes
	Beside  bool   // added by the program, beside what people may attach
	Kinds   []Kind // the only ones that are wanted; none: any

	// Discreet refuses a file that would still say who made it, such as a signed PDF.
	Discreet bool

	made *making                                        // of a file that is made from another one
	then func(ctx context.Context, fileID string) error // in the transaction that confirms it; may be nil
}

// Validate checks what can be checked without reading.
func (u Upload) Validate() error {
	var c fault.Check
	c.That(u.Size > 0, "file", "files.empty")
	c.That(u.Size <= MaxSize, "file", "files.too_large", "Megabytes", MaxSize>>20)
	c.That(strings.TrimSpace(u.Name) != "" && utf8.ValidString(u.Name), "file", "files.name")
	return c.Err()
}

// Examine refuses what Add would refuse for its name, its size or its content, and
// keeps nothing.
func (s *Service) Examine(u Upload) error {
	if err := u.Validate(); err != nil {
		return err
	}
	_, err := sniff(u.Name, u.Content, u.Size, u.Kinds)
	return err
}

// Add takes a file in. It is kept whole or not at all: the row is `pending`
// until the content is durable, and what a crash leaves pending is swept away.
// A full disk is fault.Unavailable, "files.no_space".
func (s *Service) Add(ctx context.Context, u Upload) (*File, error) {
	if err := u.Validate(); err != nil {
		return nil, err
	}
	kind, err := sniff(u.Name, u.Content, u.Size, u.Kinds)
	if err != nil {
		return nil, err
	}
	scan, err := s.scan(ctx, u)
	if err != nil {
		return nil, err
	}
	row, key, err := s.reserve(ctx, u, kind.media, scan)
	if err != nil {
		return nil, err
	}
	m, err := s.write(ctx, row, key, kind, u)
	switch {
	case err == nil && m.tells && u.Discreet:
		err = refuse("files.tells")
	case err == nil:
		err = s.confirm(ctx, row, m, u)
	}
	if err != nil {
		s.giveUp(ctx, row)
		if errors.Is(err, errBroken) {
			return nil, refuse("files.type.broken")
		}
		return nil, err
	}
	return row.file(cleanName(u.Name)), nil
}

func (s *Service) scan(ctx context.Context, u Upload) (string, error) {
	if s.scanner == nil {
		return scanNone, nil
	}
	found, err := s.scanner.Scan(ctx, io.NewSectionReader(u.Content, 0, u.Size))
	if err != nil {
		return "", fault.New(fault.Unavailable, "files.scanner_down").Because(err)
	}
	if found != "" {
		return "", refuse("files.infected")
	}
	return scanClean, nil
}

// reserve writes the pending row with the file's new key.
func (s *Service) reserve(ctx context.Context, u Upload, media, scan string) (*row, []byte, error) {
	at := s.now().UTC()
	r := &row{ID: db.NewID(at), OwnerKind: string(u.Owner.Kind), OwnerID: u.Owner.ID, State: statePending,
		MediaType: media, Suite: suite, Scan: scan, CreatedAt: at}
	r.BlobKey = r.ID[len(r.ID)-2:] + "/" + r.ID // the random end spreads them over folders
	if u.made != nil {
		r.MadeFrom, r.MadeAs = &u.made.from, &u.made.as
	}
	lock, own, err := s.vault.Mint(vault.OwnerCase)
	if err != nil {
		return nil, nil, fmt.Errorf("make the file's key: %w", err)
	}
	r.VaultKeyID = lock.ID
	key := newKey()
	if r.KeyCipher, err = lock.Seal(purposeKey, key); err != nil {
		return nil, nil, fmt.Errorf("wrap the file's key: %w", err)
	}
	if r.NameCipher, err = lock.Seal(purposeName, []byte(cleanName(u.Name))); err != nil {
		return nil, nil, fmt.Errorf("encrypt the file's name: %w", err)
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.room(ctx, u); err != nil {
			return err
		}
		if err := s.db.InsertAll(ctx, own.Insert()); err != nil {
			return fmt.Errorf("store the file's key: %w", err)
		}
		if err := s.db.From(ctx).Create(r).Error; err != nil {
			return fmt.Errorf("announce the file: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, nil, db.Fault(err, "", "")
	}
	return r, key, nil
}

// room keeps owners to what people may attach, and one that the program adds;
// what is made from their files counts apart.
func (s *Service) room(ctx context.Context, u Upload) error {
	var held int64
	o, most, which := u.Owner, int64(MaxFiles), "made_from IS NULL"
	full := fault.Field{Name: "file", Key: "files.too_many", Args: map[string]any{"Count": MaxFiles}}
	switch {
	case u.made != nil:
		most, which = MaxMade, "made_from IS NOT NULL"
		full = fault.Field{Name: "areas", Key: "files.black.too_many", Args: map[string]any{"Count": MaxMade}}
	case u.Beside:
		most++
	}
	err := s.db.From(ctx).Model(&row{}).Where("owner_kind = ? AND owner_id = ? AND state <> ? AND "+which, o.Kind, o.ID, stateRemoved).
		Count(&held).Error
	if err != nil {
		return fmt.Errorf("count the files: %w", err)
	}
	if held >= most {
		return fault.InvalidInput(full)
	}
	return nil
}

// write strips, encrypts and stores, and measures the result.
func (s *Service) write(ctx context.Context, r *row, key []byte, f *format, u Upload) (*meter, error) {
	m := &meter{sum: sha256.New()}
	err := s.store.Put(ctx, r.BlobKey, func(w io.Writer) error {
		return seal(w, key, r.ID, func(w io.Writer) error {
			m.w = w
			return f.strip(m, u.Content, u.Size)
		})
	})
	return m, err
}

// meter counts and digests what passes through.
type meter struct {
	w     io.Writer
	sum   hash.Hash
	n     int64
	tells bool // who made it could not be taken out
}

// teller hears from who strips a file that it still says who made it.
type teller interface{ tell() }

func (m *meter) tell() { m.tells = true }

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.sum.Write(p[:n])
	m.n += int64(n)
	return n, err
}

func (s *Service) confirm(ctx context.Context, r *row, m *meter, u Upload) error {
	r.State, r.Size, r.Tells = stateStored, m.n, m.tells
	r.Digest = s.vault.BlindIndex(purposeDigest, hex.EncodeToString(m.sum.Sum(nil)))
	return s.db.Tx(ctx, func(ctx context.Context) error {
		res := s.db.From(ctx).Model(&row{}).Where("id = ? AND state = ?", r.ID, statePending).
			Select("State", "Size", "Digest", "Tells").Updates(r)
		if res.Error != nil {
			return fmt.Errorf("confirm the file: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "files.missing")
		}
		if u.made != nil {
			return s.tellMade(ctx, r, u)
		}
		if err := s.audit.Record(ctx, audit.Entry{Action: "file.added", Kind: "file", ID: r.ID}); err != nil || u.then == nil {
			return err
		}
		return u.then(ctx, r.ID)
	})
}

// giveUp undoes a reservation at once; what it cannot undo the sweep will.
func (s *Service) giveUp(ctx context.Context, r *row) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = s.erase(ctx, r)
}

// cleanName keeps what a person can recognise and no file system can trip over.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`"<>|:*?/`, r) {
			return '_'
		}
		return r
	}, name)
	ext := path.Ext(name)
	stem := []rune(strings.TrimSuffix(name, ext))
	if len(stem) > maxStem {
		stem = stem[:maxStem]
	}
	return string(stem) + ext
}

const maxStem = 100
