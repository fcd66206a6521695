package files

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// List gives the stored files of an owner in the order in which they came.
func (s *Service) List(ctx context.Context, o Owner) ([]File, error) {
	var rows []row
	err := s.db.From(ctx).Where("owner_kind = ? AND owner_id = ? AND state = ?", o.Kind, o.ID, stateStored).
		Order("id").Limit(MaxFiles * 2).Find(&rows).Error
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

// disposition names the download; mime writes names beyond ASCII as RFC 5987 does.
func disposition(name string) string {
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": strings.ToValidUTF8(name, "_")}); d != "" {
		return d
	}
	return "attachment"
}
