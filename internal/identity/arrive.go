package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/oidc"
)

// providerGrants is how long roles from a provider are held without signing in
// there again: as long as an account may stand unused before somebody looks.
const providerGrants = 30 * 24 * time.Hour

// Arrival is what came of the way to a provider and back.
type Arrival struct {
	Token     string // of the new session
	Account   *Account
	Next      string
	Connected bool // an account that was signed in is connected; there is no new session
}

// Arrive takes what a browser brings back from a provider. Who may go on with a
// code only gets a *SecondStep as the error. Everything else that goes wrong is a
// fault to show on the sign-in page, and stands in the audit trail.
func (s *Service) Arrive(ctx context.Context, key, token string, answer oidc.Answer) (Arrival, error) {
	p, err := s.provider(key)
	if err != nil {
		return Arrival{}, err
	}
	var trip providerTrip
	step, err := s.takeStep(ctx, token, &trip, stepProvider, stepConnect)
	if err == nil && trip.Provider != key { // begun at one provider, answered by the other
		err = errStepOver
	}
	if err != nil {
		return Arrival{}, s.refuseArrival(ctx, p, "step", err)
	}
	who, err := p.Client.Finish(ctx, oidc.Flow{Secret: token}, answer)
	if err != nil {
		return Arrival{}, s.unfinished(ctx, p, err)
	}
	out := Arrival{Next: trip.Next}
	if step.Kind == stepConnect {
		out.Connected = true
		return out, s.connect(ctx, p, deref(step.AccountID), who)
	}
	r, err := s.recognise(ctx, p, who, trip.Locale)
	if err != nil {
		return Arrival{}, err
	}
	out.Account = r.account()
	out.Token, err = s.admit(ctx, p, r, who)
	return out, err
}

// unfinished turns what the provider's answer lacked into words.
func (s *Service) unfinished(ctx context.Context, p Provider, err error) error {
	bad, ok := errors.AsType[*oidc.Refused](err)
	if !ok {
		return errAway(p, err)
	}
	key := "identity.provider.refused"
	if bad.Why == "denied" {
		key = "identity.provider.denied"
	}
	return s.refuseArrival(ctx, p, bad.Why, fault.New(fault.Unauthenticated, key).With("Name", p.Name).Because(err))
}

// refuseArrival leaves a trace and counts it against the network address.
func (s *Service) refuseArrival(ctx context.Context, p Provider, why string, reason error) error {
	from := s.address(ctx)
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if from != nil && why != "denied" {
			if _, err := s.count(ctx, from, addressMost); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.provider_refused", Kind: "provider", ID: p.Key, Fields: []audit.Change{{Field: "why", After: why}}})
	})
	if err != nil {
		return err
	}
	return reason
}

// admit gives staff the roles of their groups and opens the session, or asks for
// a code where the provider did not see a second factor that we believe.
func (s *Service) admit(ctx context.Context, p Provider, r row, who oidc.Person) (string, error) {
	now := s.Now().UTC()
	hint, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeHint, []byte(who.Hint))
	if err != nil {
		return "", err
	}
	if r.Kind == Staff {
		if err := s.follow(ctx, p, r, who.Groups); err != nil {
			return "", err
		}
	}
	err = s.DB.From(ctx).Exec("UPDATE external_identities SET used_at = ? WHERE account_id = ? AND provider = ?", now, r.ID, p.Key).Error
	if err != nil {
		return "", fmt.Errorf("note the use of a provider: %w", db.Fault(err, "", ""))
	}
	ctx = withVia(ctx, via{provider: p.Key, hint: hint})
	if p.vouches(who.Means) {
		return s.open(ctx, r)
	}
	return s.pass(ctx, r)
}

// follow gives staff the roles of their groups, and takes those of groups that
// they have left.
func (s *Service) follow(ctx context.Context, p Provider, r row, groups []string) error {
	return s.DB.Tx(p.system(ctx), func(ctx context.Context) error {
		missing, err := s.Access.Follow(ctx, r.ID, p.source(), p.rolesOf(groups), s.Now().Add(providerGrants))
		if err != nil || len(missing) == 0 {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.provider_units", Kind: "provider", ID: p.Key,
			Fields: []audit.Change{{Field: "unit", After: missing[0].UnitCode}}})
	})
}

