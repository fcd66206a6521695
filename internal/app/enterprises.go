package app

import (
	"context"
	"io"
	"os"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/demo"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

// represented tells cases for which enterprises somebody may act.
type represented struct{ s *enterprises.Service }

// Acting is the enterprise of the session.
func (r represented) Acting(ctx context.Context) (*cases.For, error) {
	m, err := r.s.Acting(ctx)
	return forCases(m), err
}

// Of is by what somebody belongs to an enterprise.
func (r represented) Of(ctx context.Context, constituentID string) (*cases.For, error) {
	m, err := r.s.For(ctx, constituentID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil //nolint:nilnil // a stranger
	}
	return forCases(m), err
}

// forCases lets agents see what they filed themselves: what their authority is for
// says a permit type, which cases do not know.
func forCases(m *enterprises.Membership) *cases.For {
	if m == nil {
		return nil
	}
	return &cases.For{ConstituentID: m.EnterpriseID, Speaks: m.Role.May(enterprises.Apply), OwnOnly: m.Agent}
}

// wireEnterprises reads the register that MINQING_ENTERPRISE_REGISTER names; the
// demo city has one of its own. Without any, staff look at every enterprise.
func (a *App) wireEnterprises() {
	d := enterprises.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Constituents: a.Constituents, Access: a.Access, Files: a.Files, Jobs: a.Jobs,
		Zone: a.zone, Now: a.Options.Now, AskStaff: a.askStaff, Mails: a.Config.SMTPURL != "",
		Tell: func(ctx context.Context, t notify.Telling) error { return a.Notify.Tell(ctx, t) },
		Left: func(ctx context.Context, id string) error { return a.Cases.RenewCodesOf(ctx, id) }}
	switch {
	case a.Config.Register != "":
		path := a.Config.Register
		d.Registry = enterprises.FileRegister{Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	case a.Options.Demo:
		d.Registry = enterprises.FileRegister{Open: demo.Register}
	}
	a.Enterprises = enterprises.New(d)
	a.Enterprises.Register(a.Jobs)
}

// proofMatter is the matter under which staff look whose an enterprise is. Where the
// catalogue has none of the code, the intake desk classifies the case.
const proofMatter = "enterprise-proof"

// askStaff files the case in which documents are looked at.
func (a *App) askStaff(ctx context.Context, q enterprises.Question) (string, error) {
	lang := i18n.Lang(a.Config.Locale)
	if l, ok := i18n.ParseLang(actor.From(ctx).Locale); ok {
		lang = l
	}
	key := "enterprises.case.title"
	if q.Dispute {
		key = "enterprises.case.dispute"
	}
	f := cases.Filing{Kind: cases.HelpRequest, MatterCode: proofMatter, Confidentiality: cases.Normal, Channel: cases.ChannelWeb, Locale: string(lang), DraftID: q.Files,
		Title: a.Bundle.T(lang, key, i18n.Args{"Name": q.Name}), Description: a.Bundle.T(lang, "enterprises.case.words", i18n.Args{"Name": q.Name, "Code": q.Code, "Words": q.Words})}
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	if _, err := snap.MatterOn(proofMatter, calendar.DateOf(a.Options.Now(), a.zone)); err != nil {
		f.MatterCode = ""
	}
	r, err := a.Cases.File(ctx, f)
	if err != nil {
		return "", err
	}
	return r.CaseNo, nil
}

// letters knows what goes to addresses of nobody's record.
type letters struct{ a *App }

// Follower says where a mail goes and what it says.
func (l letters) Follower(ctx context.Context, k notify.Kind, id string) (notify.Follower, error) {
	if k == notify.InterestedTold {
		return l.a.Permits.Letter(ctx, id)
	}
	if slices.Contains(notify.LetterKinds, k) {
		return l.a.Enterprises.Letter(ctx, k, id)
	}
	return l.a.Voices.Follower(ctx, k, id)
}

// FollowerBounced hears that no mail gets through. An invitation that came back
// stays open: whoever sent it sees it, and may take it back.
func (l letters) FollowerBounced(ctx context.Context, id string) error {
	return l.a.Voices.FollowerBounced(ctx, id)
}
