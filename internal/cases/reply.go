package cases

import (
	"context"

	"minqing/internal/vault"
)

const (
	purposeReply    = "case.reply"
	replyCodeLength = 16
)

// ReplyCode is what the address carries to which somebody answers our mails
// about a case. It lets write to the case and read nothing. Confidential cases
// have none: their answers would lie in a mailbox. It ends with the query code.
func (s *Service) ReplyCode(c *Case) string {
	if c.Confidentiality != Normal {
		return ""
	}
	return s.Vault.DeriveWith(c.CodeKey, purposeReply, c.ID, c.CodeGeneration, replyCodeLength)
}

// ByReplyCode finds the case that a reply address names. A wrong code and an
// unknown number answer alike.
func (s *Service) ByReplyCode(ctx context.Context, caseNo, code string) (*Case, error) {
	c, err := s.find(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if !vault.Matches(code, s.ReplyCode(c)) {
		return nil, errMissing
	}
	return c, nil
}
