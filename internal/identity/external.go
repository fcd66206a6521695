package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/oidc"
)

// Provider is an OpenID provider by which people sign in.
type Provider struct {
	Key    string // in addresses and tables: "public" or "staff"
	Name   string // on the button
	Kind   Kind   // of the accounts that it opens
	Client *oidc.Provider

	Roles  []GroupRole // what staff hold who are in a group there
	Second []string    // values of amr and acr that count as a second factor
	Adopt  bool        // its word about a mailbox joins an account of staff that has the address
}

// GroupRole gives those in a group of the provider a role; the group "*" is
// everybody there.
type GroupRole struct {
	Group string
	access.Role
}

// ParseRoles reads "group=role@unit;group=role": without a unit, a role is for
// the whole government.
func ParseRoles(s string) ([]GroupRole, error) {
	var out []GroupRole
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		i := strings.LastIndexByte(part, '=') // names of groups may hold one
		if i < 1 || i == len(part)-1 {
			return nil, fmt.Errorf("%q is not GROUP=ROLE or GROUP=ROLE@UNIT", part)
		}
		role, unit, _ := strings.Cut(strings.TrimSpace(part[i+1:]), "@")
		out = append(out, GroupRole{Group: strings.TrimSpace(part[:i]), Role: access.Role{Name: role, UnitCode: unit}})
	}
	return out, nil
}

func (p Provider) check() error {
	for _, r := range p.Roles {
		switch {
		case !slices.Contains(access.Roles, r.Name):
			return fmt.Errorf("the group %q cannot have the role %q: the roles are %s", r.Group, r.Name, strings.Join(access.Roles, ", "))
		case r.Group == "*" && access.IsDuty(r.Name):
			return fmt.Errorf("not everybody can be %s: name a group", r.Name)
		}
	}
	return nil
}

// rolesOf is what somebody in these groups holds.
func (p Provider) rolesOf(groups []string) (roles []access.Role) {
	for _, r := range p.Roles {
		if r.Group == "*" || slices.Contains(groups, r.Group) {
			roles = append(roles, r.Role)
		}
	}
	return roles
}

// vouches says whether the provider saw two factors, in a way that we were told
// to believe.
func (p Provider) vouches(means []string) bool {
	return slices.ContainsFunc(means, func(m string) bool { return slices.Contains(p.Second, m) })
}

// source is how grants that come from the provider are marked.
func (p Provider) source() string { return "oidc." + p.Key }

// system is the program acting on the provider's word.
func (p Provider) system(ctx context.Context) context.Context {
	a := actor.From(ctx)
	return actor.With(ctx, actor.Actor{Kind: actor.System, Job: p.source(), RequestID: a.RequestID, IP: a.IP})
}

// ProviderName is a provider as pages show it.
type ProviderName struct{ Key, Name string }

// Providers lists the providers.
func (s *Service) Providers() []ProviderName {
	out := make([]ProviderName, len(s.o.Providers))
	for i, p := range s.o.Providers {
		out[i] = ProviderName{Key: p.Key, Name: p.Name}
	}
	return out
}

func (s *Service) provider(key string) (Provider, error) {
	for _, p := range s.o.Providers {
		if p.Key == key {
			return p, nil
		}
	}
	return Provider{}, fault.New(fault.NotFound, "identity.provider.missing")
}

// via is how somebody signed in, when not by password.
type via struct {
	provider string
	hint     []byte // sealed
	passkey  bool
	code     string // the kind of step
}

type viaKey struct{}

func withVia(ctx context.Context, v via) context.Context {
	return context.WithValue(ctx, viaKey{}, v)
}

func viaFrom(ctx context.Context) via {
	v, _ := ctx.Value(viaKey{}).(via)
	return v
}

func (v via) fields() []audit.Change {
	if v.passkey {
		return []audit.Change{{Field: "by", After: "passkey"}}
	}
	if v.code != "" {
		return []audit.Change{{Field: "by", After: v.code}}
	}
	if v.provider == "" {
		return nil
	}
	return []audit.Change{{Field: "by", After: v.provider}}
}

// providerTrip is what a step to a provider keeps.
type providerTrip struct {
	Provider string `json:"provider"`
	Next     string `json:"next"`
	Locale   string `json:"locale"`
}

// errAway is for a provider that does not answer.
func errAway(p Provider, cause error) error {
	return fault.New(fault.Unavailable, "identity.provider.away").With("Name", p.Name).Because(cause)
}

// Depart begins a way to a provider: the address to go to, and the token that
// the browser keeps meanwhile.
func (s *Service) Depart(ctx context.Context, key, next, locale string) (address, token string, err error) {
	p, err := s.provider(key)
	if err != nil {
		return "", "", err
	}
	if err := s.checkAddress(ctx, s.address(ctx)); err != nil {
		return "", "", err
	}
	return s.depart(ctx, p, stepProvider, "", providerTrip{Provider: key, Next: next, Locale: locale})
}

func (s *Service) depart(ctx context.Context, p Provider, kind stepKind, accountID string, trip providerTrip) (address, token string, err error) {
	if token, err = s.beginStep(ctx, kind, accountID, trip); err != nil {
		return "", "", err
	}
	if address, err = p.Client.Start(ctx, oidc.Flow{Secret: token}); err != nil {
		return "", "", errAway(p, err)
	}
	return address, token, nil
}

// Farewell gives the address at the provider that ends the session there too;
// empty when the actor's session did not come from one, or it has none. Ask
// before SignOut.
func (s *Service) Farewell(ctx context.Context) (address, name string, err error) {
	var rows []struct {
		Provider   string
		HintCipher []byte
	}
	err = s.DB.From(ctx).Raw("SELECT provider, hint_cipher FROM sessions WHERE id = ? AND provider <> ''", db.Ref(actor.From(ctx).SessionID)).Scan(&rows).Error
	if err != nil {
		return "", "", fmt.Errorf("read where a session came from: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return "", "", nil
	}
	p, err := s.provider(rows[0].Provider)
	if err != nil {
		return "", "", nil //nolint:nilerr // it is no longer configured
	}
	hint, err := s.Vault.Open(ctx, purposeHint, rows[0].HintCipher)
	if err != nil {
		return "", "", err
	}
	address, err = p.Client.Leave(ctx, string(hint))
	if err != nil {
		return "", "", errAway(p, err)
	}
	return address, p.Name, nil
}
