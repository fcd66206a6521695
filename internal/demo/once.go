package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"minqing/internal/db"
)

// LoadCityOnce is LoadCity, left out where this edition of the city was loaded
// before. What was edited since stays as it was edited.
func (s *Service) LoadCityOnce(ctx context.Context, d *db.DB, now time.Time) error {
	digest, err := edition()
	if err != nil {
		return err
	}
	var n int
	if err := d.From(ctx).Raw("SELECT count(*) FROM demo_loads WHERE digest = ?", digest).Scan(&n).Error; err != nil {
		return fmt.Errorf("look for the demo city: %w", db.Fault(err, "", ""))
	}
	if n > 0 {
		return nil
	}
	if err := s.LoadCity(ctx); err != nil {
		return err
	}
	err = d.From(ctx).Exec("INSERT INTO demo_loads (digest, loaded_at) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, now.UTC()).Error
	if err != nil {
		return fmt.Errorf("note the edition of the demo city: %w", db.Fault(err, "", ""))
	}
	return nil
}

// edition is the digest of everything that LoadCity reads.
var edition = sync.OnceValues(func() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(cityFiles, "city", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := cityFiles.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n", path, len(body))
		sum.Write(body)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the demo city: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
})
