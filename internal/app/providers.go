package app

import (
	"fmt"
	"time"

	"minqing/internal/config"
	"minqing/internal/identity"
	"minqing/internal/oidc"
)

// Providers are the OpenID providers of the settings; none of them is asked yet.
func Providers(c config.Config, base string, now func() time.Time) ([]identity.Provider, error) {
	roles, err := identity.ParseRoles(c.OIDCRoles)
	if err != nil {
		return nil, fmt.Errorf("MINQING_OIDC_STAFF_ROLES: %w", err)
	}
	var out []identity.Provider
	for _, p := range []struct {
		of     config.OIDC
		groups string
		is     identity.Provider
	}{
		{c.OIDCPublic, "", identity.Provider{Key: "public", Kind: identity.Citizen}},
		{c.OIDCStaff, c.OIDCGroups, identity.Provider{Key: "staff", Kind: identity.Staff, Roles: roles, Second: c.OIDCSecond, Adopt: c.OIDCAdopt}},
	} {
		if p.of.Issuer == "" {
			continue
		}
		p.is.Name = p.of.Shown()
		p.is.Client = oidc.New(oidc.Settings{Issuer: p.of.Issuer, ClientID: p.of.ClientID, ClientSecret: p.of.ClientSecret, Groups: p.groups,
			Redirect: base + "/sign-in/with/" + p.is.Key + "/back", Home: base + "/", Now: now})
		out = append(out, p.is)
	}
	return out, nil
}
