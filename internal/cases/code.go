package cases

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// RenewCode gives the case a new query code; the old one ends at once. Staff say
// how they made sure that it is the requester who asks. Links to judge a
// conclusion go on working: they do not open the case.
type RenewCode struct {
	Note string
}

// Action names the act.
func (RenewCode) Action() Action { return ActRenewCode }

// Validate checks what was typed.
func (r RenewCode) Validate() error {
	var c fault.Check
	checkNote(&c, r.Note, true)
	return c.Err()
}

func (r RenewCode) apply(_ context.Context, ch *change) error { return ch.renewCode(r.Note) }

func (ch *change) renewCode(note string) error {
	if !ch.c.offers(ActRenewCode) {
		return fault.New(fault.Conflict, "case.code.anonymous").With("Possible", without(ch.was.nowNames(), ActRenewCode))
	}
	before := ch.c.CodeGeneration
	ch.c.CodeGeneration++
	ch.note("code_generation", strconv.Itoa(before), strconv.Itoa(ch.c.CodeGeneration))
	ch.text, ch.tell = note, true
	return nil
}

// RenewOwnCode gives a new query code to the requester, who is signed in: having
// the old code is not enough, for others may have it too. It gives the new one.
func (s *Service) RenewOwnCode(ctx context.Context, caseNo string) (string, error) {
	c, err := s.citizenAct(ctx, Key{CaseNo: caseNo}, renewOwn{})
	if err != nil {
		return "", err
	}
	return s.QueryCode(c), nil
}

// renewOwn is RenewCode of the requester, who need not explain it.
type renewOwn struct{}

func (renewOwn) Action() Action { return ActRenewCode }

func (renewOwn) Validate() error { return nil }

func (renewOwn) apply(_ context.Context, ch *change) error { return ch.renewCode("") }

// mine says whether the signed-in citizen is the requester of a case.
func (s *Service) mine(ctx context.Context, c *Case) (bool, error) {
	me, err := s.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil || len(me) == 0 {
		return false, err
	}
	var n int
	err = s.DB.From(ctx).Raw(`SELECT count(*) FROM case_parties WHERE case_id = ? AND constituent_id IN ? AND role = 'requester'`, c.ID, me).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read who filed: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
