package permits

import (
	"context"

	"minqing/internal/actor"
	"minqing/internal/files"
)

// BeginUpload announces a large file for a material of the application, which comes
// in parts; one that the actor has begun to send before goes on.
func (s *Service) BeginUpload(ctx context.Context, id, code string, b files.Beginning) (*files.Partial, error) {
	a, def, err := s.editable(ctx, id, code)
	if err != nil {
		return nil, err
	}
	tie, err := s.tie(ctx, a, def)
	if err != nil {
		return nil, err
	}
	b.AccountID, b.OwnerID, b.Place, b.Kinds = actor.From(ctx).AccountID, a.ID, code, KindsOf(&tie.def)
	return s.Files.Begin(ctx, b)
}

// Upload is how far a file of the actor is.
func (s *Service) Upload(ctx context.Context, id, uploadID string) (*files.Partial, error) {
	if _, err := s.own(ctx, id, true); err != nil {
		return nil, err
	}
	return s.Files.Partial(ctx, uploadID, actor.From(ctx).AccountID, id)
}

// Append takes the next bytes of a file in, and when the last have come, attaches it
// as Attach does. A Conflict comes with the offset that is right.
func (s *Service) Append(ctx context.Context, id, uploadID string, offset int64, body []byte) (*files.Partial, error) {
	p, err := s.Upload(ctx, id, uploadID)
	if err != nil || p.Done() {
		return p, err
	}
	if _, _, err := s.editable(ctx, id, p.Place); err != nil {
		return p, err
	}
	if len(body) > 0 || offset != p.Received {
		if err := s.Files.Append(ctx, p, offset, body); err != nil {
			return p, err
		}
	}
	if p.Received < p.Size {
		return p, nil
	}
	return p, s.Files.Finish(ctx, p, func(ctx context.Context, u files.Upload) error { return s.Attach(ctx, id, p.Place, u) })
}
