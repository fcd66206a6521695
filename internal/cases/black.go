package cases

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/fault"
)

// ToBlackOut shows a case to those who may black out parts of its pictures: the
// units that have it, and those that take part in it.
func (s *Service) ToBlackOut(ctx context.Context, caseNo string) (*View, error) {
	v, err := s.View(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if v.FrozenAt != nil {
		return nil, fault.New(fault.Conflict, "case.frozen")
	}
	return v, v.may(access.CaseBlackOut)
}

// MayBlackOut says whether ToBlackOut would show it.
func (v *View) MayBlackOut() bool {
	return v.may != nil && v.FrozenAt == nil && v.may(access.CaseBlackOut) == nil
}

// BlackedOut notes in the story which picture was made from which, by the ids of
// the files: their names are sealed, and the text of a note is not.
type BlackedOut struct{ From, Made string }

// Action names the act: nothing but the story goes on.
func (BlackedOut) Action() Action { return ActNote }

// Validate has nothing to check: the program fills it.
func (BlackedOut) Validate() error { return nil }

func (b BlackedOut) apply(_ context.Context, ch *change) error {
	ch.data["made_from"], ch.data["made"] = b.From, b.Made
	return nil
}
