package register

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Named is a code and what it is called, by language.
type Named struct {
	Code string    `json:"code"`
	Name i18n.Text `json:"name"`
}

// Holder is who holds a permit. Everybody sees the name of an enterprise and the
// masked name of a person; the holder's own paper and credential say it whole.
type Holder struct {
	Kind constituents.Kind `json:"kind"`
	Name string            `json:"name"`
}

// Claims are what a credential says (RFC 7519 and our own). Times are Unix seconds.
type Claims struct {
	Issuer     string `json:"iss"`
	Subject    string `json:"sub"` // the permit's number
	IssuedAt   int64  `json:"iat"`
	NotBefore  int64  `json:"nbf"`
	Expires    int64  `json:"exp,omitempty"` // the first second of the day after the last
	Permit     Shown  `json:"permit"`
	StatusList string `json:"status_list"`
	Verify     string `json:"verify"`
}

// Shown is the minimum that a permit tells everybody; in a credential, with the
// whole name of its holder.
type Shown struct {
	Number      string         `json:"number"`
	Type        Named          `json:"type"`
	Holder      Holder         `json:"holder"`
	Unit        Named          `json:"unit"`
	ValidFrom   calendar.Date  `json:"valid_from"`
	ValidUntil  *calendar.Date `json:"valid_until"` // the last day; null: without end
	IssuedOn    calendar.Date  `json:"issued_on"`
	Particulars Facts          `json:"particulars"`

	says []Fact
}

// InWords are the particulars in the words of the permit's type, in their order.
func (s Shown) InWords() []Fact { return s.says }

// Show gives what everybody may see of a permit.
func (s *Service) Show(ctx context.Context, p *Permit) (Shown, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return Shown{}, err
	}
	one := Shown{Number: p.PermitNo, Type: Named{p.TypeCode, p.TypeName}, Holder: Holder{p.HolderKind, p.HolderShown},
		ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, IssuedOn: p.IssuedOn, Particulars: Facts{}}
	facts, err := s.Facts(ctx, p)
	if err != nil {
		return Shown{}, err
	}
	one.says = facts
	for _, f := range facts {
		one.Particulars[f.Name] = p.Particulars[f.Name]
	}
	if u := p.unitOf(snap); u != nil {
		one.Unit = Named{u.Code, u.Name}
	}
	return one, nil
}

const verifyPath = "/verify/"

// VerifyURL is where everybody sees how a permit stands.
func (s *Service) VerifyURL(no string) string { return s.BaseURL + verifyPath + no }

// HolderName is the whole name of who holds a permit, for nobody but the holder: who
// calls has made sure of that. Empty once the holder was erased.
func (s *Service) HolderName(ctx context.Context, p *Permit) (string, error) {
	if p.HolderKind == constituents.Enterprise || p.HolderShown == "" {
		return p.HolderShown, nil
	}
	own, err := s.Constituents.Own(ctx, p.HolderID)
	if err != nil {
		return "", err
	}
	return own.Name, nil
}

// Credential signs a permit for its holder, as a compact JWS: it says what the paper
// says, the whole name included, so it is handed to nobody else. It is made when it
// is asked for and not kept: Ed25519 makes the same signature each time. A permit
// that is over has none.
func (s *Service) Credential(ctx context.Context, p *Permit) (string, error) {
	stands := p.On(s.Today())
	if p.renewing { // the one that takes its place has its own
		stands = Expired
	}
	switch stands {
	case Valid, Future, Suspended:
	default:
		return "", fault.New(fault.Conflict, "register.state."+string(stands))
	}
	shown, err := s.Show(ctx, p)
	if err != nil {
		return "", err
	}
	if shown.Holder.Name, err = s.HolderName(ctx, p); err != nil {
		return "", err
	}
	c := Claims{Issuer: s.BaseURL, Subject: p.PermitNo, IssuedAt: p.IssuedAt.Unix(), NotBefore: p.ValidFrom.Start(s.Zone).Unix(), Permit: shown,
		StatusList: s.VerifyURL("status"), Verify: s.VerifyURL(p.PermitNo)}
	if p.ValidUntil != nil {
		c.Expires = p.ValidUntil.Add(1).Start(s.Zone).Unix()
	}
	k, err := s.key(ctx)
	if err != nil {
		return "", err
	}
	head, body, signature, err := k.parts(typeCredential, c)
	return head + "." + body + "." + signature, err
}

// ReadCredential opens a credential that somebody shows. What it says was true when
// it was signed; how the permit stands now is in the register.
func (s *Service) ReadCredential(ctx context.Context, token string) (Claims, error) {
	keyOf, err := s.keyOf(ctx)
	if err != nil {
		return Claims{}, err
	}
	body, err := readJWS(strings.TrimSpace(token), typeCredential, keyOf)
	if err != nil {
		return Claims{}, err
	}
	var c Claims
	if err := json.Unmarshal(body, &c); err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrNoCredential, err)
	}
	return c, nil
}

// Over says that a permit has ended and will not count again: it has no credential.
func (p *Permit) Over() bool {
	return p.State == Revoked || p.State == Cancelled || p.State == Expired
}
