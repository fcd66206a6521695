package app

import (
	"context"

	"minqing/internal/fault"
	"minqing/internal/identity"
)

// staffAt finds the account of a member of staff by its email address.
func (a *App) staffAt(ctx context.Context, email string) (string, error) {
	who, err := a.Identity.ByEmail(ctx, email)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return "", nil
	case err != nil:
		return "", err
	case who.Kind != identity.Staff:
		return "", nil
	}
	return who.ID, nil
}
