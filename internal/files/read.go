package files

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"minqing/internal/db"
)

// List gives what an owner has, in the order of its coming.
func (s *Service) List(ctx context.Context, o Owner) ([]File, error) {
	var rows []row
	err := s.db.Together(ctx, db.Rows(&rows, "SELECT id, owner_kind, owner_id, name_cipher, media_type, size, scan, created_at, made_from FROM files"+
		" WHERE owner_kind = ? AND owner_id = ? AND state = ? ORDER BY id LIMIT "+strconv.Itoa(2*MaxFiles+MaxMade), string(o.Kind), o.ID, stateStored))
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	out := make([]File, 0, len(rows))
	for i := range rows {
		f, err := s.open(ctx, &rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, *f)
	}
	return out, nil
}

// Has is a condition that an owner has files, for a select of the owners: id is their
// column. Few have any, and whoever asks so need not ask for the files of the others.
func Has(kind OwnerKind, id string) string {
	return "EXISTS (SELECT 1 FROM files WHERE owner_kind = '" + string(kind) + "' AND owner_id = CAST(" + id + " AS TEXT) AND state = '" + stateStored + "')"
}

// Content is an open file. Close it.
type Content struct {
	File
	io.Reader
	closer io.Closer
}

// Close ends the reading.
func (c *Content) Close() error { return c.closer.Close() }

// Open reads a file of an owner. A content that was tampered with fails in the
// read that meets it.
func (s *Service) Open(ctx context.Context, o Owner, id string) (*Content, error) {
	r, err := s.find(ctx, o, id)
	if err != nil {
		return nil, err
	}
	return s.content(ctx, r)
}

// Belongs is what a file belongs to as the log of reads has it: a case or a permit
// by its number, which names nobody.
type Belongs struct{ Kind, No string }

// OpenFor is Open for staff, whose look at what somebody handed in goes into the
// log of reads of personal data, with the file's id, before anything is opened.
func (s *Service) OpenFor(ctx context.Context, b Belongs, o Owner, id string) (*Content, error) {
	r, err := s.find(ctx, o, id)
	if err != nil {
		return nil, err
	}
	if err := s.audit.Read(ctx, b.Kind, b.No, []string{"file", r.ID}, ""); err != nil {
		return nil, err
	}
	return s.content(ctx, r)
}

func (s *Service) content(ctx context.Context, r *row) (*Content, error) {
	f, err := s.open(ctx, r)
	if err != nil {
		return nil, err
	}
	key, err := s.vault.Open(ctx, purposeKey, r.KeyCipher)
	if err != nil {
		return nil, fmt.Errorf("unwrap the file's key: %w", err)
	}
	in, err := s.store.Get(ctx, r.BlobKey)
	if err != nil {
		return nil, err
	}
	plain, err := unseal(in, r.Suite, key, r.ID)
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	return &Content{File: *f, Reader: plain, closer: in}, nil
}

// Serve sends a content as a download: never shown in place, never guessed at
// by the browser, never cached, and with nothing in it allowed to run.
func Serve(w http.ResponseWriter, c *Content) error {
	h := w.Header()
	h.Set("Content-Type", c.MediaType)
	h.Set("Content-Length", strconv.FormatInt(c.Size, 10))
	h.Set("Content-Disposition", disposition(c.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(w, c); err != nil {
		return fmt.Errorf("send the file: %w", err)
	}
	return nil
}

// ServePreview sends a picture that this program packed itself: shown in place,
// never cached, and with nothing in it allowed to run.
func ServePreview(w http.ResponseWriter, small []byte) error {
	h := w.Header()
	h.Set("Content-Type", jpegFormat.media)
	h.Set("Content-Length", strconv.Itoa(len(small)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(small); err != nil {
		return fmt.Errorf("send the preview: %w", err)
	}
	return nil
}

// disposition names the download; mime writes names beyond ASCII as RFC 5987 does.
func disposition(name string) string {
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": strings.ToValidUTF8(name, "_")}); d != "" {
		return d
	}
	return "attachment"
}

// Contents names the contents that the store holds, for a backup, page by page
// so that no statement lasts.
func (s *Service) Contents(ctx context.Context, each func(key string) error) error {
	after := "00000000-0000-0000-0000-000000000000"
	for {
		var page []row
		err := s.db.Reader(ctx).Select("id, blob_key").Where("id > ? AND state = ?", after, stateStored).Order("id").Limit(500).Find(&page).Error
		if err != nil {
			return fmt.Errorf("list the attachments: %w", db.Fault(err, "", ""))
		}
		for _, r := range page {
			if err := each(r.BlobKey); err != nil {
				return err
			}
			after = r.ID
		}
		if len(page) < 500 {
			return nil
		}
	}
}
