package enterprises

import (
	"context"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
)

var errNoPaper = fault.New(fault.NotFound, "enterprises.agent.missing")

// papers are where the documents of an authority hang.
func papers(invitationID string) files.Owner {
	return files.Owner{Kind: files.Draft, ID: invitationID}
}

// Link is where an invitation is answered, for those who manage the enterprise: a
// mail may not arrive. It counts for the owner of the address alone.
func (s *Service) Link(v *Invitation) string { return invitationPath + s.token(v) }

const invitationPath = "/enterprise/invitation/"

// Paper opens the letter of an authority of the enterprise, for those who manage it.
func (s *Service) Paper(ctx context.Context, enterpriseID, invitationID string) (*files.Content, error) {
	if err := s.Can(ctx, enterpriseID, Manage); err != nil {
		return nil, err
	}
	v, err := s.invitation(ctx, invitationID)
	if err != nil {
		return nil, err
	}
	if v.EnterpriseID != enterpriseID || !v.Agent() {
		return nil, errNoPaper
	}
	return s.paper(ctx, v)
}

// PaperOf opens the letter for who was asked, by the link of the invitation.
func (s *Service) PaperOf(ctx context.Context, token string) (*files.Content, error) {
	v, err := s.bound(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.paper(ctx, v)
}

func (s *Service) paper(ctx context.Context, v *Invitation) (*files.Content, error) {
	list, err := s.Files.List(ctx, papers(v.ID))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNoPaper
	}
	return s.Files.Open(ctx, papers(v.ID), list[0].ID)
}

// NewPapers names where documents hang until they belong to something.
func (s *Service) NewPapers() string { return db.NewID(s.Now().UTC()) }

// DropPapers throws documents away that nothing came of.
func (s *Service) DropPapers(ctx context.Context, id string) error {
	if s.Files == nil {
		return nil
	}
	if err := s.Files.RemoveAll(ctx, papers(id)); err != nil {
		return fmt.Errorf("drop documents: %w", err)
	}
	return nil
}

// Token is what the link of an invitation ends with.
func (s *Service) Token(v *Invitation) string { return s.token(v) }
