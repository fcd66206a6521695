package cases

import (
	"context"
	"strconv"

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
