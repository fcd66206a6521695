package app

import (
	"context"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/permits"
	"minqing/internal/register"
)

func (a *App) wirePermits() {
	a.Permits = permits.New(permits.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Cases: a.Cases,
		Catalogue: a.Catalogue, Types: a.PermitTypes, Events: a.PermitTypes, Holders: holders{a.Enterprises}, Files: a.Files, People: a.Identity, Words: a.Bundle, Now: a.Options.Now})
	a.Register = a.registerOfPermits()
	a.Register.Register(a.Jobs)
	a.Permits.Entries, a.Permits.Houses = entries{a.Enterprises}, houses{a.Enterprises, a.Constituents}
	a.Permits.Register, a.Permits.Holds = issuer{a.Register}, a.Register
	a.Register.Says = a.Permits.Public
	a.Register.Renewals, a.Register.CalendarOf = a.Permits.Renewals(), a.calendarOf
	a.Permits.Reminds, a.Permits.TellsInterested, a.Permits.TellsAccepted = a.tellCorrection, a.tellInterested, a.tellAccepted
	a.Permits.Workers(a.Jobs)
}

// tellCorrection tells an applicant of what a notice asks for: the day is near, or there.
func (a *App) tellCorrection(ctx context.Context, r permits.Reminder) error {
	kind := notify.CorrectionNear
	if r.Due {
		kind = notify.CorrectionDue
	}
	holder, err := a.Constituents.Masked(ctx, r.HolderID)
	if err != nil {
		return err
	}
	return a.tellHolders(ctx, notify.Telling{Kind: kind, About: r.NoticeID, Cause: r.NoticeID}, r.HolderID, holder.Kind)
}

// tellAccepted tells an applicant that their application was accepted.
func (a *App) tellAccepted(ctx context.Context, x permits.Acceptance) error {
	holder, err := a.Constituents.Masked(ctx, x.HolderID)
	if err != nil {
		return err
	}
	return a.tellHolders(ctx, notify.Telling{Kind: notify.ApplicationAccepted, About: x.ApplicationID, Cause: x.ApplicationID, ByItself: x.Deemed}, x.HolderID, holder.Kind)
}

// tellInterested sends a third party the notice with their link.
func (a *App) tellInterested(ctx context.Context, interestedID string) error {
	return a.Notify.Tell(ctx, notify.Telling{Kind: notify.InterestedTold, About: interestedID, Cause: interestedID})
}

// registerOfPermits is where granted permits stand.
func (a *App) registerOfPermits() *register.Service {
	return register.New(register.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue,
		Constituents: a.Constituents, Words: a.Bundle, Zone: a.zone, BaseURL: a.baseURL(), Now: a.Options.Now,
		TypeName: func(ctx context.Context, code string, version int64) (i18n.Text, error) {
			t, err := a.PermitTypes.Version(ctx, code, version)
			if err != nil {
				return nil, err
			}
			return t.Name, nil
		},
		Tell: a.tellHolder})
}

// issuer enters what was granted into the register.
type issuer struct{ into *register.Service }

// Issue joins the transaction of the decision. Conditions stand in the decision
// alone, which the holder has: the register is public.
func (i issuer) Issue(ctx context.Context, g permits.Grant) (string, error) {
	return i.into.Issue(ctx, register.Issue{CaseID: g.CaseID, CaseNo: g.CaseNo, TypeCode: g.TypeCode, TypeVersion: g.TypeVersion, HolderID: g.HolderID,
		UnitID: g.UnitID, ValidFrom: g.ValidFrom, ValidUntil: g.ValidUntil, Replaces: g.Replaces,
		Particulars: g.Facts, Silent: g.Silent})
}

// Standing counts the permits of a type that stand today.
func (i issuer) Standing(ctx context.Context, typeCode string) (int64, error) {
	return i.into.Standing(ctx, typeCode)
}

// entries tells permits what the register says of enterprises.
type entries struct{ of *enterprises.Service }

// Entry is as of the day on which the register was asked last.
func (e entries) Entry(ctx context.Context, holderID string) (*permits.Entry, error) {
	one, err := e.of.Entry(ctx, holderID)
	if err != nil || one == nil || one.RegisterOn == nil {
		return nil, err
	}
	return &permits.Entry{Name: one.Name, Code: one.Code, Active: one.RegisterState == enterprises.Active, On: *one.RegisterOn}, nil
}

// houses finds enterprises by their numbers, for a counter.
type houses struct {
	of    *enterprises.Service
	known *constituents.Service
}

// House asks those that keep house here, then the records by proven numbers, then the
// register; one that does not answer keeps nobody from applying. What the register says
// is over can apply for nothing.
func (h houses) House(ctx context.Context, typed string) (permits.House, error) {
	kind, code, listed, err := h.of.Look(ctx, typed)
	if err != nil && fault.KindOf(err) != fault.Unavailable {
		return permits.House{}, err
	}
	one := permits.House{Kind: kind, Code: code}
	if listed != nil {
		if listed.State == enterprises.Closed || listed.State == enterprises.Revoked {
			return one, fault.InvalidInput(fault.Field{Name: "code", Key: "enterprises.register." + string(listed.State)})
		}
		one.Name = listed.Name
	}
	there, err := h.of.ByCode(ctx, kind, code)
	if err != nil {
		return one, err
	}
	if there != nil {
		one.HolderID, one.Name = there.ID, there.Name
		return one, nil
	}
	if one.HolderID, err = h.known.Proven(ctx, kind, code); err != nil || one.HolderID == "" || one.Name != "" {
		return one, err
	}
	v, err := h.known.Masked(ctx, one.HolderID) // names of enterprises are public
	one.Name = v.Name
	return one, err
}

// holders tells permits for which enterprises the actor applies.
type holders struct{ of *enterprises.Service }

// Acting is the enterprise of the switch.
func (h holders) Acting(ctx context.Context) (string, error) {
	m, err := h.of.Acting(ctx)
	if err != nil || m == nil {
		return "", err
	}
	return m.EnterpriseID, nil
}

// Can checks role and, of an agent, the scope.
func (h holders) Can(ctx context.Context, holderID, typeCode string, write bool) error {
	act := enterprises.Read
	if write {
		act = enterprises.Apply
	}
	if err := h.of.Can(ctx, holderID, act); err != nil {
		return err
	}
	m, err := h.of.For(ctx, holderID)
	if err == nil && !m.Covers(typeCode) {
		err = fault.New(fault.NotFound, "permit.missing")
	}
	return err
}

// Was says that somebody acted for an enterprise once.
func (h holders) Was(ctx context.Context, holderID string) (bool, error) {
	return h.of.Was(ctx, holderID)
}

// Names are public.
func (h holders) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	return h.of.Names(ctx, ids...)
}

// signer is the name of the person who is signed in.
func (a *App) signer(ctx context.Context) (string, error) {
	id := actor.From(ctx).AccountID
	names, err := a.Identity.Names(ctx, id)
	return names[id], err
}
