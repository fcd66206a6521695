package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// KeyOwner says what a case's data key seals in the tables of this package.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "case", Table: "cases", Sealed: []vault.Sealed{
		{Table: "cases", ID: "id", Owner: "id", Column: "text_cipher", Purpose: "'" + purposeText + "'"},
		{Table: "cases", ID: "id", Owner: "id", Column: "address_cipher", Purpose: "'" + purposeAddress + "'"},
		{Table: "case_parties", ID: "id", Owner: "case_id", Column: "name_cipher", Purpose: "'" + purposeParty + "'"},
		{Table: "case_events", ID: "id", Owner: "case_id", Column: "text_cipher", Purpose: "'" + purposeEvent + "'"},
		{Table: "case_joints", ID: "id", Owner: "case_id", Column: "task_cipher", Purpose: "'" + purposeTask + "'"},
		{Table: "case_joints", ID: "id", Owner: "case_id", Column: "answer_cipher", Purpose: "'" + purposeAnswer + "'"},
		{Table: "case_messages", ID: "id", Owner: "case_id", Column: "text_cipher", Purpose: "'" + purposeMessage + "'"},
	}}
}

// CodesUnder counts the cases whose query code and evaluation link hang on a ring
// key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM cases WHERE code_key = ?", ringKey).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count query codes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// RenewCodes gives up to most cases query codes of the current ring key. Those on
// paper are worthless from then on: people with an account need none, others ask
// the desk for a new one.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (int64, error) {
	r := s.DB.From(ctx).Exec(`UPDATE cases SET code_key = ?, code_generation = code_generation + 1
 WHERE id IN (SELECT id FROM cases WHERE code_key = ? ORDER BY id LIMIT ?)`, s.Vault.CurrentKey(), ringKey, most)
	if r.Error != nil {
		return 0, fmt.Errorf("renew query codes: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}

// CodesUnder counts the kept answers that only a ring key opens; they end by
// themselves after OnceLife.
func (s *Once) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	head := append([]byte{onceSuite, byte(len(ringKey))}, ringKey...)
	err = s.db.From(ctx).Raw("SELECT count(*) FROM idempotency_keys WHERE substr(response, 1, ?) = ?", len(head), head).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count kept answers: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// RenewCodes renews nothing: a kept answer is opened by what the client sends
// again, and not by us.
func (s *Once) RenewCodes(context.Context, string, int) (int64, error) { return 0, nil }