// subjects are the keyed hashes under which a person of a provider may stand.
func (s *Service) subjects(p Provider, subject string) [][]byte {
	return s.Vault.BlindIndexes(purposeSubject, p.Client.Issuer()+"\n"+subject)
}

// bySubject finds the account of a person of a provider; an empty row when there
// is none.
func (s *Service) bySubject(ctx context.Context, p Provider, subject string) (row, error) {
	var rows []row
	err := s.DB.From(ctx).Raw("SELECT a.* FROM external_identities e JOIN accounts a ON a.id = e.account_id WHERE e.subject_index IN ? AND e.provider = ? LIMIT 1",
		s.subjects(p, subject), p.Key).Scan(&rows).Error
	if err != nil {
		return row{}, fmt.Errorf("find the account of a person of a provider: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return row{}, nil
	}
	return rows[0], nil
}

// link notes that a person of a provider is an account's owner.
func (s *Service) link(ctx context.Context, p Provider, r row, subject string) error {
	sealed, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeSubject, []byte(p.Client.Issuer()+"\n"+subject))
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		stmt := db.Insert("external_identities", "id, account_id, provider, subject_index, subject_cipher, created_at, used_at",
			db.NewID(now), r.ID, p.Key, s.Vault.BlindIndex(purposeSubject, p.Client.Issuer()+"\n"+subject), sealed, now, now)
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return db.Fault(err, "", "identity.provider.connected_elsewhere")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.provider_connect", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "by", After: p.Key}}})
	})
}

// recognise finds or makes the account of who comes from a provider: by issuer
// and subject, never by the address alone.
func (s *Service) recognise(ctx context.Context, p Provider, who oidc.Person, locale string) (row, error) {
	r, err := s.bySubject(ctx, p, who.Subject)
	if err != nil {
		return row{}, err
	}
	if r.ID == "" {
		r, err = s.welcome(ctx, p, who, locale)
		if fault.KindOf(err) == fault.Conflict && err != nil { // two arrivals of one person at once
			if first, again := s.bySubject(ctx, p, who.Subject); again == nil && first.ID != "" {
				r, err = first, nil
			}
		}
		if err != nil {
			return row{}, err
		}
	}
	if r.Kind != p.Kind || !s.allowed(r.Status, r.Demo) {
		return row{}, s.refuseArrival(ctx, p, "account", fault.New(fault.Unauthenticated, "identity.provider.refused").With("Name", p.Name))
	}
	return r, nil
}

// welcome makes the account of somebody new, or joins them to one whose address
// is theirs beyond doubt: an unconfirmed registration, which opened nothing yet,
// or, where the provider's word about mailboxes is law, an account of staff.
func (s *Service) welcome(ctx context.Context, p Provider, who oidc.Person, locale string) (row, error) {
	var there row
	if who.Email != "" {
		var err error
		if there, err = s.byLogin(ctx, s.logins(who.Email)...); err != nil {
			return row{}, err
		}
	}
	adopt := p.Kind == Staff && p.Adopt && there.Kind == Staff && there.Status == Active && !there.Demo
	switch {
	case there.ID != "" && adopt:
		return there, s.link(p.system(ctx), p, there, who.Subject)
	case there.ID != "" && p.Kind == Citizen && there.Kind == Citizen && there.Status == Unconfirmed:
		return s.takeOver(ctx, p, there, who)
	case there.ID != "":
		return row{}, s.refuseArrival(ctx, p, "taken", fault.New(fault.Conflict, "identity.provider.taken").With("Name", p.Name))
	case p.Kind == Staff && len(p.rolesOf(who.Groups)) == 0:
		return row{}, s.refuseArrival(ctx, p, "no_role", fault.New(fault.Forbidden, "identity.provider.no_role").With("Name", p.Name))
	}
	r := row{Kind: p.Kind, Status: Active}
	if who.Email == "" {
		r.LoginIndex = s.Vault.BlindIndex(purposeLogin, "subject:"+p.Client.Issuer()+"\n"+who.Subject)
	}
	n := NewAccount{Email: who.Email, Name: clip(who.Name, nameMostRunes), Locale: locale}
	return s.newcomer(ctx, p, r, n, who)
}

