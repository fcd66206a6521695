package app

import (
	"bytes"
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/demo"
	"minqing/internal/files"
)

// demoPictures gives cases that the demo handler works on a picture each, so that
// previews have something to show.
func (a *App) demoPictures(ctx context.Context) error {
	who, err := a.Identity.ByEmail(ctx, "handler@demo.test")
	if err != nil {
		return err
	}
	page, err := a.Cases.Queue(actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: who.ID}), cases.Filter{View: cases.ViewOpen, Limit: 100})
	if err != nil {
		return err
	}
	ctx = actor.AsSystem(ctx, "demo.load")
	left := demo.Pictures
	for i := range page.Items {
		it := &page.Items[i]
		working := it.Status == cases.SignedIn || it.Status == cases.Handling
		if len(left) == 0 || !working || it.Confidentiality != cases.Normal {
			continue
		}
		raw, err := left[0].JPEG()
		if err != nil {
			return err
		}
		_, err = a.Files.Add(ctx, files.Upload{Owner: files.Owner{Kind: files.Case, ID: it.ID}, Name: left[0].Name + ".jpg", Content: bytes.NewReader(raw), Size: int64(len(raw))})
		if err != nil {
			return fmt.Errorf("add a picture of the demo city: %w", err)
		}
		left = left[1:]
	}
	return nil
}
