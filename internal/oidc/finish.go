package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Answer is what the browser brings back from the provider.
type Answer struct {
	State  string
	Code   string
	Issuer string // RFC 9207; may be empty
	Error  string
}

// Person is who the provider says it is.
type Person struct {
	Subject  string
	Email    string // empty unless Verified
	Verified bool   // the provider says that the mailbox is theirs
	Name     string
	Groups   []string
	Means    []string // how they proved it: amr and acr
	Hint     string   // for Leave
}

// Finish exchanges the code for an identity and checks it. Call it once for each
// flow. Its error is ErrAway or a *Refused.
func (p *Provider) Finish(ctx context.Context, flow Flow, a Answer) (Person, error) {
	f, err := p.discover(ctx)
	switch {
	case err != nil:
		return Person{}, err
	case !flow.Ours(a.State):
		return Person{}, refused("state", nil)
	case a.Issuer != "" && a.Issuer != p.s.Issuer, a.Issuer == "" && f.about.NamesItself:
		return Person{}, refused("issuer", nil) // another provider's answer (RFC 9207)
	case a.Error == "access_denied":
		return Person{}, refused("denied", nil)
	case a.Error != "" || a.Code == "":
		return Person{}, refused("answer", nil)
	}
	ctx = goidc.ClientContext(ctx, p.client)
	token, err := p.asked(f).Exchange(ctx, a.Code, oauth2.VerifierOption(flow.draw("verifier")))
	if err != nil {
		if bad, ok := errors.AsType[*oauth2.RetrieveError](err); ok && bad.Response != nil && bad.Response.StatusCode < 500 {
			return Person{}, refused("code", errors.New(bad.ErrorCode))
		}
		return Person{}, fmt.Errorf("%w: exchange a code", ErrAway) // the cause may repeat what was sent
	}
	return p.person(ctx, f, flow, token)
}

func (p *Provider) person(ctx context.Context, f *found, flow Flow, token *oauth2.Token) (Person, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := f.provider.Verifier(&goidc.Config{ClientID: p.s.ClientID, Now: p.s.Now}).Verify(ctx, raw)
	if err != nil {
		if strings.Contains(err.Error(), "fetching keys") {
			return Person{}, fmt.Errorf("%w: read its keys", ErrAway)
		}
		return Person{}, refused("id_token", err)
	}
	all := claims{}
	if err := id.Claims(&all); err != nil {
		return Person{}, refused("claims", nil)
	}
	switch azp := all.text("azp"); {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(flow.draw("nonce"))) != 1:
		return Person{}, refused("nonce", nil)
	case azp != "" && azp != p.s.ClientID, azp == "" && len(id.Audience) > 1: // Core 3.1.3.7, 4 and 5
		return Person{}, refused("azp", nil)
	case id.IssuedAt.After(p.s.Now().Add(skew)):
		return Person{}, refused("iat", nil)
	case id.Subject == "" || len(id.Subject) > 255: // Core 2
		return Person{}, refused("sub", nil)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return Person{}, refused("at_hash", nil)
		}
	}
	if err := p.more(ctx, f, id.Subject, token, all); err != nil {
		return Person{}, err
	}
	out := Person{Subject: id.Subject, Name: all.text("name"), Verified: all.yes("email_verified"), Groups: all.list(p.s.Groups), Hint: raw}
	if out.Verified {
		out.Email = all.text("email")
	}
	out.Means = all.list("amr")
	if acr := all.text("acr"); acr != "" {
		out.Means = append(out.Means, acr)
	}
	return out, nil
}

// more asks the provider for what the identity token does not hold. What the
// token holds counts: it is signed.
func (p *Provider) more(ctx context.Context, f *found, subject string, token *oauth2.Token, all claims) error {
	_, email := all["email"]
	if f.about.UserInfo == "" || email && (p.s.Groups == "" || all.at(p.s.Groups) != nil) {
		return nil
	}
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("%w: ask who it is", ErrAway)
	}
	if info.Subject != subject { // Core 5.3.2
		return refused("userinfo", nil)
	}
	extra := claims{}
	if err := info.Claims(&extra); err != nil {
		return refused("userinfo", nil)
	}
	if email { // mailbox and its proof come from one answer
		delete(extra, "email")
		delete(extra, "email_verified")
	} else {
		delete(all, "email_verified")
	}
	for _, protocol := range []string{"amr", "acr", "azp"} { // only what is signed counts as proof
		delete(extra, protocol)
	}
	for name, value := range extra {
		if _, there := all[name]; !there {
			all[name] = value
		}
	}
	return nil
}

// claims are what a provider says of somebody.
type claims map[string]any

func (c claims) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// yes takes the text "true" too, which some providers send.
func (c claims) yes(name string) bool {
	return c[name] == true || c[name] == "true"
}

// at finds a claim by its name, or by a path with dots.
func (c claims) at(path string) any {
	if v, ok := c[path]; ok || path == "" {
		return v
	}
	var v any = map[string]any(c)
	for name := range strings.SplitSeq(path, ".") {
		inner, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = inner[name]
	}
	return v
}

// list reads a list of texts, or one text.
func (c claims) list(path string) (out []string) {
	switch v := c.at(path).(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}