func (s *Service) newcomer(ctx context.Context, p Provider, r row, n NewAccount, who oidc.Person) (row, error) {
	err := s.DB.Tx(p.system(ctx), func(ctx context.Context) error {
		var id string
		var err error
		if r.Kind == Staff {
			if r.UnitID, err = s.homeOf(ctx, p.rolesOf(who.Groups)); err == nil {
				id, err = s.insert(ctx, n, r, "")
			}
		} else {
			id, err = s.insertPerson(ctx, n, r)
		}
		if err != nil {
			return err
		}
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
			return db.Fault(err, "identity.account.missing", "")
		}
		return s.link(ctx, p, r, who.Subject)
	})
	return r, err
}

// insertPerson makes a citizen's account for a person of a provider; what was
// filed from the mailbox before, without an account, becomes theirs.
func (s *Service) insertPerson(ctx context.Context, n NewAccount, r row) (string, error) {
	contact := constituents.Contact{Kind: constituents.Person, Name: n.Name}
	if n.Email != "" {
		guests, err := s.guestsAt(ctx, n.Email)
		if err != nil {
			return "", err
		}
		id, err := s.insertCitizen(ctx, n, contact, r, "")
		if err != nil {
			return "", err
		}
		var person string
		if err := s.DB.From(ctx).Raw("SELECT constituent_id FROM accounts WHERE id = ?", id).Scan(&person).Error; err != nil {
			return "", db.Fault(err, "", "")
		}
		return id, s.Constituents.Join(ctx, person, guests...)
	}
	person, err := s.Constituents.Create(ctx, contact, n.Locale)
	if err != nil {
		return "", err
	}
	r.ConstituentID = &person
	return s.insert(ctx, n, r, "")
}

// homeOf is the unit of the first role that is for one; staff may have none.
func (s *Service) homeOf(ctx context.Context, roles []access.Role) (*string, error) {
	for _, role := range roles {
		if role.UnitCode == "" {
			continue
		}
		var c fault.Check
		id, err := s.unit(ctx, role.UnitCode, &c)
		if err != nil || id != "" {
			return db.Ref(id), err
		}
	}
	return nil, nil //nolint:nilnil // no home unit
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// takeOver gives an unconfirmed registration to who proved its mailbox at the
// provider. Whoever registered it may have been a stranger: their password and
// link die.
func (s *Service) takeOver(ctx context.Context, p Provider, r row, who oidc.Person) (row, error) {
	err := s.DB.Tx(p.system(ctx), func(ctx context.Context) error {
		err := s.DB.From(ctx).Exec(`UPDATE accounts SET password_hash = '', generation = generation + 1, version = version + 1 WHERE id = ? AND status = ?`, r.ID, Unconfirmed).Error
		if err != nil {
			return fmt.Errorf("take over a registration: %w", db.Fault(err, "", ""))
		}
		r.PasswordHash = ""
		if err := s.activate(ctx, &r); err != nil {
			return err
		}
		return s.link(ctx, p, r, who.Subject)
	})
	return r, err
}

// connect joins the account that began this, and is still signed in, to a person
// of the provider.
func (s *Service) connect(ctx context.Context, p Provider, accountID string, who oidc.Person) error {
	r, err := s.me(ctx)
	if err != nil || r.ID != accountID {
		return s.refuseArrival(ctx, p, "session", errStepOver)
	}
	there, err := s.bySubject(ctx, p, who.Subject)
	switch {
	case err != nil:
		return err
	case there.ID == r.ID:
		return nil
	case there.ID != "":
		return fault.New(fault.Conflict, "identity.provider.connected_elsewhere")
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.changed(ctx, r.ID, ChangedProvider); err != nil {
			return err
		}
		return s.link(actor.With(ctx, actorOf(ctx, r)), p, r, who.Subject)
	})
}
