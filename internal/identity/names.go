package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/vault"
)

const (
	nameLife  = time.Minute
	mostNames = 20_000
)

type named struct {
	name  string
	until time.Time
}

// display is the name to show: the account's own, else the part of its address
// before the @.
func (s *Service) display(ctx context.Context, r row) (string, error) {
	name, err := s.Vault.Open(ctx, purposeName, r.NameCipher)
	if errors.Is(err, vault.ErrErased) {
		return "", nil
	}
	if err != nil || len(name) > 0 {
		return string(name), err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	local, _, _ := strings.Cut(string(email), "@")
	return local, err
}

// Names gives the display names of accounts with at most two queries. An
// account that does not exist, or was erased, has none.
func (s *Service) Names(ctx context.Context, accountIDs ...string) (map[string]string, error) {
	out := make(map[string]string, len(accountIDs))
	missing := s.keptNames(accountIDs, out)
	if len(missing) == 0 {
		return out, nil
	}
	var rows []row
	err := s.DB.From(ctx).Select("id, email_cipher, name_cipher").Where("id IN ?", missing).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the names of accounts: %w", db.Fault(err, "", ""))
	}
	sealed := make([][]byte, 0, len(rows))
	for _, r := range rows {
		sealed = append(sealed, r.EmailCipher)
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if out[r.ID], err = s.display(ctx, r); err != nil {
			return nil, err
		}
	}
	s.keepNames(rows, out)
	return out, nil
}

func (s *Service) keptNames(ids []string, out map[string]string) (missing []string) {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if n, ok := s.names[id]; ok && now.Before(n.until) {
			out[id] = n.name
		} else if id != "" {
			missing = append(missing, id)
		}
	}
	return missing
}

func (s *Service) keepNames(rows []row, names map[string]string) {
	until := s.Now().Add(nameLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= mostNames {
		clear(s.names)
	}
	for _, r := range rows {
		s.names[r.ID] = named{name: names[r.ID], until: until}
	}
}

// Colleague is somebody who can be given a unit's cases.
type Colleague struct{ ID, Name string }

// Colleagues lists the active accounts that are handler or head for the unit
// with the path, by the order in which they came.
func (s *Service) Colleagues(ctx context.Context, unitPath string) ([]Colleague, error) {
	ids, err := s.Access.InRoles(ctx, unitPath, "handler", "head")
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []row
	err = s.DB.From(ctx).Select("id, status, demo").Where("id IN ? AND status = ?", ids, Active).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the colleagues of a unit: %w", db.Fault(err, "", ""))
	}
	var active []string
	for _, r := range rows {
		if s.allowed(r.Status, r.Demo) {
			active = append(active, r.ID)
		}
	}
	names, err := s.Names(ctx, active...)
	if err != nil {
		return nil, err
	}
	out := make([]Colleague, len(active))
	for i, id := range active {
		out[i] = Colleague{ID: id, Name: names[id]}
	}
	return out, nil
}

// Active says whether an account exists and is not locked.
func (s *Service) Active(ctx context.Context, accountID string) (bool, error) {
	var rows []row
	if err := s.DB.From(ctx).Select("id, status, demo").Where("id = ?", accountID).Find(&rows).Error; err != nil {
		return false, fmt.Errorf("read an account: %w", db.Fault(err, "", ""))
	}
	return len(rows) == 1 && s.allowed(rows[0].Status, rows[0].Demo), nil
}

// Reach says how to write to an account's owner, in the clear, for the sender
// of messages only. ConfirmToken is empty once the mailbox is proven.
type Reach struct {
	Locale       string
	Email        string
	Proven       bool
	ConfirmToken string
	VaultKeyID   string // the account's data key
	Bounces      bool   // mails to the address come back
}

// Reach gives the address of an account that is not disabled.
func (s *Service) Reach(ctx context.Context, accountID string) (Reach, error) {
	var r row
	if err := s.DB.From(ctx).Where("id = ? AND status <> ?", accountID, Disabled).Take(&r).Error; err != nil {
		return Reach{}, db.Fault(err, "identity.account.missing", "")
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return Reach{}, err
	}
	out := Reach{Locale: r.Locale, Email: string(email), Proven: r.Status == Active, VaultKeyID: r.VaultKeyID}
	if !out.Proven {
		out.ConfirmToken = accountMark + r.ID + "." + s.code(r)
	}
	out.Bounces, err = s.bounces(ctx, r.ID)
	return out, err
}
