package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/files"
)

// checkBlobs asks an object store, before anybody is served, whether it will
// take attachments. One that is not there or refuses our key never will; one
// that is down may come up again, and until then people file without.
func (a *App) checkBlobs(ctx context.Context) error {
	if !strings.HasPrefix(a.Config.BlobURL, "s3:") { // a directory was made when it was opened
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := a.Store.Check(ctx)
	switch {
	case err == nil:
		return nil
	case files.Misplaced(err):
		return fmt.Errorf("MINQING_BLOB_URL: %w", files.Reason(err))
	}
	a.Log.Error("attachments cannot be kept for the moment; the start goes on", "error", files.Reason(err).Error())
	return nil
}
