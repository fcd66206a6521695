package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// NameSubject says which account belongs to the person that a case complains
// about, or takes that back. While it stands, the case does not exist for them:
// they neither read, list, find, export nor handle it, and an attempt raises the
// alarm. Whoever sees that a case is about themselves may name themselves.
type NameSubject struct {
	Email string // by which the person signs in
	Lift  bool   // it was somebody else
	Note  string // how one knows
}

// Action names the act.
func (NameSubject) Action() Action { return ActNameSubject }

// Validate checks what was typed.
func (n NameSubject) Validate() error {
	var c fault.Check
	c.That(text.Line(n.Email) != "", "account", "case.subject.required")
	checkText(&c, "note", n.Note)
	return c.Err()
}

func (n NameSubject) apply(ctx context.Context, ch *change) error {
	if !ch.c.offers(ActNameSubject) {
		return ch.refuse("case.subject.kind", ActNameSubject)
	}
	account, err := ch.s.StaffAt(ctx, text.Line(n.Email))
	if err != nil {
		return err
	}
	if account == "" {
		return fault.InvalidInput(fault.Field{Name: "account", Key: "case.subject.unknown"})
	}
	named, err := ch.s.named(ctx, ch.c.ID)
	if err != nil {
		return err
	}
	switch there := contains(named, account); {
	case there && !n.Lift:
		return fault.InvalidInput(fault.Field{Name: "account", Key: "case.subject.twice"})
	case !there && n.Lift:
		return fault.InvalidInput(fault.Field{Name: "account", Key: "case.subject.none"})
	}
	ch.text, ch.data["account"], ch.data["lifted"] = n.Note, account, n.Lift
	ch.note("subject", "", "named")
	if n.Lift {
		ch.changes[len(ch.changes)-1].After = "lifted"
	} else if ch.c.HandlerID != nil && *ch.c.HandlerID == account {
		ch.c.HandlerID = nil
		ch.note("handler", account, "")
	}
	ch.after = append(ch.after, func(ctx context.Context) error { return ch.setSubject(ctx, account, n.Lift) })
	return nil
}

// setSubject writes it down, and tells every server that the account sees less or
// more.
func (ch *change) setSubject(ctx context.Context, account string, lift bool) error {
	var err error
	if lift {
		err = ch.s.DB.From(ctx).Exec("DELETE FROM case_parties WHERE case_id = ? AND role = 'subject' AND account_id = ?", ch.c.ID, account).Error
	} else {
		row := db.Insert("case_parties", "id, case_id, role, account_id, relation", db.NewID(ch.now), ch.c.ID, RoleSubject, account, "")
		err = ch.s.DB.From(ctx).Exec(row.SQL, row.Args...).Error
	}
	if err != nil {
		return fmt.Errorf("name whom the case is about: %w", err)
	}
	ch.s.DB.AfterCommit(ctx, func() { ch.s.counted.forget(account) })
	return ch.s.Access.Reconsider(ctx, account)
}

// named are the accounts of the people that a case complains about.
func (s *Service) named(ctx context.Context, caseID string) ([]string, error) {
	var list []string
	err := s.DB.From(ctx).Raw("SELECT account_id FROM case_parties WHERE case_id = ? AND role = 'subject' AND account_id IS NOT NULL ORDER BY id", caseID).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read whom the case is about: %w", db.Fault(err, "", ""))
	}
	return list, nil
}
